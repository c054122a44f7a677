/**
 * The proof that the laws bite: every fault of mutants.ts must be seen by one of them. Run it with
 * `npm run contracts:mutants`, with `-- <id>...` for some of the faults, with `-- --json` for one JSON document, with
 * `-- --save` to keep that in results.json, from which docs/mutants.md is made.
 *
 * Exit codes: 0 where every fault is seen, 1 where one is not, 2 where that could not be told.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { killersOf, type MutantsDocument, RESULTS, readResults } from './results.ts';
import { type MutantsResult, tryMutants } from './run.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const { values: flags, positionals: ids } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    seed: { type: 'string', default: '20260101' },
    runs: { type: 'string', default: '500' },
  },
});

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
}
try {
  process.exitCode = await main(chosen(ids), wholeNumber('seed', 0), wholeNumber('runs', 1));
} catch (error) {
  say((error as Error).message);
  process.exitCode = interrupt.signal.aborted ? 130 : 2;
}

async function main(mutants: readonly Mutant[], seed: number, runs: number): Promise<number> {
  if (flags.save && mutants.length < MUTANTS.length) throw new Error('--save goes with all of the faults');
  say(`${mutants.length} faults, seed ${seed}, ${runs} cases for each law and event type`);
  const { signal } = interrupt;
  const killers = killersOf(await readResults());
  const result = await tryMutants(mutants, { runs, seed, killers, signal, onProgress: say });
  const document = documentOf(result, mutants.length, { seed, runs });
  if (result.errors.length === 0 && flags.save) await writeFile(RESULTS, `${JSON.stringify(document, null, 2)}\n`);
  if (flags.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else process.stdout.write(`${inWords(result, mutants.length, seed)}\n`);
  if (result.errors.length > 0) return 2;
  return result.survivors.length > 0 ? 1 : 0;
}

function chosen(wanted: readonly string[]): readonly Mutant[] {
  if (wanted.length === 0) return MUTANTS;
  return wanted.map((id) => {
    const mutant = MUTANTS.find((known) => known.id === id);
    if (mutant === undefined) throw new Error(`there is no fault "${id}"`);
    return mutant;
  });
}

function wholeNumber(name: 'seed' | 'runs', least: number): number {
  const number = Number(flags[name]);
  if (/^\d{1,10}$/.test(flags[name]) && number >= least) return number;
  throw new Error(`--${name} is a whole number of at least ${least}`);
}

function documentOf(result: MutantsResult, mutants: number, run: { seed: number; runs: number }): MutantsDocument {
  return {
    mutants,
    killed: result.killed.length,
    survivors: result.survivors.map(({ id }) => id),
    ...run,
    unchecked: result.unchecked,
    ...(result.errors.length === 0 ? {} : { errors: result.errors }),
    list: result.killed.map(({ mutant: { id, description, file }, killer }) => ({ id, description, file, ...killer })),
  };
}

function inWords({ killed, survivors, errors, unchecked }: MutantsResult, mutants: number, seed: number): string {
  return [
    ...unchecked.map((reason) => `not asked: ${reason}`),
    ...errors.map((error) => `error: ${error}`),
    ...survivors.map(({ id, file, description }) => `survived: ${id} (${file}): ${description}`),
    `${killed.length} of ${mutants} faults are seen by a law (seed ${seed})`,
  ].join('\n');
}
