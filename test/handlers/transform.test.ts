import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/adapters/aws/metrics.ts';
import type { PartitionBy } from '../../src/derive/partition.ts';
import { SluiceError } from '../../src/errors.ts';
import { createTransformHandler } from '../../src/handlers/transform.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import type { TransformationEvent } from '../../src/ports/transformation.ts';
import { manualClock } from '../support/manual-clock.ts';
import { fixture, ORDER, ORDERS, ORDERS_BEFORE, orderCodec } from './fixtures/fixture.ts';

function open(
  put: (events: readonly FailedEvent[]) => Promise<void> = async () => {},
  history = ORDERS,
  partitionBy?: PartitionBy,
) {
  const failed: FailedEvent[] = [];
  const asked: string[] = [];
  let codec = orderCodec(history);
  const clock = manualClock();
  const metrics = createMetrics({ eventType: ORDER, stage: 'test', clock, write: () => {} });
  const handler = createTransformHandler(async () => ({
    eventType: ORDER,
    codec: () => codec,
    async learn(version) {
      asked.push(version);
      codec = orderCodec(ORDERS);
    },
    failedEvents: {
      async put(events) {
        await put(events);
        failed.push(...events);
      },
    },
    clock,
    metrics,
    ...(partitionBy && { partitionBy }),
    begin: async () => {},
  }));
  return { handler, failed, asked };
}

const EVENT = fixture<TransformationEvent>('firehose');
const csvOf = (data: string): string[] => Buffer.from(data, 'base64').toString().trimEnd().split('\n');

describe('transforming what Firehose hands over', () => {
  it('answers for each record, in the same order, with rows in the columns of the table', async () => {
    const { records } = await open().handler(EVENT);
    expect(records.map(({ recordId, result }) => [recordId, result])).toEqual([
      [EVENT.records[0]!.recordId, 'Ok'],
      [EVENT.records[1]!.recordId, 'Ok'],
      [EVENT.records[2]!.recordId, 'Dropped'],
    ]);
    expect(csvOf(records[0]!.data)).toEqual([
      'o-1,2,2026-11-24 12:00:00.000,0,41,\\N,o-1,ada\\, "first",ship',
      'o-2,1,2026-11-24 12:00:00.000,0,41,\\N,o-2,ada\\, "first",none',
    ]);
    expect(csvOf(records[1]!.data).map((line) => line.slice(0, 3))).toEqual(['o-3', 'o-4']);
  });

  it('keeps lines that are no rows as failed events, named by their places', async () => {
    const { handler, failed } = open();
    await handler(EVENT);
    expect(failed.map(({ id, payload, code }) => [id, Buffer.from(payload).toString(), code])).toEqual([
      [`stream/sluice-prod-shop-order/${EVENT.records[1]!.recordId}/1`, '{"no": "row"}', 'SLUICE_ROW_MALFORMED'],
      [`stream/sluice-prod-shop-order/${EVENT.records[2]!.recordId}/0`, 'not JSON', 'SLUICE_ROW_MALFORMED'],
    ]);
  });

  it('does not answer before they are kept: Firehose calls again', async () => {
    const { handler } = open(() => Promise.reject(new SluiceError('SLUICE_STORAGE', 'the bucket is away')));
    await expect(handler(EVENT)).rejects.toMatchObject({ code: 'SLUICE_STORAGE' });
  });

  it('asks for the version of rows that it does not know, so that no column is left out', async () => {
    const { handler, asked } = open(undefined, ORDERS_BEFORE);
    const { records } = await handler(EVENT);
    expect(asked).toEqual(['v2']);
    expect(csvOf(records[0]!.data)[0]).toMatch(/,ship$/);
    await handler(EVENT);
    expect(asked).toEqual(['v2']);
  });

  it('says where each record lies where that is by event time, and nothing of it elsewhere', async () => {
    const { records } = await open(undefined, ORDERS, 'event-time').handler(EVENT);
    // Orders say no time of their own.
    expect(records.map(({ metadata }) => metadata?.partitionKeys)).toEqual([
      { dt: '2026-11-24', hour: '12' },
      { dt: '2026-11-24', hour: '12' },
      undefined,
    ]);
    for (const record of (await open().handler(EVENT)).records) expect(record).not.toHaveProperty('metadata');
  });
});
