import { Argument, type Command } from 'commander';
import { openFolderRegistry } from '../adapters/registry/folder.ts';
import { deriveLayout } from '../derive/layout.ts';
import { deriveModel } from '../derive/model.ts';
import { deriveOpenApi } from '../derive/openapi.ts';
import { withPersonalNote } from '../derive/personal-note.ts';
import { deriveTable } from '../derive/table.ts';
import { tableColumns } from '../derive/table-columns.ts';
import { deriveTopic } from '../derive/topic.ts';
import { deriveTypes } from '../derive/types.ts';
import { readHistory } from '../local/event-types.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { type CommonOptions, newCommand } from './options.ts';
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

/** `sluice derive`: what an event type's schema history makes of everything else. */
export function deriveCommand(): Command {
  return newCommand('derive', "print what is derived from an event type's schemas", [
    'sluice derive seismic.earthquake',
    'sluice derive seismic.earthquake columns',
    'sluice derive aviation.flight types > flight.ts',
    'sluice derive aviation.flight table --json',
  ])
    .argument('<type>', 'event type')
    .addArgument(new Argument('[artefact]', 'all of them where none is named').choices(Object.keys(ARTEFACTS)))
    .action(async (type: string, artefact: Artefact | undefined, options: CommonOptions) => {
      const history = await readHistory(openFolderRegistry(options.schemas), type);
      if (options.json) {
        printJson(artefact === undefined ? all(history) : ARTEFACTS[artefact](history));
        return;
      }
      if (artefact !== undefined) show(artefact, history);
      else {
        for (const name of Object.keys(ARTEFACTS) as Artefact[]) {
          print(paint('bold', `\n── ${name} ──`, process.stdout));
          show(name, history);
        }
      }
    });
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
