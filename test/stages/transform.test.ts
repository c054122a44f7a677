import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FramedValue } from '../../src/codec/codec.ts';
import { codecLookup } from '../../src/local/event-types.ts';
import { MAX_TRANSFORMATION_BYTES, type TransformationInput } from '../../src/ports/transformation.ts';
import { createTransformation } from '../../src/stages/transform.ts';
import { historyOfFields } from '../support/histories.ts';
import { bodyOf } from '../support/schemas.ts';

const TYPE = 'shop.order';
const HISTORY = historyOfFields(TYPE, [
  [
    { name: 'customer', type: 'string' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
]);
const codec = codecLookup([HISTORY])(TYPE)!;
const transformation = createTransformation(codec);

/** The JSON row of an event, as the consume stage writes it, without its LF. */
function rowOf(eventId: string, event: object): string {
  const encoded = codec.encode(bodyOf(event));
  if (!encoded.ok) throw new Error('the example is wrong');
  const framed: FramedValue = {
    value: encoded.value,
    eventId,
    ingestedAt: Date.UTC(2026, 10, 24, 12),
    partition: 1,
    offset: 7n,
    replayId: null,
  };
  return codec.toRows([framed]).data.toString().slice(0, -1);
}

const inputOf = (recordId: string, data: string | Uint8Array): TransformationInput => ({
  recordId,
  approximateArrivalTimestamp: 0,
  data: Buffer.from(data).toString('base64'),
});
const transform = (...records: TransformationInput[]) =>
  transformation({ invocationId: 'i', deliveryStreamArn: 'arn', region: 'local', records });
const textOf = ({ data }: { data: string }) => Buffer.from(data, 'base64').toString();

describe('the transformation', () => {
  it('turns a record of many JSON rows into CSV rows', () => {
    const data = ['{"a":', 'b,c'].map((customer, index) => `${rowOf(`e-${index}`, { customer })}\n`).join('');
    const { records, rejected } = transform(inputOf('r-1', data));
    expect(records).toMatchObject([{ recordId: 'r-1', result: 'Ok' }]);
    expect(textOf(records[0]!)).toBe(
      ['e-0,1,2026-11-24 12:00:00.000,1,7,\\N,{"a":,\\N\n', 'e-1,1,2026-11-24 12:00:00.000,1,7,\\N,b\\,c,\\N\n'].join(
        '',
      ),
    );
    expect(rejected).toEqual([]);
  });

  it('answers for every record under its id, in order', () => {
    const ids = ['49546986683135544286507457936321625675700192471156785154', 'b', 'a', '0'];
    const { records } = transform(...ids.map((id) => inputOf(id, `${rowOf(id, { customer: id })}\n`)));
    expect(records.map(({ recordId }) => recordId)).toEqual(ids);
    expect(records.map((record) => textOf(record).split(',')[0])).toEqual(ids);
  });

  it('rejects a line that is no row by itself, and keeps the others of its record', () => {
    const lines = [
      rowOf('e-0', { customer: 'ann' }),
      '{"_event_id":',
      '[]',
      'null',
      '',
      '{"customer":"x"}',
      rowOf('e-6', { customer: 'ben' }),
    ];
    const { records, rejected } = transform(inputOf('r', lines.map((line) => `${line}\n`).join('')));
    expect(textOf(records[0]!).match(/^e-\d/gm)).toEqual(['e-0', 'e-6']);
    expect(rejected.map(({ recordId, line, code }) => [recordId, line, code])).toEqual(
      [1, 2, 3, 4, 5].map((line) => ['r', line, 'SLUICE_ROW_MALFORMED']),
    );
  });

  it('drops a record of which nothing is left, rejecting each of its lines', () => {
    const { records, rejected } = transform(
      inputOf('r-1', 'no\nrows\n'),
      inputOf('r-2', `${rowOf('e', { customer: 'x' })}\n`),
    );
    expect(records.map(({ result }) => result)).toEqual(['Dropped', 'Ok']);
    expect(rejected).toHaveLength(2);
  });

  it('rejects a record of very many empty lines line by line', () => {
    const { records, rejected } = transform(inputOf('r', Buffer.alloc(200_000, '\n')));
    expect(records).toMatchObject([{ result: 'Dropped' }]);
    expect(rejected).toHaveLength(200_000);
  });

  it('keeps its answer within what Lambda may answer, giving back unchanged only what does not fit', () => {
    // Commas double.
    const [large, small] = [700_000, 10].map((commas) => `${rowOf('e', { customer: ','.repeat(commas) })}\n`);
    const inputs = [large, large, large, large, small].map((data, index) => inputOf(`${index}`, data!));
    const answer = transform(...inputs);
    expect(Buffer.byteLength(JSON.stringify({ records: answer.records }))).toBeLessThanOrEqual(
      MAX_TRANSFORMATION_BYTES,
    );
    expect(answer.records.map(({ result }) => result)).toEqual([
      'Ok',
      'Ok',
      'ProcessingFailed',
      'ProcessingFailed',
      'Ok',
    ]);
    expect(answer.records[2]!.data).toBe(inputs[2]!.data);
    expect(answer.rejected).toEqual([]);
  });

  it('is total: of any bytes it gives each record a result, good lines as rows and every other line as rejected', () => {
    const good = fc
      .record({ customer: fc.string({ unit: 'grapheme' }), note: fc.option(fc.string({ unit: 'binary' })) })
      .map((event) => ({ isGood: true, bytes: Buffer.from(rowOf('good', event)) }));
    const json = fc.json().map((text) => ({ isGood: false, bytes: Buffer.from(text) }));
    const noise = fc
      .uint8Array({ maxLength: 40 })
      .map((bytes) => ({ isGood: false, bytes: Buffer.from(bytes.filter((byte) => byte !== 0x0a)) }));
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(good, json, noise), { maxLength: 8 }), { maxLength: 4 }), (given) => {
        const inputs = given.map((lines, index) =>
          inputOf(`${index}`, Buffer.concat(lines.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]))),
        );
        const { records, rejected } = transform(...inputs);
        expect(records.map(({ recordId }) => recordId)).toEqual(inputs.map(({ recordId }) => recordId));
        given.forEach((lines, index) => {
          const rows = records[index]!.result === 'Ok' ? textOf(records[index]!).split('\n').slice(0, -1) : [];
          expect(rows).toHaveLength(lines.filter(({ isGood }) => isGood).length);
          expect(rows.every((row) => row.startsWith('good,'))).toBe(true);
          expect(rejected.filter(({ recordId }) => recordId === `${index}`).map(({ line }) => line)).toEqual(
            lines.flatMap(({ isGood }, line) => (isGood ? [] : [line])),
          );
        });
      }),
    );
  });
});

describe('the transformation by event time', () => {
  const history = historyOfFields(TYPE, [[{ name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } }]], {
    eventTime: 'at',
  });
  const byEventTime = createTransformation(codecLookup([history])(TYPE)!, 'event-time');
  const micros = (text: string) => Date.parse(text) * 1_000;
  const rowAt = (id: string, text: string) =>
    `{"_event_id":"${id}","_schema_version":1,"_ingested_at":"2026-11-24 12:00:00.000","at":${micros(text)}}\n`;
  const arrived = { approximateArrivalTimestamp: Date.UTC(2026, 10, 24, 13) };
  const transformBy = (...inputs: TransformationInput[]) => {
    const records = inputs.map((input) => ({ ...input, ...arrived }));
    return byEventTime({ invocationId: 'i', deliveryStreamArn: 'arn', region: 'local', records });
  };

  it('says with each record the day and the hour that its rows are of', () => {
    const { records } = transformBy(
      inputOf('r-1', rowAt('a', '2026-11-17T08:59:59.999Z') + rowAt('b', '2026-11-17T08:00:00Z')),
      inputOf('r-2', rowAt('c', '2026-11-24T00:00:00Z')),
    );
    expect(records.map(({ metadata }) => metadata)).toEqual([
      { partitionKeys: { dt: '2026-11-17', hour: '08' } },
      { partitionKeys: { dt: '2026-11-24', hour: '00' } },
    ]);
    expect(transform(inputOf('r', `${rowOf('e', { customer: 'ann' })}\n`)).records[0]).not.toHaveProperty('metadata');
  });

  it('lets all rows of a record that mixes partitions lie where the first row does, and loses none', () => {
    const lines = ['no row\n', '\n', rowAt('a', '2026-11-17T08:00:00Z'), rowAt('b', '2026-11-18T09:00:00Z')];
    const { records, rejected } = transformBy(inputOf('r', lines.join('')));
    expect(records).toMatchObject([{ result: 'Ok', metadata: { partitionKeys: { dt: '2026-11-17', hour: '08' } } }]);
    expect(textOf(records[0]!).match(/^[ab],/gm)).toEqual(['a,', 'b,']);
    expect(rejected.map(({ line }) => line)).toEqual([0, 1]);
  });

  it('takes the arrival at the stream for a row that says nothing of any time', () => {
    expect(transformBy(inputOf('r', '{"_event_id":"x"}')).records).toMatchObject([
      { result: 'Ok', metadata: { partitionKeys: { dt: '2026-11-24', hour: '13' } } },
    ]);
  });

  it('says nothing of a record that nothing is left of', () => {
    expect(transformBy(inputOf('r', 'no row\n')).records).toEqual([
      { recordId: 'r', result: 'Dropped', data: Buffer.from('no row\n').toString('base64') },
    ]);
  });

  it('keeps its answer within what Lambda may answer', () => {
    const one = rowAt('a', '2026-11-17T08:00:00Z');
    const inputs = Array.from({ length: 20_000 }, (_, index) => inputOf(`${index}`.padStart(56, '0'), one));
    const { records } = transformBy(...inputs);
    expect(Buffer.byteLength(JSON.stringify({ records }))).toBeLessThanOrEqual(MAX_TRANSFORMATION_BYTES);
    expect(records).toHaveLength(20_000);
  });
});
