import type { Codec } from '../codec/codec.ts';
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
 */
export function createTransformation(codec: Codec): Transformation {
  return ({ records }) => {
    const rejected: RejectedRow[] = [];
    let bytes = ENVELOPE_BYTES;
    const transform = ({ recordId, data }: TransformationInput): TransformationOutput => {
      const { data: csv, malformed } = codec.toCsv(Buffer.from(data, 'base64'));
      const encoded = csv.toString('base64');
      bytes += encoded.length + recordId.length + ENVELOPE_BYTES;
      // Lambda would refuse the whole answer; this way Firehose keeps the records that do not fit, and only those.
      if (bytes > MAX_TRANSFORMATION_BYTES) return { recordId, result: 'ProcessingFailed', data };
      rejected.push(
        ...malformed.map(({ line, reason }) => ({ recordId, line, code: 'SLUICE_ROW_MALFORMED' as const, reason })),
      );
      return csv.length === 0 ? { recordId, result: 'Dropped', data } : { recordId, result: 'Ok', data: encoded };
    };
    return { records: records.map(transform), rejected };
  };
}

/** JSON around one record, and around all of them, in bytes; generous. */
const ENVELOPE_BYTES = 128;
