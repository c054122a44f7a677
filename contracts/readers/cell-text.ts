import { floatText } from '../../src/codec/decode.ts';

/**
 * The texts of values in a table, for every reader the same: what the CSV of Sluice has for them. So a reader is right
 * where it gives back the text that it read; and one that reads another value gives another text.
 */

/** A double: the shortest text that reads back to it; `-0.0`, `NaN`, `Infinity`. */
export function doubleCell(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The same of a 32-bit float, whose shortest text may be shorter than that of the double of this value. */
export function floatCell(value: number): string {
  return Number.isFinite(value) ? floatText(value) : String(value);
}

/** A decimal with all digits of its scale, given its digits without the point. */
export function decimalCell(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

const MICROS_PER_DAY = 86_400_000_000n;

/** Days that JavaScript's calendar holds to either side of 1970. */
const CALENDAR_DAYS = 100_000_000n;

/**
 * `yyyy-MM-dd`, given days since 1970. Years that have no four digits have a sign and six; and what is outside of the
 * calendar is told as days.
 */
export function dateCell(days: bigint): string {
  if (days > CALENDAR_DAYS || days < -CALENDAR_DAYS) return `${days} days`;
  return new Date(Number(days) * 86_400_000).toISOString().replace(/T.*$/, '');
}

/** `yyyy-MM-dd HH:mm:ss.SSS`, given microseconds since 1970, and with three digits more where they need them. */
export function timestampCell(micros: bigint): string {
  const inDay = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const time = new Date(Number(inDay / 1000n)).toISOString().slice(11, 23);
  const rest = inDay % 1000n;
  return `${dateCell((micros - inDay) / MICROS_PER_DAY)} ${time}${rest === 0n ? '' : String(rest).padStart(3, '0')}`;
}
