import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SluiceError } from '../../errors.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

/** How unfinished objects are called; no table's pattern matches it. */
const UNFINISHED = '.unfinished-';

/** An object store in a folder. What a crash left unfinished is removed first. */
export async function openObjectStore(folder: string): Promise<ObjectStore> {
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.name.startsWith(UNFINISHED)) await rm(join(entry.parentPath, entry.name), { force: true });
  }
  return {
    async put(key, bytes) {
      const path = join(folder, key);
      const parent = dirname(path);
      const unfinished = join(parent, `${UNFINISHED}${randomBytes(6).toString('hex')}`);
      try {
        await makeSynced(parent);
        await writeSynced(unfinished, bytes);
        await rename(unfinished, path);
        await syncFolder(parent);
      } catch (cause) {
        await rm(unfinished, { force: true }).catch(() => {});
        throw new SluiceError('SLUICE_STORAGE', `object ${key} was not written: ${(cause as Error).message}`, {
          cause,
        });
      }
    },
  };
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a folder and those above it; each is durable once the folder that names it is. */
async function makeSynced(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true });
  if (topmost === undefined) return;
  for (let made = path; made.length >= topmost.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Makes a rename durable: the name is the folder's data. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
