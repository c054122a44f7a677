import type { Rows } from '../codec/codec.ts';
import { type DeliveryEntry, type DeliveryRecord, MAX_DELIVERY_RECORD_BYTES } from '../ports/delivery-stream.ts';

/**
 * Packs rows into as few delivery records as hold them, without moving a byte. A row is never split; the codec makes
 * none that is larger than a record.
 *
 * @param entries one for each row.
 */
export function packRows({ data, ends }: Rows, entries: readonly DeliveryEntry[]): DeliveryRecord[] {
  const records: DeliveryRecord[] = [];
  let first = 0;
  let start = 0;
  for (let row = 0; row < ends.length; row += 1) {
    const isLast = row === ends.length - 1;
    if (isLast || ends[row + 1]! - start > MAX_DELIVERY_RECORD_BYTES) {
      records.push({ data: data.subarray(start, ends[row]!), entries: entries.slice(first, row + 1) });
      first = row + 1;
      start = ends[row]!;
    }
  }
  return records;
}
