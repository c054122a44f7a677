import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openObjectStore } from '../../../src/adapters/local/object-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('an object store', () => {
  it('keeps an object byte for byte under its key', async () => {
    const folder = temporaryFolder();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await (await openObjectStore(join(folder, 'objects'))).put('events/a.b/dt=2026-11-24/hour=03/one.csv.gz', bytes);
    expect(files(folder)).toEqual(['objects/events/a.b/dt=2026-11-24/hour=03/one.csv.gz']);
    expect(readFileSync(join(folder, files(folder)[0]!))).toEqual(bytes);
  });

  it('replaces an object of the same key', async () => {
    const folder = temporaryFolder();
    const store = await openObjectStore(folder);
    await store.put('a/one', Buffer.from('a longer first text'));
    await store.put('a/one', Buffer.from('second'));
    expect(files(folder)).toEqual(['a/one']);
    expect(readFileSync(join(folder, 'a/one'), 'utf8')).toBe('second');
  });

  it('never shows part of an object, even while it is replaced many times', async () => {
    const folder = temporaryFolder();
    const store = await openObjectStore(folder);
    const versions = Array.from({ length: 8 }, (_, index) => Buffer.alloc(200_000 + index, 97 + index));
    await store.put('one', versions[0]!);
    const writing = Promise.all(versions.map((bytes) => store.put('one', bytes)));
    let isDone = false;
    void writing.then(() => {
      isDone = true;
    });
    while (!isDone) {
      const seen = readFileSync(join(folder, 'one'));
      expect(versions.some((bytes) => bytes.equals(seen))).toBe(true);
      await new Promise(setImmediate);
    }
    await writing;
    expect(files(folder)).toEqual(['one']);
  });

  it('leaves nothing behind of an object that could not be written', async () => {
    const folder = temporaryFolder();
    const store = await openObjectStore(folder);
    mkdirSync(join(folder, 'a/taken/by-a-folder'), { recursive: true });
    writeFileSync(join(folder, 'file'), '');
    for (const key of ['a/taken', 'file/below']) {
      await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject({ code: 'SLUICE_STORAGE', retryable: true });
    }
    expect(files(folder)).toEqual(['file']);
  });

  it('removes what a crash left unfinished when it is opened, and nothing else', async () => {
    const folder = temporaryFolder();
    const store = await openObjectStore(folder);
    await store.put('events/a.b/dt=2026-11-24/hour=03/one.csv.gz', Buffer.from('one'));
    // What the process leaves when it is killed between writing and renaming.
    writeFileSync(join(folder, 'events/a.b/dt=2026-11-24/hour=03/.unfinished-0011223344ff'), 'half an obj');
    writeFileSync(join(folder, '.unfinished-x'), '');
    await openObjectStore(folder);
    expect(files(folder)).toEqual(['events/a.b/dt=2026-11-24/hour=03/one.csv.gz']);
  });
});
