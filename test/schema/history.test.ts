import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentIds, DEFAULT_PARTITIONS, isEventType, schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { schemaSample } from '../support/avro-arbitraries.ts';

const record = (fields: readonly unknown[], rest: object = {}) => ({ type: 'record', name: 'R', fields, ...rest });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });
const invalid = (pattern: RegExp) =>
  expect.objectContaining({ code: 'SLUICE_SCHEMA_INVALID', message: expect.stringMatching(pattern) });

describe('an event type', () => {
  test.each(['a', 'seismic.earthquake', 'a1.b2-c_d', 'x'.repeat(100)])('may be %s', (name) => {
    expect(isEventType(name)).toBe(true);
  });

  test.each([
    '',
    '.',
    '..',
    'A',
    'a.',
    '.a',
    'a..b',
    'a/b',
    '../a',
    '1a',
    'a b',
    'a\n',
    'ä',
    '_a',
    'a'.repeat(101),
    `${'a.'.repeat(50_000)}!`,
  ])('may not be %j', (name) => {
    expect(isEventType(name)).toBe(false);
    expect(() => schemaVersion(name, 1, record([]))).toThrow(invalid(/event type/));
  });
});

describe('schemaVersion', () => {
  test('is what the folder says, with its id and its settings', () => {
    const definition = record([field('id', 'string'), field('at', { type: 'long', logicalType: 'timestamp-millis' })], {
      sluice: { key: 'id', eventId: 'id', eventTime: 'at', partitions: 7 },
    });
    expect(schemaVersion('a.b', 3, definition)).toMatchObject({
      eventType: 'a.b',
      version: 3,
      ids: contentIds(definition),
      definition,
      root: { kind: 'record', name: 'R' },
      settings: { key: 'id', eventId: 'id', eventTime: 'at', partitions: 7 },
    });
  });

  test('has settings without any', () => {
    expect(schemaVersion('a', 1, record([])).settings).toEqual({
      key: undefined,
      eventId: undefined,
      eventTime: undefined,
      partitions: DEFAULT_PARTITIONS,
      supersedes: [],
    });
  });

  test('leaves the definition alone', () => {
    fc.assert(
      fc.property(schemaSample, ({ schema }) => {
        const before = structuredClone(schema);
        expect(schemaVersion('a', 1, schema).definition).toBe(schema);
        expect(schema).toEqual(before);
      }),
    );
  });

  test('refuses what is no Avro, and says which version', () => {
    const definition = record([field('a', 'int', { default: 'x' })]);
    expect(() => schemaVersion('a.b', 2, definition)).toThrow(invalid(/^a\.b v2: .*default/));
    for (const nonsense of [undefined, null, 1, 'string', 'nope', [], {}, { type: 'record' }, () => 1]) {
      expect(() => schemaVersion('a.b', 1, nonsense)).toThrow(invalid(/^a\.b v1: /));
    }
  });

  test.each([
    ['a union default that is not of the first branch', ['null', 'string'], 'x'],
    ['an int default beyond 32 bits', 'int', 2 ** 31],
    ['a long default that is not exact', 'long', 2 ** 60],
    ['a fixed default of another size', { type: 'fixed', name: 'F', size: 2 }, '\0'],
    ['a default of another type', 'double', 'NaN'],
  ])('refuses %s', (_what, type, value) => {
    expect(() => schemaVersion('a', 1, record([field('v', type, { default: value })]))).toThrow(invalid(/default/));
  });
});

describe('the settings of a schema', () => {
  const timestamp = { type: 'long', logicalType: 'timestamp-micros' };
  const types: Readonly<Record<string, unknown>> = {
    string: 'string',
    uuid: { type: 'string', logicalType: 'uuid' },
    bytesUuid: { type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' },
    enum: { type: 'enum', name: 'E', symbols: ['a'] },
    int: 'int',
    long: 'long',
    boolean: 'boolean',
    float: 'float',
    double: 'double',
    bytes: 'bytes',
    fixed: { type: 'fixed', name: 'F', size: 2 },
    decimal: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 },
    date: { type: 'int', logicalType: 'date' },
    time: { type: 'int', logicalType: 'time-millis' },
    timestamp,
    local: { type: 'long', logicalType: 'local-timestamp-millis' },
    record: record([], { name: 'I' }),
    array: { type: 'array', items: 'string' },
    map: { type: 'map', values: 'string' },
    union: ['int', 'string'],
    null: 'null',
  };
  const withSetting = (setting: string, value: unknown, type: unknown = 'string') =>
    schemaVersion('a', 1, record([field('f', type)], { sluice: { [setting]: value } })).settings;

  const takenBy = (setting: string, wrap: (type: unknown) => unknown) =>
    Object.keys(types).filter((name) => {
      try {
        return withSetting(setting, 'f', wrap(types[name]))[setting as 'key'] === 'f';
      } catch (error) {
        expect(error).toEqual(invalid(new RegExp(`sluice.${setting} names "f"`)));
        return false;
      }
    });
  const plain = (type: unknown) => type;
  const nullable = (type: unknown) => (Array.isArray(type) || type === 'null' ? type : ['null', type]);

  test('name a key whose value has one text', () => {
    const kinds = ['string', 'uuid', 'enum', 'int', 'long'];
    expect(takenBy('key', plain)).toEqual(kinds);
    expect(takenBy('key', nullable)).toEqual(kinds);
    expect(() => withSetting('key', 'f', 'double')).toThrow(/string, enum, uuid, int, long/);
  });

  test('name an event id that is a string and always there', () => {
    expect(takenBy('eventId', plain)).toEqual(['string', 'uuid']);
    expect(takenBy('eventId', nullable)).toEqual([]);
  });

  test('name an event time that is a date or a timestamp', () => {
    expect(takenBy('eventTime', plain)).toEqual(['date', 'timestamp', 'local']);
    expect(takenBy('eventTime', nullable)).toEqual(['date', 'timestamp', 'local']);
    expect(() => withSetting('eventTime', 'f', 'long')).toThrow(/date, timestamp/);
  });

  test.each(['key', 'eventId', 'eventTime'])('name with %s a field of the root', (setting) => {
    for (const value of ['nope', null, 1, '', 'constructor', 'f.g', ['f']]) {
      expect(() => withSetting(setting, value)).toThrow(invalid(/not a field/));
    }
  });

  test('ask for a whole number of partitions', () => {
    expect(withSetting('partitions', 12).partitions).toBe(12);
    for (const value of [0, -1, 1.5, '3', null, Number.NaN]) {
      expect(() => withSetting('partitions', value)).toThrow(invalid(/partitions/));
    }
  });

  test('are an object', () => {
    for (const sluice of ['key', 1, true, ['key'], null]) {
      expect(() => schemaVersion('a', 1, record([], { sluice }))).toThrow(invalid(/sluice/));
    }
  });
});

describe('schemaHistory', () => {
  const versions = [record([]), record([field('a', 'int', { default: 1 })])].map((definition, index) =>
    schemaVersion('a.b', index + 1, definition),
  );

  test('is read by its newest version', () => {
    const history = schemaHistory('a.b', versions);
    expect(history).toMatchObject({ eventType: 'a.b', versions });
    expect(history.newest).toBe(versions[1]);
  });

  test('has at least one version, and their numbers ascend', () => {
    expect(() => schemaHistory('a.b', [])).toThrow(invalid(/v1\.avsc/));
    expect(() => schemaHistory('a.b', [versions[1]!, versions[0]!])).toThrow(invalid(/v1 comes after a later version/));
    expect(() => schemaHistory('a.b', [versions[0]!, versions[0]!])).toThrow(invalid(/v1 comes after/));
  });

  test('has a digest that names its type and every version, in order', () => {
    const digest = schemaHistory('a.b', versions).digest;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const others = [
      schemaHistory('a.b', versions.slice(0, 1)).digest,
      schemaHistory('a.c', versions).digest,
      schemaHistory('a.b', [versions[0]!, { ...versions[1]!, definition: record([field('b', 'int')]) }]).digest,
    ];
    expect(new Set([digest, ...others]).size).toBe(4);
    expect(schemaHistory('a.b', versions).digest).toBe(digest);
  });
});

test('the ids of a schema in a folder are a positive int32 and a UUID that depend on its published text alone', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { confluent, glue } = contentIds(value);
      expect(Number.isInteger(confluent) && confluent > 0 && confluent <= 0x7fffffff).toBe(true);
      expect(glue).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }),
  );
  expect(contentIds({ a: 1, b: 2 })).toEqual(contentIds({ b: 2, a: 1 }));
  expect(contentIds({ a: 1 })).not.toEqual(contentIds({ a: 2 }));
});
