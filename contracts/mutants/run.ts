import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';
import { readSubjects } from './subjects.ts';
import type { Killer, TrialOrder, TrialOutcome } from './trial.ts';

export interface MutantsOptions {
  /** Cases for each law and event type, see `TrialOrder`. */
  readonly runs: number;
  readonly seed: number;
  /** What saw a fault the last time, by the fault's id: it is asked first. */
  readonly killers?: ReadonlyMap<string, Killer> | undefined;
  /** Ends every process that was started. */
  readonly signal?: AbortSignal | undefined;
  /** Called with a line for people after every trial. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

export interface MutantsResult {
  readonly killed: readonly { readonly mutant: Mutant; readonly killer: Killer; readonly details: string }[];
  /** Faults that no law sees. */
  readonly survivors: readonly Mutant[];
  /** What is wrong with the run itself: a law that is broken without any fault, or a fault that is none. */
  readonly errors: readonly string[];
  /** Laws that could not be asked, since the program is missing that they need. */
  readonly unchecked: readonly string[];
}

/** Trials at the same time. */
const AT_ONCE = 2;
/** Milliseconds that one fault gets, and all laws without any. A fault that no law sees takes as long as none does. */
const PATIENCE_MS = { fault: 300_000, none: 600_000 } as const;

/**
 * Tries every fault in a process of its own, once it is known that every law holds without.
 *
 * @throws the reason of an aborted signal.
 */
export async function tryMutants(mutants: readonly Mutant[], options: MutantsOptions): Promise<MutantsResult> {
  const { onProgress = () => {}, signal } = options;
  const baseline = await holds(options);
  onProgress(`without any fault: ${baseline.errors.length === 0 ? 'every law holds' : baseline.errors.join('\n')}`);
  if (baseline.errors.length > 0) return { killed: [], survivors: [], ...baseline };
  const outcomes = new Map<Mutant, TrialOutcome>();
  await inTurns(mutants, async (mutant) => {
    const outcome = await tryMutant(mutant, options);
    outcomes.set(mutant, outcome);
    onProgress(`${outcomes.size}/${mutants.length} ${mutant.id}: ${inWords(outcome)}`);
  });
  signal?.throwIfAborted();
  const ordered = mutants.map((mutant) => ({ mutant, outcome: outcomes.get(mutant)! }));
  return {
    killed: ordered.flatMap(({ mutant, outcome }) =>
      outcome.outcome === 'broken' ? [{ mutant, killer: outcome.killer, details: outcome.details }] : [],
    ),
    survivors: ordered.filter(({ outcome }) => outcome.outcome === 'held').map(({ mutant }) => mutant),
    errors: ordered.flatMap(({ mutant, outcome }) =>
      outcome.outcome === 'invalid' ? [`${mutant.id}: ${outcome.reason}`] : [],
    ),
    unchecked: baseline.unchecked,
  };
}

/** Tries one fault. @throws the reason of an aborted signal. */
export function tryMutant({ id }: Pick<Mutant, 'id'>, options: MutantsOptions): Promise<TrialOutcome> {
  const { runs, seed, killers, signal } = options;
  return trial({ mutant: id, runs, seed, first: killers?.get(id) }, PATIENCE_MS.fault, signal);
}

/** Asks every law without any fault: were one broken then, every fault would seem to be seen. */
async function holds({ runs, seed, signal }: MutantsOptions): Promise<Pick<MutantsResult, 'errors' | 'unchecked'>> {
  const all = (await readSubjects()).map(({ eventType }) => eventType);
  const errors: string[] = [];
  const unchecked: string[] = [];
  const shares = Array.from({ length: AT_ONCE }, (_, share) => all.filter((_, index) => index % AT_ONCE === share));
  await inTurns(shares, async (eventTypes) => {
    const outcome = await trial({ runs, seed, eventTypes }, PATIENCE_MS.none, signal);
    if (outcome.outcome === 'held') unchecked.push(...outcome.unchecked);
    else errors.push(`without any fault: ${inWords(outcome)}`);
  });
  return { errors, unchecked };
}

function inWords(outcome: TrialOutcome): string {
  switch (outcome.outcome) {
    case 'broken':
      return `killed by ${outcome.killer.law} (${outcome.killer.event_type} ${outcome.field}: ${firstLine(outcome.details)})`;
    case 'held':
      return 'SURVIVED';
    case 'invalid':
      return `invalid: ${outcome.reason}`;
  }
}

/** What a terminal can show of a text that may hold anything. */
function firstLine(details: string): string {
  return details
    .slice(0, 200)
    .split('\n')[0]!
    .replace(/\p{Cc}/gu, '\ufffd');
}

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

/** Runs one trial, and ends it where it takes too long: what hangs is reported, and counts for nothing. */
async function trial(order: TrialOrder, patienceMs: number, signal: AbortSignal | undefined): Promise<TrialOutcome> {
  signal?.throwIfAborted();
  const args = ['--no-warnings', join(import.meta.dirname, 'trial.ts'), JSON.stringify(order)];
  // Far from UTC and with half an hour in it, so that whatever is local shows.
  const env = { ...process.env, TZ: 'America/St_Johns' };
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const end = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', end);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, patienceMs);
  try {
    const { status, stdout, stderr } = await output(child);
    signal?.throwIfAborted();
    if (isLate) return { outcome: 'invalid', reason: `it has not come to an end within ${patienceMs / 1_000} s` };
    if (status !== 0)
      return { outcome: 'invalid', reason: `its process ended with ${status}: ${stderr.slice(-2_000)}` };
    return JSON.parse(stdout) as TrialOutcome;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

function output(child: ChildProcess): Promise<{ status: number | string | null; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, killedBy) => resolve({ status: code ?? killedBy, stdout, stderr }));
  });
}
