/**
 * Instants and times as counts, from the texts of docs/json-mapping.md. Written a second time here on purpose: what the
 * codec makes of a text is what is to be checked.
 */

/** Ends of the fraction of a second in digits, for each unit. */
export type Unit = 'millis' | 'micros' | 'nanos';

const DIGITS: Readonly<Record<Unit, number>> = { millis: 3, micros: 6, nanos: 9 };

/**
 * Units since 1970 of `yyyy-MM-ddTHH:mm:ss.SSS`, with more digits and with or without a `Z`; a space for the `T` will do.
 */
export function instantCount(text: string, unit: Unit): bigint {
  const [seconds, fraction = ''] = text.replace(/Z$/, '').replace(' ', 'T').split('.');
  const perSecond = 10n ** BigInt(DIGITS[unit]);
  return BigInt(Date.parse(`${seconds}Z`) / 1000) * perSecond + BigInt(fraction.padEnd(DIGITS[unit], '0'));
}

/** Units since midnight of `HH:mm:ss.SSS`, with more digits or fewer. */
export function timeCount(text: string, unit: Unit): bigint {
  return instantCount(`1970-01-01T${text}`, unit);
}
