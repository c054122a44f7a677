import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alternativesTo } from '../../src/cost/alternatives.ts';
import { billFor, workload } from '../../src/cost/bill.ts';
import type { TypeLoad } from '../../src/cost/flow.ts';
import type { PriceId } from '../../src/cost/price-list.ts';

const LOAD: TypeLoad = { eventType: 'shop.order', rate: 100, eventBytes: 1000, partitions: 4 };

describe('100 events a second of 1,000 bytes, worked out by hand', () => {
  const bill = billFor(workload([LOAD]));
  const month = 730 * 60 * 60;
  const events = 100 * month;
  const gb = 2 ** 30;
  /** What is paid under one price, by stage. */
  const cost = (stage: string, price: PriceId): number =>
    bill.lines.filter((line) => line.stage === stage && line.price === price).reduce((sum, line) => sum + line.cost, 0);

  test.for<readonly [string, PriceId, number]>([
    ['API Gateway', 'apiGateway.requests', 919.8], // 262.8 million at 3.50
    ['API Gateway', 'dataOut.gb', ((events * 600) / gb) * 0.09],
    // One to send, a tenth to receive, a tenth to delete; five pollers that ask every 20 s.
    ['SQS', 'sqs.requests', (1.2 * 262.8 + (5 * month) / 20 / 1e6) * 0.4],
    // Five pollers, a second each: 20 events a batch, 40 ms and 20 times 0.1 ms, 1 GB.
    ['produce', 'lambda.requests', ((5 * month) / 1e6) * 0.2],
    ['produce', 'lambda.gbSeconds', 5 * month * 0.042 * 0.0000133334],
    ['MSK', 'mskServerless.clusterHours', 547.5],
    ['MSK', 'mskServerless.partitionHours', 4.38],
    // 450 bytes of Avro and 180 around them.
    ['MSK', 'mskServerless.gbIn', ((events * 630) / gb) * 0.1],
    ['MSK', 'mskServerless.gbOut', ((events * 630) / gb) * 0.05],
    ['MSK', 'mskServerless.gbMonths', ((100 * 630 * 7 * 86_400) / gb) * 0.1],
    // A batch a second with 100 events: 60 ms and 10 ms.
    ['consume', 'lambda.requests', (month / 1e6) * 0.2],
    ['consume', 'lambda.gbSeconds', month * 0.07 * 0.0000133334],
    // 25 rows of 1,280 bytes for each of 4 partitions: 32,000 bytes, billed as seven times 5,120.
    ['Firehose', 'firehose.gb', ((4 * 7 * 5120 * month) / gb) * 0.029],
    // A buffer of 1 MB holds 819.2 rows.
    ['transform', 'lambda.requests', ((events / 819.2) * 0.2) / 1e6],
    ['transform', 'lambda.gbSeconds', (events / 819.2) * (0.02 + 0.08192) * 0.0000133334],
    // 590 bytes of CSV, a fifth of it after compression, for a year; an object a minute.
    ['S3', 's3.gbMonths', ((100 * 86_400 * 365 * 118) / gb) * 0.023],
    ['S3', 's3.puts', ((month / 60) * 0.005) / 1000],
    ['S3', 's3.gets', (1440 * 10 * (730 / 24) * 0.0004) / 1000],
    ['Athena', 'athena.tb', ((100 * 86_400 * 118 * 10 * (730 / 24)) / 2 ** 40) * 5],
    ['CloudWatch', 'cloudwatch.logGb', ((events * 400 + (5 + 1 + 100 / 819.2) * month * 900) / gb) * 0.5],
    ['CloudWatch', 'cloudwatch.metrics', 1.8],
    ['CloudWatch', 'cloudwatch.alarms', 1],
    ['CloudWatch', 'cloudwatch.dashboards', 6],
    ['KMS', 'kms.keyMonths', 1],
    ['KMS', 'kms.requests', (((2 * month) / 300 + month / 60) * 0.03) / 10_000],
    ['VPC', 'vpc.endpointHours', 4 * 3 * 7.3],
    ['VPC', 'vpc.endpointGb', ((events * (840 + 950)) / gb) * 0.01],
    ['other', 'secrets.secretMonths', 0.4],
  ])('%s: %s', ([stage, price, expected]) => {
    expect(expected).toBeGreaterThan(0);
    expect(cost(stage, price)).toBeCloseTo(expected, 6);
  });

  test('nothing else is on the bill but the logs that are kept', () => {
    expect(bill.lines).toHaveLength(33);
  });

  test('without packing, each event would be 5 KB to Firehose', () => {
    const firehose = alternativesTo(workload([LOAD]), bill).find(({ part }) => part === 'Firehose')!;
    expect(firehose.ways.map(({ cost: each }) => each.toFixed(2))).toEqual([
      (((4 * 7 * 5120 * month) / gb) * 0.029).toFixed(2),
      (((events * 5120) / gb) * 0.029).toFixed(2),
      (((events * 1280) / gb) * 0.029).toFixed(2),
    ]);
  });

  test('in batches of 100 the requests are a hundredth, and SQS takes ten events a request', () => {
    const batch = billFor(workload([LOAD], { route: 'batch' }));
    const line = (price: PriceId, idle = false): number =>
      batch.lines.filter((each) => each.price === price && each.idle === idle)[0]!.cost;
    expect(line('apiGateway.requests')).toBeCloseTo(9.198, 6);
    expect(line('sqs.requests')).toBeCloseTo(0.3 * 262.8 * 0.4, 6);
  });
});

describe('any bill', () => {
  const loads = fc
    .array(
      fc.record({
        rate: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
        eventBytes: fc.integer({ min: 20, max: 900_000 }),
        partitions: fc.integer({ min: 1, max: 200 }),
      }),
      { minLength: 1, maxLength: 5 },
    )
    .map((some) => some.map((load, index): TypeLoad => ({ ...load, eventType: `event.${index}` })));
  const routes = fc.constantFrom('single' as const, 'batch' as const);

  test('is the sum of its stages, and of its event types with what they share', () => {
    fc.assert(
      fc.property(loads, routes, (types, route) => {
        const bill = billFor(workload(types, { route }));
        const whole = bill.lines.reduce((sum, { cost }) => sum + cost, 0);
        for (const parts of [bill.stages, bill.types]) {
          expect(parts.reduce((sum, { total }) => sum + total, 0) / whole).toBeCloseTo(1, 9);
          expect(parts.reduce((sum, { idle }) => sum + idle, 0)).toBeCloseTo(bill.total.idle, 6);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('stays as it is idle where nothing comes, and is never lower with events', () => {
    fc.assert(
      fc.property(loads, routes, (types, route) => {
        const busy = billFor(workload(types, { route }));
        const idle = billFor(
          workload(
            types.map((load) => ({ ...load, rate: 0 })),
            { route },
          ),
        );
        expect(idle.total.total).toBe(idle.total.idle);
        expect(idle.total.perMillion).toBeNull();
        expect(busy.total.total).toBeGreaterThan(idle.total.total);
      }),
      { numRuns: 100 },
    );
  });

  test('never pays Firehose less than its bytes, nor more than for events that are not packed', () => {
    fc.assert(
      fc.property(loads, (types) => {
        for (const { firehoseBytes, firehoseBilledBytes, firehoseUnpackedBytes } of billFor(workload(types)).flows) {
          expect(firehoseBilledBytes).toBeGreaterThanOrEqual(firehoseBytes * (1 - 1e-9));
          expect(firehoseBilledBytes).toBeLessThanOrEqual(firehoseUnpackedBytes * (1 + 1e-9));
        }
      }),
      { numRuns: 100 },
    );
  });
});
