import type { Batch, IHeaders, KafkaMessage } from 'kafkajs';
import type { FetchedBatch, FetchedRecord, Headers } from '../../ports/event-log.ts';

/** A batch as the port has it. */
export function fetchedBatch({ topic, partition, messages }: Batch): FetchedBatch {
  return { topic, partition, records: messages.map(fetchedRecord) };
}

/** A record as the port has it, whatever kafkajs made of its headers. */
export function fetchedRecord({ offset, key, value, headers, timestamp }: KafkaMessage): FetchedRecord {
  return { offset: BigInt(offset), key, value, headers: headerBytes(headers), timestamp: Number(timestamp) };
}

const NO_HEADERS: Headers = Object.freeze({});

/** Header values by name. A header without a value is as good as none. */
function headerBytes(headers: IHeaders | undefined): Headers {
  if (headers === undefined) return NO_HEADERS;
  // Without a prototype, so that `__proto__` is a name like any other.
  const bytes: Record<string, Uint8Array> = Object.create(null);
  for (const name in headers) {
    // Of a header that is repeated the last one counts, as for Java's `lastHeader`.
    const header = headers[name];
    const value = Array.isArray(header) ? header.at(-1) : header;
    if (value !== undefined && value !== null) bytes[name] = typeof value === 'string' ? Buffer.from(value) : value;
  }
  return bytes;
}
