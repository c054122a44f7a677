import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleBody } from '../../src/catalogue/sample-body.ts';
import { compileCodec } from '../../src/codec/codec.ts';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { EVERYTHING } from '../derive/everything.ts';
import { evolution } from '../support/avro-arbitraries.ts';
import { historyOfFields } from '../support/histories.ts';
import { bodyOf, HISTORIES } from '../support/schemas.ts';

/** What the codec finds wrong with the sample of an event type. */
const faultsOf = (history: SchemaHistory) => {
  const encoded = compileCodec(history).encode(bodyOf(sampleBody(history.newest.root)));
  return encoded.ok ? [] : encoded.faults;
};

it.each([...HISTORIES, EVERYTHING].map((history) => [history.eventType, history] as const))(
  'a sample of %s is taken by the codec',
  (_name, history) => expect(faultsOf(history)).toEqual([]),
);

it('a sample of any schema is taken by the codec', () => {
  const property = fc.property(evolution, ({ writer }) => {
    expect(faultsOf(schemaHistory('a', [schemaVersion('a', 1, writer)]))).toEqual([]);
  });
  fc.assert(property, { numRuns: 300 });
});

it('a record that may end is ended as soon as it can be', () => {
  const tree = { type: 'record', name: 'Tree', fields: [{ name: 'next', type: ['Tree', 'null'] }] };
  expect(sampleBody(historyOfFields('a', [[{ name: 'tree', type: tree }]]).newest.root)).toEqual({
    tree: { next: null },
  });
});

it('where records hold one another without an end, no body can be written', () => {
  const other = { type: 'record', name: 'Other', fields: ['a', 'b'].map((name) => ({ name, type: 'Event' })) };
  const endless = historyOfFields('a', [
    ['a', 'b', 'c'].map((name, index) => ({ name, type: index === 0 ? other : 'Other' })),
  ]);
  expect(sampleBody(endless.newest.root)).toBeUndefined();
});
