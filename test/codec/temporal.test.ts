import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FractionDigits,
  formatDate,
  formatTime,
  formatTimestamp,
  isTimestampInRange,
  MAX_DAY,
  MIN_DAY,
  parseDate,
  parseTime,
  parseTimestamp,
} from '../../src/codec/temporal.ts';

const MILLIS_PER_DAY = 86_400_000;
const MIN_MILLIS = MIN_DAY * MILLIS_PER_DAY;
const MAX_MILLIS = (MAX_DAY + 1) * MILLIS_PER_DAY - 1;
const iso = (millis: number) => new Date(millis).toISOString();
const units = fc.constantFrom<FractionDigits>(3, 6, 9);

/** An instant in a unit, and the text that Date and its remaining digits give it. */
const instants = fc
  .tuple(
    units,
    fc.oneof(
      fc.integer({ min: MIN_MILLIS, max: MAX_MILLIS }),
      fc.integer({ min: MIN_DAY, max: MAX_DAY }).map((day) => day * MILLIS_PER_DAY),
      fc.integer({ min: MIN_DAY, max: MAX_DAY }).map((day) => (day + 1) * MILLIS_PER_DAY - 1),
    ),
    fc.oneof(fc.constantFrom(0, 1, 999_999), fc.integer({ min: 0, max: 999_999 })),
  )
  .map(([digits, millis, fine]) => {
    const extra = digits - 3;
    const finer = BigInt(String(fine).padStart(6, '0').slice(0, extra) || '0');
    const value = BigInt(millis) * 10n ** BigInt(extra) + finer;
    const fraction = extra === 0 ? '' : String(finer).padStart(extra, '0');
    return { digits, value, text: iso(millis).replace('Z', fraction) };
  })
  .filter(({ value }) => BigInt.asIntN(64, value) === value);

describe('dates', () => {
  test('agree with Date on the borders of every month of the years 0001 to 9999 and every 13th day between', () => {
    const wrong: string[] = [];
    const compare = (day: number) => {
      const text = iso(day * MILLIS_PER_DAY).slice(0, 10);
      if (formatDate(day) !== text || parseDate(text) !== day) wrong.push(text);
    };
    for (let day = MIN_DAY; day <= MAX_DAY; day += 13) compare(day);
    for (let month = 0; month < 9999 * 12; month += 1) {
      const first = new Date(0).setUTCFullYear(1, month, 1) / MILLIS_PER_DAY;
      compare(first);
      if (first > MIN_DAY) compare(first - 1);
    }
    compare(MAX_DAY);
    expect(wrong).toEqual([]);
    expect(formatDate(MIN_DAY)).toBe('0001-01-01');
    expect(formatDate(MAX_DAY)).toBe('9999-12-31');
  });

  test('of the form yyyy-MM-dd are taken exactly where the calendar has the day', () => {
    const two = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'));
    const year = fc.integer({ min: 1, max: 9999 }).map((value) => String(value).padStart(4, '0'));
    fc.assert(
      fc.property(year, two, two, (y, m, d) => {
        const text = `${y}-${m}-${d}`;
        const millis = Date.parse(`${text}T00:00:00Z`);
        // Date takes days up to 31 in every month and rolls over.
        const exists = !Number.isNaN(millis) && iso(millis).startsWith(text);
        expect(parseDate(text)).toBe(exists ? millis / MILLIS_PER_DAY : 'calendar');
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['2024-02-29', 19782],
    ['2023-02-29', 'calendar'],
    ['1900-02-29', 'calendar'],
    ['1800-02-29', 'calendar'],
    ['2000-02-30', 'calendar'],
    ['2024-04-31', 'calendar'],
    ['2024-00-01', 'calendar'],
    ['2024-13-01', 'calendar'],
    ['0000-01-01', 'year'],
    ['10000-01-01', 'form'],
    ['-0001-01-01', 'form'],
    ['2024-1-1', 'form'],
    ['2024-01-01T00:00:00Z', 'form'],
    [' 2024-01-01', 'form'],
    ['2024-01-01\n', 'form'],
    ['٢٠٢٤-٠١-٠١', 'form'],
    ['', 'form'],
  ])('%j reads as %j', (text, expected) => {
    expect(parseDate(text)).toBe(expected);
  });
});

describe('times of a day', () => {
  test('agree with Date, in every unit', () => {
    fc.assert(
      fc.property(instants, ({ digits, value, text }) => {
        const day = BigInt(MILLIS_PER_DAY) * 10n ** BigInt(digits - 3);
        const ofDay = Number(((value % day) + day) % day);
        expect(formatTime(ofDay, digits)).toBe(text.slice(11));
        expect(parseTime(text.slice(11), digits)).toBe(ofDay);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['23:59:59.999', 3, MILLIS_PER_DAY - 1],
    ['00:00:00', 3, 0],
    ['00:00:00.5', 6, 500_000],
    ['00:00:00.0010000', 3, 1],
    ['00:00:00.0015', 3, 'precision'],
    ['24:00:00', 3, 'calendar'],
    ['23:60:00', 3, 'calendar'],
    ['23:59:60', 3, 'calendar'],
    ['23:59', 3, 'form'],
    ['23:59:59.', 3, 'form'],
    ['23:59:59Z', 3, 'form'],
    ['1:00:00', 3, 'form'],
  ] as const)('%j in 10^-%d s reads as %j', (text, digits, expected) => {
    expect(parseTime(text, digits)).toBe(expected);
  });
});

describe('timestamps', () => {
  test('agree with Date, in every unit, as number and as bigint', () => {
    fc.assert(
      fc.property(instants, ({ digits, value, text }) => {
        expect(isTimestampInRange(value, digits)).toBe(true);
        expect(formatTimestamp(value, digits, 'T')).toBe(text);
        if (Number.isSafeInteger(Number(value))) expect(formatTimestamp(Number(value), digits, 'T')).toBe(text);
        expect(parseTimestamp(`${text}Z`, digits, true)).toBe(value);
        expect(parseTimestamp(text, digits, false)).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });

  test('keep their last digit up to the largest safe integer', () => {
    // Where the quotient in whole seconds comes closest to being rounded up to the next one.
    for (const value of [
      8_999_999_999_999_999, 9_007_199_254_740_991, -9_007_199_254_740_991, -8_999_999_999_999_999,
    ]) {
      for (const digits of [6, 9] as const) {
        expect(formatTimestamp(value, digits, 'T')).toBe(formatTimestamp(BigInt(value), digits, 'T'));
      }
    }
  });

  test('with an offset agree with Date', () => {
    const offset = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 59 }),
    );
    fc.assert(
      fc.property(fc.integer({ min: MIN_MILLIS, max: MAX_MILLIS }), offset, (millis, [sign, hours, minutes]) => {
        const zone = `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
        const text = iso(millis).replace('Z', zone);
        const instant = Date.parse(text);
        const inRange = instant >= MIN_MILLIS && instant <= MAX_MILLIS;
        expect(parseTimestamp(text, 3, true)).toBe(inRange ? BigInt(instant) : 'year');
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['2024-02-29T23:59:58.5Z', 3, true, 1_709_251_198_500n],
    ['2024-02-29t23:59:58z', 3, true, 1_709_251_198_000n],
    ['2024-02-29 23:59:58Z', 3, true, 1_709_251_198_000n],
    ['2024-02-29T23:59:58', 3, true, 'form'],
    ['2024-02-29T23:59:58Z', 3, false, 'form'],
    ['2024-02-29T23:59:58+0100', 3, true, 'form'],
    ['2024-02-29T23:59Z', 3, true, 'form'],
    ['2024-02-29T23:59:58.Z', 3, true, 'form'],
    ['2024-02-29T23:59:58Z ', 3, true, 'form'],
    ['+002024-02-29T23:59:58Z', 3, true, 'form'],
    ['2024-02-30T00:00:00Z', 3, true, 'calendar'],
    ['2024-02-29T24:00:00Z', 3, true, 'calendar'],
    ['2016-12-31T23:59:60Z', 3, true, 'calendar'],
    ['2024-02-29T23:59:58+24:00', 3, true, 'calendar'],
    ['2024-02-29T23:59:58.0001Z', 3, true, 'precision'],
    ['2024-02-29T23:59:58.0010Z', 3, true, 1_709_251_198_001n],
    ['0000-12-31T23:59:59Z', 3, true, 'year'],
    ['0001-01-01T00:00:00+00:01', 3, true, 'year'],
    ['0001-01-01T00:00:59+00:01', 3, true, 'year'],
    ['0001-01-01T00:01:00+00:01', 3, true, -62_135_596_800_000n],
    ['9999-12-31T23:59:59-00:01', 3, true, 'year'],
    ['9999-12-31T23:59:59.999999Z', 6, true, 253_402_300_799_999_999n],
    ['2262-04-11T23:47:16.854775807Z', 9, true, 2n ** 63n - 1n],
    ['2262-04-11T23:47:16.854775808Z', 9, true, 'range'],
    ['1677-09-21T00:12:43.145224192Z', 9, true, -(2n ** 63n)],
    ['1677-09-21T00:12:43.145224191Z', 9, true, 'range'],
  ] as const)('%j in 10^-%d s (zoned: %j) reads as %s', (text, digits, zoned, expected) => {
    expect(parseTimestamp(text, digits, zoned)).toBe(expected);
  });

  test('are in range within the years 0001 to 9999', () => {
    expect(isTimestampInRange(BigInt(MIN_MILLIS), 3)).toBe(true);
    expect(isTimestampInRange(BigInt(MIN_MILLIS) - 1n, 3)).toBe(false);
    expect(isTimestampInRange(BigInt(MAX_MILLIS), 3)).toBe(true);
    expect(isTimestampInRange(BigInt(MAX_MILLIS) + 1n, 3)).toBe(false);
    expect(isTimestampInRange(BigInt(MAX_MILLIS) * 1000n + 999n, 6)).toBe(true);
    expect(isTimestampInRange(BigInt(MAX_MILLIS) * 1000n + 1000n, 6)).toBe(false);
  });
});

test('any text is parsed or refused, never thrown at', () => {
  const nearly = fc
    .array(fc.constantFrom('2024', '-', '02', '30', 'T', '23', ':', '59', '.', '5', 'Z', '+', ' ', '\0'), {
      maxLength: 14,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string()), units, (text, digits) => {
      for (const value of [parseDate(text), parseTime(text, digits), parseTimestamp(text, digits, true)]) {
        expect(value).toEqual(
          typeof value === 'string' ? expect.stringMatching(/^(form|calendar|year|precision|range)$/) : value,
        );
      }
    }),
    { numRuns: 500 },
  );
});
