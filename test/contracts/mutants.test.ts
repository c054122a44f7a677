import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LAWS } from '../../contracts/laws/laws.ts';
import { type Mutant, mutate } from '../../contracts/mutants/mutant.ts';
import { MUTANTS } from '../../contracts/mutants/mutants.ts';
import { killersOf, readResults } from '../../contracts/mutants/results.ts';
import { tryMutant } from '../../contracts/mutants/run.ts';
import { ROOT } from '../../contracts/mutants/subjects.ts';

const FAULT: Mutant = { id: 'x', description: 'x', file: 'x', find: 'one', replace: '$& two' };

describe('a fault', () => {
  test('is put into the one place that it names, as it is written', () => {
    expect(mutate('a one b', FAULT)).toBe('a $& two b');
  });

  test('whose place is gone, or is one of two, is an error and not a fault that was seen', () => {
    expect(() => mutate('two', FAULT)).toThrow('x: its text occurs 0 times in x, and must occur once');
    expect(() => mutate('one one', FAULT)).toThrow('x: its text occurs 2 times in x, and must occur once');
  });

  test.for(MUTANTS.map((mutant) => [mutant.id, mutant] as const))('%s can still be made', ([, mutant]) => {
    const source = readFileSync(join(ROOT, mutant.file), 'utf8');
    expect(mutate(source, mutant)).not.toBe(source);
  });

  test('has an id of its own', () => {
    expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length);
  });
});

const results = await readResults();
const killers = killersOf(results);

describe('a law that needs no other program', () => {
  // One fault for each law: all of them take half an hour.
  test.for(LAWS.filter(({ needs }) => needs.length === 0).map(({ id }) => id))(
    '%s sees the fault that it has seen before',
    { timeout: 120_000 },
    async (law) => {
      const { id } = results!.list.find((killed) => killed.law === law)!;
      expect(await tryMutant({ id }, { runs: 500, seed: results!.seed, killers })).toMatchObject({
        outcome: 'broken',
        killer: { law },
      });
    },
  );
});
