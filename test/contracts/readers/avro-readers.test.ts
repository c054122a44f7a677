import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { avscType } from '../../../contracts/arbitraries/avsc-type.ts';
import { isBack } from '../../../contracts/arbitraries/back.ts';
import { bodiesOf } from '../../../contracts/arbitraries/bodies.ts';
import { edgeValue, told } from '../../../contracts/edge-value.ts';
import { avroReader } from '../../../contracts/readers/avro-lines.ts';
import { openReaders, ValueRefused } from '../../../contracts/readers/readers.ts';
import type { AvroReader } from '../../../contracts/readers/shapes.ts';
import { parseSchema, type RecordNode } from '../../../src/schema/ast.ts';

const STARTING_MS = 300_000;

const readers = openReaders();
let java: AvroReader;
let fastavro: AvroReader;
beforeAll(async () => {
  [java, fastavro] = await Promise.all([readers.avroJava(), readers.fastavro()]);
}, STARTING_MS);
afterAll(() => readers.close());

const BOTH = [
  ["Apache Avro's Java library", () => java, () => fastavro],
  ['fastavro', () => fastavro, () => java],
] as const satisfies readonly [string, () => AvroReader, () => AvroReader][];

const ZOO = ['zoo.scalars', 'zoo.logical-types', 'zoo.tagged', 'zoo.tree', 'zoo.maps', 'zoo.defaults'];

function schemaOf(eventType: string): Readonly<Record<string, unknown>> {
  const file = join(import.meta.dirname, '../../../contracts/zoo', eventType, 'v1.avsc');
  return JSON.parse(readFileSync(file, 'utf8'));
}

function record(fields: Readonly<Record<string, unknown>>, name = 'R'): object {
  return { type: 'record', name, fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })) };
}

const VALUES = 150;

describe.each(BOTH)('%s', (_name, they, others) => {
  test.each(ZOO)(
    'reads what avsc writes for %s, and what it writes again, the other library reads',
    async (eventType) => {
      const schema = schemaOf(eventType);
      const root = parseSchema(schema) as RecordNode;
      const type = avscType(schema);
      await fc.assert(
        fc.asyncProperty(fc.array(bodiesOf(root), { minLength: VALUES, maxLength: VALUES }), async (samples) => {
          const values = samples.map(({ avro, back }) => edgeValue(root, avro, back));
          const read = await they().decode(
            schema,
            schema,
            samples.map(({ avro }) => type.toBuffer(avro)),
          );
          const again = await others().decode(schema, schema, await they().encode(schema, values.map(told)));
          return values.every((value, index) => isBack(read[index], value) && isBack(again[index], value));
        }),
        { numRuns: 1 },
      );
    },
  );

  test('tells branches apart that are one type to other languages', async () => {
    const branches = (...types: readonly unknown[]) => ({ type: 'array', items: types });
    const schema = record({
      whole: branches('null', 'int', 'long'),
      real: branches('float', 'double', 'long'),
      day: branches({ type: 'int', logicalType: 'date' }, 'long'),
      text: branches('string', { type: 'enum', name: 'E', symbols: ['a'] }),
      bytes: branches('bytes', { type: 'fixed', name: 'F', size: 2 }),
      members: branches(record({ x: 'int' }, 'A'), record({ x: 'int' }, 'B'), { type: 'map', values: 'int' }),
    });
    const value = {
      whole: [{ int: 1 }, { long: 1 }, null, { long: '9223372036854775807' }, { long: '-9223372036854775808' }],
      real: [{ float: 0.5 }, { double: 0.5 }, { long: 1 }],
      day: [{ int: '2024-01-01' }, { long: 5 }],
      text: [{ string: 'a' }, { E: 'a' }],
      bytes: [{ bytes: 'AAA=' }, { F: 'AAA=' }],
      members: [{ A: { x: 1 } }, { B: { x: 1 } }, { map: { x: 1 } }],
    };
    expect(await they().decode(schema, schema, await they().encode(schema, [value]))).toEqual([value]);
  });

  test('keeps zeros, infinities, the ends of numbers and keys that are like nothing else', async () => {
    const schema = record({ real: { type: 'map', values: 'double' }, whole: { type: 'array', items: 'long' } });
    const real = { '"': -0, '\\': 0, '': 'NaN', constructor: '-Infinity', '\u2028\ufeff': 5e-324, ü: 'Infinity' };
    const value = { real, whole: [2 ** 53 - 1, '9007199254740992', '-9223372036854775808'] };
    const [read] = await they().decode(schema, schema, await they().encode(schema, [value]));
    expect(isBack(read, value)).toBe(true);
  });

  test('resolves what an older schema wrote to a newer one', async () => {
    const older = record({ gone: 'string', kept: 'int' });
    const newer = {
      ...record({}),
      fields: [
        { name: 'count', aliases: ['kept'], type: 'long' },
        { name: 'added', type: ['null', 'string'], default: null },
      ],
    };
    const written = await they().encode(older, [{ gone: 'x', kept: 7 }]);
    expect(await they().decode(older, newer, written)).toEqual([{ count: 7, added: null }]);
  });

  test('names the first value that it refuses, among any number', async () => {
    const schema = record({ text: 'string' });
    const good = (await they().encode(schema, [{ text: 'x' }]))[0]!;
    const values = (bad: Uint8Array) => Array.from({ length: 700 }, (_, index) => (index === 603 ? bad : good));
    for (const bad of [good.subarray(0, 1), Buffer.concat([good, good]), Buffer.alloc(0)]) {
      const refusal = await they()
        .decode(schema, schema, values(bad))
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ValueRefused);
      expect((refusal as ValueRefused).index).toBe(603);
    }
    const refusal = await they()
      .encode(schema, [{ text: 'x' }, {}])
      .catch((error: unknown) => error);
    expect((refusal as ValueRefused).index).toBe(1);
  });

  test('refuses what is no schema, and goes on', async () => {
    const refusal = await they()
      .encode({ type: 'nothing' }, ['x'])
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Error);
    expect(refusal).not.toBeInstanceOf(ValueRefused);
    expect(await they().decode('int', 'int', [Uint8Array.of(2)])).toEqual([1]);
  });
});

test('a thousand values are two questions, and none is none', async () => {
  let asked = 0;
  const counted = avroReader({
    async ask(line) {
      asked += 1;
      return JSON.stringify({ bytes: (JSON.parse(line) as { values: unknown[] }).values.map(() => 'AA==') });
    },
  });
  expect(
    await counted.encode(
      'int',
      Array.from({ length: 1_000 }, () => 0),
    ),
  ).toHaveLength(1_000);
  expect(asked).toBe(2);
  expect(await counted.encode('int', [])).toEqual([]);
  expect(asked).toBe(2);
});
