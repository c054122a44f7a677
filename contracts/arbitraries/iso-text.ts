import type { LogicalType } from '../../src/schema/ast.ts';

/** Digits of a fraction of a second in the unit that a type counts: 3, 6 or 9. */
export function timeDigits(type: LogicalType): number {
  return type.endsWith('millis') ? 3 : type.endsWith('micros') ? 6 : 9;
}

/** First and last second of the years 0001 to 9999, since 1970. */
export const FIRST_SECOND = -62_135_596_800n;
export const LAST_SECOND = 253_402_300_799n;

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

/** The instants that both the calendar and 64 bits hold, in units of 10^-digits seconds. */
export function instantLimits(digits: number): { readonly min: bigint; readonly max: bigint } {
  const unit = 10n ** BigInt(digits);
  const [min, max] = [FIRST_SECOND * unit, (LAST_SECOND + 1n) * unit - 1n];
  return { min: min < MIN_LONG ? MIN_LONG : min, max: max > MAX_LONG ? MAX_LONG : max };
}

/** `yyyy-MM-ddTHH:mm:ss.fraction`, by JavaScript's own calendar. */
export function isoTimestamp(instant: bigint, digits: number): string {
  const { seconds, fraction } = split(instant, digits);
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}`;
}

/** `HH:mm:ss.fraction` of a time of day. */
export function isoTime(time: bigint, digits: number): string {
  const { seconds, fraction } = split(time, digits);
  return `${new Date(Number(seconds) * 1000).toISOString().slice(11, 19)}.${fraction}`;
}

function split(value: bigint, digits: number): { seconds: bigint; fraction: string } {
  const unit = 10n ** BigInt(digits);
  const rest = ((value % unit) + unit) % unit;
  return { seconds: (value - rest) / unit, fraction: String(rest).padStart(digits, '0') };
}
