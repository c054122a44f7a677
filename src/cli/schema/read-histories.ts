import { resolve } from 'node:path';
import { openFolderRegistry } from '../../adapters/registry/folder.ts';
import { SluiceError } from '../../errors.ts';
import { readEventTypes, readHistory } from '../../local/event-types.ts';
import type { SchemaHistory } from '../../schema/history.ts';

/**
 * The histories of a schemas folder, or the one that is named; at least one.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID, SLUICE_EVENT_TYPE_UNKNOWN.
 */
export async function readSome(schemas: string, type?: string): Promise<SchemaHistory[]> {
  if (type !== undefined) return [await readHistory(openFolderRegistry(schemas), type)];
  const histories = await readEventTypes(schemas);
  if (histories.length > 0) return histories;
  throw new SluiceError('SLUICE_SCHEMA_INVALID', `${resolve(schemas)} has no event type: <event type>/v1.avsc`);
}
