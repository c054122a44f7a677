import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCodec, type FramedValue, MAX_ROW_BYTES } from '../../src/codec/codec.ts';
import { readFrame } from '../../src/codec/framing.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { historyOfFields } from '../support/histories.ts';
import { examplesOf, HISTORIES, historyUpTo } from '../support/schemas.ts';

const FIELDS = [
  { name: 'id', type: 'string' },
  { name: 'owner', type: ['null', 'long'], default: null },
  { name: 'note', type: 'string', default: '' },
];
const HISTORY = historyOfFields('test.event', [FIELDS], { key: 'owner', eventId: 'id' });

const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** A framed value with system columns that do not matter. */
function framed(value: Uint8Array, offset = 0): FramedValue {
  return { value, eventId: `e${offset}`, ingestedAt: 0, partition: 0, offset: BigInt(offset), replayId: null };
}

function encoded(codec: ReturnType<typeof compileCodec>, body: unknown): Buffer {
  const result = codec.encode(bytes(body));
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.value;
}

describe('encode', () => {
  const codec = compileCodec(HISTORY);

  it('frames the newest version and gives key and event id', () => {
    const result = codec.encode(bytes({ id: 'a-1', owner: '9007199254740993' }));
    expect(result).toMatchObject({ ok: true, eventId: 'a-1', key: Buffer.from('9007199254740993') });
    expect(result.ok && readFrame(result.value).id).toBe(HISTORY.newest.ids.confluent);
  });

  it('gives no key where the event has none', () => {
    expect(codec.encode(bytes({ id: 'a-1' }))).toMatchObject({ ok: true, key: null });
    expect(codec.encode(bytes({ id: 'a-1', owner: null }))).toMatchObject({ ok: true, key: null });
  });

  it('does not take for a key what every object inherits', () => {
    const fields = [{ name: 'constructor', type: ['null', 'string'], default: null }];
    const inherited = compileCodec(historyOfFields('test.event', [fields], { key: 'constructor' }));
    expect(inherited.encode(bytes('{}'))).toMatchObject({ ok: true, key: null });
  });

  it('refuses an event id that headers and URLs cannot carry', () => {
    const refusal = { ok: false, faults: [{ code: 'SLUICE_EVENT_ID', path: '$.id' }] };
    for (const id of ['', 'a b', 'ä', 'x'.repeat(129)]) expect(codec.encode(bytes({ id }))).toMatchObject(refusal);
  });

  it('names a key that appears twice, and the faults beside it', () => {
    expect(codec.encode(bytes('{"id":"a","id":"b","more":1}'))).toMatchObject({
      ok: false,
      faults: [
        { code: 'SLUICE_JSON_DUPLICATE_KEY', path: '$.id' },
        { code: 'SLUICE_FIELD_UNKNOWN', path: '$.more' },
      ],
    });
  });

  it('refuses an event whose row would be too large, however small its body is', () => {
    const instants = { type: 'array', items: { type: 'long', logicalType: 'timestamp-millis' } };
    const growing = compileCodec(historyOfFields('test.event', [[{ name: 'instants', type: instants }]]));
    const body = (items: number): Buffer => bytes({ instants: new Array(items).fill(0) });
    expect(growing.encode(body(30_000))).toMatchObject({ ok: true });
    expect(growing.encode(body(40_000))).toMatchObject({ ok: false, faults: [{ code: 'SLUICE_ROW_TOO_LARGE' }] });
  });

  it('takes no body that it then could not give as a row', () => {
    fc.assert(
      fc.property(fc.integer({ min: MAX_ROW_BYTES - 200, max: MAX_ROW_BYTES + 200 }), (length) => {
        const result = codec.encode(bytes({ id: 'a', note: 'x'.repeat(length) }));
        if (result.ok) expect(codec.toRows([framed(result.value)]).unread).toEqual([]);
        else expect(result.faults).toMatchObject([{ code: 'SLUICE_ROW_TOO_LARGE' }]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('toRows', () => {
  const codec = compileCodec(HISTORY);

  it('gives a line for each value with the system columns first', () => {
    const rows = codec.toRows([
      { ...framed(encoded(codec, { id: 'a', note: 'x\ny' })), ingestedAt: 1_769_904_000_123, replayId: 'r1' },
      framed(encoded(codec, { id: 'b', owner: 7 }), 1),
    ]);
    const lines = rows.data.toString().split('\n');
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
      {
        _event_id: 'e0',
        _schema_version: 1,
        _ingested_at: '2026-02-01 00:00:00.123',
        _kafka_partition: 0,
        _kafka_offset: 0,
        _replay_id: 'r1',
        id: 'a',
        owner: null,
        note: 'x\ny',
      },
      expect.objectContaining({ _event_id: 'e1', _replay_id: null, id: 'b', owner: 7, note: '' }),
    ]);
    expect(rows.ends).toEqual([lines[0]!.length + 1, rows.data.length]);
    expect(rows.indexes).toEqual([0, 1]);
  });

  it('reads on where a value cannot be read, and says which and why', () => {
    const good = encoded(codec, { id: 'a' });
    const foreign = Buffer.from(good);
    foreign.writeInt32BE(7, 1);
    const rows = codec.toRows([
      framed(good),
      framed(Buffer.from('junk')),
      framed(foreign),
      framed(good.subarray(0, -1)),
      framed(Buffer.concat([good, Buffer.from([0])])),
      framed(good, 5),
    ]);
    expect(rows.indexes).toEqual([0, 5]);
    expect(rows.unread).toMatchObject([
      { index: 1, code: 'SLUICE_AVRO_FRAMING', version: null },
      { index: 2, code: 'SLUICE_SCHEMA_ID_UNKNOWN', version: null },
      { index: 3, code: 'SLUICE_AVRO_DATA', version: 1 },
      { index: 4, code: 'SLUICE_AVRO_DATA', version: 1 },
    ]);
  });

  it('reads any version as the newest', () => {
    const fields = [...FIELDS, { name: 'added', type: 'int', default: 3 }];
    const both = historyOfFields('test.event', [FIELDS, fields], { key: 'owner', eventId: 'id' });
    const written = encoded(compileCodec(historyUpTo(both, 1)), { id: 'old' });
    const rows = compileCodec(both).toRows([framed(written)]);
    expect(JSON.parse(rows.data.toString())).toMatchObject({ _schema_version: 1, id: 'old', added: 3 });
  });
});

describe('toCsv', () => {
  const codec = compileCodec(HISTORY);

  it('rejects a line that is no row, and only that line', () => {
    const row = codec.toRows([framed(encoded(codec, { id: 'a' }))]).data.toString();
    const csv = codec.toCsv(Buffer.from(`${row}not json\n[]\n{"id":"no system columns"}\n${row}`));
    expect(csv.malformed.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(csv.data.toString()).toBe('e0,1,1970-01-01 00:00:00.000,0,0,\\N,a,\\N,\n'.repeat(2));
  });
});

describe('avroToCsv', () => {
  it.each(HISTORIES.map((history) => [history.eventType, history] as const))(
    'gives a row of all columns for every valid example of %s',
    (eventType, history) => {
      const codec = compileCodec(history);
      const values = examplesOf(eventType).valid.map(({ body }, index) => framed(encoded(codec, body), index));
      const { data, malformed, unread } = codec.avroToCsv(values);
      const rows = data.toString().trimEnd().split('\n');
      expect({ malformed, unread, rows: rows.length }).toEqual({ malformed: [], unread: [], rows: values.length });
      const cells = rows.map((row) => row.replace(/\\./g, '').split(',').length);
      expect(new Set(cells)).toEqual(new Set([6 + codec.layout.columns.length]));
    },
  );
});

it('a body as deep as it may be is read although the default of a field that it leaves out nests further', () => {
  const node = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });
  const inner = { type: 'record', name: 'Inner', fields: [node('x', 'int')] };
  const outer = { type: 'record', name: 'Outer', fields: [node('inner', inner)] };
  const fields = [
    node('next', ['null', 'R'], { default: null }),
    node('more', outer, { default: { inner: { x: 1 } } }),
  ];
  const deep = compileCodec(schemaHistory('a.b', [schemaVersion('a.b', 1, { type: 'record', name: 'R', fields })]));
  const encoded = deep.encode(Buffer.from(`${'{"next":'.repeat(63)}{}${'}'.repeat(63)}`));
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
  const place = { eventId: 'e', ingestedAt: 0, partition: 0, offset: 0n, replayId: null };
  expect(deep.toRows([{ value: encoded.value, ...place }]).unread).toEqual([]);
});
