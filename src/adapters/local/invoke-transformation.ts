import type { DeliveryEntry } from '../../ports/delivery-stream.ts';
import type { FailedEvent } from '../../ports/failed-events.ts';
import type { Transformation, TransformationOutput } from '../../ports/transformation.ts';

/** Bytes of one transformation event's data: even rows that double in size answer within Lambda's 6 MB. */
const INVOCATION_BYTES = 1.5 * 1024 * 1024;

/** A delivery record as the buffer holds it. */
export interface Buffered {
  /** Its place in the buffer, never used twice. */
  readonly number: number;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
  readonly entries: readonly DeliveryEntry[];
  readonly data: Uint8Array;
}

/** What the transformation says of where a record is to lie; undefined where it leaves that to the stream. */
export type PartitionKeys = NonNullable<TransformationOutput['metadata']>['partitionKeys'] | undefined;

/** The rows that are to lie in one place. */
export interface TransformedObject {
  readonly partitionKeys: PartitionKeys;
  readonly csv: Buffer;
}

/** What became of the rows: together, `failed` and `delivered` have one entry for each of them. */
export interface Transformed {
  /** One for each place that has rows. */
  readonly objects: readonly TransformedObject[];
  readonly failed: readonly FailedEvent[];
  readonly delivered: readonly DeliveryEntry[];
}

/** Calls the transformation as Firehose does, and sorts out what became of each row. */
export function invokeTransformation(
  transformation: Transformation,
  records: readonly Buffered[],
  { eventType, streamId, now }: { readonly eventType: string; readonly streamId: string; readonly now: number },
): Transformed {
  const places = new Map<string, { readonly partitionKeys: PartitionKeys; readonly parts: Buffer[] }>();
  const keep = ({ data, metadata }: TransformationOutput): void => {
    const partitionKeys = metadata?.partitionKeys;
    const place = JSON.stringify(partitionKeys ?? null);
    const known = places.get(place) ?? { partitionKeys, parts: [] };
    places.set(place, known);
    known.parts.push(Buffer.from(data, 'base64'));
  };
  const failed: FailedEvent[] = [];
  const delivered: DeliveryEntry[] = [];
  for (const batch of invocations(records)) {
    const { records: outputs, rejected } = transformation({
      invocationId: `${streamId}-${batch[0]!.number}`,
      deliveryStreamArn: `arn:aws:firehose:local:000000000000:deliverystream/${eventType}`,
      region: 'local',
      records: batch.map(({ number, arrivedAt, data }) => ({
        recordId: String(number),
        approximateArrivalTimestamp: arrivedAt,
        data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
      })),
    });
    for (const [index, record] of batch.entries()) {
      const output = outputs[index];
      const isWhole = output?.recordId === String(record.number) && output.result !== 'ProcessingFailed';
      const reasons = new Map(
        rejected
          .filter(({ recordId }) => recordId === String(record.number))
          .map(({ line, code, reason }) => [line, { code, reason }]),
      );
      if (isWhole && output.result === 'Ok') keep(output);
      if (isWhole && reasons.size === 0) {
        delivered.push(...record.entries);
        continue;
      }
      const lines = Buffer.from(record.data).toString('utf8').split('\n');
      for (const [line, entry] of record.entries.entries()) {
        const why = isWhole
          ? reasons.get(line)
          : ({ code: 'SLUICE_ROW_MALFORMED', reason: 'the transformation refused the whole record' } as const);
        if (why === undefined) {
          delivered.push(entry);
          continue;
        }
        failed.push({
          id: `stream/${streamId}/${record.number}/${line}`,
          stage: 'transform',
          ...why,
          path: '$',
          eventType,
          version: null,
          payload: Buffer.from(lines[line] ?? ''),
          failedAt: now,
          messageId: entry.messageId,
        });
      }
    }
  }
  const objects = [...places.values()]
    .map(({ partitionKeys, parts }) => ({ partitionKeys, csv: Buffer.concat(parts) }))
    .filter(({ csv }) => csv.length > 0);
  return { objects, failed, delivered };
}

/**
 * Splits records into invocations, one record at least in each.
 *
 * @param most bytes of the records of an invocation.
 */
export function invocations<Item extends { readonly data: Uint8Array }>(
  records: readonly Item[],
  most = INVOCATION_BYTES,
): Item[][] {
  const batches: Item[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    bytes += record.data.length;
    if (bytes > most) {
      batches.push([]);
      bytes = record.data.length;
    }
    batches.at(-1)!.push(record);
  }
  return batches;
}
