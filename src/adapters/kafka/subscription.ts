import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { SluiceError } from '../../errors.ts';
import type { FetchedBatch, FetchedRecord, Headers, SubscribeOptions, Subscription } from '../../ports/event-log.ts';
import type { KafkaLog } from './client.ts';

export interface SubscriptionSettings {
  /** Milliseconds without a heartbeat after which the group takes a member for dead. */
  readonly sessionTimeoutMs: number;
  /** Partitions whose batches are handled at the same time. */
  readonly concurrency: number;
  /** Milliseconds `stop` waits for running handlers. */
  readonly stopTimeoutMs: number;
  readonly log: KafkaLog;
}

/** Milliseconds members get to finish their batches and join again when the group changes. */
const REBALANCE_TIMEOUT_MS = 10_000;
/** Milliseconds before a failed handler is called again, and before a lost cluster is asked again: first and most. */
const BACK_OFF_MS = { first: 100, most: 5_000 };
/** Milliseconds without any sign of life, while no handler runs, after which a consumer is replaced. */
const STALL_MS = 45_000;
/** Milliseconds a consumer gets to say good-bye once its handlers have ended. */
const FAREWELL_MS = 5_000;

type Handler = (batch: FetchedBatch) => Promise<void>;

/**
 * Joins a consumer group and stays in it until stopped, through outages of any length: kafkajs gives up after a
 * number of retries, and then the consumer is replaced.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the group cannot be joined now.
 */
export async function openSubscription(
  kafka: Kafka,
  { group, topics }: SubscribeOptions,
  handler: Handler,
  settings: SubscriptionSettings,
): Promise<Subscription> {
  const { log } = settings;
  const stopping = new AbortController();
  const open = (): Promise<Member> => joinGroup(kafka, group, topics, handler, settings, stopping.signal);

  let member: Member | undefined;
  try {
    member = await open();
  } catch (cause) {
    throw new SluiceError('SLUICE_LOG_UNAVAILABLE', `The consumer group ${group} cannot be joined: ${said(cause)}`, {
      cause,
    });
  }

  const supervise = async (): Promise<void> => {
    for (let delay = BACK_OFF_MS.first; !stopping.signal.aborted; delay = next(delay)) {
      if (member !== undefined) {
        const lost = await member.lost;
        if (stopping.signal.aborted) return;
        log('warn', `consumer group ${group}: ${said(lost)}; joining again`);
        // A member that lived for a while has earned a quick return.
        if (member.ageMs() > 30_000) delay = BACK_OFF_MS.first;
        await member.leave();
        member = undefined;
      }
      await pause(delay, stopping.signal);
      if (stopping.signal.aborted) return;
      member = await open().catch((error) => {
        log('warn', `consumer group ${group} cannot be joined: ${said(error)}`);
        return undefined;
      });
    }
  };
  const supervised = supervise();

  let stopped: Promise<void> | undefined;
  return {
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        await member?.leave();
        // The supervisor may have been joining just now; then it has a member of its own to send away.
        await Promise.race([supervised.then(() => member?.leave()), pause(FAREWELL_MS)]);
      })();
      return stopped;
    },
  };
}

/** One life of a consumer, from joining the group to leaving or losing it. */
interface Member {
  /** Resolves with the reason when this consumer will fetch no more, and with undefined once it leaves. */
  readonly lost: Promise<unknown>;
  ageMs(): number;
  /** Waits for running handlers and their commits, and leaves the group; bounded, never rejects. */
  leave(): Promise<void>;
}

async function joinGroup(
  kafka: Kafka,
  groupId: string,
  topics: readonly string[],
  handler: Handler,
  { sessionTimeoutMs, concurrency, stopTimeoutMs, log }: SubscriptionSettings,
  stopping: AbortSignal,
): Promise<Member> {
  const consumer = kafka.consumer({
    groupId,
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
  let left = false;
  let sign = performance.now();
  const handling = new Set<Promise<void>>();
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    crash = payload.error;
    lost.resolve(crash);
  });
  for (const event of [consumer.events.FETCH_START, consumer.events.GROUP_JOIN, consumer.events.HEARTBEAT] as const) {
    consumer.on(event, () => {
      sign = performance.now();
    });
  }
  const watchdog = setInterval(() => {
    if (handling.size > 0) sign = performance.now();
    else if (performance.now() - sign > STALL_MS) lost.resolve(new Error(`no fetch for ${STALL_MS / 1000} s`));
  }, 1_000);
  watchdog.unref();

  const eachBatch = (payload: EachBatchPayload): Promise<void> => {
    // Not resolving its offsets leaves the batch to the next member.
    if (left || stopping.aborted) return Promise.resolve();
    const work = handleBatch(payload, handler, sessionTimeoutMs, stopping, log).finally(() => handling.delete(work));
    handling.add(work);
    return work;
  };

  const leave = async (): Promise<void> => {
    left = true;
    clearInterval(watchdog);
    lost.resolve(undefined);
    const parted = consumer.disconnect().catch(() => {});
    const idle = Promise.allSettled(handling).then(() => pause(FAREWELL_MS));
    await Promise.race([parted, idle, pause(stopTimeoutMs)]);
    if (handling.size > 0) {
      log(
        'warn',
        `consumer group ${groupId}: a handler still runs after ${stopTimeoutMs / 1000} s; not waiting longer`,
      );
    }
  };

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch,
    });
    // A failed join is reported as a crash, and not by `run`.
    if (crash !== undefined) throw crash;
  } catch (error) {
    await leave();
    throw error;
  }
  const born = performance.now();
  return { lost: lost.promise, ageMs: () => performance.now() - born, leave };
}

/**
 * Calls the handler with one batch until it takes it, then commits. Heartbeats go on meanwhile.
 * @throws whatever ends the membership, so that the consumer joins again and the batch is fetched again.
 */
async function handleBatch(
  { batch, heartbeat, resolveOffset, commitOffsetsIfNecessary }: EachBatchPayload,
  handler: Handler,
  sessionTimeoutMs: number,
  stopping: AbortSignal,
  log: KafkaLog,
): Promise<void> {
  const { topic, partition } = batch;
  const fetched = fetchedBatch(batch);
  const membership = keepMembership(heartbeat, sessionTimeoutMs);
  try {
    for (let delay = BACK_OFF_MS.first; ; delay = next(delay)) {
      try {
        await handler(fetched);
        break;
      } catch (error) {
        log('warn', `${topic}/${partition}@${batch.firstOffset()}: ${said(error)}; again in ${delay} ms`);
      }
      await pause(delay, stopping);
      if (stopping.aborted) return;
      // The batch may be somebody else's by now; if it is not, it will be fetched again.
      membership.assert();
    }
    const last = batch.lastOffset();
    const offset = String(BigInt(last) + 1n);
    await retrying(3, () => commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] }));
    // Only now: had the commit failed after this, nothing would repeat it until the partition's next record.
    resolveOffset(last);
  } finally {
    membership.release();
  }
}

/** Sends heartbeats in the background; `assert` throws once the group has changed or expelled this member. */
function keepMembership(heartbeat: () => Promise<void>, sessionTimeoutMs: number) {
  let ended: unknown;
  const timer = setInterval(() => {
    heartbeat().catch((error) => {
      // A connection that failed is not a membership that ended; the next heartbeat may pass.
      if (isMembershipError(error)) ended = error;
    });
  }, sessionTimeoutMs / 6);
  return {
    assert(): void {
      if (ended !== undefined) throw ended;
    },
    release(): void {
      clearInterval(timer);
    },
  };
}

const MEMBERSHIP_ERRORS = new Set<unknown>([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'NOT_COORDINATOR_FOR_GROUP',
]);

function isMembershipError(error: unknown): boolean {
  return error instanceof Error && MEMBERSHIP_ERRORS.has((error as { type?: unknown }).type);
}

/** Repeats what failed for want of a connection, shortly. */
async function retrying(attempts: number, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || isMembershipError(error)) throw error;
      await pause(BACK_OFF_MS.first * 2 ** attempt);
    }
  }
}

function fetchedBatch({ topic, partition, messages }: Batch): FetchedBatch {
  return { topic, partition, records: messages.map(fetchedRecord) };
}

/** A record as the port has it, whatever kafkajs made of its headers. */
export function fetchedRecord({ offset, key, value, headers, timestamp }: KafkaMessage): FetchedRecord {
  return { offset: BigInt(offset), key, value, headers: headerBytes(headers), timestamp: Number(timestamp) };
}

const NO_HEADERS: Headers = Object.freeze({});

function headerBytes(headers: IHeaders | undefined): Headers {
  if (headers === undefined) return NO_HEADERS;
  const bytes: Record<string, Uint8Array> = {};
  for (const name in headers) {
    // Of a header that is repeated the last one counts, as for Java's `lastHeader`.
    const header = headers[name];
    const value = Array.isArray(header) ? header.at(-1) : header;
    if (value !== undefined && value !== null) bytes[name] = typeof value === 'string' ? Buffer.from(value) : value;
  }
  return bytes;
}

function next(delay: number): number {
  return Math.min(delay * 2, BACK_OFF_MS.most);
}

/** Sleeps, or less when `signal` aborts; does not keep the process alive for it. */
async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : { ref: false }).catch(() => {});
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
