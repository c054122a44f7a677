import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { openFolderRegistry, schemaPath } from '../../adapters/registry/folder.ts';
import { refuseSharedNames, viewName } from '../../derive/names.ts';
import { SluiceError } from '../../errors.ts';
import { type Draft, draftFrom, startingDraft } from '../../infer/draft.ts';
import { csvEvents, fieldNames, type ReadSample, readJsonSamples } from '../../infer/samples.ts';
import { isEventType } from '../../schema/history.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { print, printable, printJson, warn } from '../terminal.ts';
import { writeNewFile } from './schema-file.ts';

/** Problems that are shown one by one. */
const SHOWN = 20;

interface NewOptions extends CommonOptions {
  readonly from?: string;
  readonly csv?: true;
  readonly rename?: true;
}

/** `sluice schema new`: the first version of an event type, inferred from samples of its events. */
export function newTypeCommand(): Command {
  return newCommand('new', 'write the first schema of an event type, inferred from sample events', [
    'sluice schema new shop.order --from orders.ndjson',
    'jq -c ".features[]" feed.json | sluice schema new my.feature --from -',
    'sluice schema new shop.price --from prices.csv --rename --json',
    'sluice schema new shop.order',
  ])
    .argument('<type>', 'event type: lower case words joined by . _ or -')
    .option(
      '--from <file>',
      'sample events: NDJSON, a JSON array, one JSON object, or CSV with a header; - for standard input',
    )
    .option('--csv', 'the samples are CSV, whatever the file is called')
    .option('--rename', 'make legal names of fields from the headers of CSV: "Cost Total $" becomes cost_total')
    .action(newType);
}

async function newType(type: string, options: NewOptions): Promise<void> {
  await requireNew(type, options.schemas);
  const isCsv = options.csv === true || options.from?.toLowerCase().endsWith('.csv') === true;
  if (options.rename && !isCsv) {
    throw new SluiceError('SLUICE_USAGE', '--rename is for CSV: the keys of JSON events are the names of the fields');
  }
  const samples = options.from === undefined ? undefined : await readSamples(options.from, isCsv, options.rename);
  const draft = samples === undefined ? startingDraft(type) : draftFrom(type, samples);
  if (draft.problems.length > 0) {
    report(type, draft, options, [], isCsv);
    process.exitCode = 1;
    return;
  }
  const files = [schemaPath(type, 1), join(type, 'examples.json')].map((path) => join(options.schemas, path));
  await mkdir(join(options.schemas, type), { recursive: true });
  await writeNewFile(files[0]!, draft.definition);
  await writeNewFile(files[1]!, draft.examples);
  report(type, draft, options, files, isCsv);
}

/** @throws SluiceError SLUICE_USAGE or SLUICE_SCHEMA_INVALID where the folder has no room for the event type. */
async function requireNew(type: string, schemas: string): Promise<void> {
  if (!isEventType(type)) {
    throw new SluiceError('SLUICE_USAGE', `"${type}" is no event type: lower case words joined by . _ or -`);
  }
  const files = await readdir(join(schemas, type)).catch(() => [] as string[]);
  if (files.some((name) => name.endsWith('.avsc'))) {
    const wayOut = `"sluice schema new-version ${type}" adds a version`;
    throw new SluiceError('SLUICE_USAGE', `${type} has a schema in ${schemas}; ${wayOut}`);
  }
  if (files.includes('examples.json')) {
    throw new SluiceError('SLUICE_USAGE', `${join(schemas, type, 'examples.json')} would be overwritten; move it away`);
  }
  const folders = await readdir(schemas).catch(() => [] as string[]);
  if (folders.length > 0) refuseSharedNames([...(await openFolderRegistry(schemas).eventTypes()), type]);
}

/** @throws SluiceError SLUICE_USAGE where there is nothing to read. */
async function readSamples(from: string, isCsv: boolean, rename?: boolean): Promise<ReadSample[]> {
  const text = await (from === '-' ? buffer(process.stdin) : readFile(from)).catch((cause: NodeJS.ErrnoException) => {
    throw new SluiceError('SLUICE_USAGE', `${from} cannot be read (${cause.code})`, { cause });
  });
  const samples = isCsv ? readCsv(from, text, rename) : readJsonSamples(text);
  if (samples.length === 0) throw new SluiceError('SLUICE_USAGE', `${from} holds no sample`);
  return samples;
}

function readCsv(from: string, text: Buffer, rename?: boolean): ReadSample[] {
  let records: string[][];
  try {
    records = parse(text, { bom: true, skip_empty_lines: true });
  } catch (cause) {
    throw new SluiceError('SLUICE_USAGE', `${from} is no CSV with a header: ${(cause as Error).message}`, { cause });
  }
  const [columns = [], ...rows] = records;
  const header = rename ? fieldNames(columns) : columns;
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw new SluiceError('SLUICE_USAGE', `${from}: two columns would be called "${twice}"`);
  return csvEvents(header, rows).map((event) => ({ bytes: Buffer.from(JSON.stringify(event)), event }));
}

/** @param files those that were written, the schema first. */
function report(type: string, draft: Draft, options: NewOptions, files: readonly string[], isCsv: boolean): void {
  const { unsure, problems } = draft;
  if (options.json) {
    const version = files.length === 0 ? null : 1;
    printJson({ event_type: type, version, files, unsure, problems });
    return;
  }
  if (problems.length > 0) {
    warn(
      `nothing was written: ${problems.length === 1 ? 'a problem' : `${problems.length} problems`} with the samples`,
    );
    for (const problem of problems.slice(0, SHOWN)) warn(`  ${printable(problem)}`);
    if (problems.length > SHOWN) warn(`  and ${problems.length - SHOWN} more; --json shows all`);
    if (isCsv && options.rename !== true) warn('--rename makes legal names from the headers of CSV');
    return;
  }
  for (const file of files) print(`wrote ${file}`);
  if (unsure.length > 0) {
    print('unsure of:');
    for (const text of unsure) print(`  ${printable(text)}`);
  }
  print('next:');
  const schemas = options.schemas === 'schemas' ? '' : ` --schemas ${options.schemas}`;
  print(`  1. read the schema, and write down in each "doc" what the value is`);
  print(`  2. sluice schema check ${type}${schemas}`);
  print(`  3. sluice up${schemas}`);
  print(`  4. sluice send ${type} ${isCsv ? 'events.ndjson' : (options.from ?? 'events.ndjson')}${schemas}`);
  print(`  5. sluice query "SELECT * FROM ${viewName(type)}"${schemas}`);
  if (isCsv) print('events are sent as JSON: sluice send takes no CSV, and the examples show what it takes');
}
