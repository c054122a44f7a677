import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CLIENT_MARK, deriveClient } from '../../derive/client.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { print, printJson } from '../terminal.ts';
import { requireOurs, writeGenerated } from './generated-file.ts';
import { readSome } from './read-histories.ts';

interface TypesOptions extends CommonOptions {
  readonly out?: string;
}

/** The client's own module, which comes with this one. */
const CLIENT = new URL('../../client/client.ts', import.meta.url);

/** `sluice schema types`: what a TypeScript program needs to send events. */
export function typesCommand(): Command {
  return newCommand('types', 'write TypeScript types of events, with a client that sends them, as one file', [
    'sluice schema types --out src/sluice.ts',
    'sluice schema types aviation.flight > flight.ts',
    'sluice schema types --out sluice.ts --json',
  ])
    .argument('[type]', 'event type; all of them where none is named')
    .option('--out <file>', 'where to write, instead of standard output; a file that was not generated is kept')
    .action(types);
}

async function types(type: string | undefined, { schemas, out, json }: TypesOptions): Promise<void> {
  const histories = await readSome(schemas, type);
  const source = deriveClient(histories, await readFile(CLIENT, 'utf8'));
  const versions = Object.fromEntries(histories.map(({ eventType, newest }) => [eventType, newest.version]));
  if (out !== undefined) {
    await requireOurs(out, CLIENT_MARK);
    await writeGenerated(out, source);
  }
  if (json) printJson({ event_types: versions, file: out ?? null, ...(out === undefined ? { source } : {}) });
  else if (out === undefined) print(source.trimEnd());
  else print(`wrote ${out}: ${histories.map(({ eventType, newest }) => `${eventType} v${newest.version}`).join(', ')}`);
}
