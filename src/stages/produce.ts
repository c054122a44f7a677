import type { Codec } from '../codec/codec.ts';
import { topicName } from '../derive/names.ts';
import type { ErrorCode, Fault } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog, LogRecord } from '../ports/event-log.ts';
import type { FailedEvent, FailedEvents, FailingStage } from '../ports/failed-events.ts';
import type { ReceivedMessage } from '../ports/queue.ts';
import { writeHeaders } from './headers.ts';

export interface ProducePorts {
  readonly codecOf: (eventType: string) => Codec | undefined;
  /** Asks the registry for versions of an event type that came since. Never rejects. */
  readonly learn: (eventType: string) => Promise<void>;
  readonly eventLog: Pick<EventLog, 'append'>;
  readonly failedEvents: FailedEvents;
  readonly clock: Clock;
}

/**
 * Takes a batch of received messages to Kafka, in their order.
 *
 * @returns the ids of those that must go back to the queue. Every other message is in its topic, or kept as a failed
 *   event, and may be deleted.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE while the cluster is away: all of the batch is to be produced again.
 */
export type Produce = (messages: readonly ReceivedMessage[]) => Promise<string[]>;

/** The stage between the queue and Kafka: JSON to framed Avro, headers, key. */
export function createProduce({ codecOf, learn, eventLog, failedEvents, clock }: ProducePorts): Produce {
  return async (messages) => {
    const retry: string[] = [];
    const failed: FailedEvent[] = [];
    const records: LogRecord[] = [];
    const recorded: ReceivedMessage[] = [];
    const fail = (message: ReceivedMessage, fault: Pick<Fault, 'code' | 'path'>, reason: string): void => {
      const codec = codecOf(message.eventType);
      const version = message.version ?? codec?.history.newest.version ?? null;
      failed.push(failedMessage('produce', message, codec, { ...fault, reason, version }, clock.now()));
    };
    const encode = ({ eventType, body, version }: ReceivedMessage) => codecOf(eventType)?.encode(body, version);
    const learnt = new Set<string>();
    for (const message of messages) {
      try {
        let encoded = encode(message);
        if (encoded?.ok === false && !learnt.has(message.eventType)) {
          // It was accepted, maybe by a version that came since this process last looked.
          learnt.add(message.eventType);
          await learn(message.eventType);
          encoded = encode(message);
        }
        if (encoded === undefined) {
          fail(message, { code: 'SLUICE_EVENT_TYPE_UNKNOWN', path: '$' }, 'its event type has no schema any more');
        } else if (encoded.ok) {
          records.push(recordOf(message, encoded));
          recorded.push(message);
        } else {
          fail(message, encoded.faults[0]!, encoded.faults.map(({ path, rule }) => `${path}: ${rule}`).join('; '));
        }
      } catch {
        // Ours, and unforeseen. The queue counts the receives, and gives the message up when there are too many.
        retry.push(message.messageId);
      }
    }
    const results = records.length === 0 ? [] : await eventLog.append(records);
    for (const [index, result] of results.entries()) {
      if (!result.ok) fail(recorded[index]!, { code: result.code, path: '$' }, result.reason);
    }
    if (failed.length > 0) await failedEvents.put(failed);
    return retry;
  };
}

function recordOf(
  message: ReceivedMessage,
  { value, key, eventId: named }: { value: Buffer; key: Buffer | null; eventId: string | undefined },
): LogRecord {
  const { eventType, acceptedAt, messageId, traceparent } = message;
  const eventId = message.isSpareId ? (named ?? message.eventId) : message.eventId;
  return {
    topic: topicName(eventType),
    key,
    value,
    headers: writeHeaders({ eventId, ingestedAt: acceptedAt, messageId, traceparent }),
    timestamp: acceptedAt,
  };
}

/**
 * A queue message as a failed event. Its payload is the body without the personal data that would not have been kept.
 *
 * @param codec that of its event type; undefined where that is unknown, and so is what is personal.
 */
export function failedMessage(
  stage: FailingStage,
  message: ReceivedMessage,
  codec: Pick<Codec, 'redact'> | undefined,
  why: { readonly code: ErrorCode; readonly path: string; readonly reason: string; readonly version: number | null },
  failedAt: number,
): FailedEvent {
  const { messageId, eventType, eventId, body } = message;
  const payload = codec?.redact(body) ?? body;
  return { id: `message/${messageId}`, stage, ...why, eventType, eventId, messageId, payload, failedAt };
}
