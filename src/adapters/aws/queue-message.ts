import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { QueueMessage, ReceivedMessage } from '../../ports/queue.ts';
import type { SqsRecord } from './lambda-events.ts';

/**
 * The form of a message in SQS: the HTTP body, and beside it attributes of type String. API Gateway writes the same
 * form by its mapping template where a single event goes to the queue without a function between them.
 */
const ATTRIBUTES = {
  eventType: 'event-type',
  /** The `Event-Id` header, or the id that the edge found or made; absent where the edge did not look for one. */
  eventId: 'event-id',
  /** API Gateway's id of the request. */
  requestId: 'request-id',
  /** The version that the writer states. */
  version: 'schema-version',
  traceparent: 'traceparent',
} as const;

/** Most bytes of a message and of a batch of them, attributes included. Source: SQS Developer Guide, message quotas. */
export const MAX_SQS_BYTES = 1024 * 1024;

/** What SQS does not carry. Source: SQS API Reference, SendMessage; it names the characters that it does. */
const UNCARRIED = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** A trace context that an attribute may hold: printable, and not longer than any that makes sense. */
const TRACEPARENT = /^[\x21-\x7e]{1,512}$/;

/** A version that no event type has: stated, and none. */
const NO_VERSION = 0;

/**
 * A message as an entry of SendMessageBatch.
 *
 * JSON may hold two characters that SQS refuses, U+FFFE and U+FFFF. They can only be in texts, where `\uXXXX` is the
 * same character.
 *
 * @param requestId of the request that brought it.
 * @param id of the entry, unique within its batch.
 */
export function sqsEntry(message: QueueMessage, requestId: string, id: string): SendMessageBatchRequestEntry {
  const { eventType, eventId, version, traceparent, body } = message;
  const carried = traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceparent : undefined;
  const values: Record<keyof typeof ATTRIBUTES, string | undefined> = {
    eventType,
    eventId,
    requestId,
    version: version === undefined ? undefined : String(version),
    traceparent: carried,
  };
  const attributes = (Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES)[]).flatMap((member) => {
    const value = values[member];
    // SQS refuses an attribute without a value.
    return value ? [[ATTRIBUTES[member], { DataType: 'String', StringValue: value }] as const] : [];
  });
  return {
    Id: id,
    MessageBody: bytesOf(body).toString('utf8').replace(UNCARRIED, escaped),
    MessageAttributes: Object.fromEntries(attributes),
  };
}

/** The bytes of an entry that count for SQS's limits: its body, and of each attribute the name, type and value. */
export function entryBytes({
  MessageBody: body = '',
  MessageAttributes: attributes = {},
}: SendMessageBatchRequestEntry) {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType: type = '', StringValue: value = '' }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(type) + Buffer.byteLength(value);
  }
  return bytes;
}

/**
 * A message as Lambda hands it over. Where no event id came with it, its request's id stands in, unless the body names
 * one. A stated version that is no number is none that any event type has.
 *
 * @param eventType of messages that do not say theirs: that of the queue.
 * @param isEventId tells whether a text may name an event; another one is as good as none.
 */
export function receivedMessage(
  { messageId, body, attributes, messageAttributes }: SqsRecord,
  eventType: string,
  isEventId: (text: string) => boolean,
): ReceivedMessage {
  const text = (member: keyof typeof ATTRIBUTES): string | undefined =>
    messageAttributes[ATTRIBUTES[member]]?.stringValue || undefined;
  const eventId = text('eventId');
  const hasId = eventId !== undefined && isEventId(eventId);
  const requestId = text('requestId');
  const spareId = requestId !== undefined && isEventId(requestId) ? requestId : messageId;
  const version = text('version');
  return {
    messageId,
    receiveCount: Number(attributes.ApproximateReceiveCount),
    eventType: text('eventType') ?? eventType,
    eventId: hasId ? eventId : spareId,
    isSpareId: !hasId,
    acceptedAt: Number(attributes.SentTimestamp),
    version: version === undefined ? undefined : /^[1-9]\d{0,8}$/.test(version) ? Number(version) : NO_VERSION,
    traceparent: text('traceparent'),
    body: Buffer.from(body),
  };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
