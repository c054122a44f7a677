import { describe, expect, it } from 'vitest';
import type { KafkaEvent } from '../../src/adapters/aws/lambda-events.ts';
import { createMetrics } from '../../src/adapters/aws/metrics.ts';
import { SluiceError } from '../../src/errors.ts';
import { createConsumeHandler } from '../../src/handlers/consume.ts';
import { countedDeliveryStream, countedFailedEvents } from '../../src/handlers/counted.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import { createConsume } from '../../src/stages/consume.ts';
import { manualClock } from '../support/manual-clock.ts';
import { fixture, ORDER, orderCodec } from './fixtures/fixture.ts';

const ACCEPTED = Date.UTC(2026, 10, 24, 12);

/** @param isAway tells whether the stream takes nothing that holds this text. */
function open(isAway: (rows: string) => boolean = () => false, responses: 'partial' | 'whole' = 'partial') {
  const clock = manualClock(ACCEPTED + 1_500);
  const lines: string[] = [];
  const log: string[] = [];
  const rows: string[] = [];
  const failed: FailedEvent[] = [];
  const metrics = createMetrics({ eventType: ORDER, stage: 'test', clock, write: (line) => lines.push(line) });
  const codec = orderCodec();
  const deliveryStream = {
    async put(eventType: string, records: readonly { readonly data: Uint8Array }[]) {
      const text = Buffer.concat(records.map(({ data }) => data)).toString();
      if (isAway(text)) throw new SluiceError('SLUICE_STORAGE', 'Firehose stream sluice: TimeoutError');
      expect(eventType).toBe(ORDER);
      rows.push(...text.trimEnd().split('\n'));
    },
  };
  const put = async (events: readonly FailedEvent[]) => void failed.push(...events);
  const consume = createConsume({
    codecOf: (topic) => (topic === ORDER ? codec : undefined),
    learn: async () => {},
    deliveryStream: countedDeliveryStream(deliveryStream, metrics, clock),
    failedEvents: countedFailedEvents({ put }, metrics),
    clock,
  });
  const handler = createConsumeHandler(
    async () => ({ consume, responses, metrics, begin: async () => {} }),
    (line) => log.push(line),
  );
  return { handler, rows, failed, log, counts: () => lines.map((line) => JSON.parse(line)) };
}

describe('consuming what the event source mapping hands over', () => {
  it('makes rows of records of every version, and keeps tombstones and poison as failed events', async () => {
    const { handler, rows, failed, counts } = open();
    expect(await handler(fixture<KafkaEvent>('msk'))).toEqual({ batchItemFailures: [] });
    expect(rows.map((row) => JSON.parse(row))).toMatchObject([
      { _event_id: 'o-1', _schema_version: 2, _kafka_partition: 0, _kafka_offset: 41, note: 'ship', _replay_id: null },
      { _event_id: 'o-2', _schema_version: 1, _kafka_offset: 43, note: 'none', _replay_id: 'nächtlich ✓' },
      { _event_id: 'o-3', _kafka_partition: 1, _kafka_offset: 8, customer: 'bob' },
    ]);
    expect(failed.map(({ id, code }) => [id, code])).toEqual([
      ['shop.order/0/42', 'SLUICE_TOMBSTONE'],
      ['shop.order/1/7', 'SLUICE_AVRO_FRAMING'],
    ]);
    expect(counts()).toMatchObject([{ Delivered: 3, Failed: 2, LatencyMs: [1_500, 1_500, 1_500] }]);
  });

  it('asks for a partition again from its first record on, and goes on with its neighbours', async () => {
    const { handler, rows, log, counts } = open((text) => text.includes('o-1'));
    expect(await handler(fixture<KafkaEvent>('msk'))).toEqual({
      batchItemFailures: [{ itemIdentifier: { partition: 'shop.order-0', offset: 41 } }],
    });
    expect(rows.map((row) => JSON.parse(row)._event_id)).toEqual(['o-3']);
    expect(log).toEqual([
      'partition shop.order-0 is read again from offset 41: SLUICE_STORAGE: Firehose stream sluice: TimeoutError',
    ]);
    expect(counts()).toMatchObject([{ Delivered: 1, Retried: 3 }]);
  });

  it('asks for every partition again where nothing can be delivered', async () => {
    const { handler } = open(() => true);
    const { batchItemFailures } = await handler(fixture<KafkaEvent>('msk'));
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      { partition: 'shop.order-0', offset: 41 },
      { partition: 'shop.order-1', offset: 7 },
    ]);
  });

  it('fails as a whole where Lambda takes no answer for a part, and goes on with the other partitions all the same', async () => {
    const { handler, rows, counts } = open((text) => text.includes('o-1'), 'whole');
    await expect(handler(fixture<KafkaEvent>('msk'))).rejects.toMatchObject({ code: 'SLUICE_STORAGE' });
    expect(rows.map((row) => JSON.parse(row)._event_id)).toEqual(['o-3']);
    expect(counts()).toMatchObject([{ Delivered: 1, Retried: 3 }]);
    expect(await open(() => false, 'whole').handler(fixture<KafkaEvent>('msk'))).toEqual({ batchItemFailures: [] });
  });

  it('fails as a whole while it cannot start', async () => {
    const handler = createConsumeHandler(() => Promise.reject(new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', 'away')));
    await expect(handler(fixture<KafkaEvent>('msk'))).rejects.toMatchObject({ code: 'SLUICE_REGISTRY_UNAVAILABLE' });
  });
});
