import type avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AvroSink } from '../../src/codec/avro-sink.ts';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { compileDecoder, compileRowDecoder, floatText, pathOf } from '../../src/codec/decode.ts';
import { compileEncoder, EncodeContext } from '../../src/codec/encode.ts';
import { parseBody } from '../../src/codec/json-body.ts';
import { deriveLayout, pathKey } from '../../src/derive/layout.ts';
import { SluiceError } from '../../src/errors.ts';
import { parseSchema, type RecordNode } from '../../src/schema/ast.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { avscType, evolution, isBack, jsonText, schemaSample } from '../support/avro-arbitraries.ts';

/** `JSON.parse` is not to be trusted with escaped keys (see parseBody). */
function parse(text: string): unknown {
  const parsed = parseBody(Buffer.from(text));
  if (!parsed.ok) throw new Error(`${parsed.faults[0]?.advice}: ${text}`);
  return parsed.value;
}

function encode(root: RecordNode, value: unknown): { bytes: Buffer; faults: readonly unknown[] } {
  const context = new EncodeContext();
  compileEncoder(root)(value, context);
  return { bytes: context.sink.copyFrom(0), faults: context.faults };
}

const record = (fields: readonly unknown[], rest: object = {}) => ({ type: 'record', name: 'R', fields, ...rest });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });

/** Decodes what `fill` writes as `writer`, read as `reader`. */
function decode(writer: unknown, reader: unknown, fill: (sink: AvroSink) => void): unknown {
  const sink = new AvroSink();
  fill(sink);
  const source = new AvroSource(sink.copyFrom(0), 0);
  const text = compileDecoder(parseSchema(writer), parseSchema(reader))(source);
  source.expectEnd();
  return parse(text);
}

function errorOf(run: () => unknown): SluiceError {
  try {
    run();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

/** Columns as a codec finds them: by the path of the newest schema. */
function rowDecoderOf(writer: unknown, reader: unknown) {
  const history = schemaHistory('test', [schemaVersion('test', 1, writer), schemaVersion('test', 2, reader)]);
  const columns = new Map(
    deriveLayout(history).columns.flatMap((column) =>
      column.source === null ? [] : [[pathKey(column.source), column] as const],
    ),
  );
  const decodeRow = compileRowDecoder(history.versions[0]!.root, history.newest.root, (path) => {
    const column = columns.get(path);
    return column === undefined ? undefined : { name: column.name, json: column.form === 'json' };
  });
  const members = (source: AvroSource) => parse(`{${decodeRow(source).slice(1)}}`) as Record<string, unknown>;
  return { members, columns };
}

/** Layouts refuse names that differ in letter case alone; generated names do not, but nested ones may collide. */
const hasLayout = ({ writer, reader }: { writer: unknown; reader: unknown }) => {
  try {
    rowDecoderOf(writer, reader);
    return true;
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'SLUICE_SCHEMA_INVALID') return false;
    throw error;
  }
};

describe('with one schema', () => {
  test('what avsc wrote comes back as the JSON that was meant', () => {
    fc.assert(
      fc.property(schemaSample, ({ schema, avro: value, back }) => {
        const root = parseSchema(schema);
        const source = new AvroSource(avscType(schema).toBuffer(value), 0);
        const text = compileDecoder(root, root)(source);
        expect(source.remaining).toBe(0);
        expect(isBack(parse(text), back), text).toBe(true);
      }),
      { numRuns: 120 },
    );
  });
});

describe('writer to reader', () => {
  test('resolves as avsc does', () => {
    fc.assert(
      fc.property(evolution, ({ writer, reader, samples }) => {
        const [from, to] = [avscType(writer), avscType(reader)];
        const resolver = to.createResolver(from);
        const decoder = compileDecoder(parseSchema(writer), parseSchema(reader));
        for (const sample of samples) {
          const bytes = from.toBuffer(sample.avro);
          const expected = to.toBuffer(to.fromBuffer(bytes, resolver));
          const source = new AvroSource(bytes, 0);
          const text = decoder(source);
          expect(source.remaining).toBe(0);
          const { bytes: actual, faults } = encode(parseSchema(reader), parse(text));
          expect(faults).toEqual([]);
          expect(actual.toString('hex'), text).toBe(expected.toString('hex'));
        }
      }),
      { numRuns: 120 },
    );
  });

  test('resolves the pairs of types that avsc resolves, and no others', () => {
    const types: unknown[] = [
      ...['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'],
      { type: 'array', items: 'int' },
      { type: 'array', items: 'long' },
      { type: 'map', values: 'int' },
      { type: 'fixed', name: 'F', size: 2 },
      { type: 'fixed', name: 'F', size: 3 },
      { type: 'fixed', name: 'G', size: 2 },
      { type: 'fixed', name: 'H', aliases: ['F'], size: 2 },
      { type: 'enum', name: 'E', symbols: ['a', 'b'] },
      { type: 'enum', name: 'D', aliases: ['E'], symbols: ['b', 'a'] },
      { type: 'enum', name: 'E', symbols: ['c'], default: 'c' },
      record([field('x', 'int')], { name: 'A' }),
      record([field('x', 'long')], { name: 'A' }),
      record([field('y', 'int')], { name: 'A' }),
      record([field('y', 'int', { default: 1 })], { name: 'A' }),
      record([field('y', 'int', { aliases: ['x'] })], { name: 'B', aliases: ['A'] }),
      record([field('x', 'int')], { name: 'C' }),
    ];
    const can = (resolve: () => unknown) => {
      try {
        resolve();
        return true;
      } catch {
        return false;
      }
    };
    for (const writer of types) {
      for (const reader of types) {
        const [from, to] = [record([field('v', writer)]), record([field('v', reader)])];
        expect(
          can(() => compileDecoder(parseSchema(from), parseSchema(to))),
          `${JSON.stringify(writer)} as ${JSON.stringify(reader)}`,
        ).toBe(can(() => avscType(to).createResolver(avscType(from) as avro.Type)));
      }
    }
  });

  test('takes a field by name before it takes one by alias', () => {
    const writer = record([field('old', 'int'), field('new', 'int')]);
    const fill = (sink: AvroSink) => {
      sink.long(1);
      sink.long(2);
    };
    expect(decode(writer, record([field('new', 'int', { aliases: ['old'] })]), fill)).toEqual({ new: 2 });
    expect(decode(writer, record([field('new', 'int', { aliases: ['old'] }), field('old', 'int')]), fill)).toEqual({
      old: 1,
      new: 2,
    });
    const text = compileDecoder(
      parseSchema(writer),
      parseSchema(record([field('new', 'int', { aliases: ['old'] })])),
    )(new AvroSource(Buffer.from([2, 4]), 0));
    expect(text).toBe('{"new":2}');
  });

  test('an aliased field of the writer fills one field of the reader', () => {
    const reader = record([
      field('a', 'int', { aliases: ['x'], default: 7 }),
      field('b', 'int', { aliases: ['x'], default: 8 }),
    ]);
    expect(decode(record([field('x', 'int')]), reader, (sink) => sink.long(1))).toEqual({ a: 1, b: 8 });
  });

  test('a record that cannot be read is refused wherever it is met, not only the first time', () => {
    const part = (rest: unknown[]) => record([field('x', 'int'), ...rest], { name: 'P' });
    const schema = (rest: unknown[]) =>
      record([field('a', ['null', part(rest)]), field('b', ['null', 'P']), field('c', { type: 'array', items: 'P' })]);
    const writer = record([field('a', ['null', part([])]), field('b', ['null', 'P'])]);
    const reader = record([field('a', ['null', part([field('y', 'int')])]), field('b', ['null', 'P'])]);
    const nothing = (sink: AvroSink) => {
      sink.long(0);
      sink.long(0);
    };
    expect(decode(writer, reader, nothing)).toEqual({ a: null, b: null });
    for (const branches of [
      [1, 0],
      [0, 1],
    ]) {
      const error = errorOf(() =>
        decode(writer, reader, (sink) => {
          for (const branch of branches) {
            sink.long(branch);
            if (branch === 1) sink.long(5);
          }
        }),
      );
      expect(error.code).toBe('SLUICE_SCHEMA_RESOLUTION');
    }
    expect(errorOf(() => decode(schema([]), schema([field('y', 'int')]), nothing)).code).toBe(
      'SLUICE_SCHEMA_RESOLUTION',
    );
  });

  test('where only some values can be read, the others are refused when they come', () => {
    const writer = record([field('v', ['int', 'string'])]);
    const reader = record([field('v', 'long')]);
    expect(
      decode(writer, reader, (sink) => {
        sink.long(0);
        sink.long(3);
      }),
    ).toEqual({ v: 3 });
    const error = errorOf(() =>
      decode(writer, reader, (sink) => {
        sink.long(1);
        sink.text('x');
      }),
    );
    expect([error.code, pathOf(error)]).toEqual(['SLUICE_SCHEMA_RESOLUTION', '$.v']);
    const symbols = (list: string[]) => record([field('e', { type: 'enum', name: 'E', symbols: list })]);
    expect(decode(symbols(['a', 'b']), symbols(['b']), (sink) => sink.long(1))).toEqual({ e: 'b' });
    expect(errorOf(() => decode(symbols(['a', 'b']), symbols(['b']), (sink) => sink.long(0))).code).toBe(
      'SLUICE_SCHEMA_RESOLUTION',
    );
    expect(errorOf(() => compileDecoder(parseSchema(symbols(['a'])), parseSchema(symbols(['b'])))).code).toBe(
      'SLUICE_SCHEMA_RESOLUTION',
    );
  });

  test('prefers the branch of the same type to one that it could be promoted to', () => {
    const writer = record([field('v', 'int')]);
    const reader = record([field('v', ['double', 'int'])]);
    expect(decode(writer, reader, (sink) => sink.long(3))).toEqual({ v: { int: 3 } });
  });

  test.each([
    ['long to float', 'long', 'float', (sink: AvroSink) => sink.bigLong(2n ** 62n + 2n ** 30n), 4611686000000000000],
    ['long to double', 'long', 'double', (sink: AvroSink) => sink.bigLong(2n ** 53n + 1n), 9007199254740992],
    ['float to double', 'float', 'double', (sink: AvroSink) => sink.float(0.1), 0.10000000149011612],
    ['bytes to string', 'bytes', 'string', (sink: AvroSink) => sink.text('é'), 'é'],
    ['string to bytes', 'string', 'bytes', (sink: AvroSink) => sink.text('é'), 'w6k='],
  ])('promotes %s', (_what, from, to, fill, expected) => {
    expect(decode(record([field('v', from)]), record([field('v', to)]), fill)).toEqual({ v: expected });
  });

  test('refuses to take one logical type for another', () => {
    const logical = (type: string, logicalType: string, rest: object = {}) =>
      parseSchema(record([field('v', { type, logicalType, ...rest })]));
    const pairs = [
      [logical('long', 'timestamp-millis'), logical('long', 'timestamp-micros')],
      [logical('long', 'timestamp-millis'), logical('long', 'local-timestamp-millis')],
      [logical('int', 'date'), logical('int', 'time-millis')],
      [logical('int', 'date'), logical('long', 'timestamp-millis')],
      [
        logical('bytes', 'decimal', { precision: 9, scale: 2 }),
        logical('bytes', 'decimal', { precision: 9, scale: 4 }),
      ],
    ] as const;
    for (const [writer, reader] of pairs) {
      expect(errorOf(() => compileDecoder(writer, reader)).code).toBe('SLUICE_SCHEMA_RESOLUTION');
    }
    const plain = parseSchema(record([field('v', 'long')]));
    compileDecoder(plain, logical('long', 'timestamp-millis'));
    compileDecoder(logical('long', 'timestamp-millis'), plain);
    compileDecoder(
      logical('bytes', 'decimal', { precision: 9, scale: 2 }),
      logical('bytes', 'decimal', { precision: 12, scale: 2 }),
    );
  });

  test('compares the names of root records, in rows as well', () => {
    const [writer, reader] = [parseSchema(record([])), parseSchema(record([], { name: 'Other' }))];
    expect(errorOf(() => compileDecoder(writer, reader)).code).toBe('SLUICE_SCHEMA_RESOLUTION');
    expect(errorOf(() => compileRowDecoder(writer, reader, () => undefined)).code).toBe('SLUICE_SCHEMA_RESOLUTION');
    compileRowDecoder(writer, parseSchema(record([], { name: 'Other', aliases: ['R'] })), () => undefined);
    compileRowDecoder(writer, parseSchema(record([], { namespace: 'elsewhere' })), () => undefined);
  });

  test('reads recursive records, and fills what they lack at every level', () => {
    const tree = (rest: unknown[]) =>
      record([field('v', 'int'), field('kids', { type: 'array', items: 'R' }), ...rest]);
    const [writer, reader] = [tree([]), tree([field('tag', 'string', { default: 't' })])];
    const bytes = avscType(writer).toBuffer({
      v: 1,
      kids: [
        { v: 2, kids: [] },
        { v: 3, kids: [{ v: 4, kids: [] }] },
      ],
    });
    expect(decode(writer, reader, (sink) => sink.bytes(bytes))).toEqual({
      v: 1,
      tag: 't',
      kids: [
        { v: 2, tag: 't', kids: [] },
        { v: 3, tag: 't', kids: [{ v: 4, tag: 't', kids: [] }] },
      ],
    });
    expect(
      decode(
        record([field('other', reader), field('n', 'int')], { name: 'Root' }),
        record([field('n', 'int')], { name: 'Root' }),
        (sink) => {
          sink.bytes(avscType(reader).toBuffer({ v: 1, kids: [{ v: 2, kids: [], tag: 'q' }], tag: 'p' }));
          sink.long(9);
        },
      ),
    ).toEqual({ n: 9 });
  });
});

describe('rows', () => {
  test('hold a member for every column of the newest schema, with the values that JSON would have', () => {
    fc.assert(
      fc.property(evolution.filter(hasLayout), ({ writer, reader, samples }) => {
        const { members, columns } = rowDecoderOf(writer, reader);
        const edge = compileDecoder(parseSchema(writer), parseSchema(reader));
        for (const sample of samples) {
          const bytes = avscType(writer).toBuffer(sample.avro);
          const row = members(new AvroSource(bytes, 0));
          const value = parse(edge(new AvroSource(bytes, 0)));
          expect(Object.keys(row).sort()).toEqual([...columns.values()].map(({ name }) => name).sort());
          for (const [path, column] of columns) {
            const expected = path.split('.').reduce((at, name) => (at as Record<string, unknown>)[name], value);
            const actual = row[column.name];
            if (column.form === 'json') expect(actual === null ? null : parse(actual as string)).toEqual(expected);
            else if (/^time/.test(column.form)) expect(actual === null).toBe(expected === null);
            else expect(actual).toEqual(expected);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('have instants and times in the form of their columns', () => {
    const at = 1_709_251_198_123n;
    const timed = (names: readonly string[]) =>
      record(
        names.map((name) =>
          field(name.replaceAll('-', '_'), { type: name === 'time-millis' ? 'int' : 'long', logicalType: name }),
        ),
      );
    const units = [
      'timestamp-millis',
      'local-timestamp-millis',
      'timestamp-micros',
      'timestamp-nanos',
      'time-millis',
      'time-micros',
    ];
    const schema = timed(units);
    const sink = new AvroSink();
    for (const value of [at, at, at * 1000n, at * 1_000_000n, 1n, 2n]) sink.bigLong(value);
    expect(rowDecoderOf(schema, schema).members(new AvroSource(sink.copyFrom(0), 0))).toEqual({
      timestamp_millis: '2024-02-29 23:59:58.123',
      local_timestamp_millis: '2024-02-29 23:59:58.123',
      timestamp_micros: 1_709_251_198_123_000,
      timestamp_nanos: '1709251198123000000',
      time_millis: 1,
      time_micros: 2,
    });
  });

  test('read a record that was nullable once, and refuse its null', () => {
    const part = record([field('x', 'int')], { name: 'P' });
    const [writer, reader] = [record([field('p', ['null', part])]), record([field('p', part)])];
    const { members } = rowDecoderOf(writer, reader);
    expect(members(new AvroSource(Buffer.from([2, 6]), 0))).toEqual({ p_x: 3 });
    const error = errorOf(() => members(new AvroSource(Buffer.from([0]), 0)));
    expect([error.code, pathOf(error)]).toEqual(['SLUICE_SCHEMA_RESOLUTION', '$.p']);
  });
});

describe('values that no sender could have sent', () => {
  const only = (type: unknown, ...bytes: number[]) => {
    const schema = record([field('v', type)]);
    return decode(schema, schema, (sink) => sink.bytes(Buffer.from(bytes)));
  };
  const refused = (type: unknown, ...bytes: number[]) => {
    const error = errorOf(() => only(type, ...bytes));
    expect([error.code, pathOf(error)]).toEqual(['SLUICE_AVRO_DATA', '$.v']);
  };
  const long = (value: bigint) => {
    const sink = new AvroSink();
    sink.bigLong(value);
    return sink.copyFrom(0);
  };

  test('dates, times and timestamps out of range are refused', () => {
    refused({ type: 'int', logicalType: 'date' }, ...long(2_932_897n));
    refused({ type: 'int', logicalType: 'date' }, ...long(-719_163n));
    refused({ type: 'int', logicalType: 'time-millis' }, ...long(86_400_000n));
    refused({ type: 'int', logicalType: 'time-millis' }, ...long(-1n));
    refused({ type: 'long', logicalType: 'time-micros' }, ...long(2n ** 63n - 1n));
    refused({ type: 'long', logicalType: 'timestamp-millis' }, ...long(253_402_300_800_000n));
    refused({ type: 'long', logicalType: 'timestamp-micros' }, ...long(-(2n ** 63n)));
  });

  test('decimals with more digits than declared are refused, also where all of them are behind the point', () => {
    const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });
    expect(only(decimal(2, 2), 2, 99)).toEqual({ v: '0.99' });
    refused(decimal(2, 2), 2, 100);
    refused(decimal(2, 2), 4, 0xff, 0x9c);
    refused(decimal(3, 1), 4, 0x03, 0xe8);
    expect(only(decimal(3, 1), 4, 0xff, 0xff)).toEqual({ v: '-0.1' });
    expect(only(decimal(3, 1), 0)).toEqual({ v: '0.0' });
    refused(decimal(3, 1), 60, ...Array(30).fill(0));
  });

  test('a text that is no UUID is refused where one is declared', () => {
    const uuid = { type: 'string', logicalType: 'uuid' };
    refused(uuid, 6, 0x61, 0x62, 0x63);
    refused(uuid, 0);
  });

  test('of a key that appears twice in a map, the last value counts', () => {
    expect(only({ type: 'map', values: 'int' }, 4, 2, 0x61, 2, 2, 0x61, 4, 0)).toEqual({ v: { a: 2 } });
    const schema = parseSchema(record([field('v', { type: 'map', values: 'int' })]));
    const bytes = Buffer.from([4, 2, 0x61, 2, 2, 0x61, 4, 0]);
    expect(compileDecoder(schema, schema)(new AvroSource(bytes, 0))).toBe('{"v":{"a":2}}');
  });

  test('records that nest much deeper than a body may are refused, read or skipped, with a short path', () => {
    const list = record([field('next', ['null', 'R'])]);
    const deep = (levels: number) => Buffer.concat([Buffer.alloc(levels, 2), Buffer.from([0])]);
    const read = (levels: number) => decode(list, list, (sink) => sink.bytes(deep(levels)));
    expect(JSON.stringify(read(63))).toContain('null');
    for (const levels of [256, 1_000_000]) {
      const error = errorOf(() => read(levels));
      expect(error.code).toBe('SLUICE_AVRO_DATA');
      expect(pathOf(error).length).toBeLessThan(1_500);
    }
    const holder = record([field('list', list)], { name: 'Holder' });
    const many = record([field('many', { type: 'array', items: list })], { name: 'Holder' });
    const siblings = Buffer.concat([Buffer.from([0xc8, 0x01]), Buffer.alloc(100), Buffer.from([0])]);
    expect(decode(many, record([], { name: 'Holder' }), (sink) => sink.bytes(siblings))).toEqual({});
    expect(decode(many, many, (sink) => sink.bytes(siblings))).toEqual({ many: Array(100).fill({ next: null }) });
    const skip = (levels: number) => decode(holder, record([], { name: 'Holder' }), (sink) => sink.bytes(deep(levels)));
    expect(skip(60)).toEqual({});
    expect(errorOf(() => skip(1_000_000)).code).toBe('SLUICE_AVRO_DATA');
  });

  test('what would be longer than any text can be is refused', () => {
    const item = (fields: unknown[]) => record([field('v', { type: 'array', items: record(fields, { name: 'I' }) })]);
    const writer = item([field('a', 'boolean')]);
    const reader = item([field('a', 'boolean'), field('b', 'string', { default: 'x'.repeat(1_000_000) })]);
    const error = errorOf(() =>
      decode(writer, reader, (sink) => {
        sink.long(600);
        sink.bytes(Buffer.alloc(600));
        sink.long(0);
      }),
    );
    expect([error.code, pathOf(error)]).toEqual(['SLUICE_AVRO_DATA', '$.v']);
  });

  test('errors say where, with the index or key of the item', () => {
    const schema = record([field('v', { type: 'array', items: { type: 'map', values: 'boolean' } })]);
    // [{"a": true}, {"b b": 0x02}]
    const bytes = Buffer.from([4, 2, 2, 0x61, 1, 0, 2, 6, 0x62, 0x20, 0x62, 2]);
    const error = errorOf(() => decode(schema, schema, (sink) => sink.bytes(bytes)));
    expect(pathOf(error)).toBe("$.v[1]['b b']");
    expect(pathOf(new Error('x'))).toBe('$');
  });
});

test('any bytes give JSON that could have been sent, or an error with a code', () => {
  const mutation = fc.record({
    at: fc.nat(),
    byte: fc.nat({ max: 255 }),
    kind: fc.constantFrom('set', 'cut', 'insert'),
  });
  const mutate = (bytes: Buffer, { at, byte, kind }: { at: number; byte: number; kind: string }): Buffer => {
    const index = at % (bytes.length + 1);
    if (kind === 'cut') return bytes.subarray(0, index);
    if (kind === 'insert') return Buffer.concat([bytes.subarray(0, index), Buffer.from([byte]), bytes.subarray(index)]);
    const copy = Buffer.from(bytes);
    copy[index] = byte;
    return copy;
  };
  const bytesFor = ({ writer, samples }: { writer: unknown; samples: readonly { avro: unknown }[] }) =>
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(mutation, { minLength: 1, maxLength: 4 })
        .map((list) => list.reduce(mutate, avscType(writer).toBuffer(samples[0]!.avro))),
    );
  const cases = evolution
    .filter(hasLayout)
    .chain((evolved) => fc.array(bytesFor(evolved), { maxLength: 8 }).map((inputs) => ({ ...evolved, inputs })));
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      expect(['SLUICE_AVRO_DATA', 'SLUICE_SCHEMA_RESOLUTION']).toContain(error.code);
      expect(pathOf(error)).toMatch(/^\$/);
      return undefined;
    }
  };
  let read = 0;
  fc.assert(
    fc.property(cases, ({ writer, reader, inputs }) => {
      const target = parseSchema(reader);
      const decoder = compileDecoder(parseSchema(writer), target);
      const { members } = rowDecoderOf(writer, reader);
      for (const bytes of inputs) {
        const text = attempt(() => decoder(new AvroSource(bytes, 0)));
        const row = attempt(() => members(new AvroSource(bytes, 0)));
        expect(row === undefined).toBe(text === undefined);
        if (text === undefined) continue;
        read += 1;
        expect(encode(target, parse(text)).faults, text).toEqual([]);
      }
    }),
    { numRuns: 120 },
  );
  expect(read).toBeGreaterThan(0);
});

describe('floatText', () => {
  test('reads back to the same float, and no shorter text does', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = floatText(value);
        expect(Object.is(Math.fround(Number(text)), value)).toBe(true);
        const digits = text
          .replace(/e.*/, '')
          .replace(/[-.]/g, '')
          .replace(/^0+|0+$/g, '').length;
        if (digits > 1) expect(Math.fround(Number(value.toPrecision(digits - 1)))).not.toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    [0.1, '0.1'],
    [16777216, '16777216'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [1.401298464324817e-45, '1e-45'],
    [-0, '-0.0'],
    [0, '0'],
    [Number.NaN, '"NaN"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ])('%d is %s', (value, text) => {
    expect(floatText(Math.fround(value))).toBe(text);
  });
});

test('generated JSON text and its parser agree', () => {
  fc.assert(
    fc.property(schemaSample, ({ sent }) => isBack(parse(jsonText(sent)), sent)),
    { numRuns: 100 },
  );
});
