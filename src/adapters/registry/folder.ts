import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SluiceError } from '../../errors.ts';
import type { Registry } from '../../ports/registry.ts';
import {
  isEventType,
  type SchemaHistory,
  type SchemaVersion,
  schemaHistory,
  schemaVersion,
} from '../../schema/history.ts';

/** The registry that is a folder: `<event type>/v<N>.avsc`. */
export function openFolderRegistry(folder: string): Registry {
  return {
    async eventTypes() {
      const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
        const { code } = cause as NodeJS.ErrnoException;
        const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
        throw new SluiceError('SLUICE_SCHEMA_INVALID', `the schemas folder ${resolve(folder)} ${why}`, { cause });
      });
      const types: string[] = [];
      for (const entry of entries) {
        if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
        if ((await versionFiles(join(folder, entry.name))).length > 0) types.push(entry.name);
      }
      return types.sort();
    },

    async history(eventType): Promise<SchemaHistory> {
      const files = isEventType(eventType) ? await versionFiles(join(folder, eventType)) : [];
      if (files.length === 0) {
        const hint = `add ${join(folder, eventType)}/v1.avsc; an event type is lower case words joined by . _ or -`;
        throw new SluiceError('SLUICE_EVENT_TYPE_UNKNOWN', `${eventType} has no schema: ${hint}`);
      }
      const versions = await Promise.all(
        files.map(async ({ version, name }) => {
          const path = join(folder, eventType, name);
          const definition = parseJson(path, await readFile(path, 'utf8'));
          return naming(path, () => schemaVersion(eventType, version, definition));
        }),
      );
      return schemaHistory(eventType, versions);
    },
  };
}

/** All histories of a registry, by event type. */
export async function readHistories(registry: Registry): Promise<SchemaHistory[]> {
  return Promise.all((await registry.eventTypes()).map((eventType) => registry.history(eventType)));
}

async function versionFiles(folder: string): Promise<{ version: number; name: string }[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => {
      const match = /^v([1-9]\d{0,5})\.avsc$/.exec(name);
      return match === null ? [] : [{ version: Number(match[1]), name }];
    })
    .sort((a, b) => a.version - b.version);
}

/** Says which file it was that is not a schema. */
function naming(path: string, read: () => SchemaVersion): SchemaVersion {
  try {
    return read();
  } catch (cause) {
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `${(cause as Error).message} (in ${path})`, { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
