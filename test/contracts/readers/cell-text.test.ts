import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateCell, decimalCell, doubleCell, floatCell, timestampCell } from '../../../contracts/readers/cell-text.ts';

test('the text of a double or a float reads back to the same bits', () => {
  fc.assert(fc.property(fc.double(), (value) => Object.is(Number(doubleCell(value)), value)));
  fc.assert(fc.property(fc.float(), (value) => Object.is(Math.fround(Number(floatCell(value))), value)));
});

test.each([
  [0n, 2, '0.00'],
  [-5n, 2, '-0.05'],
  [1230n, 2, '12.30'],
  [7n, 0, '7'],
  [-7n, 0, '-7'],
  [1n, 3, '0.001'],
])('the decimal %s of scale %s is %s', (unscaled, scale, text) => {
  expect(decimalCell(unscaled, scale)).toBe(text);
});

test.each([
  [0n, '1970-01-01'],
  [-1n, '1969-12-31'],
  [-719_162n, '0001-01-01'],
  [2_932_896n, '9999-12-31'],
  [2_932_897n, '+010000-01-01'],
  [100_000_001n, '100000001 days'],
])('day %s is %s', (days, text) => {
  expect(dateCell(days)).toBe(text);
});

test.each([
  [0n, '1970-01-01 00:00:00.000'],
  [-1n, '1969-12-31 23:59:59.999999'],
  [-1_000n, '1969-12-31 23:59:59.999'],
  [86_400_000_001n, '1970-01-02 00:00:00.000001'],
])('microsecond %s is %s', (micros, text) => {
  expect(timestampCell(micros)).toBe(text);
});
