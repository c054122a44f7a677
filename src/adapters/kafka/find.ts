import { randomUUID } from 'node:crypto';
import type { Admin, Kafka } from 'kafkajs';
import { asSluiceError } from '../../errors.ts';
import type { FetchedRecord } from '../../ports/event-log.ts';
import { onceCoordinated } from './coordinator.ts';
import { fetchedRecord } from './fetched.ts';
import { endsWithin } from './patience.ts';

export interface FoundRecord extends FetchedRecord {
  readonly topic: string;
  readonly partition: number;
}

/** Milliseconds after which a search is given up. */
const GIVE_UP_MS = 30_000;
/** Milliseconds the reader gets to say good-bye. */
const FAREWELL_MS = 5_000;

/**
 * Reads topics up to the end they have now, for the first record that `matches`. Topics that do not exist are
 * skipped. Reads as a consumer group of its own, which commits nothing and so vanishes by itself.
 * @returns the record, or undefined when all was read and none matched.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the cluster does not answer, or not all was read in time.
 */
export async function findRecord(
  kafka: Kafka,
  topics: readonly string[],
  matches: (record: FoundRecord) => boolean,
): Promise<FoundRecord | undefined> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const ends = await endsOf(admin, topics);
    return ends.size === 0 ? undefined : await onceCoordinated(() => search(kafka, new Map(ends), matches));
  } catch (error) {
    throw asSluiceError(error, 'SLUICE_LOG_UNAVAILABLE');
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Reads partitions until a record matches, or every one of them has been read to its end. */
async function search(
  kafka: Kafka,
  ends: Map<string, bigint>,
  matches: (record: FoundRecord) => boolean,
): Promise<FoundRecord | undefined> {
  const topics = new Set([...ends.keys()].map((place) => place.slice(0, place.lastIndexOf('/'))));
  const consumer = kafka.consumer({
    groupId: `sluice-find-${randomUUID()}`,
    allowAutoTopicCreation: false,
    sessionTimeout: 6_000,
    heartbeatInterval: 2_000,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 4 * 1024 * 1024,
    retry: { restartOnFailure: async () => false },
  });
  const found = Promise.withResolvers<FoundRecord | undefined>();
  found.promise.catch(() => {});
  const tooLong = new Error(`not all was read within ${GIVE_UP_MS / 1000} s`);
  const timer = setTimeout(() => found.reject(tooLong), GIVE_UP_MS);
  // The event also tells of batches that hold nothing for a reader, such as transaction markers.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const end = ends.get(`${topic}/${partition}`);
    if (end !== undefined && BigInt(lastOffset) + 1n >= end) ends.delete(`${topic}/${partition}`);
    if (ends.size === 0) found.resolve(undefined);
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => found.reject(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        for (const message of messages) {
          const record: FoundRecord = { ...fetchedRecord(message), topic, partition };
          if (matches(record)) return found.resolve(record);
        }
      },
    });
    return await found.promise;
  } finally {
    clearTimeout(timer);
    await endsWithin(FAREWELL_MS, consumer.disconnect());
  }
}

/** The offsets at which partitions that hold records end now, by `topic/partition`. */
async function endsOf(admin: Admin, topics: readonly string[]): Promise<Map<string, bigint>> {
  const known = new Set(await admin.listTopics());
  const ends = new Map<string, bigint>();
  for (const topic of topics.filter((name) => known.has(name))) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (BigInt(low) < BigInt(high)) ends.set(`${topic}/${partition}`, BigInt(high));
    }
  }
  return ends;
}
