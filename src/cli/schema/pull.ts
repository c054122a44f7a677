import { join } from 'node:path';
import type { Command } from 'commander';
import { openFolderRegistry, schemaPath } from '../../adapters/registry/folder.ts';
import { type Difference, differencesBetween } from '../../compatibility/drift.ts';
import { SluiceError } from '../../errors.ts';
import { isEventType } from '../../schema/history.ts';
import { untilInterrupted } from '../interrupt.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { print, printJson } from '../terminal.ts';
import { differenceJson, differencesTable } from './differences.ts';
import { openNamedRegistry, readRegistered, registryOption } from './registry-option.ts';
import { writeNewFile } from './schema-file.ts';

interface PullOptions extends CommonOptions {
  readonly from?: string;
}

/** `sluice schema pull`: what only a registry has, as files. */
export function pullCommand(): Command {
  return newCommand('pull', 'write versions that only a registry has into the folder; no file is ever written over', [
    'sluice schema pull --from http://localhost:8081',
    'sluice schema pull seismic.earthquake --from "glue://events?region=eu-central-1"',
    'SLUICE_REGISTRY=http://localhost:8081 sluice schema pull --json',
  ])
    .argument('[type]', 'event type; all that the registry has where none is named')
    .addOption(registryOption('--from'))
    .action((type: string | undefined, options: PullOptions) =>
      untilInterrupted(options.json === true, (interrupted) => pull(type, options, interrupted)),
    );
}

async function pull(type: string | undefined, options: PullOptions, interrupted: AbortSignal): Promise<void> {
  const { registry, address } = await openNamedRegistry(options.from, '--from');
  const types = (type === undefined ? await registry.eventTypes() : [type]).filter(isEventType);
  const theirs = await readRegistered(registry, types);
  if (type !== undefined && !theirs.some(({ versions }) => versions.length > 0)) {
    throw new SluiceError('SLUICE_EVENT_TYPE_UNKNOWN', `${type} has no schema in the registry at ${address}`);
  }
  const ours = await readRegistered(openFolderRegistry(options.schemas), types);
  const written: string[] = [];
  const left: Difference[] = [];
  for (const [index, files] of theirs.entries()) {
    for (const difference of differencesBetween(ours[index]!, files)) {
      if (difference.kind === 'only-in-git') continue;
      const { eventType, version } = difference;
      const file = files.versions.find((candidate) => candidate.version === version);
      if (difference.kind !== 'only-in-registry' || file === undefined || 'unreadable' in file) {
        left.push(difference);
        continue;
      }
      interrupted.throwIfAborted();
      const path = join(options.schemas, schemaPath(eventType, version));
      await writeNewFile(path, file.definition);
      written.push(path);
      if (!options.json) print(`wrote ${path}`);
    }
  }
  if (options.json) printJson({ registry: address, written, differences: left.map(differenceJson) });
  else {
    if (left.length > 0) print(differencesTable(left));
    else if (written.length === 0) print('the registry has nothing that is not here');
    if (written.length > 0) print(`next: sluice schema check${type === undefined ? '' : ` ${type}`}`);
  }
  if (left.length > 0) process.exitCode = 1;
}
