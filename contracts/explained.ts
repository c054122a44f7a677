/**
 * Where Apache Avro's Java library (1.12.1) and Sluice do not decode alike, and why. Law 7 lets these pass, and nothing
 * else.
 */
export const EXPLAINED = [
  {
    who: 'sluice',
    says: /is not UTF-8/,
    why: 'bytes were promoted to a text and are none: Avro reads U+FFFD for what it does not understand, and what was there is lost',
  },
  {
    who: 'avro',
    says: /Schema fields not set yet/,
    why: 'where a name has an alias, the library makes the schema anew, and stumbles over a record that is within itself by a union',
  },
] as const;

/** Whether it is explained that one of the two refuses what the other takes. */
export function isExplained(who: (typeof EXPLAINED)[number]['who'], message: string): boolean {
  return EXPLAINED.some((one) => one.who === who && one.says.test(message));
}
