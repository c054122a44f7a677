/**
 * Dates and times as Avro counts them, to and from text. Everything is proleptic Gregorian and UTC.
 *
 * Years are held to 0001-9999: it is what RFC 3339 can write and what SQL engines read without rolling over.
 * Day counting after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */

/** Digits of a fraction of a second in the unit that a logical type counts. */
export type FractionDigits = 3 | 6 | 9;

/** Why a text is not taken, for the sender to read. */
export type TemporalFault = 'form' | 'calendar' | 'year' | 'precision' | 'range';

export const MIN_DAY = -719_162;
export const MAX_DAY = 2_932_896;
const SECONDS_PER_DAY = 86_400;
const MIN_SECOND = MIN_DAY * SECONDS_PER_DAY;
const MAX_SECOND = (MAX_DAY + 1) * SECONDS_PER_DAY - 1;

const UNITS: Readonly<Record<FractionDigits, bigint>> = { 3: 1_000n, 6: 1_000_000n, 9: 1_000_000_000n };
const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?$/;
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?$/;

/** Days since 1970-01-01 of `yyyy-MM-dd`, or what is wrong with it. */
export function parseDate(text: string): number | TemporalFault {
  const match = DATE.exec(text);
  if (match === null) return 'form';
  return dayNumber(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** `yyyy-MM-dd` of days since 1970-01-01 within MIN_DAY..MAX_DAY. */
export function formatDate(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1, 2)}`;
}

/**
 * A time of day in units of `digits` since midnight, from `HH:mm:ss[.fraction]`, or what is wrong with it.
 * A fraction finer than the unit is a precision fault unless what would be lost is zero.
 */
export function parseTime(text: string, digits: FractionDigits): number | TemporalFault {
  const match = TIME.exec(text);
  if (match === null) return 'form';
  const seconds = secondOfDay(Number(match[1]), Number(match[2]), Number(match[3]));
  const fraction = parseFraction(match[4], digits);
  if (typeof seconds === 'string') return seconds;
  if (typeof fraction === 'string') return fraction;
  return seconds * Number(UNITS[digits]) + fraction;
}

/** `HH:mm:ss.fraction` of a time of day in units of `digits`. */
export function formatTime(value: number, digits: FractionDigits): string {
  const unit = Number(UNITS[digits]);
  const seconds = Math.floor(value / unit);
  return `${formatSecondOfDay(seconds)}.${pad(value - seconds * unit, digits)}`;
}

/**
 * An instant in units of `digits` since the epoch, from RFC 3339 text, or what is wrong with it. With `zoned` an offset
 * is required, else forbidden (Avro's local timestamps). A leap second has no count of its own and is refused.
 */
export function parseTimestamp(text: string, digits: FractionDigits, zoned: boolean): bigint | TemporalFault {
  const match = TIMESTAMP.exec(text);
  if (match === null || (match[8] !== undefined) !== zoned) return 'form';
  const day = dayNumber(Number(match[1]), Number(match[2]), Number(match[3]));
  if (typeof day === 'string') return day;
  const ofDay = secondOfDay(Number(match[4]), Number(match[5]), Number(match[6]));
  if (typeof ofDay === 'string') return ofDay;
  const offset = zoned ? offsetSeconds(match[8]!) : 0;
  if (typeof offset === 'string') return offset;
  const fraction = parseFraction(match[7], digits);
  if (typeof fraction === 'string') return fraction;
  const second = day * SECONDS_PER_DAY + ofDay - offset;
  if (second < MIN_SECOND || second > MAX_SECOND) return 'year';
  const value = BigInt(second) * UNITS[digits] + BigInt(fraction);
  return value < MIN_LONG || value > MAX_LONG ? 'range' : value;
}

/** True where a count of units since the epoch lies in the years 0001-9999. */
export function isTimestampInRange(value: bigint, digits: FractionDigits): boolean {
  const unit = UNITS[digits];
  return value >= BigInt(MIN_SECOND) * unit && value < BigInt(MAX_SECOND + 1) * unit;
}

/**
 * `yyyy-MM-dd<separator>HH:mm:ss.fraction` of a count of units since the epoch that `isTimestampInRange`; the caller
 * adds the `Z` where there is one.
 */
export function formatTimestamp(value: number | bigint, digits: FractionDigits, separator: 'T' | ' '): string {
  const unit = UNITS[digits];
  let second: number;
  let fraction: number;
  if (typeof value === 'number') {
    second = Math.floor(value / Number(unit));
    fraction = value - second * Number(unit);
  } else {
    let remainder = value % unit;
    if (remainder < 0n) remainder += unit;
    second = Number((value - remainder) / unit);
    fraction = Number(remainder);
  }
  const day = Math.floor(second / SECONDS_PER_DAY);
  return `${formatDate(day)}${separator}${formatSecondOfDay(second - day * SECONDS_PER_DAY)}.${pad(fraction, digits)}`;
}

function dayNumber(year: number, month: number, day: number): number | TemporalFault {
  if (year === 0) return 'year';
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return 'calendar';
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function secondOfDay(hour: number, minute: number, second: number): number | TemporalFault {
  return hour > 23 || minute > 59 || second > 59 ? 'calendar' : hour * 3600 + minute * 60 + second;
}

function offsetSeconds(text: string): number | TemporalFault {
  if (text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(4, 6));
  if (hours > 23 || minutes > 59) return 'calendar';
  return (text[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function parseFraction(text: string | undefined, digits: FractionDigits): number | TemporalFault {
  if (text === undefined) return 0;
  if (text.length > digits && /[1-9]/.test(text.slice(digits))) return 'precision';
  return Number(text.slice(0, digits).padEnd(digits, '0'));
}

function formatSecondOfDay(value: number): string {
  const hour = Math.floor(value / 3600);
  const minute = Math.floor((value - hour * 3600) / 60);
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(value - hour * 3600 - minute * 60, 2)}`;
}

function pad(value: number, width: number): string {
  if (width === 2) return value < 10 ? `0${value}` : `${value}`;
  return `${value}`.padStart(width, '0');
}
