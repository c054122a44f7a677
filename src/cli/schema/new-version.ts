import { constants } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openFolderRegistry, schemaPath } from '../../adapters/registry/folder.ts';
import { SluiceError } from '../../errors.ts';
import { registeredVersions } from '../../local/event-types.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { print, printJson } from '../terminal.ts';

/** `sluice schema new-version`: the newest version once more, to be changed. */
export function newVersionCommand(): Command {
  return newCommand('new-version', 'copy the newest version of a schema to the next one', [
    'sluice schema new-version seismic.earthquake',
    'sluice schema new-version seismic.earthquake --json',
  ])
    .argument('<type>', 'event type')
    .action(newVersion);
}

async function newVersion(type: string, options: CommonOptions): Promise<void> {
  const newest = (await registeredVersions(openFolderRegistry(options.schemas), type)).at(-1)!;
  const version = newest.version + 1;
  const [from, to] = [newest.version, version].map((number) => join(options.schemas, schemaPath(type, number)));
  await copyFile(from!, to!, constants.COPYFILE_EXCL).catch((cause: NodeJS.ErrnoException) => {
    throw new SluiceError('SLUICE_STORAGE', `${to} cannot be written (${cause.code})`, { cause });
  });
  if (options.json) {
    printJson({ event_type: type, version, file: to, copied_from: from });
    return;
  }
  print(`wrote ${to}, a copy of v${newest.version}`);
  print('next:');
  print(`  1. change it: a new field needs a default; what was published before stays as it is`);
  print(`  2. sluice schema check ${type}`);
  print(`  3. sluice schema diff ${type}@${newest.version} ${type}@${version}`);
}
