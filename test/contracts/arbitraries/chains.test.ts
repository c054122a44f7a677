import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextVersion, STEPS } from '../../../contracts/arbitraries/chain-steps.ts';
import { admitted, chains, proposedChains } from '../../../contracts/arbitraries/chains.ts';
import { Choices, choiceLists } from '../../../contracts/arbitraries/choices.ts';
import type { RecordJson } from '../../../contracts/arbitraries/schema-builder.ts';
import { schemas } from '../../../contracts/arbitraries/schemas.ts';
import { admitVersions } from '../../../src/compatibility/admit.ts';

const filesOf = (definitions: readonly object[]) =>
  definitions.map((definition, index) => ({ version: index + 1, definition }));

test('a generated history is admitted, version by version', () => {
  fc.assert(
    fc.property(chains, ({ definitions }) => {
      const history = admitVersions('acme.chain', filesOf(definitions));
      expect(history.refused).toEqual([]);
      expect(history.versions).toHaveLength(definitions.length);
    }),
    { numRuns: 25 },
  );
});

test('hardly any has to be sorted out: the steps themselves are compatible', () => {
  const proposed = fc.sample(proposedChains, { numRuns: 50, seed: 2 });
  expect(proposed.filter((chain) => admitted(chain) === undefined).length).toBeLessThanOrEqual(1);
});

test('histories have 2 to 6 versions', () => {
  const lengths = fc.sample(proposedChains, { numRuns: 200, seed: 1 }).map(({ definitions }) => definitions.length);
  expect([...new Set(lengths)].sort()).toEqual([2, 3, 4, 5, 6]);
});

describe.each(Object.keys(STEPS))('the step "%s"', (name) => {
  const cases = fc.sample(fc.tuple(schemas, choiceLists), { numRuns: 120, seed: 9 });
  const fresh = () => {
    let count = 0;
    return (word: string) => {
      count += 1;
      return `${word}${count}`;
    };
  };
  const taken = cases.flatMap(([first, list]): [RecordJson, RecordJson][] => {
    const copy = structuredClone(first);
    if (!STEPS[name]!({ definition: copy, fresh: fresh() }, new Choices(list))) return [];
    return [[first, nextVersion(first, name, new Choices(list), fresh())]];
  });

  test('finds its place', () => {
    expect(taken.length).toBeGreaterThan(2);
  });

  test('is admitted', () => {
    for (const definitions of taken.slice(0, 12)) {
      expect(admitVersions('acme.chain', filesOf(definitions)).refused).toEqual([]);
    }
  });
});

test('the steps make what evolution is made of', () => {
  const histories = fc.sample(proposedChains, { numRuns: 300, seed: 3 }).map(({ definitions }) => {
    return [definitions[0]!, definitions.at(-1)!].map((definition) => JSON.stringify(definition)) as [string, string];
  });
  const some = (pattern: RegExp) => histories.some(([first, last]) => !pattern.test(first) && pattern.test(last));
  expect({
    added: some(/"name":"Added\d+"/),
    renamed: some(/"name":"Renamed\d+"/),
    'renamed twice': some(/"aliases":\[[^\]]*"Renamed\d+"/),
    'type renamed': some(/Type\d+","aliases"|"aliases":\[[^\]]*\],"[^}]*Type\d+"/),
    nested: some(/"name":"nest\d+"/),
    'taken out': some(/"name":"Bare\d+"/),
    'symbol added': some(/"Symbol\d+"/),
    'said more': some(/It says more now/),
    'more partitions': some(/"partitions":\d+/),
  }).toEqual({
    added: true,
    renamed: true,
    'renamed twice': true,
    'type renamed': true,
    nested: true,
    'taken out': true,
    'symbol added': true,
    'said more': true,
    'more partitions': true,
  });
});
