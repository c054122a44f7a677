import { type FractionDigits, parseDate, parseTime, parseTimestamp } from '../codec/temporal.ts';
import { isUuid } from '../codec/uuid.ts';

/** What the texts of one place have in common. */
export type TextForm =
  | { readonly form: 'uuid' | 'date' }
  | { readonly form: 'time' | 'timestamp' | 'local-timestamp'; readonly digits: FractionDigits }
  | { readonly form: 'decimal'; readonly whole: number; readonly scale: number };

/** Digits after the point from which a text is taken for an amount: `1.5` is as likely a version. */
const MIN_SCALE = 2;
/** Digits that SQL engines carry. */
const MAX_DIGITS = 38;

/** The form of one text; undefined where it is but text. */
export function textForm(text: string): TextForm | undefined {
  // A long text has none of these forms; the longest is a decimal of 38 digits.
  if (text.length > MAX_DIGITS + 2) return undefined;
  if (isUuid(text)) return { form: 'uuid' };
  if (typeof parseDate(text) === 'number') return { form: 'date' };
  const digits = unitOf(/\.(\d+)/.exec(text)?.[1]?.length ?? 0);
  if (digits !== undefined) {
    if (typeof parseTime(text, digits) === 'number') return digits === 9 ? undefined : { form: 'time', digits };
    if (typeof parseTimestamp(text, digits, true) === 'bigint') return { form: 'timestamp', digits };
    if (typeof parseTimestamp(text, digits, false) === 'bigint') return { form: 'local-timestamp', digits };
  }
  return decimalForm(text);
}

/** The one form that has room for both; undefined where there is none. */
export function joinForms(a: TextForm, b: TextForm): TextForm | undefined {
  if (a.form === 'decimal') {
    if (b.form !== 'decimal' || a.scale !== b.scale) return undefined;
    const whole = Math.max(a.whole, b.whole);
    return whole + a.scale > MAX_DIGITS ? undefined : { ...a, whole };
  }
  if (a.form !== b.form) return undefined;
  return 'digits' in a && 'digits' in b && b.digits > a.digits ? b : a;
}

/** The unit that has room for a fraction of a second of so many digits. */
function unitOf(length: number): FractionDigits | undefined {
  return ([3, 6, 9] as const).find((digits) => length <= digits);
}

function decimalForm(text: string): TextForm | undefined {
  const match = /^-?(0|[1-9]\d*)\.(\d+)$/.exec(text);
  // A decimal has no zero below zero.
  if (match === null || /^-[0.]+$/.test(text)) return undefined;
  const whole = match[1]!.length;
  const scale = match[2]!.length;
  return scale < MIN_SCALE || whole + scale > MAX_DIGITS ? undefined : { form: 'decimal', whole, scale };
}
