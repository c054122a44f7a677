import { isEventId } from '../codec/event-id.ts';
import type { Headers } from '../ports/event-log.ts';

/**
 * The headers of a record. All of them are UTF-8 text, so that any Kafka tool shows them as they are; the value beside
 * them is pure Avro.
 */
export interface RecordHeaders {
  readonly eventId?: string | undefined;
  /** Epoch milliseconds. */
  readonly ingestedAt?: number | undefined;
  /** Names the acceptance that the record settles. */
  readonly messageId?: string | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
  /** The replay that wrote the record; absent when live. */
  readonly replayId?: string | undefined;
}

const NAMES = {
  eventId: 'event-id',
  ingestedAt: 'ingested-at',
  messageId: 'message-id',
  traceparent: 'traceparent',
  replayId: 'replay-id',
} as const satisfies Record<keyof RecordHeaders, string>;

/** Header names and bytes, those without a value left out. */
export function writeHeaders(headers: RecordHeaders): Headers {
  const written: Record<string, Uint8Array> = {};
  for (const member of Object.keys(NAMES) as (keyof RecordHeaders)[]) {
    const value = headers[member];
    if (value !== undefined) written[NAMES[member]] = Buffer.from(String(value));
  }
  return written;
}

/**
 * What a record's headers say. Anybody may write into a topic: an event id that the edge would not take, or an ingestion
 * time that is none, is left out. Two different ids that are no UTF-8 would read alike, and one event hide the other.
 */
export function readHeaders(headers: Headers): RecordHeaders {
  const text = (member: keyof RecordHeaders): string | undefined => {
    const bytes = headers[NAMES[member]];
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  };
  const eventId = text('eventId');
  const ingestedAt = text('ingestedAt');
  return {
    eventId: eventId !== undefined && isEventId(eventId) ? eventId : undefined,
    ingestedAt: ingestedAt !== undefined && /^\d{1,15}$/.test(ingestedAt) ? Number(ingestedAt) : undefined,
    messageId: text('messageId'),
    traceparent: text('traceparent'),
    replayId: text('replayId'),
  };
}
