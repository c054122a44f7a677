import fc from 'fast-check';
import { bigEndian } from './held.ts';
import { leaning } from './leaning.ts';
import { spelled, type Written } from './piece.ts';
import { decimalSpelling, doubleNumber, floatNumber, wholeNumber } from './spellings.ts';

export const ints: fc.Arbitrary<Written> = spelled(
  leaning(
    fc.integer(),
    [4, fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 127, 128, -128, -129)],
    [4, fc.integer()],
  ),
  wholeNumber,
);

const MAX_LONG = 2n ** 63n - 1n;
const MIN_LONG = -(2n ** 63n);
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export const longs: fc.Arbitrary<Written> = spelled(
  leaning(
    fc.bigInt({ min: MIN_LONG, max: MAX_LONG }),
    [4, fc.constantFrom(0n, 1n, -1n, 2n ** 31n, -(2n ** 31n) - 1n, SAFE, -SAFE, SAFE + 1n, SAFE + 2n, -SAFE - 2n)],
    [2, fc.constantFrom(MAX_LONG, MIN_LONG, MAX_LONG - 1n, MIN_LONG + 1n)],
    [3, fc.bigInt({ min: MIN_LONG, max: MAX_LONG })],
    [3, fc.maxSafeInteger().map(BigInt)],
    [1, fc.integer({ min: 0, max: 62 }).map((bit) => 1n << BigInt(bit))],
    [1, fc.integer({ min: 0, max: 62 }).map((bit) => -(1n << BigInt(bit)) - 1n)],
  ),
  (value, way) => {
    // Beyond what JSON's numbers hold, a long is text; anywhere else it may be.
    const number = Number(value);
    return Number.isSafeInteger(number) && way < 40 ? wholeNumber(number, way) : `"${value}"`;
  },
);

const NOT_FINITE = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const MAX_FLOAT = 3.4028234663852886e38;
/** The largest denormal, and the smallest that is none. */
const FLOAT_BORDER = [1.1754942106924411e-38, 1.1754943508222875e-38];

export const floats: fc.Arbitrary<Written> = spelled(
  leaning(
    fc.float(),
    [3, fc.constantFrom(0, -0, 1, -1, Math.fround(0.1), 2 ** 24, 2 ** 24 + 2, MAX_FLOAT, -MAX_FLOAT)],
    [2, fc.constantFrom(...[1e-45, -1e-45, ...FLOAT_BORDER].map(Math.fround))],
    [1, NOT_FINITE],
    [5, fc.float()],
  ),
  (value, way) => (Number.isFinite(value) ? floatNumber(value, way) : `"${value}"`),
);

const DOUBLE_BORDER = [2.225073858507201e-308, 2.2250738585072014e-308];

export const doubles: fc.Arbitrary<Written> = spelled(
  leaning(
    fc.double(),
    [3, fc.constantFrom(0, -0, 1, -1, 0.1, 0.30000000000000004, 2 ** 53, 2 ** 53 + 2, 1e21, 1e-7, -1e21)],
    [2, fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -5e-324, ...DOUBLE_BORDER)],
    [1, NOT_FINITE],
    [5, fc.double()],
  ),
  (value, way) => (Number.isFinite(value) ? doubleNumber(value, way) : `"${value}"`),
);

/**
 * Decimals, their unscaled value as two's complement.
 *
 * @param size of a fixed, in bytes, one at least; it may hold less than the precision promises.
 * @param canonical the canonical text of what is held.
 */
export function decimals(
  precision: number,
  size: number | undefined,
  canonical: (held: Buffer) => string,
): fc.Arbitrary<Written> {
  const { min, max } = decimalLimits(precision, size);
  const within = (value: bigint) => (value < min ? min : value > max ? max : value);
  const unscaled = leaning(
    fc.bigInt({ min, max }),
    [3, fc.constantFrom(0n, min, max, within(-1n), within(1n), within(-128n), within(128n), within(max / 10n + 1n))],
    [4, fc.bigInt({ min, max })],
    [3, fc.bigInt({ min: within(-300n), max: within(300n) })],
  );
  return spelled(
    unscaled.map((value) => bigEndian(value, size)),
    (held, way) => `"${decimalSpelling(canonical(held), way)}"`,
  );
}

/** The least and the greatest unscaled value that has no more digits than declared and fits into the bytes. */
export function decimalLimits(
  precision: number,
  size: number | undefined,
): { readonly min: bigint; readonly max: bigint } {
  const digits = 10n ** BigInt(precision) - 1n;
  const bytes = size === undefined ? digits : 2n ** BigInt(size * 8 - 1) - 1n;
  // Bytes hold one more below zero than above.
  return bytes < digits ? { min: -bytes - 1n, max: bytes } : { min: -digits, max: digits };
}
