import fc from 'fast-check';
import type { Transformation } from '../../src/ports/transformation.ts';
import { createTransformation } from '../../src/stages/transform.ts';
import { type BodySample, bodiesOf } from '../arbitraries/bodies.ts';
import { codecOf, encoded, framed } from '../codec.ts';
import type { Law } from '../law.ts';
import { checkCases, type Failure } from '../property.ts';

/** Rows, and whether a record ends after each of them. */
type Case = readonly { readonly sample: BodySample; readonly isCut: boolean }[];

const LF = 0x0a;

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
    const cases: fc.Arbitrary<Case> = fc.array(row, { minLength: 1, maxLength: 20 });
    const show = (rows: Case) => rows.map(({ sample, isCut }) => `${sample.text}${isCut ? ' |' : ''}`).join('\n');
    return checkCases(context, cases, { batch: 5, show }, (batch) => {
      for (const rows of batch) {
        const values = rows.map(({ sample }, index) => framed(encoded(codec, sample, history.newest.version), index));
        const { data, ends } = codec.toRows(values);
        const lines = ends.map((end, index) => data.subarray(ends[index - 1] ?? 0, end));
        const whole = csvOf(transform, [data]);
        const parts = csvOf(transform, records(lines, rows));
        const failure = lineFailure(whole, rows.length) ?? sameFailure(whole, parts);
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

/** The lines in as many records as the case cuts them into. */
function records(lines: readonly Buffer[], rows: Case): Buffer[] {
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

function sameFailure(whole: Buffer, parts: Buffer): Failure | undefined {
  return whole.equals(parts) ? undefined : { field: '$', details: 'rows in several records are not the rows in one' };
}
