import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SluiceError } from '../../errors.ts';
import type { RegisteredVersion, Registry } from '../../ports/registry.ts';
import { contentIds } from '../../schema/history.ts';
import { publishedAlready } from './publishing.ts';

/** Name of a version's file below the folder of schemas. */
export function schemaPath(eventType: string, version: number): string {
  return join(eventType, `v${version}.avsc`);
}

/** The registry that is a folder: `<event type>/v<N>.avsc`. */
export function openFolderRegistry(folder: string): Registry {
  const versions = async (eventType: string): Promise<RegisteredVersion[]> =>
    isFolderName(eventType)
      ? Promise.all((await versionsIn(join(folder, eventType))).map((version) => read(folder, eventType, version)))
      : [];
  return {
    async eventTypes() {
      const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
        const { code } = cause as NodeJS.ErrnoException;
        const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
        throw new SluiceError('SLUICE_SCHEMA_INVALID', `the schemas folder ${resolve(folder)} ${why}`, { cause });
      });
      const types: string[] = [];
      for (const entry of entries) {
        if (!entry.isDirectory() || !isFolderName(entry.name)) continue;
        if ((await versionsIn(join(folder, entry.name))).length > 0) types.push(entry.name);
      }
      return types.sort();
    },

    versions,

    async publish(eventType, version, definition) {
      const ids = contentIds(definition);
      if (publishedAlready(eventType, await versions(eventType), version, definition) !== undefined) {
        return { isNew: false, ids };
      }
      await mkdir(join(folder, eventType), { recursive: true });
      const text = `${JSON.stringify(definition, null, 2)}\n`;
      await writeOnce(join(folder, schemaPath(eventType, version)), text).catch((cause) => {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
        const why = 'has just been written by somebody else; publish it again to see whether it is the same';
        throw new SluiceError('SLUICE_SCHEMA_PUBLISHED', `${eventType} v${version} ${why}`, { cause });
      });
      return { isNew: true, ids };
    },
  };
}

/** Writes a file whole, or throws EEXIST where somebody else was faster: unlike a rename, a link replaces nothing. */
async function writeOnce(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(beside, text, { flag: 'wx' });
    await link(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

/** True for what can be a folder of this one, and no path out of it. */
function isFolderName(name: string): boolean {
  return /^[^./\\][^/\\]*$/.test(name);
}

async function versionsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => {
      const match = /^v([1-9]\d{0,5})\.avsc$/.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);
}

async function read(folder: string, eventType: string, version: number): Promise<RegisteredVersion> {
  const path = join(folder, schemaPath(eventType, version));
  try {
    const definition: unknown = JSON.parse(await readFile(path, 'utf8'));
    return { version, ids: contentIds(definition), source: path, definition };
  } catch (error) {
    return { version, ids: {}, source: path, unreadable: `${path} is not JSON: ${(error as Error).message}` };
  }
}
