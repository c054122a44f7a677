import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishedText } from '../../src/schema/published-text.ts';
import { schemaSample } from '../support/avro-arbitraries.ts';

const record = (rest: object = {}, type: unknown = 'int') => ({
  type: 'record',
  name: 'R',
  fields: [{ name: 'a', type }],
  ...rest,
});

describe('two texts of one schema', () => {
  it.each([
    ['a full name', record({ name: 'n.R' }), record({ namespace: 'n' })],
    ['a namespace beside a full name', record({ name: 'n.R', namespace: 'other' }), record({ name: 'n.R' })],
    ['a wrapped primitive', record({}, { type: 'int' }), record({}, 'int')],
    ['ascending order', record({ fields: [{ name: 'a', type: 'int', order: 'ascending' }] }), record()],
    ['the order of keys', { name: 'R', fields: [{ type: 'int', name: 'a' }], type: 'record' }, record()],
    [
      'a reference in the same namespace',
      record({ namespace: 'n' }, ['null', 'R']),
      record({ name: 'n.R' }, ['null', 'n.R']),
    ],
    [
      'an inherited namespace',
      record({ namespace: 'n' }, { type: 'enum', name: 'E', symbols: ['A'], aliases: ['F'] }),
      record({ namespace: 'n' }, { type: 'enum', name: 'E', namespace: 'n', symbols: ['A'], aliases: ['n.F'] }),
    ],
    ['supersededBy', record({ sluice: { supersededBy: 2 } }), record()],
    ['supersededBy beside others', record({ sluice: { supersededBy: 2, key: 'a' } }), record({ sluice: { key: 'a' } })],
  ])('are alike but for %s', (_, one, other) => {
    expect(publishedText(one)).toBe(publishedText(other));
  });

  it.each([
    ['a doc', record({ doc: 'x' })],
    ['a default', record({ fields: [{ name: 'a', type: 'int', default: 0 }] })],
    ['an order', record({ fields: [{ name: 'a', type: 'int', order: 'ignore' }] })],
    ['a name', record({ name: 'S' })],
    ['a namespace', record({ namespace: 'n' })],
    ['a type', record({}, 'long')],
    ['a logical type', record({}, { type: 'int', logicalType: 'date' })],
    ['a setting', record({ sluice: { key: 'a' } })],
    ['a property of its own', record({ owner: 'x' })],
  ])('differ by %s', (_, other) => {
    expect(publishedText(other)).not.toBe(publishedText(record()));
  });

  it('are alike where one is the other written again', () => {
    fc.assert(
      fc.property(schemaSample, ({ schema }) => {
        expect(publishedText(JSON.parse(publishedText(schema)))).toBe(publishedText(schema));
      }),
      { numRuns: 100 },
    );
  });
});
