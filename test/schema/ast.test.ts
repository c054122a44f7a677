import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/errors.ts';
import { branchName, isRecursive, type Node, optionalOf, parseSchema, type RecordNode } from '../../src/schema/ast.ts';

const record = (fields: readonly unknown[], rest: object = {}) => ({ type: 'record', name: 'R', fields, ...rest });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });

/** The node of a type, as the only field of a record in the namespace `n`. */
function nodeOf(type: unknown): Node {
  return parseSchema(record([field('v', type)], { namespace: 'n' })).fields[0]!.node;
}

function messageOf(schema: unknown): string {
  try {
    parseSchema(schema);
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({ code: 'SLUICE_SCHEMA_INVALID', blame: 'schema', retryable: false });
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

describe('parseSchema', () => {
  test('knows the primitives, by name and as an object', () => {
    for (const kind of ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']) {
      expect(nodeOf(kind)).toMatchObject({ kind });
      expect(nodeOf({ type: kind })).toMatchObject({ kind });
      expect(nodeOf({ type: { type: kind } })).toMatchObject({ kind });
    }
  });

  test('knows arrays, maps, enums, fixeds, unions and records', () => {
    expect(nodeOf({ type: 'array', items: 'int' })).toEqual({ kind: 'array', items: { kind: 'int' } });
    expect(nodeOf({ type: 'map', values: 'int' })).toEqual({ kind: 'map', values: { kind: 'int' } });
    expect(nodeOf({ type: 'enum', name: 'E', symbols: ['a', 'b'], default: 'b', doc: 'd' })).toMatchObject({
      kind: 'enum',
      name: 'n.E',
      symbols: ['a', 'b'],
      default: 'b',
      doc: 'd',
    });
    expect(nodeOf({ type: 'fixed', name: 'F', size: 3 })).toMatchObject({ kind: 'fixed', name: 'n.F', size: 3 });
    expect(nodeOf(['null', 'int'])).toEqual({ kind: 'union', branches: [{ kind: 'null' }, { kind: 'int' }] });
    expect(nodeOf({ type: 'error', name: 'X', fields: [] })).toMatchObject({ kind: 'record', name: 'n.X' });
  });

  test('keeps what a field says', () => {
    const schema = record([
      field('a', 'int', { default: 1, doc: 'd', aliases: ['b', 'c'] }),
      field('n', 'null', { default: null }),
      field('x', 'int'),
    ]);
    const [a, n, x] = parseSchema(schema).fields;
    expect(a).toMatchObject({ name: 'a', default: 1, doc: 'd', aliases: ['b', 'c'] });
    expect([n!.default, 'default' in x!]).toEqual([null, false]);
  });

  test('resolves names within their namespace, and in full', () => {
    const schema = record(
      [
        field('a', { type: 'fixed', name: 'F', size: 1 }),
        field('b', 'F'),
        field('c', 'n.F'),
        field('d', record([field('e', { type: 'fixed', name: 'F', size: 2 }), field('f', 'F')], { name: 'o.S' })),
        field('g', record([field('h', 'n.F')], { name: 'T', namespace: '' })),
        field('i', 'T'),
      ],
      { namespace: 'n', aliases: ['Old', 'm.Old'] },
    );
    const root = parseSchema(schema);
    const [a, b, c, d, g, i] = root.fields.map(({ node }) => node);
    expect(root).toMatchObject({ name: 'n.R', aliases: ['n.Old', 'm.Old'] });
    expect([b, c]).toEqual([a, a]);
    expect(b).toBe(a);
    expect((d as RecordNode).fields.map(({ node }) => branchName(node))).toEqual(['o.F', 'o.F']);
    expect([branchName(g!), branchName(i!)]).toEqual(['T', 'T']);
  });

  test('makes a recursive schema a cycle', () => {
    const root = parseSchema(record([field('next', ['null', 'R'])]));
    expect(optionalOf(root.fields[0]!.node)?.node).toBe(root);
  });

  test('reads logical types, beside or within the type of a field', () => {
    expect(nodeOf({ type: 'int', logicalType: 'date' })).toMatchObject({ kind: 'int', logical: { type: 'date' } });
    const beside = parseSchema(record([field('d', 'int', { logicalType: 'date' })]));
    expect(beside.fields[0]!.node).toMatchObject({ logical: { type: 'date' } });
    expect(nodeOf({ type: 'bytes', logicalType: 'decimal', precision: 4 })).toMatchObject({
      logical: { type: 'decimal', precision: 4, scale: 0 },
    });
    expect(nodeOf({ type: 'fixed', name: 'D', size: 12, logicalType: 'duration' })).toMatchObject({
      logical: { type: 'duration' },
    });
  });

  test('takes a logical type it does not know for its underlying type', () => {
    for (const logicalType of ['colour', 'constructor', '', 7, null]) {
      const node = nodeOf({ type: 'string', logicalType });
      expect(node).toEqual({ kind: 'string', ignored: expect.stringContaining(JSON.stringify(logicalType)) });
    }
  });

  test.each([
    ['a date of a long', { type: 'long', logicalType: 'date' }, 'date cannot annotate long'],
    ['a uuid of 15 bytes', { type: 'fixed', name: 'F', size: 15, logicalType: 'uuid' }, '16 bytes'],
    ['a duration of 11 bytes', { type: 'fixed', name: 'F', size: 11, logicalType: 'duration' }, '12 bytes'],
    ['a decimal without precision', { type: 'bytes', logicalType: 'decimal' }, 'precision'],
    ['a decimal of precision 0', { type: 'bytes', logicalType: 'decimal', precision: 0 }, 'precision'],
    [
      'a decimal with more scale than precision',
      { type: 'bytes', logicalType: 'decimal', precision: 2, scale: 3 },
      'scale',
    ],
  ])('takes %s for its underlying type, and says why', (_what, type, why) => {
    const node = nodeOf(type);
    expect(node).toMatchObject({ kind: type.type, ignored: expect.stringContaining(why) });
    expect(node).not.toHaveProperty('logical');
  });

  test.each([
    ['a root that is no record', 'string'],
    ['a root that is a union', ['null', record([])]],
    ['null', null],
    ['an unknown type', record([field('v', 'strnig')])],
    ['a missing type', record([{ name: 'v' }])],
    ['a record without fields', { type: 'record', name: 'R' }],
    ['a field without a name', record([{ type: 'int' }])],
    ['a field that is no object', record([null])],
    ['a field name with a dash', record([field('a-b', 'int')])],
    ['a field name with a dot', record([field('a.b', 'int')])],
    ['a field called __proto__', record([field('__proto__', 'int')])],
    ['a field declared twice', record([field('v', 'int'), field('v', 'int')])],
    ['a type without a name', record([field('v', { type: 'fixed', size: 1 })])],
    [
      'a type declared twice',
      record([field('a', { type: 'fixed', name: 'F', size: 1 }), field('b', { type: 'fixed', name: 'F', size: 1 })]),
    ],
    ['an enum without symbols', record([field('v', { type: 'enum', name: 'E' })])],
    [
      'an enum default that is no symbol',
      record([field('v', { type: 'enum', name: 'E', symbols: ['a'], default: 'b' })]),
    ],
    ['a fixed without a size', record([field('v', { type: 'fixed', name: 'F' })])],
    ['a fixed of negative size', record([field('v', { type: 'fixed', name: 'F', size: -1 })])],
    ['an empty union', record([field('v', [])])],
    ['a union in a union', record([field('v', ['null', ['int']])])],
    ['a union with a branch twice', record([field('v', ['int', 'int'])])],
    [
      'a union with a kind twice, by logical types',
      record([
        field('v', [
          { type: 'int', logicalType: 'date' },
          { type: 'int', logicalType: 'time-millis' },
        ]),
      ]),
    ],
    [
      'a decimal of a billion digits',
      record([field('v', { type: 'bytes', logicalType: 'decimal', precision: 1e9, scale: 1e9 })]),
    ],
  ])('refuses %s', (_what, schema) => {
    expect(messageOf(schema)).toMatch(/^\$/);
  });

  test('refuses types that nest deeper than anything could follow them, and says where', () => {
    const nested = (levels: number) =>
      Array.from({ length: levels }).reduce((items) => ({ type: 'array', items }), 'int');
    expect(nodeOf(nested(150)).kind).toBe('array');
    expect(messageOf(record([field('v', nested(100_000))]))).toMatch(/^\$\.v(\.items)+: types may nest 200 levels/);
  });

  test('says where', () => {
    const inner = record([field('list', { type: 'array', items: ['null', 'nope'] })], { name: 'I' });
    expect(messageOf(record([field('inner', inner)]))).toBe('$.inner.list.items[1]: unknown type "nope"');
  });
});

describe('optionalOf', () => {
  test('finds the other branch of a union of two with null', () => {
    expect(optionalOf(nodeOf(['null', 'int']))).toEqual({ node: { kind: 'int' }, nullIndex: 0 });
    expect(optionalOf(nodeOf(['int', 'null']))).toEqual({ node: { kind: 'int' }, nullIndex: 1 });
  });

  test.each([
    ['int'],
    [['null']],
    [['null', 'int', 'string']],
    [['int', 'string']],
    [{ type: 'array', items: 'null' }],
  ])('finds none in %j', (type) => {
    expect(optionalOf(nodeOf(type))).toBeUndefined();
  });
});

describe('isRecursive', () => {
  const tree = record([field('kids', { type: 'array', items: 'Tree' })], { name: 'Tree' });
  const named = (schema: unknown, ...path: string[]): RecordNode =>
    path.reduce(
      (node, name) => node.fields.find((candidate) => candidate.name === name)!.node as RecordNode,
      parseSchema(schema),
    );

  test.each([
    ['by itself', record([field('v', 'R')])],
    ['by a union', record([field('v', ['null', 'R'])])],
    ['by an array', record([field('v', { type: 'array', items: 'R' })])],
    ['by a map of unions', record([field('v', { type: 'map', values: ['null', 'R'] })])],
    ['by another record', record([field('a', 'int'), field('v', record([field('w', ['null', 'R'])], { name: 'S' }))])],
  ])('is true for a record that reaches itself %s', (_way, schema) => {
    expect(isRecursive(parseSchema(schema))).toBe(true);
  });

  test('is false for a record that only holds a recursive one', () => {
    const holder = record([field('tree', tree), field('again', 'Tree')]);
    expect(isRecursive(named(holder))).toBe(false);
    expect(isRecursive(named(holder, 'tree'))).toBe(true);
  });

  test('is false for a record that is met twice but not within itself', () => {
    const point = record([field('x', 'int')], { name: 'Point' });
    const schema = record([
      field('a', point),
      field('b', 'Point'),
      field('c', record([field('d', 'Point')], { name: 'S' })),
    ]);
    expect([named(schema), named(schema, 'a'), named(schema, 'c')].map(isRecursive)).toEqual([false, false, false]);
  });

  test('is true for each record of a cycle', () => {
    const b = record([field('a', ['null', 'R'])], { name: 'B' });
    const schema = record([field('b', b)]);
    expect([named(schema), named(schema, 'b')].map(isRecursive)).toEqual([true, true]);
  });
});

test('names of members that every JavaScript object has are no symbols, and a reference stands alone', () => {
  const symbols = ['a', 'constructor'];
  expect(messageOf(record([field('v', { type: 'enum', name: 'E', symbols })]))).toMatch(
    /^\$\.v: "constructor" cannot be/,
  );
  expect(messageOf(record([field('v', { type: 'R', logicalType: 'uuid' })]))).toMatch(
    /^\$\.v: "R" is no type that takes/,
  );
});
