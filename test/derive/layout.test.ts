import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveLayout } from '../../src/derive/layout.ts';
import { SluiceError } from '../../src/errors.ts';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { evolution } from '../support/avro-arbitraries.ts';

const record = (fields: readonly unknown[], name = 'R') => ({ type: 'record', name, fields });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });
const logical = (type: string, logicalType: string, rest: object = {}) => ({ type, logicalType, ...rest });

function historyOf(...versions: readonly unknown[]): SchemaHistory {
  return schemaHistory(
    'test',
    versions.map((definition, index) => schemaVersion('test', index + 1, definition)),
  );
}

/** Versions given as lists of fields. */
const layoutOf = (...versions: readonly (readonly unknown[])[]) =>
  deriveLayout(historyOf(...versions.map((fields) => record(fields)))).columns;

const columns = (...versions: readonly (readonly unknown[])[]) =>
  layoutOf(...versions).map(({ name, type, source }) => `${name} ${type} ${source?.join('.') ?? '-'}`);

const refused = (...versions: readonly (readonly unknown[])[]) => {
  expect(() => layoutOf(...versions)).toThrow(
    expect.objectContaining({ code: 'SLUICE_SCHEMA_INVALID', message: expect.stringMatching(/two columns/) }),
  );
};

describe('one version', () => {
  test.each([
    ['boolean', 'boolean', 'boolean'],
    ['int', 'int', 'integer'],
    ['long', 'bigint', 'integer'],
    ['float', 'float', 'float'],
    ['double', 'double', 'double'],
    ['string', 'string', 'text'],
    ['bytes', 'string', 'base64'],
    ['null', 'string', 'json'],
    [{ type: 'fixed', name: 'F', size: 2 }, 'string', 'base64'],
    [{ type: 'enum', name: 'E', symbols: ['a'] }, 'string', 'text'],
    [logical('string', 'uuid'), 'string', 'text'],
    [logical('fixed', 'uuid', { name: 'U', size: 16 }), 'string', 'text'],
    [logical('fixed', 'duration', { name: 'D', size: 12 }), 'string', 'base64'],
    [logical('bytes', 'decimal', { precision: 12, scale: 2 }), 'decimal(12,2)', 'decimal'],
    [logical('bytes', 'decimal', { precision: 38 }), 'decimal(38,0)', 'decimal'],
    [logical('bytes', 'decimal', { precision: 39 }), 'string', 'decimal'],
    [logical('int', 'date'), 'date', 'date'],
    [logical('int', 'time-millis'), 'int', 'time-millis'],
    [logical('long', 'time-micros'), 'bigint', 'time-micros'],
    [logical('long', 'timestamp-millis'), 'timestamp', 'timestamp-millis'],
    [logical('long', 'local-timestamp-millis'), 'timestamp', 'timestamp-millis'],
    [logical('long', 'timestamp-micros'), 'bigint', 'timestamp-micros'],
    [logical('long', 'timestamp-nanos'), 'bigint', 'timestamp-nanos'],
    [{ type: 'array', items: 'int' }, 'string', 'json'],
    [{ type: 'map', values: 'int' }, 'string', 'json'],
    [['int', 'string'], 'string', 'json'],
    [['null', 'int', 'string'], 'string', 'json'],
    [['null', record([field('x', 'int')], 'I')], 'string', 'json'],
  ])('has a column for %j: %s, %s', (type, glue, form) => {
    expect(layoutOf([field('v', type)])).toMatchObject([{ name: 'v', type: glue, form, source: ['v'], since: 1 }]);
    if (type === 'null' || Array.isArray(type)) return;
    expect(layoutOf([field('v', ['null', type])])).toMatchObject([{ type: glue, form }]);
    expect(layoutOf([field('v', [type, 'null'])])).toMatchObject([{ type: glue, form }]);
  });

  test('flattens records, keeps the order of fields and writes names in lower case', () => {
    const inner = record([field('Lat', 'double'), field('deep', record([field('x', 'int')], 'D'))], 'I');
    expect(columns([field('Id', 'string'), field('loc', inner), field('n', 'int')])).toEqual([
      'id string Id',
      'loc_lat double loc.Lat',
      'loc_deep_x int loc.deep.x',
      'n int n',
    ]);
  });

  test('keeps a recursive record in one column, and flattens what only holds it', () => {
    const tree = record([field('kids', { type: 'array', items: 'Tree' })], 'Tree');
    expect(columns([field('holder', record([field('tree', tree)], 'H')), field('again', 'Tree')])).toEqual([
      'holder_tree string holder.tree',
      'again string again',
    ]);
    expect(columns([field('next', ['null', 'R']), field('v', 'int')])).toEqual(['next string next', 'v int v']);
  });

  test('names its contract, and what each column is for', () => {
    const history = historyOf(record([field('v', 'int', { doc: 'A value' })]));
    const layout = deriveLayout(history);
    expect(layout).toMatchObject({ eventType: 'test', digest: history.digest });
    expect(layout.columns[0]).toMatchObject({ doc: 'A value', node: { kind: 'int' } });
  });

  test('has no two columns of one name, nor of a system column', () => {
    refused([field('userId', 'int'), field('userid', 'int')]);
    refused([field('a', record([field('b_c', 'int')], 'A')), field('a_b', record([field('c', 'int')], 'B'))]);
    refused([field('a', record([field('b', 'int')], 'A')), field('a_b', 'int')]);
    refused([field('_event_id', 'string')]);
    refused([field('_Kafka_Offset', 'long')]);
    refused([field('_kafka', record([field('partition', 'int')], 'K'))]);
  });
});

test('a field called like a partition of the table gets a column of its own name', () => {
  expect(columns([field('dt', 'string'), field('Hour', 'int')])).toEqual(['dt_ string dt', 'hour_ int Hour']);
  refused([field('hour', 'int'), field('hour_', 'int')]);
});

describe('later versions', () => {
  const [a, b] = [field('a', 'int'), field('b', 'string')];

  test('append, wherever the field stands', () => {
    expect(columns([a], [b, a])).toEqual(['a int a', 'b string b']);
    expect(layoutOf([a], [b, a]).map(({ since }) => since)).toEqual([1, 2]);
    const inner = (...fields: unknown[]) => field('in', record(fields, 'I'));
    expect(columns([inner(a), b], [inner(b, a), b])).toEqual(['in_a int in.a', 'b string b', 'in_b string in.b']);
  });

  test('leave a removed field its column, and give it back', () => {
    expect(columns([a, b], [b])).toEqual(['a int -', 'b string b']);
    expect(columns([a, b], [b], [b, a])).toEqual(['a int a', 'b string b']);
  });

  test('leave a renamed field its column, under its first name', () => {
    const c = field('c', 'int', { aliases: ['a'] });
    const d = field('d', 'int', { aliases: ['c'] });
    expect(columns([a, b], [b, c])).toEqual(['a int c', 'b string b']);
    expect(columns([a], [c], [d])).toEqual(['a int d']);
    expect(columns([a], [], [c])).toEqual(['a int c']);
  });

  test('leave the fields of a renamed record their columns', () => {
    const part = (...fields: unknown[]) => record(fields, 'I');
    expect(
      columns(
        [field('old', part(a, b))],
        [field('fresh', part(field('c', 'int', { aliases: ['a'] }), b), { aliases: ['old'] })],
      ),
    ).toEqual(['old_a int fresh.c', 'old_b string fresh.b']);
  });

  test('do not let a renamed field take the column of one that is still there', () => {
    const c = field('c', 'int', { aliases: ['a'] });
    for (const fields of [
      [a, c],
      [c, a],
    ]) {
      expect(columns([a], fields)).toEqual(['a int a', 'c int c']);
    }
  });

  test('give a field that comes back under a name whose column was renamed away a column of its own', () => {
    const c = field('c', 'int', { aliases: ['a'] });
    for (const fields of [
      [a, c],
      [c, a],
    ]) {
      expect(columns([a], [c], fields)).toEqual(['a int c', 'a_v3 int a']);
    }
    expect(columns([a], [c], [c, field('a', 'string')])).toEqual(['a int c', 'a_v3 string a']);
  });

  test('give one column to the first of two fields that say they are the same', () => {
    const twins = ['x', 'y'].map((name) => field(name, 'int', { aliases: ['a'] }));
    expect(columns([a], twins)).toEqual(['a int x', 'y int y']);
  });

  test.each([
    ['int', 'long', 'bigint'],
    ['int', 'double', 'double'],
    ['long', 'float', 'float'],
    ['float', 'double', 'double'],
    ['int', ['null', 'long'], 'bigint'],
    [['null', 'int'], 'int', 'int'],
    ['string', { type: 'enum', name: 'E', symbols: ['x'] }, 'string'],
    [
      logical('bytes', 'decimal', { precision: 4, scale: 2 }),
      logical('bytes', 'decimal', { precision: 9, scale: 2 }),
      'decimal(9,2)',
    ],
    [
      logical('bytes', 'decimal', { precision: 40, scale: 2 }),
      logical('bytes', 'decimal', { precision: 50, scale: 2 }),
      'string',
    ],
    [logical('long', 'timestamp-millis'), logical('long', 'local-timestamp-millis'), 'timestamp'],
  ])('widen %j to %j in place', (from, to, type) => {
    expect(layoutOf([field('v', from)], [field('v', to)])).toMatchObject([{ name: 'v', type, since: 1 }]);
  });

  test.each([
    ['long', 'int'],
    ['int', 'string'],
    ['string', 'bytes'],
    ['int', logical('int', 'date')],
    ['int', ['int', 'string']],
    [logical('long', 'timestamp-millis'), logical('long', 'timestamp-micros')],
    [logical('bytes', 'decimal', { precision: 4, scale: 2 }), logical('bytes', 'decimal', { precision: 9, scale: 4 })],
    [logical('bytes', 'decimal', { precision: 9, scale: 2 }), logical('bytes', 'decimal', { precision: 4, scale: 2 })],
    [logical('bytes', 'decimal', { precision: 9, scale: 2 }), logical('bytes', 'decimal', { precision: 40, scale: 2 })],
  ])('give a column of its own to a change from %j to %j', (from, to) => {
    const [before, after, ...rest] = layoutOf([field('v', from)], [field('v', to)]);
    expect(rest).toEqual([]);
    expect(before).toMatchObject({ name: 'v', source: null });
    expect(after).toMatchObject({ name: 'v_v2', source: ['v'], since: 2 });
  });

  test('give a record that becomes nullable a column of its own beside those of its fields', () => {
    const inner = record([a], 'I');
    expect(columns([field('in', inner)], [field('in', ['null', inner])])).toEqual(['in_a int -', 'in string in']);
    expect(columns([field('in', ['null', inner])], [field('in', inner)])).toEqual(['in string -', 'in_a int in.a']);
  });

  test('refuse a name that an old column has, even where its field is gone', () => {
    refused([field('a_b', 'int')], [field('a', record([field('b', 'int')], 'A'))]);
    refused([field('v', 'int'), field('v_v2', 'int')], [field('v', 'string'), field('v_v2', 'int')]);
  });
});

test('whatever becomes of a schema, its columns stay where they are and each leaf of the newest has exactly one', () => {
  let checked = 0;
  fc.assert(
    fc.property(evolution, ({ writer, reader }) => {
      let before: ReturnType<typeof deriveLayout>;
      let after: typeof before;
      try {
        before = deriveLayout(historyOf(writer));
        after = deriveLayout(historyOf(writer, reader));
      } catch (error) {
        if (error instanceof SluiceError && error.message.includes('two columns')) return;
        throw error;
      }
      checked += 1;
      expect(after.columns.slice(0, before.columns.length).map(({ name }) => name)).toEqual(
        before.columns.map(({ name }) => name),
      );
      const alone = deriveLayout(historyOf(reader)).columns.map(({ source }) => source!.join('.'));
      const kept = after.columns.flatMap(({ source }) => (source === null ? [] : [source.join('.')]));
      expect(kept.sort()).toEqual(alone.sort());
    }),
    { numRuns: 200 },
  );
  expect(checked).toBeGreaterThan(50);
});
