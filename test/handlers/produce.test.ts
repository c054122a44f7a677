import { describe, expect, it } from 'vitest';
import type { SqsEvent } from '../../src/adapters/aws/lambda-events.ts';
import { createMetrics } from '../../src/adapters/aws/metrics.ts';
import { isEventId } from '../../src/codec/event-id.ts';
import { countedEventLog, countedFailedEvents } from '../../src/handlers/counted.ts';
import { createProduceHandler } from '../../src/handlers/produce.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import { readHeaders } from '../../src/stages/headers.ts';
import { createProduce, type ProducePorts } from '../../src/stages/produce.ts';
import { manualClock } from '../support/manual-clock.ts';
import { memoryEventLog } from '../support/memory-event-log.ts';
import { fixture, ORDER, orderCodec } from './fixtures/fixture.ts';

function open(ports: Partial<ProducePorts> = {}) {
  const clock = manualClock();
  const lines: string[] = [];
  const log: string[] = [];
  const failed: FailedEvent[] = [];
  const eventLog = memoryEventLog();
  const metrics = createMetrics({ eventType: ORDER, stage: 'test', clock, write: (line) => lines.push(line) });
  const codec = orderCodec();
  const put = async (events: readonly FailedEvent[]) => void failed.push(...events);
  const produce = createProduce({
    codecOf: (eventType) => (eventType === ORDER ? codec : undefined),
    learn: async () => {},
    eventLog: countedEventLog(eventLog, metrics),
    failedEvents: countedFailedEvents({ put }, metrics),
    clock,
    ...ports,
  });
  const handler = createProduceHandler(async () => ({ eventType: ORDER, produce, metrics, begin: async () => {} }), {
    log: (line) => log.push(line),
    pause: async () => {},
  });
  const counts = () =>
    lines.map((line) => JSON.parse(line)).map(({ Produced, Failed, Retried }) => ({ Produced, Failed, Retried }));
  return { handler, eventLog, failed, counts, log };
}

describe('producing what SQS hands over', () => {
  it('takes good messages to Kafka and keeps the others as failed events, so that all may be deleted', async () => {
    const { handler, eventLog, failed, counts } = open();
    expect(await handler(fixture<SqsEvent>('sqs'))).toEqual({ batchItemFailures: [] });
    expect(eventLog.records.map(({ topic, key }) => [topic, String(key)])).toEqual([
      [ORDER, 'ada'],
      [ORDER, 'bob'],
    ]);
    expect(failed).toMatchObject([
      {
        id: 'message/e3a1b0aa-6f2e-4f7e-8d57-0a3c3f6c9f10',
        stage: 'produce',
        code: 'SLUICE_FIELD_MISSING',
        path: '$.customer',
        eventId: 'e8bf9ac6-7b61-11e6-9a41-93e8deadbeef',
      },
    ]);
    expect(counts()).toEqual([{ Produced: 2, Failed: 1 }]);
  });

  it('names an event by the id that came with it, else by the one in its body; the acceptance is the message', async () => {
    const { handler, eventLog } = open();
    await handler(fixture<SqsEvent>('sqs'));
    expect(eventLog.records.map(({ headers }) => readHeaders(headers))).toEqual([
      {
        eventId: 'given-1',
        ingestedAt: Date.UTC(2026, 10, 24, 12),
        messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        replayId: undefined,
      },
      {
        eventId: 'o-2',
        ingestedAt: Date.UTC(2026, 10, 24, 12),
        messageId: '2e1424d4-f796-459a-8184-9c92662be6da',
        traceparent: undefined,
        replayId: undefined,
      },
    ]);
    expect(eventLog.records.every(({ headers }) => isEventId(readHeaders(headers).eventId!))).toBe(true);
  });

  it('keeps a message that states a version of its own making', async () => {
    const { handler, failed } = open();
    const {
      Records: [record],
    } = fixture<SqsEvent>('sqs');
    const stated = { ...record!.messageAttributes, 'schema-version': { stringValue: 'latest' } };
    expect(await handler({ Records: [{ ...record!, messageAttributes: stated }] })).toEqual({ batchItemFailures: [] });
    expect(failed).toMatchObject([{ code: 'SLUICE_VERSION_UNKNOWN', version: 0 }]);
  });

  it('asks for a message again that it could not handle, and for no other', async () => {
    const codec = orderCodec();
    const { handler, eventLog, counts } = open({
      codecOf: () =>
        ({
          ...codec,
          history: codec.history,
          redact: codec.redact,
          encode: (body, version) => {
            if (String(body).includes('o-2')) throw new Error('out of luck');
            return codec.encode(body, version);
          },
        }) as typeof codec,
    });
    expect(await handler(fixture<SqsEvent>('sqs'))).toEqual({
      batchItemFailures: [{ itemIdentifier: '2e1424d4-f796-459a-8184-9c92662be6da' }],
    });
    expect(eventLog.records).toHaveLength(1);
    expect(counts()).toEqual([{ Produced: 1, Failed: 1, Retried: 1 }]);
  });

  it('fails as a whole while Kafka is away, and says why', async () => {
    const { handler, eventLog, counts, log } = open();
    eventLog.away = true;
    await expect(handler(fixture<SqsEvent>('sqs'))).rejects.toMatchObject({ code: 'SLUICE_LOG_UNAVAILABLE' });
    expect(counts()).toEqual([{ Retried: 3 }]);
    expect(log).toEqual(['a batch of 3 messages goes back to the queue: SLUICE_LOG_UNAVAILABLE: no broker answers']);
    eventLog.away = false;
    expect(await handler(fixture<SqsEvent>('sqs'))).toEqual({ batchItemFailures: [] });
  });

  it('tries again within the invocation while Kafka is away, for as long as its time allows', async () => {
    const { handler, eventLog, counts, log } = open();
    eventLog.away = true;
    let left = 60_000;
    const context = {
      getRemainingTimeInMillis() {
        left -= 5_000;
        if (left === 45_000) eventLog.away = false;
        return left;
      },
    };
    expect(await handler(fixture<SqsEvent>('sqs'), context)).toEqual({ batchItemFailures: [] });
    expect(eventLog.records).toHaveLength(2);
    expect(counts()).toEqual([{ Produced: 2, Failed: 1 }]);
    expect(log).toEqual(Array(3).fill('SLUICE_LOG_UNAVAILABLE: no broker answers; trying again'));

    eventLog.away = true;
    left = 46_000;
    await expect(handler(fixture<SqsEvent>('sqs'), context)).rejects.toMatchObject({ code: 'SLUICE_LOG_UNAVAILABLE' });
    expect(left).toBe(31_000);
  });
});
