import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type DataFolder, dataFolder, lockDataFolder, readRunning, writeRunning } from '../../src/local/data-folder.ts';

async function freshFolder(): Promise<DataFolder> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-data-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return dataFolder(join(root, 'not', 'there', 'yet'));
}

test('a data folder is taken by one at a time, and the second hears at once who has it', async () => {
  const folder = await freshFolder();
  const unlock = await lockDataFolder(folder);
  await expect(lockDataFolder(folder)).rejects.toMatchObject({ code: 'SLUICE_ALREADY_RUNNING' });
  await writeRunning(folder, { url: 'http://127.0.0.1:1', brokers: '127.0.0.1:2', pid: process.pid });
  await expect(lockDataFolder(folder)).rejects.toThrow(`Process ${process.pid} (http://127.0.0.1:1)`);
  unlock();
  (await lockDataFolder(folder))();
});

test('a data folder that cannot be made is a fault of the storage, not of another process', async () => {
  const folder = await freshFolder();
  await writeFile(join(folder.root, '..', '..', '..', 'file'), '');
  const inside = dataFolder(join(folder.root, '..', '..', '..', 'file', 'data'));
  await expect(lockDataFolder(inside)).rejects.toMatchObject({ code: 'SLUICE_STORAGE' });
});

test('what a pipeline said of itself is not believed once its process is gone', async () => {
  const folder = await freshFolder();
  const unlock = await lockDataFolder(folder);
  const running = { url: 'http://127.0.0.1:1', brokers: '127.0.0.1:2', pid: process.pid };
  expect(await readRunning(folder)).toBeUndefined();
  await writeRunning(folder, running);
  expect(await readRunning(folder)).toEqual(running);
  // Above the highest process id of Linux and macOS.
  await writeRunning(folder, { ...running, pid: 2 ** 22 + 1 });
  expect(await readRunning(folder)).toBeUndefined();
  await writeRunning(folder, undefined);
  expect(await readRunning(folder)).toBeUndefined();
  unlock();
});
