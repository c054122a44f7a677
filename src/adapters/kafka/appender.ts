import { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { SluiceError } from '../../errors.ts';
import type { AppendResult, LogRecord } from '../../ports/event-log.ts';
import { partitionOf } from './partition-of.ts';
import { endsWithin, reasonOf } from './patience.ts';
import { recordBatchBytes } from './record-size.ts';

/** Largest sum of encoded records in one request, in bytes: a batch of it fits into a topic with Kafka's defaults. */
const CHUNK_BYTES = 768 * 1024;
/** Most records in one request; kafkajs groups them by partition in quadratic time. */
const CHUNK_RECORDS = 2_000;
/** Milliseconds after which a request is not tried again. */
const GIVE_UP_MS = 30_000;
/** Milliseconds a producer gets to say good-bye. */
const FAREWELL_MS = 3_000;

export interface AppenderOptions {
  readonly kafka: Kafka;
  /** Largest record batch that is sent, in bytes. */
  readonly maxMessageBytes: number;
}

export interface Appender {
  append(records: readonly LogRecord[]): Promise<AppendResult[]>;
  /** Refuses further records, waits for those under way, and disconnects. */
  close(): Promise<void>;
}

/** A call of `append`, open until all of its records are settled or one of them has failed. */
interface Call {
  readonly results: AppendResult[];
  unsettled: number;
  failed: boolean;
  readonly resolve: (results: AppendResult[]) => void;
  readonly reject: (error: SluiceError) => void;
}

/** A record on its way, with its place in its call. */
interface Entry {
  readonly call: Call;
  readonly index: number;
  readonly topic: string;
  readonly bytes: number;
  readonly message: Message;
}

/**
 * Appends through one idempotent producer, one request at a time. What arrives while a request is under way shares
 * the next one, so that many small calls cost as little as one large call, and order is that of the calls.
 */
export function createAppender({ kafka, maxMessageBytes }: AppenderOptions): Appender {
  const waiting: Entry[] = [];
  /** Ends when all that has been waiting is settled; every call appends a turn of its own. */
  let turns = Promise.resolve();
  let closed = false;
  let producer: Promise<Producer> | undefined;
  let giveUpAt = Number.POSITIVE_INFINITY;

  /**
   * Java's default partitioner, which writes its choice on the message: the answer to a request does not say where
   * its records went, and a repetition must be the same batch, so a record without a key must keep its partition.
   * It is also the place to give up, as kafkajs asks it at every try but counts tries only, not their time; a
   * request that was merely not waited for could be repeated, and stored, after newer records.
   */
  const createPartitioner: typeof Partitioners.DefaultPartitioner = () => {
    const choose = Partitioners.DefaultPartitioner();
    return (args) => {
      if (performance.now() > giveUpAt) {
        throw Object.assign(new Error(`not taken within ${GIVE_UP_MS / 1000} s`), { retriable: false });
      }
      const { key } = args.message;
      args.message.partition ??= key ? partitionOf(key as Buffer, args.partitionMetadata.length) : choose(args);
      return args.message.partition;
    };
  };

  const connect = async (): Promise<Producer> => {
    const fresh = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner,
    });
    try {
      await fresh.connect();
      return fresh;
    } catch (error) {
      await fresh.disconnect().catch(() => {});
      throw error;
    }
  };

  /**
   * A producer that failed is never used again. kafkajs takes back the sequence numbers of a failed request, although
   * the broker may have stored it; other records sent under the same numbers would be taken for repetitions and
   * dropped, with a success. A new producer has a new id, and also ends out-of-order and unknown-producer states.
   */
  const discard = async (): Promise<void> => {
    const failed = producer;
    producer = undefined;
    await (await failed?.catch(() => undefined))?.disconnect().catch(() => {});
  };

  const send = async (entries: readonly Entry[]): Promise<void> => {
    producer ??= connect();
    const { sendBatch } = await producer;
    const topics = Map.groupBy(entries, ({ topic }) => topic);
    giveUpAt = performance.now() + GIVE_UP_MS;
    await sendBatch({
      acks: -1,
      topicMessages: [...topics].map(([topic, of]) => ({ topic, messages: of.map(({ message }) => message) })),
    });
  };

  /**
   * Sends records, and finds out which of them are too large when the broker says that one is. The same records are
   * sent again partition by partition through the same producer: batches that had been stored carry the sequence
   * numbers they had before, so the broker recognises them. Then the refused batch is halved down to the culprit.
   */
  const sendIsolating = async (entries: readonly Entry[]): Promise<void> => {
    try {
      await send(entries);
      for (const entry of entries) settle(entry, { ok: true, partition: entry.message.partition! });
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      const partitions = Map.groupBy(entries, ({ topic, message }) => `${topic}/${message.partition}`);
      if (partitions.size > 1) {
        for (const group of partitions.values()) await sendIsolating(group);
      } else if (entries.length > 1) {
        const middle = entries.length >> 1;
        await sendIsolating(entries.slice(0, middle));
        await sendIsolating(entries.slice(middle));
      } else {
        for (const entry of entries)
          settle(entry, tooLarge(entry.bytes, `the broker's limit for topic ${entry.topic}`));
      }
    }
  };

  const sendWaiting = async (): Promise<void> => {
    for (let chunk = takeChunk(waiting); chunk.length > 0; chunk = takeChunk(waiting)) {
      try {
        await sendIsolating(chunk);
      } catch (cause) {
        const message = `Kafka took no records: ${reasonOf(cause)}`;
        const unavailable = new SluiceError('SLUICE_LOG_UNAVAILABLE', message, { cause });
        for (const { call } of chunk) fail(call, unavailable);
        void discard();
      }
    }
  };

  return {
    append(records) {
      if (closed) return Promise.reject(new SluiceError('SLUICE_STOPPING', 'The event log has been closed'));
      if (records.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const call: Call = { results: [], unsettled: records.length, failed: false, resolve, reject };
        for (const [index, record] of records.entries()) {
          const bytes = recordBatchBytes(record);
          const entry: Entry = { call, index, topic: record.topic, bytes, message: messageOf(record) };
          if (bytes > maxMessageBytes) settle(entry, tooLarge(bytes, `${maxMessageBytes} bytes`));
          else waiting.push(entry);
        }
        turns = turns.then(sendWaiting);
      });
    },
    async close() {
      closed = true;
      await turns;
      await endsWithin(FAREWELL_MS, discard());
    },
  };
}

function settle({ call, index }: Entry, result: AppendResult): void {
  call.results[index] = result;
  call.unsettled -= 1;
  if (call.unsettled === 0) call.resolve(call.results);
}

function fail(call: Call, error: SluiceError): void {
  call.failed = true;
  call.reject(error);
}

/** Removes the next request's worth of records; those whose call has failed meanwhile are not sent any more. */
function takeChunk(waiting: Entry[]): Entry[] {
  const chunk: Entry[] = [];
  let bytes = 0;
  let taken = 0;
  for (const entry of waiting) {
    if (!entry.call.failed) {
      if (chunk.length > 0 && (bytes + entry.bytes > CHUNK_BYTES || chunk.length >= CHUNK_RECORDS)) break;
      chunk.push(entry);
      bytes += entry.bytes;
    }
    taken += 1;
  }
  waiting.splice(0, taken);
  return chunk;
}

function messageOf({ key, value, headers, timestamp }: LogRecord): Message {
  return {
    key: key === null ? null : buffer(key),
    value: value === null ? null : buffer(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, buffer(bytes)])),
    timestamp: String(timestamp),
  };
}

/** The same bytes, not a copy. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tooLarge(bytes: number, limit: string): AppendResult {
  return {
    ok: false,
    code: 'SLUICE_RECORD_TOO_LARGE',
    reason: `the record takes ${bytes} bytes, more than ${limit}`,
  };
}

/** Whether the broker refused a batch for its size. */
function isTooLarge(error: unknown): boolean {
  const { type } = error as { type?: unknown };
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}
