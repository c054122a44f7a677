import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentIds } from '../../samples/content-id.ts';
import { isEventId } from '../../src/codec/event-id.ts';

const rows = fc.array(fc.record({ delay: fc.integer({ min: 0, max: 3 }), origin: fc.constantFrom('DTW', 'LAS') }));

test('ids are legal, unique, and depend on how often a row came, not on where it stands', () => {
  fc.assert(
    fc.property(rows, (items) => {
      const ids = items.map(contentIds());
      expect(ids.every(isEventId)).toBe(true);
      expect(new Set(ids).size).toBe(items.length);
      expect(items.toReversed().map(contentIds()).sort()).toEqual(ids.sort());
    }),
  );
});

test('the order of a row’s members makes no difference', () => {
  expect(contentIds()({ a: 1, b: '2' })).toBe(contentIds()({ b: '2', a: 1 }));
});

test('another value makes another id', () => {
  const idOf = contentIds();
  expect(idOf({ a: 1 })).not.toBe(idOf({ a: '1' }));
});
