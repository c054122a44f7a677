import fc from 'fast-check';
import type { Rows } from '../../src/codec/codec.ts';
import { type DeliveryEntry, MAX_DELIVERY_RECORD_BYTES } from '../../src/ports/delivery-stream.ts';
import type { Transformation } from '../../src/ports/transformation.ts';
import { packRows } from '../../src/stages/deliver.ts';
import { createTransformation } from '../../src/stages/transform.ts';
import { type BodySample, bodiesOf } from '../arbitraries/bodies.ts';
import { codecOf, encoded, framed } from '../codec.ts';
import type { Law } from '../law.ts';
import { checkCases, type Failure } from '../property.ts';

interface Case {
  /** Rows, and whether a record ends after each of them. */
  readonly rows: readonly { readonly sample: BodySample; readonly isCut: boolean }[];
  /** Whether there are as many of these rows as make more than one delivery record. */
  readonly isMuch: boolean;
}

const LF = 0x0a;
/** One line of these is no row. */
const NO_ROW = Buffer.from('no row\n');

export const ONE_ROW_ONE_LINE: Law = {
  number: 5,
  id: 'one-row-one-line',
  statement:
    'Any number of rows, in any split over records and objects, are as many lines; objects may be cut and joined at any record.',
  why: 'A newline that gets through splits a row, and every column after it shifts for good.',
  needs: [],
  check({ history }, context) {
    const codec = codecOf(history);
    const transform = createTransformation(codec);
    const row = fc.record({ sample: bodiesOf(history.newest.root, history.newest.settings), isCut: fc.boolean() });
    const cases: fc.Arbitrary<Case> = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 20 }),
      isMuch: fc.oneof({ arbitrary: fc.constant(false), weight: 19 }, fc.constant(true)),
    });
    const show = ({ rows, isMuch }: Case) =>
      rows.map(({ sample, isCut }) => `${sample.text}${isCut ? ' |' : ''}`).join('\n') + (isMuch ? '\n...' : '');
    return checkCases(context, cases, { batch: 5, show }, (batch) => {
      for (const { rows, isMuch } of batch) {
        const values = rows.map(({ sample }, index) => framed(encoded(codec, sample, history.newest.version), index));
        const delivered = codec.toRows(values);
        const { data, ends } = delivered;
        const lines = ends.map((end, index) => data.subarray(ends[index - 1] ?? 0, end));
        const whole = csvOf(transform, [data]);
        const parts = records(lines, rows);
        const spoilt = parts.map((part) => Buffer.concat([part, NO_ROW]));
        const failure =
          lineFailure(whole, rows.length) ??
          sameFailure(whole, csvOf(transform, parts), 'rows in several records are not the rows in one') ??
          sameFailure(
            whole,
            csvOf(transform, spoilt),
            'rows beside a line that is no row are not the rows without it',
          ) ??
          packFailure(isMuch ? repeated(delivered) : delivered);
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

/** The lines in as many records as the case cuts them into. */
function records(lines: readonly Buffer[], rows: Case['rows']): Buffer[] {
  const cut: Buffer[][] = [[]];
  lines.forEach((line, index) => {
    cut.at(-1)!.push(line);
    if (rows[index]!.isCut) cut.push([]);
  });
  return cut.filter((part) => part.length > 0).map((part) => Buffer.concat(part));
}

/** What the object holds that is made of these records. */
function csvOf(transform: Transformation, data: readonly Buffer[]): Buffer {
  const { records } = transform({
    invocationId: 'law',
    deliveryStreamArn: '',
    region: '',
    records: data.map((bytes, index) => ({
      recordId: String(index),
      approximateArrivalTimestamp: 0,
      data: bytes.toString('base64'),
    })),
  });
  return Buffer.concat(records.map((record) => Buffer.from(record.data, 'base64')));
}

function lineFailure(csv: Buffer, rows: number): Failure | undefined {
  if (csv.at(-1) !== LF) return { field: '$', details: 'the object does not end with LF' };
  const text = csv.toString('latin1');
  if (text.includes('\r')) return { field: '$', details: 'the object holds a CR, which ends a row like LF' };
  const lines = text.split('\n').length - 1;
  if (lines !== rows) return { field: '$', details: `${rows} rows are ${lines} lines` };
  return text.startsWith('\n') || text.includes('\n\n')
    ? { field: '$', details: 'a line is empty, and reads as a row' }
    : undefined;
}

function sameFailure(whole: Buffer, parts: Buffer, details: string): Failure | undefined {
  return whole.equals(parts) ? undefined : { field: '$', details };
}

/** The same rows over and over, until they are more than a delivery record takes. */
function repeated({ data, ends }: Packed): Packed {
  const times = Math.ceil((1.5 * MAX_DELIVERY_RECORD_BYTES) / data.length);
  return {
    data: Buffer.concat(Array.from({ length: times }, () => data)),
    ends: Array.from({ length: times }, (_, time) => ends.map((end) => time * data.length + end)).flat(),
  };
}

type Packed = Pick<Rows, 'data' | 'ends'>;

/** Delivery records are the rows as they are, each whole and in one of them, with what is said of it. */
function packFailure({ data, ends }: Packed): Failure | undefined {
  const entries = ends.map((_, index): DeliveryEntry => ({ messageId: String(index), ingestedAt: index }));
  const packed = packRows({ data, ends, indexes: [...ends.keys()], unread: [] }, entries);
  const wrong = packed.find((record) => record.data.length > MAX_DELIVERY_RECORD_BYTES || record.data.at(-1) !== LF);
  if (wrong !== undefined)
    return { field: '$', details: `a delivery record has ${wrong.data.length} bytes, or no end` };
  const together = packed.flatMap((record) => record.entries);
  if (together.length !== entries.length || together.some((entry, index) => entry !== entries[index])) {
    return {
      field: '$',
      details: `delivery records tell of ${together.length} rows, and ${entries.length} were packed`,
    };
  }
  const bytes = Buffer.concat(packed.map((record) => record.data));
  return sameFailure(data, bytes, 'delivery records together are not the rows that were packed');
}
