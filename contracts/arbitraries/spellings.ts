import { FIRST_SECOND, isoTimestamp, LAST_SECOND } from './iso-text.ts';

/**
 * The ways in which a sender may write one and the same value, as docs/json-mapping.md allows them. Each takes a number
 * that picks the way; 0 is the canonical one, so that shrinking leads there.
 */

/** A whole number that JSON's numbers hold. */
export function wholeNumber(value: number, way: number): string {
  const digits = String(value);
  if (value === 0) return ['0', '0.0', '0e0', '-0'][way % 4]!;
  return [digits, `${digits}.0`, `${digits}e0`, `${digits}0E-1`][way % 4]!;
}

/** A 64-bit float that is finite. */
export function doubleNumber(value: number, way: number): string {
  if (Object.is(value, -0)) return ['-0.0', '-0', '-0e0', '-1e-400'][way % 4]!;
  return [String(value), value.toExponential().replace('e+', 'E'), value.toPrecision(25), value.toPrecision(17)][
    way % 4
  ]!;
}

/** A 32-bit float that is finite: what is nearest to it need not be it. */
export function floatNumber(value: number, way: number): string {
  if (value === 0) return Object.is(value, -0) ? ['-0.0', '-0', '-1e-60'][way % 3]! : ['0', '0.0', '1e-60'][way % 3]!;
  return [String(value), value.toPrecision(9), value.toPrecision(25)][way % 3]!;
}

/** A decimal's text from its canonical one. */
export function decimalSpelling(canonical: string, way: number): string {
  const [sign, digits] = canonical.startsWith('-') ? ['-', canonical.slice(1)] : ['', canonical];
  const isFraction = digits.includes('.');
  switch (way % 5) {
    case 1:
      return sign + (isFraction ? digits.replace(/\.?0+$/, '') : digits);
    case 2:
      return `${sign}000${digits}`;
    case 3:
      return `${sign}${digits}${isFraction ? '000' : '.00'}`;
    case 4:
      return /[1-9]/.test(digits) ? canonical : `-${digits}`;
    default:
      return canonical;
  }
}

/** `HH:mm:ss.fraction`, or what comes before an offset, with a fraction of any length that means the same. */
export function fractionSpelling(text: string, way: number): string {
  switch (way % 4) {
    case 1:
      return text.replace(/\.?0+$/, '');
    case 2:
      return `${text}0000`;
    case 3:
      return text.replace(/0$/, '');
    default:
      return text;
  }
}

/** An instant's RFC 3339 text. @param offset minutes east of UTC, within a day; heeded where the years allow. */
export function instantSpelling(instant: bigint, digits: number, way: number, offset: number): string {
  const local = instant + BigInt(offset) * 60n * 10n ** BigInt(digits);
  const seconds = local / 10n ** BigInt(digits);
  const isWritable = seconds > FIRST_SECOND && seconds < LAST_SECOND;
  const shift = isWritable ? offset : 0;
  const date = isoTimestamp(isWritable ? local : instant, digits);
  const zone = shift === 0 ? ['Z', 'z', '+00:00', '-00:00'][(way >> 2) % 4]! : offsetText(shift);
  return fractionSpelling(separated(date, way), way) + zone;
}

/** The same on a clock of no zone. */
export function localSpelling(instant: bigint, digits: number, way: number): string {
  return fractionSpelling(separated(isoTimestamp(instant, digits), way), way);
}

function separated(date: string, way: number): string {
  return date.replace('T', ['T', 't', ' '][(way >> 4) % 3]!);
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const [hours, rest] = [Math.floor(size / 60), size % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}

/** A UUID in another letter case. */
export function uuidSpelling(uuid: string, way: number): string {
  return [uuid, uuid.toUpperCase(), uuid.replace(/^[^-]*/, (part) => part.toUpperCase())][way % 3]!;
}
