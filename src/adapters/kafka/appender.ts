import { setTimeout as sleep } from 'node:timers/promises';
import { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { SluiceError } from '../../errors.ts';
import type { AppendResult, LogRecord } from '../../ports/event-log.ts';

/** Largest sum of encoded records in one request, in bytes: a batch of it fits into a topic with Kafka's defaults. */
const CHUNK_BYTES = 768 * 1024;
/** Most records in one request; kafkajs groups them by partition in quadratic time. */
const CHUNK_RECORDS = 2_000;
/** Milliseconds after which a request that neither failed nor succeeded is given up. */
const SEND_TIMEOUT_MS = 45_000;

export interface AppenderOptions {
  readonly kafka: Kafka;
  /** Largest record batch that is sent, in bytes: the topics' `max.message.bytes`. */
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
  let pump: Promise<void> | undefined;
  let closed = false;
  let producer: Promise<Producer> | undefined;

  const connect = async (): Promise<Producer> => {
    const fresh = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: rememberingPartitioner,
    });
    try {
      await fresh.connect();
    } catch (error) {
      await fresh.disconnect().catch(() => {});
      throw error;
    }
    return fresh;
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
    const topicMessages = [...topics].map(([topic, of]) => ({ topic, messages: of.map(({ message }) => message) }));
    await within(SEND_TIMEOUT_MS, sendBatch({ acks: -1, topicMessages }));
  };

  /**
   * Sends records, and finds out which of them are too large when the broker says that one is. The same records are
   * sent again partition by partition through the same producer: batches that had been stored carry the sequence
   * numbers they had before, so the broker recognises them. Then the refused batch is halved down to the culprit.
   */
  const sendIsolating = async (entries: readonly Entry[]): Promise<void> => {
    try {
      await send(entries);
      for (const entry of entries) settle(entry, { ok: true, partition: entry.message.partition ?? 0 });
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      const [first, ...others] = Map.groupBy(entries, ({ topic, message }) => `${topic}/${message.partition}`).values();
      if (first === undefined) return;
      if (others.length > 0) {
        for (const group of [first, ...others]) await sendIsolating(group);
      } else if (first.length > 1) {
        const middle = first.length >> 1;
        await sendIsolating(first.slice(0, middle));
        await sendIsolating(first.slice(middle));
      } else {
        const [entry] = first as [Entry];
        settle(entry, tooLarge(entry.bytes, `the broker's limit for topic ${entry.topic}`));
      }
    }
  };

  const run = async (): Promise<void> => {
    for (let chunk = takeChunk(waiting); chunk.length > 0; chunk = takeChunk(waiting)) {
      try {
        await sendIsolating(chunk);
      } catch (cause) {
        const unavailable = new SluiceError('SLUICE_LOG_UNAVAILABLE', `Kafka took no records: ${reasonOf(cause)}`, {
          cause,
        });
        for (const entry of chunk) fail(entry, unavailable);
        void discard();
      }
    }
  };

  return {
    append(records) {
      if (closed) return Promise.reject(new SluiceError('SLUICE_STOPPING', 'The event log has been closed'));
      if (records.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const call: Call = {
          results: Array(records.length),
          unsettled: records.length,
          failed: false,
          resolve,
          reject,
        };
        for (const [index, record] of records.entries()) {
          const bytes = encodedBytes(record);
          const entry: Entry = { call, index, topic: record.topic, bytes, message: messageOf(record) };
          if (bytes > maxMessageBytes) settle(entry, tooLarge(bytes, `${maxMessageBytes} bytes`));
          else waiting.push(entry);
        }
        pump ??= run().finally(() => {
          pump = undefined;
        });
      });
    },
    async close() {
      closed = true;
      await pump;
      await Promise.race([discard(), sleep(3_000, undefined, { ref: false })]);
    },
  };
}

function settle({ call, index }: Entry, result: AppendResult): void {
  call.results[index] = result;
  call.unsettled -= 1;
  if (call.unsettled === 0 && !call.failed) call.resolve(call.results);
}

function fail({ call }: Entry, error: SluiceError): void {
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

/**
 * Java's default partitioner, which writes its choice on the message. The result of a request does not say where its
 * records went; and a retry must repeat a keyless record's partition, or its batch would not be the same batch.
 */
function rememberingPartitioner(): ReturnType<typeof Partitioners.DefaultPartitioner> {
  const choose = Partitioners.DefaultPartitioner();
  return (args) => {
    args.message.partition ??= choose(args);
    return args.message.partition;
  };
}

function messageOf({ key, value, headers, timestamp }: LogRecord): Message {
  const names = Object.keys(headers);
  const message: Message = {
    key: key === null ? null : buffer(key),
    value: value === null ? null : buffer(value),
    timestamp: String(timestamp),
  };
  if (names.length > 0) message.headers = Object.fromEntries(names.map((name) => [name, buffer(headers[name]!)]));
  return message;
}

/** The same bytes, not a copy. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Size in bytes of a record batch (format v2, not compressed) that holds only this record. */
export function encodedBytes({ key, value, headers }: LogRecord): number {
  // Attributes, timestamp delta and offset delta of a first record take one byte each.
  let body = 3 + lengthPrefixed(key) + lengthPrefixed(value);
  const names = Object.keys(headers);
  body += varintBytes(names.length);
  for (const name of names) {
    const bytes = Buffer.byteLength(name);
    body += varintBytes(bytes) + bytes + lengthPrefixed(headers[name]!);
  }
  return 61 + varintBytes(body) + body;
}

function lengthPrefixed(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintBytes(bytes.byteLength) + bytes.byteLength;
}

/** Size of a non-negative integer as a zigzag variable-length integer. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function tooLarge(bytes: number, limit: string): AppendResult {
  return {
    ok: false,
    code: 'SLUICE_RECORD_TOO_LARGE',
    reason: `the record takes ${bytes} bytes, more than ${limit}`,
  };
}

/** Whether the broker refused a batch for its size; kafkajs may have wrapped what it said. */
function isTooLarge(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { type } = at as { type?: unknown };
    if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') return true;
  }
  return false;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const timeout = sleep(milliseconds, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds / 1000} s`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    over.abort();
    timeout.catch(() => {});
  }
}
