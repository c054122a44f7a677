import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { chainHistories } from '../../contracts/arbitraries/chains.ts';
import { schemas } from '../../contracts/arbitraries/schemas.ts';
import type { Subject } from '../../contracts/law.ts';
import { openFolderRegistry } from '../../src/adapters/registry/folder.ts';
import { readHistories } from '../../src/local/event-types.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { bodyOf, examplesOf, HISTORIES } from './schemas.ts';

/** The folder of hostile schemas. */
export const ZOO = fileURLToPath(new URL('../../contracts/zoo/', import.meta.url));

/** Every event type of the zoo. */
export const ZOO_SUBJECTS: readonly Subject[] = (await readHistories(openFolderRegistry(ZOO))).map((history) => ({
  eventType: history.eventType,
  history,
  examples: [],
}));

/** The event types that come with Sluice, and the bodies that stand beside their schemas. */
export const REAL_SUBJECTS: readonly Subject[] = HISTORIES.map((history) => ({
  eventType: history.eventType,
  history,
  examples: examplesOf(history.eventType).valid.map(({ body }) => bodyOf(body).toString()),
}));

/** A few generated event types, half of them with a history: others at every run, and the same for one seed. */
export function generatedSubjects(seed: number, count: number): Subject[] {
  const single = schemas.map((schema) =>
    schemaHistory('contracts.generated', [schemaVersion('contracts.generated', 1, schema)]),
  );
  return fc.sample(fc.oneof(single, chainHistories), { seed, numRuns: count }).map((history) => ({
    eventType: history.eventType,
    history,
    examples: [],
  }));
}
