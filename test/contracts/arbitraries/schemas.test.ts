import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reachable } from '../../../contracts/arbitraries/reach.ts';
import { namedTypesOf } from '../../../contracts/arbitraries/schema-builder.ts';
import { schemas } from '../../../contracts/arbitraries/schemas.ts';
import { admitVersions } from '../../../src/compatibility/admit.ts';
import { type Field, isRecursive, type Node, parseSchema } from '../../../src/schema/ast.ts';
import { unionForm } from '../../../src/schema/union-form.ts';

test('a generated schema is one that the check admits as a first version', () => {
  fc.assert(
    fc.property(schemas, (definition) => {
      expect(admitVersions('acme.any', [{ version: 1, definition }]).refused).toEqual([]);
    }),
    { numRuns: 120 },
  );
});

const SAMPLES = fc.sample(schemas, { numRuns: 600, seed: 4 });
const NODES: readonly Node[] = SAMPLES.flatMap((definition) => reachable(parseSchema(definition)));
const FIELDS: readonly Field[] = NODES.flatMap((node) => (node.kind === 'record' ? node.fields : []));

test('every type and logical type comes up', () => {
  const kinds = new Set(NODES.map((node) => `${node.kind} ${('logical' in node && node.logical?.type) || ''}`.trim()));
  expect([...kinds].sort()).toEqual(
    [
      'array',
      'boolean',
      'bytes',
      'bytes decimal',
      'double',
      'enum',
      'fixed',
      'fixed decimal',
      'fixed duration',
      'fixed uuid',
      'float',
      'int',
      'int date',
      'int time-millis',
      'long',
      'long local-timestamp-micros',
      'long local-timestamp-millis',
      'long local-timestamp-nanos',
      'long time-micros',
      'long timestamp-micros',
      'long timestamp-millis',
      'long timestamp-nanos',
      'map',
      'null',
      'record',
      'string',
      'string uuid',
      'union',
    ].sort(),
  );
});

const text = SAMPLES.map((definition) => JSON.stringify(definition));

test.each<[string, () => boolean]>([
  ['a record that holds itself', () => NODES.some((node) => node.kind === 'record' && isRecursive(node))],
  ['a record without fields', () => NODES.some((node) => node.kind === 'record' && node.fields.length === 0)],
  ['a record within three others', () => text.some((one) => (one.match(/"type":"record"/g) ?? []).length > 3)],
  ['a type that is used again', () => SAMPLES.some(usesAgain)],
  ['a plain union of three', () => NODES.some((node) => isUnion(node, 'plain'))],
  ['a tagged union of three', () => NODES.some((node) => isUnion(node, 'tagged'))],
  ['a namespace of its own', () => text.some((one) => one.includes('"namespace":"com.Example.v1"'))],
  ['no namespace at all', () => SAMPLES.some(({ name, namespace }) => !name.includes('.') && namespace === undefined)],
  ['an alias of a type', () => NODES.some((node) => node.kind === 'record' && node.aliases.length > 0)],
  ['an alias of a field', () => FIELDS.some(({ aliases }) => aliases.length > 0)],
  ['a default that is a record', () => FIELDS.some((field) => field.node.kind === 'record' && 'default' in field)],
  ['a default of null', () => FIELDS.some((field) => field.default === null)],
  ['a word of SQL as a name', () => FIELDS.some(({ name }) => name === 'order')],
  ["a member of JavaScript's objects as a name", () => FIELDS.some(({ name }) => name === 'hasOwnProperty')],
  ['capitals in a name', () => FIELDS.some(({ name }) => name === 'userName')],
  ['a partition as a name', () => FIELDS.some(({ name }) => name === 'hour')],
  ['an enum with a default', () => NODES.some((node) => node.kind === 'enum' && node.default !== undefined)],
  ['a doc that is hard to quote', () => FIELDS.some(({ doc }) => doc?.includes('*/'))],
  ['hashed personal data', () => FIELDS.some(({ pii }) => pii === 'hash')],
  ['dropped personal data', () => FIELDS.some(({ pii }) => pii === 'drop')],
  ['an event id', () => SAMPLES.some(({ sluice }) => sluice?.eventId !== undefined)],
  ['a key', () => SAMPLES.some(({ sluice }) => sluice?.key !== undefined)],
  ['an event time', () => SAMPLES.some(({ sluice }) => sluice?.eventTime !== undefined)],
])('there is %s among them', (_, isThere) => {
  expect(isThere()).toBe(true);
});

function isUnion(node: Node, form: 'plain' | 'tagged'): boolean {
  return node.kind === 'union' && node.branches.length >= 3 && unionForm(node) === form;
}

function usesAgain(definition: object): boolean {
  const one = JSON.stringify(definition);
  return namedTypesOf(definition).some(
    ({ type, name }) =>
      type !== 'record' && new RegExp(`(items|values|type)":"${name.replaceAll('.', '\\.')}"`).test(one),
  );
}
