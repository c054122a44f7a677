import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKafkaClient } from '../../../src/adapters/kafka/client.ts';
import { createKafkaEventLog, type KafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { findRecord } from '../../../src/adapters/kafka/find.ts';
import { readLag } from '../../../src/adapters/kafka/lag.ts';
import { ensureTopics } from '../../../src/adapters/kafka/topics.ts';
import type { FetchedRecord, LogRecord } from '../../../src/ports/event-log.ts';
import { useBroker } from '../../support/broker.ts';
import { eventLogContract } from '../../support/event-log-contract.ts';

const broker = useBroker();
const PATIENCE = { timeout: 20_000, interval: 10 };

const logs: KafkaEventLog[] = [];
/** A log with the lines it wrote. */
function open(sessionTimeoutMs = 3_000): KafkaEventLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const log = createKafkaEventLog({
    cluster: [broker.brokers],
    sessionTimeoutMs,
    log: (level, line) => lines.push(`${level}: ${line}`),
  });
  logs.push(log);
  return { ...log, lines };
}
afterAll(() => Promise.all(logs.map((log) => log.close())));

/** A new topic's name. */
async function topicOf(partitions: number, config: Record<string, string> = {}): Promise<string> {
  const [topic] = await ensureTopics(broker.kafka, [{ name: `t-${randomUUID()}`, partitions, config }]);
  return topic!.name;
}

/** Reads a topic as a group until it has given `count` records. */
async function read(log: KafkaEventLog, group: string, topic: string, count: number): Promise<FetchedRecord[]> {
  const seen: FetchedRecord[] = [];
  const subscription = await log.subscribe({ group, topics: [topic] }, async ({ records }) => {
    seen.push(...records);
  });
  await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(count), PATIENCE);
  await subscription.stop();
  return seen;
}

function records(topic: string, count: number, headers: LogRecord['headers'] = {}): LogRecord[] {
  return Array.from({ length: count }, (_, n) => {
    return { topic, key: null, value: Buffer.from(`value ${n}`), headers, timestamp: n };
  });
}

// The first words with a broker that has never served anybody, when its coordinators still load.
const firstWords: { lines: string[]; records: number } = { lines: [], records: 0 };
beforeAll(async () => {
  const log = open();
  const topic = await topicOf(2);
  const reading = read(log, randomUUID(), topic, 3);
  await log.append(records(topic, 3));
  firstWords.records = (await reading).length;
  firstWords.lines = log.lines;
});

eventLogContract('Kafka', () => ({
  open: () => open(),
  createTopic: ({ partitions, maxMessageBytes }) =>
    topicOf(partitions, maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(maxMessageBytes) }),
}));

describe('the Kafka event log', () => {
  it('works with a cluster that has just started, and says nothing of its loading', () => {
    expect(firstWords).toEqual({ lines: [], records: 3 });
  });

  it('ends what is under way when it is closed, and refuses records from then on', async () => {
    const log = open();
    const topic = await topicOf(1);
    const before = log.append(records(topic, 5));
    await log.close();
    await expect(log.append(records(topic, 1))).rejects.toMatchObject({ code: 'SLUICE_STOPPING' });
    expect(await before).toEqual(Array(5).fill({ ok: true, partition: 0 }));
  });

  it('does not join a group for a topic that does not exist', async () => {
    const subscribed = open().subscribe({ group: randomUUID(), topics: ['nowhere'] }, async () => {});
    await expect(subscribed).rejects.toMatchObject({ code: 'SLUICE_LOG_UNAVAILABLE' });
  });

  it('gives the value of a header that others repeated last, and leaves out one without a value', async () => {
    const topic = await topicOf(1);
    const headers = { twice: ['first', Buffer.from('last')], once: 'text' };
    await produce(broker.kafka, topic, [{ value: 'v', headers }]);
    const [record] = await read(open(), randomUUID(), topic, 1);
    expect({ ...record!.headers }).toEqual({ twice: Buffer.from('last'), once: Buffer.from('text') });
  });

  it('reads past the markers of transactions, and not what was rolled back', async () => {
    const topic = await topicOf(1);
    const producer = broker.kafka.producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const value of ['kept', 'rolled back', 'kept too']) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await (value === 'rolled back' ? transaction.abort() : transaction.commit());
    }
    await producer.disconnect();
    const group = randomUUID();
    const seen = await read(open(), group, topic, 2);
    expect(seen.map(({ value }) => String(value))).toEqual(['kept', 'kept too']);
    expect(await findRecord(broker.kafka, [topic], () => false)).toBeUndefined();
  });

  it('tells when records were gone before their group had read them, and goes on with the oldest that is left', async () => {
    const log = open();
    const topic = await topicOf(1);
    const group = randomUUID();
    await log.append(records(topic, 5));
    await read(log, group, topic, 5);
    await log.append(records(topic, 5));
    await deleteRecords(topic, 8);
    const seen = await read(log, group, topic, 2);
    expect(seen.map(({ offset }) => offset)).toEqual([8n, 9n]);
    expect(log.lines).toEqual([
      expect.stringContaining(`Offset out of range, resetting to default offset (${topic}/0)`),
    ]);
  });

  it('stays a member of its group while a handler takes longer than a session', async () => {
    const log = open(1_000);
    const topic = await topicOf(1);
    const group = randomUUID();
    await log.append(records(topic, 5));
    let calls = 0;
    const subscription = await log.subscribe({ group, topics: [topic] }, async () => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 2_500));
    });
    const committed = async () => (await readLag(broker.kafka, group, [topic])).get(topic)?.committed;
    await vi.waitFor(async () => expect(await committed()).toBe(5n), { ...PATIENCE, interval: 200 });
    await subscription.stop();
    expect({ calls, lines: log.lines }).toEqual({ calls: 1, lines: [] });
  });
});

describe('ensureTopics', () => {
  it('creates what is missing, leaves what is there, and reports a difference', async () => {
    const [old, fresh] = [`t-${randomUUID()}`, `t-${randomUUID()}`];
    const config = { 'max.message.bytes': '12345', 'retention.ms': '86400000' };
    expect(await ensureTopics(broker.kafka, [{ name: old, partitions: 3, config }])).toEqual([
      { name: old, created: true, partitions: 3, wanted: 3 },
    ]);
    expect(
      await ensureTopics(broker.kafka, [
        { name: old, partitions: 5, config: { 'retention.ms': '1' } },
        { name: fresh, partitions: 1 },
      ]),
    ).toEqual([
      { name: old, created: false, partitions: 3, wanted: 5 },
      { name: fresh, created: true, partitions: 1, wanted: 1 },
    ]);
    expect(await configOf(old, ['max.message.bytes', 'retention.ms'])).toEqual(config);
  });

  it('lets several callers create the same topics at once, and tells one of them that it did', async () => {
    const names = Array.from({ length: 4 }, () => `t-${randomUUID()}`);
    const specs = names.map((name) => ({ name, partitions: 2 }));
    const answers = await Promise.all([1, 2, 3].map(() => ensureTopics(broker.kafka, specs)));
    for (const [index, name] of names.entries()) {
      const of = answers.map((answer) => answer[index]!);
      expect(
        of.map(({ partitions }) => partitions),
        name,
      ).toEqual([2, 2, 2]);
      expect(
        of.filter(({ created }) => created),
        name,
      ).toHaveLength(1);
    }
  });

  it('refuses names that Kafka does not take', async () => {
    await expect(ensureTopics(broker.kafka, [{ name: 'a b', partitions: 1 }])).rejects.toMatchObject({
      code: 'SLUICE_LOG_UNAVAILABLE',
    });
  });
});

describe('readLag', () => {
  it('counts what is kept and not committed, over all partitions, and skips topics that do not exist', async () => {
    const log = open();
    const group = randomUUID();
    const topic = await topicOf(3);
    const other = await topicOf(2);
    await log.append([...records(topic, 30), ...records(other, 7)]);
    await read(log, group, topic, 30);
    await log.append(records(topic, 12));
    expect(await readLag(broker.kafka, group, [topic, other, 'nowhere'])).toEqual(
      new Map([
        [topic, { low: 0n, end: 42n, committed: 30n, lag: 12n }],
        [other, { low: 0n, end: 7n, committed: 0n, lag: 7n }],
      ]),
    );
  });

  it('does not wait for records that are gone', async () => {
    const log = open();
    const topic = await topicOf(1);
    await log.append(records(topic, 10));
    await deleteRecords(topic, 8);
    expect(await readLag(broker.kafka, randomUUID(), [topic])).toEqual(
      new Map([[topic, { low: 8n, end: 10n, committed: 8n, lag: 2n }]]),
    );
  });
});

describe('findRecord', () => {
  it('finds a record in the middle of several topics, with its place', async () => {
    const log = open();
    const [one, two] = [await topicOf(3), await topicOf(2)];
    await log.append([...records(one, 500), ...records(two, 500)]);
    const wanted: LogRecord = { ...records(two, 1)[0]!, key: Buffer.from('k'), headers: { id: Buffer.from('wanted') } };
    const [result] = await log.append([wanted]);
    await log.append(records(two, 500));
    const found = await findRecord(broker.kafka, [one, two, 'nowhere'], ({ headers }) => {
      return headers.id !== undefined && String(headers.id) === 'wanted';
    });
    expect(found).toMatchObject({ topic: two, partition: result?.ok && result.partition, key: Buffer.from('k') });
    expect(found?.headers).toMatchObject({ id: Buffer.from('wanted') });
  });

  it('ends when it has read everything, tombstones included, and found nothing', async () => {
    const log = open();
    const topic = await topicOf(3);
    await log.append(records(topic, 200).map((record, n) => (n % 2 === 0 ? record : { ...record, value: null })));
    let read = 0;
    expect(
      await findRecord(broker.kafka, [topic, await topicOf(1)], () => {
        read += 1;
        return false;
      }),
    ).toBeUndefined();
    expect(read).toBe(200);
  });

  it('has nothing to read in topics that are empty or do not exist', async () => {
    expect(await findRecord(broker.kafka, [await topicOf(2), 'nowhere'], () => true)).toBeUndefined();
  });
});

describe('without a cluster', () => {
  it('every use ends with SLUICE_LOG_UNAVAILABLE', async () => {
    // The discard port: nobody listens there.
    const kafka = createKafkaClient({ brokers: ['127.0.0.1:9'], retry: { retries: 1 } });
    const log = createKafkaEventLog({ cluster: kafka });
    const unavailable = { code: 'SLUICE_LOG_UNAVAILABLE', retryable: true };
    await Promise.all([
      expect(log.append(records('t', 1))).rejects.toMatchObject(unavailable),
      expect(log.subscribe({ group: 'g', topics: ['t'] }, async () => {})).rejects.toMatchObject(unavailable),
      expect(readLag(kafka, 'g', ['t'])).rejects.toMatchObject(unavailable),
      expect(findRecord(kafka, ['t'], () => true)).rejects.toMatchObject(unavailable),
      expect(ensureTopics(kafka, [{ name: 't', partitions: 1 }])).rejects.toMatchObject(unavailable),
    ]);
    await log.close();
  });
});

type Messages = Parameters<ReturnType<Kafka['producer']>['send']>[0]['messages'];

/** Appends as a foreign producer would. */
async function produce(kafka: Kafka, topic: string, messages: Messages): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

/** Deletes the records before an offset, as retention does in time. */
async function deleteRecords(topic: string, before: number): Promise<void> {
  const admin = broker.kafka.admin();
  await admin.connect();
  // It works only with the topic's metadata, which nothing but another call loads.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(before) }] });
  await admin.disconnect();
}

async function configOf(topic: string, names: string[]): Promise<Record<string, string>> {
  const admin = broker.kafka.admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: topic, configNames: names }],
  });
  await admin.disconnect();
  return Object.fromEntries(
    resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]),
  );
}
