import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { ensureTopics } from '../../../src/adapters/kafka/topics.ts';
import type { EventLog, FetchedRecord, LogRecord } from '../../../src/ports/event-log.ts';
import { useBroker } from '../../support/broker.ts';

const broker = useBroker();
const PATIENCE = { timeout: 40_000, interval: 20 };

async function topicOf(partitions: number): Promise<string> {
  const [topic] = await ensureTopics(broker.kafka, [{ name: `t-${randomUUID()}`, partitions }]);
  return topic!.name;
}

function records(topic: string, from: number, count: number, key = 'key'): LogRecord[] {
  return Array.from({ length: count }, (_, n) => {
    return { topic, key: Buffer.from(key), value: Buffer.from(`${from + n}`), headers: {}, timestamp: 1 };
  });
}

/** Reads a topic into the returned list, as a new group or a given one. */
async function follow(log: EventLog, topic: string, group: string = randomUUID()): Promise<FetchedRecord[]> {
  const seen: FetchedRecord[] = [];
  const subscription = await log.subscribe({ group, topics: [topic] }, async (batch) => {
    seen.push(...batch.records);
  });
  onTestFinished(() => subscription.stop());
  return seen;
}

function numbersOf(seen: readonly FetchedRecord[], key = 'key'): number[] {
  return seen.filter((record) => String(record.key) === key).map(({ value }) => Number(String(value)));
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

function openLog(cluster: Kafka | readonly string[] = [broker.brokers]) {
  const log = createKafkaEventLog({ cluster, sessionTimeoutMs: 3_000 });
  onTestFinished(() => log.close());
  return log;
}

describe('when the broker is killed and started again', () => {
  it('nothing that was appended is lost, doubled or out of order, and the subscription goes on by itself', async () => {
    const log = openLog();
    const topic = await topicOf(3);
    const seen = await follow(log, topic);
    let appending = true;
    const outcomes = { taken: 0, refused: new Set<string>() };
    /** Appends calls of ten in turn, each until it is taken; returns how many tries each took. */
    const append = async (key: string): Promise<number[]> => {
      const tries: number[] = [];
      for (let call = 0; appending; call++) {
        await sleep(5);
        const batch = records(topic, call * 10, 10, key);
        for (tries[call] = 1; ; tries[call]! += 1) {
          const results = await log.append(batch).catch((error) => {
            outcomes.refused.add(error.code);
          });
          if (results?.every(({ ok }) => ok)) break;
          await sleep(100);
        }
        outcomes.taken += 1;
      }
      return tries;
    };
    const keys = ['a', 'b', 'c', 'd'];
    const appended = keys.map(append);

    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(500), PATIENCE);
    await broker.kill();
    await sleep(11_000);
    await broker.restart();
    const before = outcomes.taken;
    await vi.waitFor(() => expect(outcomes.taken).toBeGreaterThan(before + 50), PATIENCE);
    appending = false;

    expect([...outcomes.refused]).toEqual(['SLUICE_LOG_UNAVAILABLE']);
    for (const [index, key] of keys.entries()) {
      const tries = await appended[index]!;
      await vi.waitFor(() => expect(new Set(numbersOf(seen, key)).size).toBe(tries.length * 10), PATIENCE);
    }
    // Read again from the first record, by a group without a history: the first one may have been given some twice.
    const kept = await follow(log, topic);
    for (const [index, key] of keys.entries()) {
      const tries = await appended[index]!;
      await vi.waitFor(() => expect(new Set(numbersOf(kept, key)).size).toBe(tries.length * 10), PATIENCE);
      const numbers = numbersOf(kept, key);
      const times = Map.groupBy(numbers, (n) => n);
      const doubled = tries.flatMap((count, call) =>
        count === 1 ? range(call * 10, 10).filter((n) => times.get(n)!.length > 1) : [],
      );
      expect(doubled, `doubled although their call was never refused, key ${key}`).toEqual([]);
      let highest = -1;
      for (const n of numbers) {
        expect(n, `a record was overtaken, key ${key}`).toBeLessThanOrEqual(highest + 1);
        highest = Math.max(highest, n);
      }
    }
  });
});

describe('when an answer of the broker is lost', () => {
  it('records are stored once if the broker can be asked again', async () => {
    const network = unreliableNetwork();
    const log = openLog(network.kafka);
    const topic = await topicOf(2);
    // Those without a key choose their partitions in turn: the repetition begins with the other partition, unless the
    // first choice is remembered.
    const mixed = (from: number) =>
      records(topic, from, 21).map((record, n) => (n % 2 === 0 ? { ...record, key: null } : record));
    await log.append(mixed(0));
    network.loseNextAnswer();
    const results = await log.append(mixed(21));
    expect(results.every(({ ok }) => ok)).toBe(true);
    await log.append(mixed(42));
    expect(network.lost()).toBe(1);
    const seen = await follow(log, topic);
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(63), PATIENCE);
    expect(seen.map(({ value }) => Number(String(value))).sort((a, b) => a - b)).toEqual(range(0, 63));
  });

  it('other records are not taken for a repetition of those whose fate is unknown', async () => {
    const network = unreliableNetwork();
    const log = openLog(network.kafka);
    const topic = await topicOf(1);
    await log.append(records(topic, 0, 20));
    network.loseNextAnswer();
    network.cutOff(true);
    await expect(log.append(records(topic, 20, 20))).rejects.toMatchObject({ code: 'SLUICE_LOG_UNAVAILABLE' });
    network.cutOff(false);
    await log.append(records(topic, 100, 20));
    expect(network.lost()).toBe(1);
    const seen = await follow(log, topic);
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(60), PATIENCE);
    expect(numbersOf(seen)).toEqual([...range(0, 40), ...range(100, 20)]);
  });
});

describe('when a member of a group is killed', () => {
  it('another one takes over what it had not committed', async () => {
    const log = openLog();
    const topic = await topicOf(1);
    const group = randomUUID();
    await log.append(records(topic, 0, 20));
    const script = join(import.meta.dirname, 'stuck-member.ts');
    const member = spawn(process.execPath, [script, broker.brokers, group, topic], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(member, 'exit');
    onTestFinished(() => void member.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: member.stdout }), 'line');
    expect(line).toBe('given 20');
    member.kill('SIGKILL');
    await exited;
    const seen = await follow(log, topic, group);
    await vi.waitFor(() => expect(numbersOf(seen)).toEqual(range(0, 20)), PATIENCE);
  });
});

/** A client whose connections break at wish. */
function unreliableNetwork() {
  let loseNext = false;
  let cut = false;
  let lost = 0;
  const socketFactory: NonNullable<KafkaConfig['socketFactory']> = ({ host, port, onConnect }) => {
    // Nobody listens on the discard port.
    const socket: Socket = connect({ host, port: cut ? 9 : port }, onConnect);
    let awaited = false;
    const { write, emit } = socket;
    socket.write = function (this: Socket, ...args: unknown[]) {
      // The api key follows the four bytes of the length; 0 is Produce.
      if (loseNext && Buffer.isBuffer(args[0]) && args[0].readInt16BE(4) === 0) awaited = true;
      return write.apply(this, args as unknown as Parameters<typeof write>);
    } as typeof write;
    socket.emit = function (this: Socket, ...args: [string, ...unknown[]]) {
      if (args[0] !== 'data' || !awaited) return emit.apply(this, args as unknown as Parameters<typeof emit>);
      // That an answer is there means that the broker has stored the records.
      awaited = false;
      loseNext = false;
      lost += 1;
      socket.destroy(new Error('the connection broke'));
      return true;
    } as typeof emit;
    return socket;
  };
  return {
    kafka: new Kafka({
      brokers: [broker.brokers],
      socketFactory,
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 5 },
    }),
    loseNextAnswer() {
      loseNext = true;
    },
    /** While cut off, no new connection can be made. */
    cutOff(now: boolean) {
      cut = now;
    },
    lost: () => lost,
  };
}
