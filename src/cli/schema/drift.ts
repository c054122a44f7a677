import type { Command } from 'commander';
import { openFolderRegistry } from '../../adapters/registry/folder.ts';
import { differencesBetween } from '../../compatibility/drift.ts';
import { SluiceError } from '../../errors.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { print, printJson } from '../terminal.ts';
import { differenceJson, differencesTable } from './differences.ts';
import { openNamedRegistry, readRegistered, registryOption } from './registry-option.ts';

interface DriftOptions extends CommonOptions {
  readonly against?: string;
}

/** `sluice schema drift`: where the folder and a registry disagree. */
export function driftCommand(): Command {
  return newCommand('drift', 'show where the folder and a registry disagree; exit 1 where they do', [
    'sluice schema drift --against http://localhost:8081',
    'sluice schema drift seismic.earthquake --against "glue://events?region=eu-central-1"',
    'SLUICE_REGISTRY=http://localhost:8081 sluice schema drift --json',
  ])
    .argument('[type]', 'event type; all of either side where none is named')
    .addOption(registryOption('--against'))
    .action(drift);
}

async function drift(type: string | undefined, options: DriftOptions): Promise<void> {
  const { registry, address } = await openNamedRegistry(options.against, '--against');
  const folder = openFolderRegistry(options.schemas);
  const types =
    type === undefined
      ? [...new Set([...(await folder.eventTypes()), ...(await registry.eventTypes())])].sort()
      : [type];
  const [ours, theirs] = [await readRegistered(folder, types), await readRegistered(registry, types)];
  const compared = ours.filter(({ versions }, index) => versions.length + theirs[index]!.versions.length > 0);
  if (type !== undefined && compared.length === 0) {
    throw new SluiceError('SLUICE_EVENT_TYPE_UNKNOWN', `${type} has no schema in ${options.schemas} nor in ${address}`);
  }
  const differences = ours.flatMap((files, index) => differencesBetween(files, theirs[index]!));
  if (options.json) {
    printJson({
      registry: address,
      compared: compared.map(({ eventType }) => eventType),
      differences: differences.map(differenceJson),
    });
  } else if (differences.length > 0) print(differencesTable(differences));
  else print(`no difference in ${compared.length} ${compared.length === 1 ? 'event type' : 'event types'}`);
  if (differences.length > 0) process.exitCode = 1;
}
