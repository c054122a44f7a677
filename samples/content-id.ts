import { createHash } from 'node:crypto';
import { canonicalJson } from '../src/schema/canonical-json.ts';

/** 96 bits: among 200,000 rows, two different ones share an id with a chance of 1 in 4 * 10^18. */
const DIGITS = 24;

/**
 * Names source rows that have no id of their own: SHA-256 of a row's canonical JSON, cut to 24 hexadecimal digits. A row
 * exactly like an earlier one is still an event of its own and gets `-2`, `-3` and so on, so that the ids depend on what
 * the rows hold and never on where they stand.
 *
 * @returns a function to be called with every row of one data set once; equal data sets give equal ids.
 */
export function contentIds(): (row: object) => string {
  const occurrences = new Map<string, number>();
  return (row) => {
    const id = createHash('sha256').update(canonicalJson(row)).digest('hex').slice(0, DIGITS);
    const occurrence = (occurrences.get(id) ?? 0) + 1;
    occurrences.set(id, occurrence);
    return occurrence === 1 ? id : `${id}-${occurrence}`;
  };
}
