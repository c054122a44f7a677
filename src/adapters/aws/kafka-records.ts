import type { FetchedBatch, FetchedRecord, Headers } from '../../ports/event-log.ts';
import type { KafkaEvent, KafkaRecord } from './lambda-events.ts';

/** A partition's batch, under the name that Lambda has for it. */
export interface NamedBatch {
  /** `<topic>-<partition>` */
  readonly name: string;
  readonly batch: FetchedBatch;
}

/** The records of a Kafka event, partition by partition, as the port has them. Partitions without any are left out. */
export function fetchedBatches({ records }: KafkaEvent): NamedBatch[] {
  return Object.entries(records).flatMap(([name, of]) => {
    const [first] = of;
    if (first === undefined) return [];
    const { topic, partition } = first;
    return [{ name, batch: { topic, partition, records: of.map(fetchedRecord) } }];
  });
}

function fetchedRecord({ offset, key, value, timestamp, headers }: KafkaRecord): FetchedRecord {
  return {
    offset: BigInt(offset),
    key: bytesOf(key),
    value: bytesOf(value),
    headers: headerBytes(headers),
    timestamp,
  };
}

/** An empty text is an empty value, and no tombstone. */
function bytesOf(base64: string | null | undefined): Buffer | null {
  return base64 === undefined || base64 === null ? null : Buffer.from(base64, 'base64');
}

/** Of a header that is repeated the last one counts, as for Java's `lastHeader`; one without a value is as good as none. */
function headerBytes(headers: KafkaRecord['headers']): Headers {
  // Without a prototype, so that `__proto__` is a name like any other.
  const bytes: Record<string, Uint8Array> = Object.create(null);
  for (const header of headers ?? []) {
    // Taken modulo 256, -1 is 255: the same byte.
    for (const [name, value] of Object.entries(header)) if (value !== null) bytes[name] = Uint8Array.from(value);
  }
  return bytes;
}
