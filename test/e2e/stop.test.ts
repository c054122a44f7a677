import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { type CrashCase, openCase, withSeed } from '../support/crash-case.ts';
import { startLoad } from '../support/crash-load.ts';
import { brokerOf, family, processes, runSluice, type UpProcess } from '../support/crash-process.ts';

// Several brokers and pipelines start here; a machine that is busy with something else may take its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

/** Milliseconds in which everything is over after Ctrl-C. */
const END_MS = 10_000;

/** Sends a signal, and expects that in time nothing is left: no process, no port, no word that it runs. */
async function expectEnd(of: CrashCase, child: UpProcess, name: NodeJS.Signals, code: number): Promise<void> {
  const members = await family(child.pid);
  const deadline = Date.now() + END_MS;
  child.signal(name);
  const late = sleep(END_MS, undefined, { ref: false }).then(() => 'not in time');
  expect(await Promise.race([child.ended, late])).toEqual({ code, signal: null });
  const left = async () => {
    const alive = await processes();
    return members.filter(({ pid, command }) => alive.some((at) => at.pid === pid && at.command === command));
  };
  while ((await left()).length > 0 && Date.now() < deadline) await sleep(20);
  expect(await left()).toEqual([]);
  expect(existsSync(of.folder.runningFile)).toBe(false);
}

/** Fails when somebody listens on the port. */
async function expectFree(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

test.concurrent('Ctrl-C and SIGTERM end everything in time, even a frozen broker, and the next start goes on where they stopped it', (context) =>
  withSeed(async (seed) => {
    const of = await openCase(context, { name: 'stop', seed });
    const { events, book } = of;
    const busy = async (child: UpProcess) => {
      const { url } = await child.ready;
      const load = startLoad({ url, events, book, limit: 100_000, pauseMs: 20 });
      const { accepted } = of.account();
      await load.until(() => of.account().inFlight > 500 && of.account().accepted > accepted + 3_000);
      return load;
    };

    const first = of.start();
    const load = await busy(first);
    const { url, brokers, pid } = await first.ready;
    expect(pid).toBe(first.pid);
    const args = ['up', '--json', '--port', '0', '--schemas', of.schemasDir, '--data', of.folder.root];
    const other = await runSluice(args);
    expect(other.code).toBe(2);
    expect(JSON.parse(other.out)).toMatchObject({ error: { code: 'SLUICE_ALREADY_RUNNING' } });
    expect(JSON.parse(other.out).error.message).toContain(`Process ${pid} (${url})`);
    await expectEnd(of, first, 'SIGINT', 0);
    await load.over;
    await expectFree(Number(new URL(url).port));
    await expectFree(Number(brokers.split(':')[1]));

    // A broker that answers nobody any more can only be killed; nobody waits for it longer than for a good one.
    const second = of.start();
    const more = await busy(second);
    process.kill((await brokerOf(second)).pid, 'SIGSTOP');
    const { accepted } = of.account();
    await more.until(() => of.account().accepted > accepted + 1_000);
    await expectEnd(of, second, 'SIGTERM', 0);
    await more.over;
    expect(of.account().inFlight).toBeGreaterThanOrEqual(1_000);

    const third = of.start();
    await third.ready;
    await of.drained();
    expect(await of.faults()).toEqual([]);
    // Where the shell of npm's scripts is bash, Ctrl-C comes twice: from the terminal, and from npm.
    setTimeout(() => third.signal('SIGINT'), 20);
    await expectEnd(of, third, 'SIGINT', 0);
  }));

test.concurrent('Ctrl-C at any step of the start leaves nothing behind that would keep the next start from its next step', (context) =>
  withSeed(async (seed) => {
    const of = await openCase(context, { name: 'start', seed });
    for (const step of ['preparing storage', 'starting the Kafka broker', 'the Kafka broker answers']) {
      const child = of.start({ chatty: true });
      await child.until(new RegExp(step));
      await expectEnd(of, child, 'SIGINT', 130);
      expect(child.said.out).toBe('');
    }
  }));
