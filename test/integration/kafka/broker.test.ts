import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createKafkaClient } from '../../../src/adapters/kafka/client.ts';
import { createKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { findRecord } from '../../../src/adapters/kafka/find.ts';
import { ensureTopics } from '../../../src/adapters/kafka/topics.ts';
import { type Broker, startBroker } from '../../../src/local/kafka/broker.ts';
import { installKafka } from '../../../src/local/kafka/install.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
// What a process listens on and how it was called is read from /proc.
const onLinux = process.platform === 'linux';

let root = '';
let libs = '';
beforeAll(async () => {
  libs = await installKafka();
  root = await mkdtemp(join(tmpdir(), 'sluice-broker-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A data folder that does not exist yet, with a blank in its name, as user names have. */
function newDataDir(): string {
  return join(root, `data of ${randomUUID()}`);
}

async function logsOf(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'logs');
  const files = (await readdir(folder)).filter((name) => name.startsWith('broker.log'));
  return (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('');
}

async function append(brokers: string, topic: string, value: string): Promise<void> {
  await ensureTopics(createKafkaClient({ brokers: [brokers] }), [{ name: topic, partitions: 1 }]);
  const log = createKafkaEventLog({ cluster: [brokers] });
  await log.append([{ topic, key: null, value: Buffer.from(value), headers: {}, timestamp: 1 }]);
  await log.close();
}

async function values(brokers: string, topic: string): Promise<string[]> {
  const found: string[] = [];
  await findRecord(createKafkaClient({ brokers: [brokers] }), [topic], ({ value }) => {
    found.push(String(value));
    return false;
  });
  return found;
}

/** Ids of the processes whose command line names a folder. */
async function processesOf(dataDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => commands[index]!.includes(dataDir)).map(Number);
}

/** Addresses, as /proc/net/tcp has them, on which a process listens. */
async function listening(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const inodes = new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  const LISTEN = '0A';
  return tables.flatMap((table) =>
    table
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTEN && inodes.has(fields[9]!))
      .map((fields) => fields[1]!),
  );
}

describe('a running broker', () => {
  let broker: Broker;
  let dataDir = '';
  beforeAll(async () => {
    dataDir = newDataDir();
    broker = await startBroker({ dataDir, libs });
  });
  afterAll(async () => {
    await broker?.stop();
  });

  it.runIf(onLinux)('listens on its two ports of the loopback interface, and nowhere else', async () => {
    const LOOPBACK = /^(0100007F|0000000000000000FFFF00000100007F|00000000000000000000000001000000)$/;
    const addresses = (await listening(broker.pid)).map((address) => address.split(':'));
    expect(addresses.map(([, port]) => Number.parseInt(port!, 16)).sort()).toEqual(Object.values(broker.ports).sort());
    for (const [address] of addresses) expect(address).toMatch(LOOPBACK);
  });

  it.runIf(onLinux)("is in a process group of its own, which the terminal's Ctrl-C does not reach", async () => {
    const stat = await readFile(`/proc/${broker.pid}/stat`, 'utf8');
    // The name, in parentheses, may contain anything; the group is the third field after it.
    const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
    expect(group).toBe(broker.pid);
  });

  it('has its data to itself: a second start is refused while it lives', async () => {
    await expect(startBroker({ dataDir, libs })).rejects.toMatchObject({
      code: 'SLUICE_ALREADY_RUNNING',
      message: expect.stringContaining(String(broker.pid)),
    });
    await expect(values(broker.brokers, 'nothing')).resolves.toEqual([]);
  });

  it('has its ports to itself: another broker that is to have them says why it cannot start', async () => {
    const other = newDataDir();
    const started = startBroker({ dataDir: other, libs, ports: broker.ports });
    await expect(started).rejects.toMatchObject({
      code: 'SLUICE_BROKER_START',
      message: expect.stringMatching(/Address already in use/),
    });
    await expect(started).rejects.toThrow(join(other, 'logs', 'broker.log'));
    if (onLinux) expect(await processesOf(other)).toEqual([]);
  });
});

describe('a broker whose parent is killed', () => {
  it('ends; the next start waits for that, finds the records, and leaves no process when it stops', async () => {
    const dataDir = newDataDir();
    const topic = 'kept';
    const script = join(import.meta.dirname, 'start-broker.ts');
    const parent = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const orphan = JSON.parse(line) as { brokers: string; pid: number };
    await append(orphan.brokers, topic, 'of the first run');

    parent.kill('SIGKILL');
    const progress: string[] = [];
    const broker = await startBroker({ dataDir, libs, onProgress: (said) => progress.push(said) });
    onTestFinished(() => broker.stop());
    // It has ended; whoever has inherited it may still have to take note of that.
    await vi.waitFor(() => expect(() => process.kill(orphan.pid, 0)).toThrow('ESRCH'), PATIENCE);
    expect(progress).toEqual([
      'waiting for the Kafka broker of an earlier run to end',
      'starting the Kafka broker',
      `the Kafka broker answers at ${broker.brokers}`,
    ]);
    // It was asked to end, and ended in good order: only one that hangs is killed.
    expect(await logsOf(dataDir)).toContain('Terminating process due to signal SIGTERM');
    await append(broker.brokers, topic, 'of the second run');
    expect(await values(broker.brokers, topic)).toEqual(['of the first run', 'of the second run']);

    await broker.stop();
    // What Java ends with when SIGTERM has ended it in good order.
    expect(await broker.exited).toEqual({ code: 143, signal: null });
    expect(existsSync(join(dataDir, 'broker.json'))).toBe(false);
    if (onLinux) await vi.waitFor(async () => expect(await processesOf(dataDir)).toEqual([]), PATIENCE);
  });
});

describe('a start', () => {
  it.each(['preparing storage', 'starting the Kafka broker'])(
    'that is given up while %s leaves nothing behind',
    async (when) => {
      const dataDir = newDataDir();
      const giveUp = new AbortController();
      const reason = new Error('Ctrl-C');
      const started = startBroker({
        dataDir,
        libs,
        signal: giveUp.signal,
        onProgress: (line) => {
          if (line.startsWith(when)) setTimeout(() => giveUp.abort(reason), 300);
        },
      });
      await expect(started).rejects.toBe(reason);
      if (onLinux) await vi.waitFor(async () => expect(await processesOf(dataDir)).toEqual([]), PATIENCE);
    },
  );

  it('that cannot prepare its storage says what Java said', async () => {
    const empty = join(root, 'no jars');
    await mkdir(empty);
    await expect(startBroker({ dataDir: newDataDir(), libs: empty })).rejects.toMatchObject({
      code: 'SLUICE_BROKER_START',
      message: expect.stringContaining('kafka.tools.StorageTool'),
    });
  });
});
