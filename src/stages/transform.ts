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
    // The answer with every record given back as it came; a row's record may grow by what is left to the limit.
    let bytes = records.reduce((sum, { recordId, data }) => sum + recordId.length + data.length + ENVELOPE_BYTES, 0);
    const transform = ({ recordId, data }: TransformationInput): TransformationOutput => {
      const { data: csv, malformed } = codec.toCsv(Buffer.from(data, 'base64'));
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
      return isDropped ? { recordId, result: 'Dropped', data } : { recordId, result: 'Ok', data: encoded };
    };
    return { records: records.map(transform), rejected };
  };
}

/** JSON around one record, and around all of them, in bytes; generous. */
const ENVELOPE_BYTES = 128;
