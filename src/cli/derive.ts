import { Argument, type Command, Option } from 'commander';
import { openFolderRegistry } from '../adapters/registry/folder.ts';
import { deriveLayout } from '../derive/layout.ts';
import { deriveModel } from '../derive/model.ts';
import { deriveOpenApi } from '../derive/openapi.ts';
import { withPersonalNote } from '../derive/personal-note.ts';
import { deriveTable } from '../derive/table.ts';
import { tableColumns } from '../derive/table-columns.ts';
import { deriveTfvars } from '../derive/tfvars.ts';
import { deriveTopic } from '../derive/topic.ts';
import { deriveTypes } from '../derive/types.ts';
import { SluiceError } from '../errors.ts';
import { readHistory } from '../local/event-types.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { type CommonOptions, newCommand } from './options.ts';
import { readSome } from './schema/read-histories.ts';
import { paint, print, printJson, renderTable } from './terminal.ts';

/** Every artefact that can be printed, by name. */
const ARTEFACTS = {
  model: deriveModel,
  table: (history) => deriveTable(deriveLayout(history), { bucketUri: 's3://BUCKET' }),
  columns: (history) => tableColumns(deriveLayout(history)),
  topic: deriveTopic,
  types: deriveTypes,
  openapi: (history) => deriveOpenApi([history]),
} as const satisfies Record<string, (history: SchemaHistory) => unknown>;

type Artefact = keyof typeof ARTEFACTS;

interface DeriveOptions extends CommonOptions {
  readonly format: 'text' | 'json' | 'tfvars';
  readonly database: string;
}

/** `sluice derive`: what an event type's schema history makes of everything else. */
export function deriveCommand(): Command {
  return newCommand('derive', "print what is derived from an event type's schemas", [
    'sluice derive seismic.earthquake',
    'sluice derive seismic.earthquake columns',
    'sluice derive aviation.flight types > flight.ts',
    'sluice derive aviation.flight table --json',
    'sluice derive --format tfvars > sluice.auto.tfvars.json',
  ])
    .argument('[type]', 'event type; with --format tfvars or json, all of them where none is named')
    .addArgument(new Argument('[artefact]', 'all of them where none is named').choices(Object.keys(ARTEFACTS)))
    .addOption(
      new Option('--format <format>', 'how to print; tfvars: variables of a Terraform module, docs/terraform.md')
        .choices(['text', 'json', 'tfvars'])
        .default('text'),
    )
    .option('--database <name>', 'the Glue database that the views of tfvars name', 'sluice_dev')
    .action(derive);
}

async function derive(type: string | undefined, artefact: Artefact | undefined, options: DeriveOptions): Promise<void> {
  const format = options.json ? 'json' : options.format;
  if (options.json && options.format === 'tfvars') throw usage('--json and --format tfvars exclude one another');
  if (format === 'tfvars') {
    if (artefact !== undefined) throw usage(`--format tfvars has all artefacts: leave out "${artefact}"`);
    printJson(deriveTfvars(await readSome(options.schemas, type), { database: options.database }));
    return;
  }
  if (type === undefined) {
    if (format === 'text') throw usage("missing required argument 'type'; only --format tfvars and json take all");
    printJson((await readSome(options.schemas)).map(all));
    return;
  }
  const history = await readHistory(openFolderRegistry(options.schemas), type);
  if (format === 'json') {
    printJson(artefact === undefined ? all(history) : ARTEFACTS[artefact](history));
  } else if (artefact !== undefined) show(artefact, history);
  else {
    for (const name of Object.keys(ARTEFACTS) as Artefact[]) {
      print(paint('bold', `\n── ${name} ──`, process.stdout));
      show(name, history);
    }
  }
}

function usage(message: string): SluiceError {
  return new SluiceError('SLUICE_USAGE', `${message}; --help shows how it is called`);
}

function all(history: SchemaHistory): object {
  const artefacts = Object.entries(ARTEFACTS).map(([name, derive]) => [name, derive(history)]);
  return { event_type: history.eventType, contract: history.digest, ...Object.fromEntries(artefacts) };
}

function show(artefact: Artefact, history: SchemaHistory): void {
  if (artefact === 'types') print(deriveTypes(history).trimEnd());
  else if (artefact === 'columns') {
    const columns = ARTEFACTS.columns(history);
    print(
      renderTable(
        ['#', 'column', 'type', 'description'],
        columns.map(({ name, type, doc, pii }, position) => [position, name, type, withPersonalNote(doc, pii) ?? '']),
      ),
    );
  } else printJson(ARTEFACTS[artefact](history));
}
