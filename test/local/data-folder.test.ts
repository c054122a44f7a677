import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataFolder, lockDataFolder, readRunning, writeRunning } from '../../src/local/data-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const RUNNING = { url: 'http://127.0.0.1:1', brokers: '127.0.0.1:2', pid: process.pid };

describe('a data folder', () => {
  it('has absolute paths, so that a change of the working folder moves nothing', () => {
    for (const path of Object.values(dataFolder('somewhere'))) expect(isAbsolute(path)).toBe(true);
  });

  it('is used by one process at a time', async () => {
    const folder = dataFolder(temporaryFolder());
    const unlock = await lockDataFolder(folder);
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      code: 'SLUICE_ALREADY_RUNNING',
      message: expect.stringContaining(folder.root),
    });
    unlock();
    (await lockDataFolder(folder))();
  });

  it('says which process uses it', async () => {
    const folder = dataFolder(temporaryFolder());
    onTestFinished(await lockDataFolder(folder));
    await writeRunning(folder, RUNNING);
    await expect(lockDataFolder(folder)).rejects.toThrow(`Process ${process.pid} (http://127.0.0.1:1)`);
  });

  it('can be locked again once the process that had it was killed', async () => {
    const folder = dataFolder(temporaryFolder());
    const module = new URL('../../src/local/data-folder.ts', import.meta.url).href;
    const script = `
      const { dataFolder, lockDataFolder } = await import(${JSON.stringify(module)});
      await lockDataFolder(dataFolder(${JSON.stringify(folder.root)}));
      console.log('locked');
      setInterval(() => {}, 1000);
    `;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    await expect(lockDataFolder(folder)).rejects.toMatchObject({ code: 'SLUICE_ALREADY_RUNNING' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    (await lockDataFolder(folder))();
  });

  it('tells how to reach the process that runs on it, for as long as it runs', async () => {
    const folder = dataFolder(temporaryFolder());
    expect(await readRunning(folder)).toBeUndefined();
    const unlock = await lockDataFolder(folder);
    await writeRunning(folder, RUNNING);
    expect(await readRunning(folder)).toEqual(RUNNING);
    await writeRunning(folder, undefined);
    expect(await readRunning(folder)).toBeUndefined();
    await writeRunning(folder, undefined);
    unlock();
    expect(readdirSync(folder.root)).toEqual(['lock.db']);
  });

  it('knows that a process which was killed runs no more, whoever has its process id now', async () => {
    const folder = dataFolder(temporaryFolder());
    await writeRunning(folder, RUNNING);
    expect(await readRunning(folder)).toBeUndefined();
    (await lockDataFolder(folder))();
    expect(await readRunning(folder)).toBeUndefined();
  });

  it.each(['', '{', 'null', '{}', '[]', '"text"', '{"pid":"x"}'])(
    'takes %j in place of what runs for nothing',
    async (text) => {
      const folder = dataFolder(temporaryFolder());
      onTestFinished(await lockDataFolder(folder));
      writeFileSync(folder.runningFile, text);
      expect(await readRunning(folder)).toBeUndefined();
    },
  );
});
