import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differences } from '../../src/deploy/differences.ts';

test.for<readonly [string, unknown, unknown, readonly string[]]>([
  ['nothing', { a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }, []],
  ['another order of members', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ['a leaf', { a: { b: 1 } }, { a: { b: 2 } }, ['a.b']],
  ['a member that comes', { a: {} }, { a: { b: { c: 1 } } }, ['a.b']],
  ['a member that goes', { a: { b: 1 }, x: 1 }, { x: 1 }, ['a']],
  ['an item of a list, without its position', { a: [{ b: 1 }, { b: 1 }] }, { a: [{ b: 2 }, { b: 3 }] }, ['a.b']],
  ['a list of another length', { a: [1] }, { a: [1, 2] }, ['a']],
  ['what a function refers to', { a: { Ref: 'X' } }, { a: { Ref: 'Y' } }, ['a']],
  ['a value in place of a function', { a: { 'Fn::GetAtt': ['X', 'Arn'] } }, { a: 'arn' }, ['a']],
])('tells %s by its path', ([, before, after, paths]) => {
  expect(differences(before, after)).toEqual(paths);
});

test('finds none in a value and itself, and finds the same paths from both sides', () => {
  const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(differences(a, structuredClone(a))).toEqual([]);
      expect(differences(a, b).sort()).toEqual(differences(b, a).sort());
      expect(differences(a, b).length === 0).toBe(differences(b, a).length === 0);
    }),
    { numRuns: 200 },
  );
});
