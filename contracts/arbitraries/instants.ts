import fc from 'fast-check';
import { instantLimits, isoTime } from './iso-text.ts';
import { leaning } from './leaning.ts';
import { spelled, type Written, way } from './piece.ts';
import { fractionSpelling, instantSpelling, localSpelling, wholeNumber } from './spellings.ts';

const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;

/** @param canonical the canonical text of a day. */
export function dates(canonical: (held: number) => string): fc.Arbitrary<Written> {
  const days = leaning(
    fc.integer({ min: FIRST_DAY, max: LAST_DAY }),
    // The ends; the days around 1970; the last of February where there is a 29th and where there is none; the days where
    // the Gregorian calendar began.
    [3, fc.constantFrom(0, FIRST_DAY, LAST_DAY, -1, 1, 11_016, 11_017, -25_509, -25_508, -141_428, -141_427)],
    [4, fc.integer({ min: FIRST_DAY, max: LAST_DAY })],
    [2, fc.integer({ min: 0, max: 25_000 })],
  );
  return days.map((held) => ({ held, text: `"${canonical(held)}"` }));
}

/** Times of day in units of 10^-digits seconds; those of milliseconds are ints. */
export function timesOfDay(digits: number): fc.Arbitrary<Written> {
  const unit = 10n ** BigInt(digits);
  const max = 86_400n * unit - 1n;
  const times = leaning(
    fc.bigInt({ min: 0n, max }),
    [2, fc.constantFrom(0n, 1n, max, max - unit + 1n, 43_200n * unit, unit / 2n)],
    [4, fc.bigInt({ min: 0n, max })],
  );
  return spelled(times, (time, picked) => `"${fractionSpelling(isoTime(time, digits), picked)}"`).map(
    ({ held, text }) => ({ held: digits === 3 ? Number(held) : held, text }),
  );
}

/** Instants in units of 10^-digits seconds, as text of any offset or as numbers. */
export function instants(digits: number, isZoned: boolean): fc.Arbitrary<Written> {
  const unit = 10n ** BigInt(digits);
  const { min, max } = instantLimits(digits);
  const instant = leaning(
    fc.bigInt({ min, max }),
    [2, fc.constantFrom(0n, min, max, -1n, 1n, -unit, unit / 2n, min + 1n, max - 1n)],
    [3, fc.bigInt({ min, max })],
    [2, fc.bigInt({ min: -2_000n * unit, max: 2_000n * unit })],
    [3, fc.bigInt({ min: 0n, max: 2_000_000_000n * unit })],
  );
  const offset = leaning(
    fc.integer({ min: -1439, max: 1439 }),
    [2, fc.constant(0)],
    [1, fc.constantFrom(150, -1439, 1439, -1)],
    [2, fc.integer({ min: -1439, max: 1439 })],
  );
  return fc.tuple(instant, way, offset).map(([held, picked, east]) => {
    const number = Number(held);
    if (picked > 47 && Number.isSafeInteger(number)) return { held, text: wholeNumber(number, picked) };
    const text = isZoned ? instantSpelling(held, digits, picked, east) : localSpelling(held, digits, picked);
    return { held, text: `"${text}"` };
  });
}
