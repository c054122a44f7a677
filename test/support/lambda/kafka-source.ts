import { createKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import type { FetchedBatch, FetchedRecord } from '../../../src/ports/event-log.ts';
import { MOTO_REGION } from '../moto.ts';
import { ACCOUNT, type LambdaFunction } from './lambda-host.ts';
import type { EventSource } from './sqs-source.ts';

export interface KafkaSourceOptions {
  /** Bootstrap address. */
  readonly brokers: string;
  readonly topic: string;
  /** Consumer group of the event source mapping. */
  readonly group: string;
  readonly target: Pick<LambdaFunction, 'invoke'>;
  /** Records of an invocation, at most. */
  readonly batchSize: number;
  /** Milliseconds for which partitions gather in one invocation. */
  readonly windowMs: number;
  /**
   * Whose pollers read the topic. Those of one's own are told by the answer which records failed; to the shared ones every
   * answer is success, and only an invocation that fails is made again.
   */
  readonly pollers: 'own' | 'shared';
  /** Gets the event of an invocation that failed for the last time; without it, there is no last time. */
  readonly discard?: (event: object) => void;
}

/** One partition's records that wait for their invocation. */
interface Pending {
  readonly partition: number;
  records: readonly FetchedRecord[];
  readonly handled: () => void;
}

const CLUSTER = `arn:aws:kafka:${MOTO_REGION}:${ACCOUNT}:cluster/sluice/5d1c5ad0-0d1c-4d58-9c4e-5f1a2a3b4c5d-2`;

/** Bytes of keys and values of an invocation, before base64: Lambda's 6 MB hold no more with what is around them. */
const MAX_BYTES = 3 * 1024 * 1024;

/** Records that one invocation has of a partition. */
interface Taken {
  readonly partition: number;
  readonly records: readonly FetchedRecord[];
  readonly whole: Pending;
}

/** Milliseconds before a batch is tried again. */
const AGAIN_MS = 100;
/** How often a failed invocation is made again where there is a place for what is given up. */
const RETRIES = 10;

/**
 * Lambda's event source mapping for a topic of MSK. An invocation that fails is made again with the same records. With
 * pollers of one's own and partial batch responses, a partition's offsets are committed when none of its records is named
 * as failed; else its records are sent again, from the first one that is.
 * Source: AWS Lambda Developer Guide, "Using Lambda with Amazon MSK" and "Error handling controls for Kafka event sources".
 */
export async function startKafkaSource(options: KafkaSourceOptions): Promise<EventSource> {
  const { brokers, topic, group, target, batchSize, windowMs, pollers, discard } = options;
  const troubles: string[] = [];
  const log = createKafkaEventLog({ cluster: [brokers], stopTimeoutMs: 500 });
  let pending: Pending[] = [];
  let running: Promise<void> | undefined;
  let isStopping = false;

  /** What is under way; empty once it is settled. */
  let batch: readonly Taken[] = [];
  let failures = 0;

  const settle = (failed: Failed): void => {
    for (const { partition, records, whole } of batch) {
      const from = failed === 'all' ? records[0]!.offset : failed.get(partition);
      if (from !== undefined) troubles.push(`${topic}-${partition} failed at ${from}`);
      whole.records = whole.records.filter(
        ({ offset }) => offset > records.at(-1)!.offset || (from !== undefined && offset >= from),
      );
      if (whole.records.length === 0) whole.handled();
    }
    pending = pending.filter(({ records }) => records.length > 0);
    batch = [];
    failures = 0;
  };
  const invoke = async (): Promise<void> => {
    if (batch.length === 0) batch = take(pending, batchSize);
    const records = batch.map(({ partition, records }) => [
      `${topic}-${partition}`,
      records.map((record) => recordOf(record, topic, partition)),
    ]);
    const event = {
      eventSource: 'aws:kafka',
      eventSourceArn: CLUSTER,
      bootstrapServers: brokers,
      records: Object.fromEntries(records),
    };
    let failed: Failed = NONE;
    try {
      const answer = await target.invoke(event);
      if (pollers === 'own') failed = firstFailed(answer, topic);
    } catch (error) {
      troubles.push((error as Error).message);
      failures += 1;
      if (discard === undefined || failures <= RETRIES) {
        await pause(AGAIN_MS);
        return;
      }
      discard(event);
    }
    settle(failed);
    if (failed !== NONE) await pause(AGAIN_MS);
  };
  const run = async (): Promise<void> => {
    await pause(windowMs);
    while (pending.length > 0 && !isStopping) await invoke();
    running = undefined;
  };
  const handler = ({ partition, records }: FetchedBatch): Promise<void> =>
    new Promise((resolve) => {
      pending.push({ partition, records, handled: resolve });
      running ??= run();
    });

  await log.subscribe({ group, topics: [topic] }, handler);
  return {
    troubles,
    async stop() {
      isStopping = true;
      await running;
      await log.close();
    },
  };
}

/** What one invocation takes of what is pending: whole partitions, in turn, up to the limits; one record at least. */
function take(pending: readonly Pending[], batchSize: number): Taken[] {
  let count = 0;
  let bytes = 0;
  const taken: Taken[] = [];
  for (const whole of pending) {
    const records: FetchedRecord[] = [];
    for (const record of whole.records) {
      const size = (record.key?.length ?? 0) + (record.value?.length ?? 0) + 200;
      if (count > 0 && (count >= batchSize || bytes + size > MAX_BYTES)) break;
      count += 1;
      bytes += size;
      records.push(record);
    }
    if (records.length > 0) taken.push({ partition: whole.partition, records, whole });
  }
  return taken;
}

/** Lowest failed offset of each partition that has one; `all` for every record. */
type Failed = 'all' | ReadonlyMap<number, bigint>;
const NONE: Failed = new Map();

/** What an answer says of it: all, where it names what is no place in a partition. */
function firstFailed(answer: unknown, topic: string): Failed {
  const failures = (answer as { batchItemFailures?: { itemIdentifier?: unknown }[] | null } | null)?.batchItemFailures;
  const first = new Map<number, bigint>();
  for (const { itemIdentifier } of failures ?? []) {
    const { partition: place, offset } = (itemIdentifier ?? {}) as { partition?: unknown; offset?: unknown };
    if (typeof place !== 'string' || !Number.isSafeInteger(offset) || !place.startsWith(`${topic}-`)) return 'all';
    const partition = Number(place.slice(topic.length + 1));
    const at = BigInt(offset as number);
    const known = first.get(partition);
    if (known === undefined || at < known) first.set(partition, at);
  }
  return first.size === 0 ? NONE : first;
}

/** A record of Lambda's event: key and value base64 where there is one, header values as signed bytes, as Java has them. */
function recordOf(record: FetchedRecord, topic: string, partition: number): object {
  const { offset, key, value, headers, timestamp } = record;
  return {
    topic,
    partition,
    offset: Number(offset),
    timestamp,
    timestampType: 'CREATE_TIME',
    ...(key === null ? {} : { key: base64(key) }),
    ...(value === null ? {} : { value: base64(value) }),
    headers: Object.entries(headers).map(([name, bytes]) => ({ [name]: [...new Int8Array(bytes)] })),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
