import type { Codec, FramedValue, Rows, UnreadValue } from '../codec/codec.ts';
import type { PartitionBy } from '../derive/partition.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryEntry, DeliveryStream } from '../ports/delivery-stream.ts';
import type { FetchedBatch, FetchedRecord } from '../ports/event-log.ts';
import type { FailedEvent, FailedEvents } from '../ports/failed-events.ts';
import { packRows, rowBytes } from './deliver.ts';
import { type RecordHeaders, readHeaders } from './headers.ts';

export interface ConsumePorts {
  /** The codec of a topic's event type. */
  readonly codecOf: (topic: string) => Codec | undefined;
  /** Asks the registry for versions of a topic's event type that came since. Never rejects. */
  readonly learn: (topic: string, schemaId: number | string) => Promise<void>;
  readonly deliveryStream: DeliveryStream;
  readonly failedEvents: FailedEvents;
  readonly clock: Clock;
  /** What decides where an event type's rows lie; their arrival, which is the stream's matter, where nobody says it. */
  readonly partitionBy?: (eventType: string) => PartitionBy;
}

/**
 * Takes one partition's batch to the delivery stream. Resolves only when every record is durable there or kept as a
 * failed event, so that its offsets may be committed; a poison record or a tombstone never holds up the others.
 *
 * @throws SluiceError that is retryable: the whole batch is to be consumed again.
 */
export type Consume = (batch: FetchedBatch) => Promise<void>;

/** The stage between Kafka and the delivery stream: any writer version to rows of the newest. */
export function createConsume(ports: ConsumePorts): Consume {
  const { codecOf, learn, deliveryStream, failedEvents, clock, partitionBy = () => 'arrival' } = ports;
  return async ({ topic, partition, records }) => {
    let codec = codecOf(topic);
    const failed: FailedEvent[] = [];
    const values: FramedValue[] = [];
    const sources: { readonly record: FetchedRecord; readonly headers: RecordHeaders }[] = [];
    const fail = (
      record: FetchedRecord,
      headers: RecordHeaders,
      why: Pick<UnreadValue, 'code' | 'path' | 'reason' | 'version'>,
    ): void => {
      const { code, path, reason, version } = why;
      failed.push({
        id: `${topic}/${partition}/${record.offset}`,
        stage: 'consume',
        code,
        path,
        reason,
        eventType: codec?.history.eventType ?? topic,
        version,
        payload: record.value ?? new Uint8Array(),
        failedAt: clock.now(),
        eventId: headers.eventId,
        messageId: headers.messageId,
      });
    };
    for (const record of records) {
      const headers = readHeaders(record.headers);
      if (record.value === null) {
        fail(record, headers, {
          code: 'SLUICE_TOMBSTONE',
          path: '$',
          reason: 'the record has no value',
          version: null,
        });
        continue;
      }
      values.push({
        value: record.value,
        // A record that others wrote still needs a name of its own, the same at every reading.
        eventId: headers.eventId ?? `${topic}:${partition}:${record.offset}`,
        ingestedAt: instantOr(clock.now(), headers.ingestedAt ?? record.timestamp),
        partition,
        offset: record.offset,
        replayId: headers.replayId ?? null,
      });
      sources.push({ record, headers });
    }
    if (codec === undefined) {
      const reason = 'the topic has no event type';
      for (const { record, headers } of sources) {
        fail(record, headers, { code: 'SLUICE_EVENT_TYPE_UNKNOWN', path: '$', reason, version: null });
      }
    } else {
      let rows = codec.toRows(values);
      // A writer may be ahead of this process: its version is asked for before its events are given up.
      const wantedIds = new Set(rows.unread.flatMap(({ wantedId }) => (wantedId === undefined ? [] : [wantedId])));
      for (const id of wantedIds) await learn(topic, id);
      const newest = codecOf(topic);
      if (newest !== undefined && newest !== codec) {
        codec = newest;
        rows = codec.toRows(values);
      }
      for (const unread of rows.unread) {
        const { record, headers } = sources[unread.index]!;
        fail(record, headers, unread);
      }
      const entries = rows.indexes.map((index): DeliveryEntry => {
        return { messageId: sources[index]!.headers.messageId, ingestedAt: values[index]!.ingestedAt };
      });
      const { eventType } = codec.history;
      const hours = partitionBy(eventType) === 'event-time' ? rowHours(codec, rows, clock.now()) : undefined;
      const packed = packRows(rows, entries, hours);
      if (packed.length > 0) await deliveryStream.put(eventType, packed);
    }
    if (failed.length > 0) await failedEvents.put(failed);
  };
}

/** For each row, the partition of its event time. */
function rowHours({ rowHour }: Codec, rows: Rows, now: number): number[] {
  return rows.ends.map((_, row) => rowHour(rowBytes(rows, row), now));
}

/** 9999-12-31T23:59:59.999Z */
const LAST_INSTANT = 253_402_300_799_999;

/** A time that others wrote, where a row can hold it. */
function instantOr(now: number, milliseconds: number): number {
  return milliseconds >= 0 && milliseconds <= LAST_INSTANT ? milliseconds : now;
}
