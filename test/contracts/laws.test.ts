import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Subject } from '../../contracts/law.ts';
import { LAWS } from '../../contracts/laws/laws.ts';
import { openReaders, type Readers } from '../../contracts/readers/readers.ts';
import { generatedSubjects, REAL_SUBJECTS, ZOO_SUBJECTS } from '../support/contract-subjects.ts';

const SEED = randomInt(2 ** 31);
const GENERATED = 4;

/** Cases for each event type: few where programs in other languages are asked, since there are forty event types. */
const RUNS: Readonly<Record<string, number>> = {
  acceptance: 25,
  'round-trip': 25,
  'avro-foreign-eyes': 6,
  'csv-foreign-eyes': 5,
  'one-row-one-line': 5,
  'positions-for-ever': 9,
  'old-readers': 10,
  'nothing-vanishes': 6,
  idempotence: 5,
  totality: 25,
};

/** Tens of seconds, where nothing was fetched or compiled before. */
const PATIENCE_MS = 300_000;

let readers: Readers;
beforeAll(() => {
  readers = openReaders();
});
afterAll(() => readers.close());

test('no two laws share a number or an id, and their numbers go up', () => {
  expect(new Set(LAWS.map(({ id }) => id)).size).toBe(LAWS.length);
  expect(LAWS.map(({ number }) => number)).toEqual(LAWS.map((_, index) => index + 1));
});

const KINDS: readonly (readonly [string, readonly Subject[]])[] = [
  ['the event types that come with Sluice', REAL_SUBJECTS],
  ['the zoo', ZOO_SUBJECTS],
  [`generated event types (seed ${SEED})`, generatedSubjects(SEED, GENERATED)],
];

describe.each(LAWS)('law $number, $id,', (law) => {
  test.each(KINDS)(
    'holds for %s',
    async (_, subjects) => {
      const broken: unknown[] = [];
      for (const [index, subject] of subjects.entries()) {
        const runs = RUNS[law.id]!;
        const verdict = await law.check(subject, { runs, seed: SEED, readers });
        if (verdict.status === 'holds' && verdict.cases >= runs) continue;
        const definitions = subject.history.versions.map(({ definition }) => JSON.stringify(definition));
        broken.push({ eventType: subject.eventType, index, seed: SEED, runs, verdict, definitions });
      }
      expect(broken).toEqual([]);
    },
    PATIENCE_MS,
  );
});
