import { openFolderRegistry } from '../src/adapters/registry/folder.ts';
import { admitVersions } from '../src/compatibility/admit.ts';
import { refuseSharedNames } from '../src/derive/names.ts';
import { SluiceError } from '../src/errors.ts';
import type { SchemaHistory } from '../src/schema/history.ts';

/**
 * The histories of a folder of schemas, `<event type>/v<N>.avsc`, in lexicographic order.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when a version cannot be used: what is deployed is what is in the folder, all
 *   of it.
 */
export async function readSchemas(folder: string): Promise<SchemaHistory[]> {
  const registry = openFolderRegistry(folder);
  const eventTypes = await registry.eventTypes();
  refuseSharedNames(eventTypes);
  return Promise.all(
    eventTypes.map(async (eventType) => {
      const history = admitVersions(eventType, await registry.versions(eventType));
      const [refused] = history.refused;
      if (refused === undefined) return history;
      throw new SluiceError('SLUICE_SCHEMA_INVALID', `${eventType} v${refused.version}: ${refused.reason}`);
    }),
  );
}
