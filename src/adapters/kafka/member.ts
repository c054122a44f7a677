import type { EachBatchPayload, Kafka } from 'kafkajs';
import type { FetchedBatch, SubscribeOptions } from '../../ports/event-log.ts';
import type { KafkaLog } from './client.ts';
import { type Handling, startHandling } from './handling.ts';
import { endsWithin } from './patience.ts';

/** Milliseconds members get to finish their batches and join again when the group changes. */
const REBALANCE_TIMEOUT_MS = 10_000;
/** Milliseconds a handler may take before the other partitions do not wait for it any longer. */
const PATIENCE_MS = 200;
/** Partitions of one fetch that are handled at the same time. */
const CONCURRENCY = 16;
/** Milliseconds without a fetch after which a member counts as lost. */
const STALL_MS = 45_000;
/** Milliseconds a member gets to say good-bye. */
const FAREWELL_MS = 5_000;

export interface MemberOptions extends SubscribeOptions {
  readonly kafka: Kafka;
  readonly handler: (batch: FetchedBatch) => Promise<void>;
  /** Batches on their way, by `topic/partition`. A later member of the same subscription gets the same map. */
  readonly handlings: Map<string, Handling>;
  /** Once it is aborted, no further batch is begun. */
  readonly stopping: AbortSignal;
  /** Milliseconds without a heartbeat after which the group takes this member for dead. */
  readonly sessionTimeoutMs: number;
  readonly log: KafkaLog;
}

/** One life in a consumer group, from joining to leaving or losing it. */
export interface Member {
  /** Resolves with the reason when this member will fetch no more, though nobody asked it to leave. */
  readonly lost: Promise<unknown>;
  /** Leaves the group. Bounded; never rejects. */
  leave(): Promise<void>;
}

/** Joins a consumer group. Rejects with kafkajs's error when it cannot be joined now. */
export async function joinGroup(options: MemberOptions): Promise<Member> {
  const { kafka, group, topics, handler, handlings, stopping, sessionTimeoutMs, log } = options;
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.floor(sessionTimeoutMs / 3),
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    allowAutoTopicCreation: false,
    // One byte is enough to answer a fetch, so a lone event is not kept waiting; under load batches grow by
    // themselves, because records gather while the batch before them is handled.
    minBytes: 1,
    maxWaitTimeInMs: 150,
    maxBytesPerPartition: 4 * 1024 * 1024,
    maxBytes: 16 * 1024 * 1024,
    // New partitions are found within this time.
    metadataMaxAge: 60_000,
    retry: { restartOnFailure: async () => false },
  });

  const lost = Promise.withResolvers<unknown>();
  let crash: unknown;
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    crash = payload.error;
    lost.resolve(crash);
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    const assigned = new Set(
      Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => placeOf(topic, partition)),
      ),
    );
    for (const [place, handling] of handlings) if (!assigned.has(place)) handling.revoke();
  });
  // kafkajs has been seen to stop fetching without a crash, and nothing but a new consumer helped.
  let fetchedAt = performance.now();
  consumer.on(consumer.events.FETCH_START, () => {
    fetchedAt = performance.now();
  });
  const watchdog = setInterval(() => {
    if (performance.now() - fetchedAt > STALL_MS) lost.resolve(new Error(`no fetch for ${STALL_MS / 1000} s`));
  }, STALL_MS / 9);
  watchdog.unref();

  const leave = async (): Promise<void> => {
    clearInterval(watchdog);
    await endsWithin(FAREWELL_MS, consumer.disconnect());
  };

  /**
   * kafkajs fetches again only when every partition of the last fetch is done, and its heartbeats and rebalances wait
   * with it. So a handler is waited for only shortly; after that its partition is paused until it has ended.
   */
  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    if (stopping.aborted) {
      payload.pause();
      return;
    }
    const place = placeOf(payload.batch.topic, payload.batch.partition);
    let handling = handlings.get(place);
    // It is there already where an earlier member began it; the batch is fetched again once that has ended.
    if (handling === undefined) {
      handling = startHandling(payload, handler, log);
      handlings.set(place, handling);
      handling.ended.then(() => handlings.delete(place));
    }
    if (await endsWithin(PATIENCE_MS, handling.ended)) return;
    const resume = payload.pause();
    handling.ended.then(resume);
  };

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch,
    });
    // A failed join is reported as a crash, and not by `run`.
    if (crash !== undefined) throw crash;
  } catch (error) {
    await leave();
    throw error;
  }
  return { lost: lost.promise, leave };
}

function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
