import { setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import type { PipelineOptions } from '../../src/local/pipeline.ts';
import { startPipelineThread } from '../../src/local/pipeline-thread.ts';

const OPTIONS: PipelineOptions = {
  schemas: { address: '/schemas', keptDir: '/kept' },
  dataDir: '/data',
  brokers: [],
  flushMs: 1,
  flushBytes: 1,
  maxReceives: 1,
};
const log = () => {};

/** A thread that does what the script says. It shows signs of life for as long as it lives, and never ends by itself. */
function scripted(name: string, script: string) {
  const signs = new BroadcastChannel(name);
  let seen = 0;
  signs.onmessage = () => {
    seen += 1;
  };
  onTestFinished(() => signs.close());
  const entry = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { BroadcastChannel, parentPort } from 'node:worker_threads';
      const signs = new BroadcastChannel('${name}');
      setInterval(() => signs.postMessage(1), 5);
      const report = (message) => parentPort.postMessage(message);
      ${script}
    `)}`,
  );
  const isAlive = async (): Promise<boolean> => {
    // What was under way when the thread ended arrives first.
    await sleep(50);
    const before = seen;
    await sleep(100);
    return seen > before;
  };
  return { entry, isAlive };
}

const READY = `report({ kind: 'ready' });`;

test('a pipeline that cannot start says why, and its thread does not outlive it', async () => {
  const { entry, isAlive } = scripted(
    'failing',
    `report({ kind: 'failed', code: 'SLUICE_STORAGE', message: 'full' });`,
  );
  await expect(startPipelineThread(OPTIONS, { log, entry })).rejects.toMatchObject({
    code: 'SLUICE_STORAGE',
    message: 'full',
  });
  expect(await isAlive()).toBe(false);
});

test('a signal ends a thread whose pipeline has not come up yet', async () => {
  const { entry, isAlive } = scripted('starting', '');
  const giveUp = new AbortController();
  const starting = startPipelineThread(OPTIONS, { log, entry, signal: giveUp.signal });
  starting.catch(() => {});
  expect(await isAlive()).toBe(true);
  giveUp.abort(new Error('interrupted'));
  await expect(starting).rejects.toThrow('interrupted');
  expect(await isAlive()).toBe(false);
});

test('a thread that does not stop when it is told is ended', async () => {
  const { entry, isAlive } = scripted('stubborn', READY);
  const thread = await startPipelineThread(OPTIONS, { log, entry });
  expect(await isAlive()).toBe(true);
  await thread.stop(20);
  expect(await isAlive()).toBe(false);
});

test('a pipeline that breaks down says what broke it', async () => {
  const { entry } = scripted('breaking', `${READY} setTimeout(() => { throw new Error('out of luck'); }, 20);`);
  const thread = await startPipelineThread(OPTIONS, { log, entry });
  expect(await thread.crashed).toMatchObject({ code: 'SLUICE_INTERNAL', message: 'out of luck' });
  await thread.stop(1_000);
});

test('everybody who asks for latencies at the same time gets an answer, and an error once nobody can give one', async () => {
  const { entry } = scripted(
    'latencies',
    `${READY} let asked = 0; parentPort.on('message', ({ kind }) => {
      if (kind === 'latencies') report({ kind, latencies: { 'a.b': { events: ++asked, p50: 1, p99: 2 } } });
    });`,
  );
  const thread = await startPipelineThread(OPTIONS, { log, entry });
  const answers = await Promise.all([thread.latencies(false), thread.latencies(true)]);
  expect(answers.map((latencies) => latencies['a.b']?.events)).toEqual([1, 2]);
  await thread.stop(20);
  await expect(thread.latencies(false)).rejects.toMatchObject({ code: 'SLUICE_STOPPING' });
});
