/**
 * One trial, in a process of its own: `node trial.ts '<TrialOrder as JSON>'`. Loads the project with one file changed, asks
 * one law after the other, and writes a TrialOutcome as JSON to its output. Ends with its input, and so with whoever
 * started it.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Law, Subject } from '../law.ts';
import type { Readers } from '../readers/shapes.ts';
import { type Mutant, mutate } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

/** What to try. */
export interface TrialOrder {
  /** Id of the fault to load; none, to see that every law holds without. */
  readonly mutant?: string | undefined;
  /** Cases for each law and event type; a fifth of them for the laws that take another program's time. */
  readonly runs: number;
  readonly seed: number;
  /** What is asked first: what saw the fault the last time. */
  readonly first?: Killer | undefined;
  /** Event types to ask about; all of them by default. */
  readonly eventTypes?: readonly string[] | undefined;
}

/** A law that a fault breaks, and the event type that shows it. */
export interface Killer {
  readonly law: string;
  readonly event_type: string;
}

export type TrialOutcome =
  | { readonly outcome: 'broken'; readonly killer: Killer; readonly field: string; readonly details: string }
  /** Every law holds that could be checked. */
  | { readonly outcome: 'held'; readonly unchecked: readonly string[] }
  /** The fault is none: what it changes cannot be run, or is not run at all. */
  | { readonly outcome: 'invalid'; readonly reason: string };

const order = JSON.parse(process.argv[2]!) as TrialOrder;
process.stdin.on('end', () => process.exit(1)).resume();
process.stdout.write(JSON.stringify(await outcomeOf(order)), () => process.exit(0));

async function outcomeOf({ mutant: id, ...rest }: TrialOrder): Promise<TrialOutcome> {
  const mutant = MUTANTS.find((known) => known.id === id);
  if (id !== undefined && mutant === undefined) return { outcome: 'invalid', reason: `there is no mutant "${id}"` };
  let isLoaded = mutant === undefined;
  try {
    if (mutant !== undefined) loadAs(mutant, () => (isLoaded = true));
    const { configureGlobal } = await import('fast-check');
    // Whether a law is broken is asked, not by how little.
    configureGlobal({ endOnFailure: true });
    const { LAWS } = await import('../laws/laws.ts');
    const { openReaders } = await import('../readers/readers.ts');
    const { readSubjects } = await import('./subjects.ts');
    if (!isLoaded) return { outcome: 'invalid', reason: `${mutant!.file} is not loaded by any law` };
    const readers = openReaders();
    try {
      return await ask(LAWS, await readSubjects(), readers, rest);
    } finally {
      await readers.close();
    }
  } catch (error) {
    return { outcome: 'invalid', reason: String((error as Error).stack ?? error) };
  }
}

/** Has the file of a fault loaded with it from now on. */
function loadAs(mutant: Mutant, onLoad: () => void): void {
  const file = join(import.meta.dirname, '../..', mutant.file);
  const { href } = pathToFileURL(file);
  const source = mutate(readFileSync(file, 'utf8'), mutant);
  registerHooks({
    load(url, context, nextLoad) {
      if (url !== href) return nextLoad(url, context);
      onLoad();
      return { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}

/** Asks law after law until one is broken: first what is likely to be, then those that need no other program. */
async function ask(
  laws: readonly Law[],
  subjects: readonly Subject[],
  readers: Readers,
  { runs, seed, first, eventTypes }: Omit<TrialOrder, 'mutant'>,
): Promise<TrialOutcome> {
  const asked = subjects.filter(({ eventType }) => eventTypes?.includes(eventType) ?? true);
  const distance = (law: Law, { eventType }: Subject): number =>
    law.id !== first?.law ? 2 : eventType === first.event_type ? 0 : 1;
  const pairs = laws
    .toSorted((a, b) => a.needs.length - b.needs.length || a.number - b.number)
    .flatMap((law) => asked.map((subject) => ({ law, subject })))
    .toSorted((a, b) => distance(a.law, a.subject) - distance(b.law, b.subject));
  const unchecked = new Set<string>();
  for (const { law, subject } of pairs) {
    // Not by the runner, for which a law that throws is broken: a fault by which no codec can be made shows nothing.
    const verdict = await law.check(subject, {
      runs: law.needs.length === 0 ? runs : Math.ceil(runs / 5),
      seed,
      readers,
    });
    if (verdict.status === 'not checked') unchecked.add(`${law.id} of ${subject.eventType}: ${verdict.reason}`);
    if (verdict.status !== 'broken') continue;
    const { field, details } = verdict.counterexample;
    // A name that is misspelt in the fault itself breaks everything, and proves nothing.
    if (details.includes('ReferenceError')) return { outcome: 'invalid', reason: details };
    return { outcome: 'broken', killer: { law: law.id, event_type: subject.eventType }, field, details };
  }
  return { outcome: 'held', unchecked: [...unchecked] };
}
