import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assume } from '../../src/cost/assumptions.ts';
import { capacityOf, partitioningFor } from '../../src/cost/capacity.ts';
import type { TypeLoad } from '../../src/cost/flow.ts';
import { QUOTAS } from '../../src/cost/quota-list.ts';

const assumed = assume();
const load = (rate: number, own: Partial<TypeLoad> = {}): TypeLoad => {
  return { eventType: 'shop.order', rate, eventBytes: 1000, partitions: 4, ...own };
};

test('every quota says what it is for, where it is from, and how to get more or need less', () => {
  for (const [id, quota] of Object.entries(QUOTAS)) {
    expect(quota, id).toMatchObject({
      value: expect.any(Number),
      unit: expect.stringMatching(/./),
      per: expect.stringMatching(/./),
      adjustable: expect.stringMatching(/^(request|no|design)$/),
      way: expect.stringMatching(/./),
      source: expect.stringMatching(/^docs\.aws\.amazon\.com\//),
      checked: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
  }
});

describe('of one event type', () => {
  test('the Firehose stream is full first, by its bytes: 5 MB of rows of 1,280 bytes', () => {
    const { first } = capacityOf([load(100)], { route: 'single', assumed });
    expect(first).toMatchObject({ id: 'firehose.bytes', eventType: 'shop.order' });
    expect(first!.saturatesAt).toBeCloseTo(4096, 3);
  });

  test('three that are alike reach API Gateway first: 10,000 requests a second', () => {
    const types = ['a.a', 'b.b', 'c.c'].map((eventType) => load(10, { eventType }));
    const { first } = capacityOf(types, { route: 'single', assumed });
    expect(first!.id).toBe('apiGateway.requests');
    expect(first!.saturatesAt).toBeCloseTo(10_000, 3);
  });

  test('what is used by more than four fifths is to be raised, so that three fifths are used', () => {
    const { quotas } = capacityOf([load(9_000)], { route: 'single', assumed });
    const state = (id: string) => quotas.find((quota) => quota.id === id)!;
    expect(state('apiGateway.requests')).toMatchObject({ used: 9_000, utilisation: 0.9, raiseTo: 15_000 });
    // 9,000 rows of 1,280 bytes are 10.99 MB.
    expect(state('firehose.bytes')).toMatchObject({ raiseTo: 19 });
    // What nobody can raise says how to need less.
    expect(state('msk.partitionIn')).toMatchObject({
      raiseTo: null,
      quota: { way: expect.stringContaining('partitions') },
    });
  });
});

test('a quota is used up at the rate that is told, and not a little below', () => {
  const loads = fc.record({
    rate: fc.double({ min: 1, max: 1e5, noNaN: true }),
    eventBytes: fc.integer({ min: 50, max: 200_000 }),
    partitions: fc.integer({ min: 1, max: 64 }),
  });
  fc.assert(
    fc.property(loads, fc.constantFrom('single' as const, 'batch' as const), (some, route) => {
      const type = load(some.rate, some);
      for (const { id, saturatesAt } of capacityOf([type], { route, assumed }).quotas) {
        if (saturatesAt === null) continue;
        const at = (rate: number): number =>
          capacityOf([{ ...type, rate }], { route, assumed }).quotas.find((state) => state.id === id)!.utilisation;
        expect(at(saturatesAt * 0.999)).toBeLessThanOrEqual(1);
        expect(at(saturatesAt * 1.001)).toBeGreaterThan(1);
      }
    }),
    { numRuns: 5 },
  );
});

test('a million events a second is divided as worked out by hand', () => {
  const plan = partitioningFor([load(1_000_000)], { route: 'batch', assumed });
  // 1,000 batches a second of 60 ms and 100 ms: 160 at a time, each a partition, and three fifths of them busy.
  expect(plan.partitions).toBe(Math.ceil(160 / 0.6));
  // 630 bytes a record: 601 MB a second, of 200 a cluster; 2,000 batches to three brokers, and 1,000 polls, of 15,000.
  expect(plan.clusters).toBe(Math.ceil(630e6 / 2 ** 20 / 120));
  // 1,280 bytes a row: 1,221 MB a second, of 5 a stream.
  expect(plan.streams).toBe(Math.ceil(1280e6 / 2 ** 20 / 3));
  expect(plan).toMatchObject({ requests: 10_000, doors: 1 });
  // One partition takes 5 MB a second, 8,322 events; but one execution consumes 1,000 in 160 ms.
  expect(plan.keyRate).toBeCloseTo(6250, 6);
  expect(plan.keyShare).toBeCloseTo(0.00625, 9);
});
