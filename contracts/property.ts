import fc from 'fast-check';
import type { Counterexample, LawContext, Verdict } from './law.ts';
import { ReaderMissing } from './readers/reader-missing.ts';

/** What is wrong with one of the cases of a batch. */
export interface Failure {
  /** JSONPath of the field, or a column, or `$` for the whole. */
  readonly field: string;
  /** What was expected and what came. */
  readonly details: string;
}

export interface BatchOptions<Case> {
  /** Cases that are tried together at most: a foreign reader answers a hundred as fast as one. */
  readonly batch: number;
  /** A case as a person reads it. */
  readonly show: (item: Case) => string;
  /** Where what is drawn together is several cases: how many it is, and at most. One by default. */
  readonly several?: { readonly count: (item: Case) => number; readonly most: number };
  /** What is tried before anything that is generated. */
  readonly examples?: readonly Case[];
}

/**
 * Tries generated cases, some at a time, until there were as many as were asked for.
 *
 * @param check resolves to the first thing that is wrong with any of the cases, or undefined.
 * @returns broken with the smallest batch that fast-check came to, most often one case.
 */
export async function checkCases<Case>(
  context: LawContext,
  cases: fc.Arbitrary<Case>,
  { batch: most, show, several = { count: () => 1, most: 1 }, examples = [] }: BatchOptions<Case>,
  check: (cases: readonly Case[]) => Promise<Failure | undefined> | Failure | undefined,
): Promise<Verdict> {
  const { runs, seed, path, signal } = context;
  if (runs < 1) return { status: 'not checked', cases: 0, reason: 'no case was asked for' };
  const batch = Math.ceil(Math.min(most, runs) / several.most);
  let tried = 0;
  let isBroken = false;
  let missing: ReaderMissing | undefined;
  const property = fc.asyncProperty(fc.array(cases, { minLength: 1, maxLength: batch, size: 'max' }), async (items) => {
    if (missing !== undefined || signal?.aborted) return;
    try {
      const failure = await check(items);
      // What is tried to make a counterexample smaller is no case.
      if (!isBroken) for (const item of items) tried += several.count(item);
      if (failure !== undefined) throw new BrokenLaw(failure);
    } catch (error) {
      if (error instanceof ReaderMissing) missing = error;
      else {
        isBroken = true;
        throw error;
      }
    }
  });
  // How many cases a batch has is up to fast-check: there are as many rounds as it takes, each with a seed of its own.
  for (let round = 0; round === 0 || (path === undefined && tried < runs && missing === undefined); round += 1) {
    const before = tried;
    const result = await fc.check(property, {
      seed: seed + round,
      numRuns:
        path === undefined
          ? Math.ceil(examples.length / batch) + Math.max(1, Math.ceil((runs - tried) / (batch * several.most)))
          : 1,
      ...(path === undefined ? {} : { path }),
      // In every round, and with a path, too: a path counts them.
      examples: chunks(examples, batch).map((chunk) => [chunk]),
    });
    signal?.throwIfAborted();
    if (result.failed && missing === undefined) {
      const items = await guilty(result.counterexample?.[0] ?? [], check);
      return { status: 'broken', cases: tried, counterexample: counterexampleOf(result, items.map(show)) };
    }
    if (tried === before) break;
  }
  if (missing !== undefined) return { status: 'not checked', cases: 0, reason: missing.message };
  return tried > 0
    ? { status: 'holds', cases: tried }
    : { status: 'not checked', cases: 0, reason: 'not one case was tried' };
}

/** Carries a failure out of the property. */
class BrokenLaw extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.details);
    this.failure = failure;
  }
}

/** The one case of a batch that is wrong by itself, where there is one: the others are there because they came along. */
async function guilty<Case>(
  items: readonly Case[],
  check: (cases: readonly Case[]) => Promise<Failure | undefined> | Failure | undefined,
): Promise<readonly Case[]> {
  for (const item of items) {
    try {
      if ((await check([item])) !== undefined) return [item];
    } catch {
      return [item];
    }
  }
  return items;
}

function counterexampleOf<Case>(result: fc.RunDetails<[Case[]]>, inputs: readonly string[]): Counterexample {
  const { counterexamplePath, seed, errorInstance } = result;
  const failure: Failure =
    errorInstance instanceof BrokenLaw
      ? errorInstance.failure
      : { field: '$', details: `an error without a code: ${String((errorInstance as Error)?.stack ?? errorInstance)}` };
  return { ...failure, input: inputs.join('\n'), seed, path: counterexamplePath ?? '' };
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
