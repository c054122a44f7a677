import type { Law, LawContext, Subject, Verdict } from './law.ts';
import { LAWS } from './laws/laws.ts';
import { openReaders } from './readers/readers.ts';
import type { Readers } from './readers/shapes.ts';

export interface RunOptions {
  /** Cases for each law and event type, at least. */
  readonly runs: number;
  readonly seed: number;
  readonly path?: string | undefined;
  /** Ids of the laws to check; all of them by default. */
  readonly laws?: readonly string[] | undefined;
  /** What there is to choose from; our own by default. */
  readonly from?: readonly Law[] | undefined;
  /** Foreign readers; started for this run, and ended with it, by default. */
  readonly readers?: Readers | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each law of each event type. */
  readonly onVerdict?: ((result: Result) => void) | undefined;
}

/** What became of one law for one event type. */
export interface Result {
  readonly law: Law;
  readonly eventType: string;
  readonly verdict: Verdict;
}

/**
 * Checks every law for every event type, one after the other: a foreign reader serves all of them.
 *
 * @throws the reason of an aborted signal. A law that throws is broken, and its error the counterexample.
 */
export async function checkLaws(subjects: readonly Subject[], options: RunOptions): Promise<Result[]> {
  const { runs, seed, path, laws, from = LAWS, signal, onVerdict } = options;
  const readers = options.readers ?? openReaders();
  const results: Result[] = [];
  try {
    for (const subject of subjects) {
      for (const law of from.filter(({ id }) => laws?.includes(id) ?? true)) {
        signal?.throwIfAborted();
        const verdict = await check(law, subject, { runs, seed, path, readers, signal });
        const result = { law, eventType: subject.eventType, verdict };
        results.push(result);
        onVerdict?.(result);
      }
    }
  } finally {
    if (options.readers === undefined) await readers.close();
  }
  return results;
}

async function check(law: Law, subject: Subject, context: LawContext): Promise<Verdict> {
  try {
    return await law.check(subject, context);
  } catch (error) {
    context.signal?.throwIfAborted();
    const details = `the law could not be checked to its end: ${String((error as Error).stack ?? error)}`;
    const counterexample = { field: '$', details, input: '', seed: context.seed, path: '' };
    return { status: 'broken', cases: 0, counterexample };
  }
}
