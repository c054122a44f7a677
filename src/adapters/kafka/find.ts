import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { asSluiceError, SluiceError } from '../../errors.ts';
import type { FetchedRecord } from '../../ports/event-log.ts';
import { fetchedRecord } from './fetched.ts';

export interface FoundRecord extends FetchedRecord {
  readonly topic: string;
  readonly partition: number;
}

export interface FindOptions {
  /** Epoch milliseconds; records appended earlier are skipped. Everything that is kept is read by default. */
  readonly since?: number;
  /** Milliseconds after which the search is given up. 30000 by default. */
  readonly timeoutMs?: number;
}

/**
 * Reads topics up to the end they have now, for the first record that `matches`. Topics that do not exist are
 * skipped. Reads as a consumer group of its own, which is deleted again.
 * @returns the record, or undefined when all was read and none matched.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the cluster does not answer, or not all was read in time.
 */
export async function findRecord(
  kafka: Kafka,
  topics: readonly string[],
  matches: (record: FoundRecord) => boolean,
  { since, timeoutMs = 30_000 }: FindOptions = {},
): Promise<FoundRecord | undefined> {
  const groupId = `sluice-find-${randomUUID()}`;
  const admin = kafka.admin();
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: 6_000,
    heartbeatInterval: 2_000,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 4 * 1024 * 1024,
    retry: { restartOnFailure: async () => false },
  });
  const search = Promise.withResolvers<FoundRecord | undefined>();
  const over = new AbortController();
  let joined = false;
  try {
    await admin.connect();
    const ranges = await rangesToRead(admin, topics, since);
    if (ranges.size === 0) return undefined;
    sleep(timeoutMs, undefined, { signal: over.signal }).then(
      () => search.reject(new SluiceError('SLUICE_LOG_UNAVAILABLE', `not all was read within ${timeoutMs / 1000} s`)),
      () => {},
    );
    // The event also tells of batches that hold nothing for a reader, such as transaction markers.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      const range = ranges.get(`${topic}/${partition}`);
      if (range !== undefined && BigInt(lastOffset) + 1n >= range.end) ranges.delete(`${topic}/${partition}`);
      if (ranges.size === 0) search.resolve(undefined);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => search.reject(payload.error));
    await consumer.connect();
    await consumer.subscribe({
      topics: [...new Set([...ranges.values()].map(({ topic }) => topic))],
      fromBeginning: true,
    });
    joined = true;
    const running = consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        for (const message of messages) {
          const record: FoundRecord = { ...fetchedRecord(message), topic, partition };
          if (matches(record)) return search.resolve(record);
        }
      },
    });
    for (const { topic, partition, from } of ranges.values()) {
      consumer.seek({ topic, partition, offset: String(from) });
    }
    running.catch(search.reject);
    return await search.promise;
  } catch (error) {
    throw asSluiceError(error, 'SLUICE_LOG_UNAVAILABLE');
  } finally {
    over.abort();
    search.promise.catch(() => {});
    await Promise.race([consumer.disconnect().catch(() => {}), sleep(5_000, undefined, { ref: false })]);
    if (joined) await forget(admin, groupId);
    await admin.disconnect().catch(() => {});
  }
}

/** What there is to read of one partition: from the first offset up to, and not including, the end. */
interface Range {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  readonly end: bigint;
}

/** The ranges that are not empty, by `topic/partition`. */
async function rangesToRead(
  admin: Admin,
  topics: readonly string[],
  since: number | undefined,
): Promise<Map<string, Range>> {
  const known = new Set(await admin.listTopics());
  const ranges = new Map<string, Range>();
  for (const topic of new Set(topics)) {
    if (!known.has(topic)) continue;
    const starts = since === undefined ? [] : await admin.fetchTopicOffsetsByTimestamp(topic, since);
    const startOf = new Map(starts.map(({ partition, offset }) => [partition, BigInt(offset)]));
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const start = startOf.get(partition) ?? 0n;
      const from = start > BigInt(low) ? start : BigInt(low);
      if (from < BigInt(high)) ranges.set(`${topic}/${partition}`, { topic, partition, from, end: BigInt(high) });
    }
  }
  return ranges;
}

/** Deletes a group that was left a moment ago. An empty group without offsets also expires by itself. */
async function forget(admin: Admin, groupId: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await admin.deleteGroups([groupId]);
      return;
    } catch (error) {
      const { groups } = error as { groups?: { error?: { type?: string } }[] };
      if (groups?.some(({ error: of }) => of?.type === 'GROUP_ID_NOT_FOUND')) return;
      await sleep(100);
    }
  }
}
