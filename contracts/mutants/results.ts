import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Killer } from './trial.ts';

/** Where the results of a whole run are kept. */
export const RESULTS = join(import.meta.dirname, 'results.json');

/** A fault, and the law that saw it. */
export interface KilledMutant extends Killer {
  readonly id: string;
  readonly description: string;
  readonly file: string;
}

/** The results of a whole run, as they are kept and as `--json` prints them. */
export interface MutantsDocument {
  readonly mutants: number;
  readonly killed: number;
  /** Ids. */
  readonly survivors: readonly string[];
  readonly seed: number;
  readonly runs: number;
  /** Laws that could not be asked. */
  readonly unchecked: readonly string[];
  /** What is wrong with the run itself; absent where nothing is. */
  readonly errors?: readonly string[];
  readonly list: readonly KilledMutant[];
}

/** The results that were kept; undefined where there are none yet. */
export async function readResults(): Promise<MutantsDocument | undefined> {
  const text = await readFile(RESULTS, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as MutantsDocument);
}

/** What saw each fault, by its id. */
export function killersOf(results: MutantsDocument | undefined): Map<string, Killer> {
  return new Map(results?.list.map(({ id, law, event_type }) => [id, { law, event_type }]));
}
