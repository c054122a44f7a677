import type { DeliveryEntry } from '../../ports/delivery-stream.ts';
import type { FailedEvent } from '../../ports/failed-events.ts';
import type { Transformation } from '../../ports/transformation.ts';

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

/** What became of the rows: together, `failed` and `delivered` have one entry for each of them. */
export interface Transformed {
  readonly csv: Buffer;
  readonly failed: readonly FailedEvent[];
  readonly delivered: readonly DeliveryEntry[];
}

/** Calls the transformation as Firehose does, and sorts out what became of each row. */
export function invokeTransformation(
  transformation: Transformation,
  records: readonly Buffered[],
  { eventType, streamId, now }: { readonly eventType: string; readonly streamId: string; readonly now: number },
): Transformed {
  const csv: Buffer[] = [];
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
      if (isWhole && output.result === 'Ok') csv.push(Buffer.from(output.data, 'base64'));
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
  return { csv: Buffer.concat(csv), failed, delivered };
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
