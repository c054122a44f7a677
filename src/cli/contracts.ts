import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Result } from '../../contracts/run.ts';
import { schemaPath } from '../adapters/registry/folder.ts';
import { SluiceError } from '../errors.ts';
import { annotationLine } from './annotation.ts';
import { untilInterrupted } from './interrupt.ts';
import { type JunitNote, junitDocument } from './junit.ts';
import { type CommonOptions, newCommand } from './options.ts';
import { showProgress } from './progress.ts';
import { readSome } from './schema/read-histories.ts';
import { FORMATS, type Format } from './schema/report.ts';
import { paint, print, printable, printJson, renderTable } from './terminal.ts';

const DEFAULT_RUNS = 1_000;

interface ContractsOptions extends CommonOptions {
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly law?: readonly string[];
  readonly strict?: true;
  readonly format: Format;
}

/** `sluice contracts`: whether every law holds for the schemas of a folder. */
export function contractsCommand(): Command {
  return newCommand('contracts', 'try every law with generated events: exit 1 where one is broken', [
    'sluice contracts',
    'sluice contracts seismic.earthquake --runs 20000',
    'sluice contracts --law round-trip --law csv --seed 42',
    'sluice contracts --schemas ./my-schemas --strict --format github-actions',
  ])
    .argument('[type]', 'event type; all of them where none is named')
    .option('--runs <n>', 'cases for each law and event type', wholeNumber(1), DEFAULT_RUNS)
    .option('--seed <n>', 'what the cases are made from; a new one by default, which is printed', wholeNumber(0))
    .option('--path <path>', 'the one case that a run before has printed with its seed')
    .option('--law <id...>', 'these laws only: docs/contracts.md lists them')
    .option('--strict', 'exit 1 where a law could not be checked, too')
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
    .action((type: string | undefined, options: ContractsOptions) => {
      const isQuiet = options.json === true || options.format === 'json';
      return untilInterrupted(isQuiet, (interrupted) => contracts(type, options, interrupted));
    });
}

async function contracts(type: string | undefined, options: ContractsOptions, signal: AbortSignal): Promise<void> {
  const { schemas, runs, path, law: laws, strict = false } = options;
  const seed = options.seed ?? randomInt(2 ** 31);
  const format = options.json ? 'json' : options.format;
  if (path !== undefined && (options.seed === undefined || laws?.length !== 1 || type === undefined)) {
    throw new SluiceError(
      'SLUICE_USAGE',
      '--path goes with the --seed that it came with, one --law and the event type',
    );
  }
  // Loaded here: no other command has any use for it.
  const { LAWS, checkLaws, subjectOf } = await import('../../contracts/index.ts');
  const unknown = laws?.find((id) => LAWS.every((law) => law.id !== id));
  if (unknown !== undefined) {
    const known = LAWS.map(({ id }) => id).join(', ');
    throw new SluiceError('SLUICE_USAGE', `no law is called ${unknown}; there are ${known}`);
  }
  const histories = await readSome(schemas, type);
  const subjects = await Promise.all(histories.map((history) => subjectOf(history, schemas)));
  const total = subjects.length * (laws ?? LAWS).length;
  const progress = showProgress([{ name: 'laws', total }], format !== 'text');
  let results: Result[];
  try {
    results = await checkLaws(subjects, {
      runs,
      seed,
      path,
      laws,
      signal,
      onVerdict: () => progress.advance('laws', 1),
    });
  } finally {
    progress.end();
  }
  show(results, format, { seed, runs, schemas });
  const isGood = ({ verdict: { status } }: Result) => status === 'holds' || (status === 'not checked' && !strict);
  process.exitCode = results.every(isGood) ? 0 : 1;
}

interface Run {
  readonly seed: number;
  readonly runs: number;
  readonly schemas: string;
}

function show(results: readonly Result[], format: Format, run: Run): void {
  switch (format) {
    case 'text':
      return showText(results, run);
    case 'json':
      return printJson({ seed: run.seed, runs: run.runs, results: results.map((result) => resultJson(result, run)) });
    case 'junit':
      return print(junit(results, run));
    case 'github-actions':
      for (const result of results) {
        if (result.verdict.status !== 'holds') print(annotation(result, run));
      }
  }
}

function showText(results: readonly Result[], run: Run): void {
  print(
    renderTable(
      ['Result', 'Law', 'Type', 'Field', 'Details'],
      results.map(({ law, eventType, verdict }) => [
        verdict.status,
        law.id,
        eventType,
        verdict.status === 'broken' ? verdict.counterexample.field : '',
        detailsOf(verdict),
      ]),
    ),
  );
  for (const result of results) {
    const { law, eventType, verdict } = result;
    if (verdict.status !== 'broken') continue;
    print(`\n${paint('bold', `${eventType}: ${law.statement}`, process.stdout)}`);
    print(`  ${verdict.counterexample.details}`);
    print(`  smallest input: ${printable(verdict.counterexample.input)}`);
    print(`  again: ${againOf(result, run)}`);
  }
  const count = (status: Result['verdict']['status']) =>
    results.filter(({ verdict }) => verdict.status === status).length;
  const line = `${count('holds')} hold, ${count('broken')} broken, ${count('not checked')} not checked (seed ${run.seed})`;
  print(`\n${paint(count('broken') > 0 ? 'red' : 'green', line, process.stdout)}`);
}

function detailsOf(verdict: Result['verdict']): string {
  if (verdict.status === 'broken') return verdict.counterexample.details;
  return verdict.status === 'holds' ? `${verdict.cases} cases` : verdict.reason;
}

/** The command that tries a counterexample again. */
function againOf({ law, eventType, verdict }: Result, { runs, schemas, seed: first }: Run): string {
  const folder = schemas === 'schemas' ? '' : ` --schemas ${schemas}`;
  const { path, seed } = verdict.status === 'broken' ? verdict.counterexample : { path: '', seed: first };
  // How many cases go together depends on how many there are to be.
  const where = ` --runs ${runs}${path === '' ? '' : ` --path ${path}`}`;
  return `sluice contracts ${eventType} --law ${law.id} --seed ${seed}${where}${folder}`;
}

function resultJson(result: Result, run: Run): object {
  const { law, eventType, verdict } = result;
  const { status, cases } = verdict;
  return {
    law: law.id,
    number: law.number,
    event_type: eventType,
    status,
    cases,
    reason: status === 'not checked' ? verdict.reason : null,
    counterexample: status === 'broken' ? { ...verdict.counterexample, again: againOf(result, run) } : null,
  };
}

function junit(results: readonly Result[], run: Run): string {
  const eventTypes = [...new Set(results.map(({ eventType }) => eventType))];
  const suites = eventTypes.map((eventType) => ({
    name: eventType,
    cases: results
      .filter((result) => result.eventType === eventType)
      .map((result) => ({ className: eventType, name: result.law.id, notes: notesOf(result, run) })),
  }));
  return junitDocument('sluice contracts', suites);
}

function notesOf(result: Result, run: Run): JunitNote[] {
  const { law, verdict } = result;
  if (verdict.status === 'holds') return [];
  if (verdict.status === 'not checked') {
    return [{ kind: 'skipped', message: verdict.reason, text: `${law.statement}\nnot checked: ${verdict.reason}` }];
  }
  const { field, details, input } = verdict.counterexample;
  const text = `${law.statement}\n${field}: ${details}\nsmallest input: ${input}\nagain: ${againOf(result, run)}`;
  return [{ kind: 'failure', message: `${field}: ${details}`, text }];
}

function annotation(result: Result, run: Run): string {
  const { law, eventType, verdict } = result;
  const file = join(run.schemas, schemaPath(eventType, 1));
  const title = `law ${law.number}, ${law.id}`;
  if (verdict.status === 'not checked') {
    return annotationLine({ severity: 'warning', file, title, text: `not checked: ${verdict.reason}` });
  }
  if (verdict.status === 'holds') return annotationLine({ severity: 'notice', file, title, text: law.statement });
  const { field, details } = verdict.counterexample;
  const text = `${eventType} ${field}: ${printable(details)}\n${law.statement}\nagain: ${againOf(result, run)}`;
  return annotationLine({ severity: 'error', file, title, text });
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,10}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}
