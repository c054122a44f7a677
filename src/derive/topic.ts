import type { SchemaHistory } from '../schema/history.ts';
import { topicName } from './names.ts';

/** A Kafka topic to be created. */
export interface Topic {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings as the broker names them. */
  readonly config: Readonly<Record<string, string>>;
}

/**
 * A body may have 1 MiB and its Avro form may be longer, since defaults are written out; Kafka's own limit of 1 MiB
 * would refuse events that were accepted.
 */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/**
 * The broker stores every batch uncompressed, whatever its producer sent: our client reads gzip only, so that one batch
 * of zstd would hold up the consumer group for good, and the limit of a record counts what comes out of compression.
 */
const COMPRESSION = 'uncompressed';

/** Derives the topic that carries an event type. */
export function deriveTopic(history: SchemaHistory): Topic {
  return {
    name: topicName(history.eventType),
    partitions: history.newest.settings.partitions,
    config: { 'max.message.bytes': String(MAX_MESSAGE_BYTES), 'compression.type': COMPRESSION },
  };
}
