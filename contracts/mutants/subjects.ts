import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolderRegistry } from '../../src/adapters/registry/folder.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import type { Subject } from '../law.ts';

/** Folder of the project. */
export const ROOT = join(import.meta.dirname, '../..');

const SCHEMAS = join(ROOT, 'schemas');
const ZOO = join(ROOT, 'contracts/zoo');

/**
 * The event types that faults are looked for with: those of the project, and of the zoo those that hold something that
 * these have not. Few, since every law is asked of each of them before any fault is made.
 */
const EVENT_TYPES: readonly { readonly folder: string; readonly eventTypes: readonly string[] }[] = [
  { folder: SCHEMAS, eventTypes: ['seismic.earthquake', 'aviation.flight', 'aviation.birdstrike'] },
  {
    folder: ZOO,
    eventTypes: [
      'zoo.scalars',
      'zoo.texts',
      'zoo.logical-types',
      'zoo.decimals',
      'zoo.fixeds',
      'zoo.enums',
      'zoo.maps',
      'zoo.optional',
      'zoo.defaults',
      'zoo.tagged',
      'zoo.union-of-many',
      'zoo.object-members',
      'zoo.personal',
      'zoo.order',
      'zoo.renamed',
      'zoo.removed',
      'zoo.widening',
      'zoo.grown',
      'zoo.loosened',
    ],
  },
];

/**
 * The event types, each with all of its versions: not by the rules of what may be published, which see many a fault as
 * well and would keep it from the laws.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID where a schema cannot be read.
 */
export async function readSubjects(): Promise<Subject[]> {
  const subjects = EVENT_TYPES.flatMap(({ folder, eventTypes }) => {
    const registry = openFolderRegistry(folder);
    return eventTypes.map(async (eventType) => {
      const versions = (await registry.versions(eventType)).map((one) => {
        if ('unreadable' in one) throw new Error(one.unreadable);
        return schemaVersion(eventType, one.version, one.definition, one.ids);
      });
      const history = schemaHistory(eventType, versions);
      return { eventType, history, examples: await examplesOf(folder, eventType) };
    });
  });
  return Promise.all(subjects);
}

async function examplesOf(folder: string, eventType: string): Promise<string[]> {
  const text = await readFile(join(folder, eventType, 'examples.json'), 'utf8').catch(() => '{"valid":[]}');
  const { valid } = JSON.parse(text) as { readonly valid: readonly { readonly body: unknown }[] };
  return valid.map(({ body }) => JSON.stringify(body));
}
