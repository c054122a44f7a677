import { expect, test } from 'vitest';
import type { TransformationEvent, TransformationResult } from '../../src/ports/transformation.ts';
import { rejectedRows } from '../../src/stages/rejected-rows.ts';

const record = (recordId: string, text: string) => ({
  recordId,
  approximateArrivalTimestamp: 1,
  data: Buffer.from(text).toString('base64'),
});
const EVENT: TransformationEvent = {
  invocationId: 'i',
  deliveryStreamArn: 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/orders',
  region: 'eu-central-1',
  records: [record('r1', 'a\nbé\n'), record('r2', 'c')],
};
const rejects = (...rejected: readonly [string, number][]): TransformationResult => ({
  records: [],
  rejected: rejected.map(([recordId, line]) => ({ recordId, line, code: 'SLUICE_ROW_MALFORMED', reason: 'why' })),
});

test('rejected rows are kept as their lines, under names that are the same when they come again', () => {
  const failed = rejectedRows(EVENT, rejects(['r1', 1], ['r2', 0], ['r1', 0]), 'shop.order', 17);
  expect(failed.map(({ id, payload }) => [id, Buffer.from(payload).toString()])).toEqual([
    ['stream/orders/r1/1', 'bé'],
    ['stream/orders/r2/0', 'c'],
    ['stream/orders/r1/0', 'a'],
  ]);
  expect(failed[0]).toMatchObject({
    stage: 'transform',
    code: 'SLUICE_ROW_MALFORMED',
    path: '$',
    reason: 'why',
    eventType: 'shop.order',
    version: null,
    failedAt: 17,
  });
  expect(rejectedRows(EVENT, rejects(['r1', 1]), 'shop.order', 18)[0]!.id).toBe(failed[0]!.id);
  expect(rejectedRows(EVENT, rejects(), 'shop.order', 17)).toEqual([]);
});
