import type { Codec, Csv } from '../codec/codec.ts';
import { type PartitionBy, partitionAt } from '../derive/partition.ts';
import {
  MAX_TRANSFORMATION_BYTES,
  type RejectedRow,
  type Transformation,
  type TransformationInput,
  type TransformationOutput,
} from '../ports/transformation.ts';

/**
 * The transformation of one event type's delivery stream: JSON rows to CSV rows. It is total: a line that is no row is
 * rejected by itself, since one bad line must never take its record's other lines along.
 *
 * By event time, a record's answer names the partition of its first row. The consume stage packs rows of one partition
 * only; of a record that others wrote, all rows lie where the first one does, since a stream cannot part them.
 */
export function createTransformation(codec: Codec, partitionBy: PartitionBy = 'arrival'): Transformation {
  return ({ records }) => {
    const rejected: RejectedRow[] = [];
    // The answer with every record given back as it came; a row's record may grow by what is left to the limit.
    let bytes = records.reduce((sum, { recordId, data }) => sum + recordId.length + data.length + ENVELOPE_BYTES, 0);
    const transform = (record: TransformationInput): TransformationOutput => {
      const { recordId, data, approximateArrivalTimestamp: arrivedAt } = record;
      const rows = Buffer.from(data, 'base64');
      const { data: csv, malformed } = codec.toCsv(rows);
      const encoded = csv.toString('base64');
      const isDropped = csv.length === 0;
      const growth = isDropped ? 0 : encoded.length - data.length;
      // Lambda would refuse the whole answer; this way Firehose keeps the records that do not fit, and only those.
      if (bytes + growth > MAX_TRANSFORMATION_BYTES - ENVELOPE_BYTES) {
        return { recordId, result: 'ProcessingFailed', data };
      }
      bytes += growth;
      for (const { line, reason } of malformed) {
        rejected.push({ recordId, line, code: 'SLUICE_ROW_MALFORMED', reason });
      }
      if (isDropped) return { recordId, result: 'Dropped', data };
      const answer = { recordId, result: 'Ok', data: encoded } as const;
      if (partitionBy === 'arrival') return answer;
      const partitionKeys = { ...partitionAt(codec.rowHour(firstRow(rows, malformed), arrivedAt)) };
      return { ...answer, metadata: { partitionKeys } };
    };
    return { records: records.map(transform), rejected };
  };
}

/** The first line that is a row; there must be one. */
function firstRow(rows: Buffer, malformed: Csv['malformed']): Buffer {
  const others = new Set(malformed.map(({ line }) => line));
  let start = 0;
  for (let line = 0; others.has(line); line += 1) start = rows.indexOf('\n', start) + 1;
  const end = rows.indexOf('\n', start);
  return rows.subarray(start, end === -1 ? rows.length : end);
}

/** JSON around one record, its partition with it, and around all of them, in bytes; generous. */
const ENVELOPE_BYTES = 192;
