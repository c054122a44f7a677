import type { Rows } from '../codec/codec.ts';
import { type DeliveryEntry, type DeliveryRecord, MAX_DELIVERY_RECORD_BYTES } from '../ports/delivery-stream.ts';

/**
 * Packs rows into as few delivery records as hold them. A row is never split; the codec makes none that is larger than a
 * record. Where nothing but their order decides, no byte is moved.
 *
 * @param entries one for each row.
 * @param hours for each row the partition that it is to lie in, where that is not for the stream to say: no record then
 *   holds rows of two, as a stream can put it into one only. Rows of a partition stay in their order.
 */
export function packRows(rows: Rows, entries: readonly DeliveryEntry[], hours?: readonly number[]): DeliveryRecord[] {
  const [first] = hours ?? [];
  if (hours === undefined || hours.every((hour) => hour === first)) return packInOrder(rows, entries);
  const partitions = Map.groupBy(hours.keys(), (row) => hours[row]!);
  return [...partitions.values()].flatMap((chosen) =>
    packInOrder(
      gathered(rows, chosen),
      chosen.map((row) => entries[row]!),
    ),
  );
}

type RowBytes = Pick<Rows, 'data' | 'ends'>;

/** The bytes of one row, in place. */
export function rowBytes({ data, ends }: RowBytes, row: number): Uint8Array {
  return data.subarray(row === 0 ? 0 : ends[row - 1]!, ends[row]!);
}

function packInOrder({ data, ends }: RowBytes, entries: readonly DeliveryEntry[]): DeliveryRecord[] {
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

/** Some of the rows, one behind the other. */
function gathered(rows: RowBytes, chosen: readonly number[]): RowBytes {
  const parts = chosen.map((row) => rowBytes(rows, row));
  let end = 0;
  return {
    data: Buffer.concat(parts),
    ends: parts.map((part) => {
      end += part.length;
      return end;
    }),
  };
}
