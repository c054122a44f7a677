import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Codec } from '../../src/codec/codec.ts';
import { readFrame } from '../../src/codec/framing.ts';
import { failedEventsPrefix } from '../../src/derive/names.ts';
import { codecLookup } from '../../src/local/event-types.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import type { QueueMessage, ReceivedMessage } from '../../src/ports/queue.ts';
import { readHeaders } from '../../src/stages/headers.ts';
import { createProduce, failedMessage, type ProducePorts } from '../../src/stages/produce.ts';
import { historyOfFields } from '../support/histories.ts';
import { accountOf, firstCells, openLocalParts } from '../support/local-parts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { memoryEventLog } from '../support/memory-event-log.ts';
import { messageOf } from '../support/messages.ts';
import { historyUpTo } from '../support/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TYPE = 'shop.order';
const HISTORY = historyOfFields(
  TYPE,
  [
    [{ name: 'customer', type: 'string' }],
    [
      { name: 'customer', type: 'string' },
      { name: 'note', type: 'string', default: '' },
    ],
  ],
  { key: 'customer' },
);
const KEYLESS = historyOfFields('shop.visit', [[{ name: 'page', type: ['null', 'string'] }]], { key: 'page' });
const PERSON = historyOfFields('shop.person', [
  [
    { name: 'name', type: ['null', 'string'], pii: 'drop' },
    { name: 'town', type: 'string', pii: 'clear' },
    { name: 'age', type: 'int' },
  ],
]);
const codecOf = codecLookup([HISTORY, KEYLESS, PERSON]);

/** The stage over a queue, failed events and a ledger that are real, and a log in memory. */
async function open(ports: Partial<ProducePorts> = {}) {
  const parts = await openLocalParts(temporaryFolder(), manualClock());
  onTestFinished(() => parts.ledger.close());
  const eventLog = memoryEventLog({ maxValueBytes: 500 });
  const failed: FailedEvent[] = [];
  const failedEvents = {
    async put(events: readonly FailedEvent[]) {
      await parts.failedEvents.put(events);
      failed.push(...events);
    },
  };
  return {
    ...parts,
    eventLog,
    failed,
    produce: createProduce({ codecOf, learn: async () => {}, eventLog, failedEvents, clock: parts.clock, ...ports }),
    async receive(...messages: QueueMessage[]): Promise<ReceivedMessage[]> {
      await parts.queue.send(messages);
      return parts.queue.receive(1_000, 60_000);
    },
  };
}

const order = (eventId: string, customer: string) => messageOf(TYPE, eventId, { customer });

describe('producing', () => {
  it('appends a record of the newest version, with key and headers, at the time of acceptance', async () => {
    const { produce, receive, eventLog } = await open();
    const [message] = await receive({
      ...order('e-1', 'ann'),
      acceptedAt: 1_700_000_000_123,
      traceparent: '00-aa-bb-01',
    });
    expect(await produce([message!])).toEqual([]);
    const [record] = eventLog.records;
    expect(record).toMatchObject({ topic: TYPE, key: Buffer.from('ann'), timestamp: 1_700_000_000_123 });
    expect(readHeaders(record!.headers)).toEqual({
      eventId: 'e-1',
      ingestedAt: 1_700_000_000_123,
      messageId: message!.messageId,
      traceparent: '00-aa-bb-01',
      replayId: undefined,
    });
    const frame = Buffer.alloc(5);
    frame.writeInt32BE(HISTORY.newest.ids.confluent!, 1);
    expect(record!.value).toEqual(Buffer.concat([frame, Buffer.from('\x06ann\0')]));
  });

  it('appends a record without a key where the key field is null', async () => {
    const { produce, receive, eventLog } = await open();
    await produce(
      await receive(messageOf('shop.visit', 'e-1', { page: null }), messageOf('shop.visit', 'e-2', { page: 'x' })),
    );
    expect(eventLog.records.map(({ key }) => key && String(key))).toEqual([null, 'x']);
  });

  it('keeps the order of the batch', async () => {
    const { produce, receive, eventLog } = await open();
    const ids = Array.from({ length: 50 }, (_, index) => `e-${index}`);
    await produce(await receive(...ids.map((id, index) => order(id, `customer-${index % 3}`))));
    expect(eventLog.records.map(({ headers }) => readHeaders(headers).eventId)).toEqual(ids);
  });

  it('does not ask the log for anything where nothing can be produced', async () => {
    const { produce, receive, eventLog } = await open();
    eventLog.away = true;
    expect(await produce(await receive(messageOf(TYPE, 'e-1', 'no JSON')))).toEqual([]);
    expect(await produce([])).toEqual([]);
  });

  it('keeps what the codec refuses now as a failed event with every fault, and the body as it was', async () => {
    const { produce, receive, failed, clock } = await open();
    const [message] = await receive(messageOf(TYPE, 'e-1', '{"customer":7,"x":1}'));
    expect(await produce([message!])).toEqual([]);
    expect(failed).toMatchObject([
      {
        id: `message/${message!.messageId}`,
        stage: 'produce',
        code: 'SLUICE_TYPE',
        path: '$.customer',
        reason: expect.stringMatching(/^\$\.customer: .*; \$\.x: /),
        eventType: TYPE,
        version: 2,
        payload: message!.body,
        failedAt: clock.now(),
        eventId: 'e-1',
        messageId: message!.messageId,
      },
    ]);
  });

  it('asks for newer versions where the codec refuses what was accepted, and produces it once they have come', async () => {
    const old = codecLookup([historyUpTo(HISTORY, 1)]);
    let known = old;
    let asked = 0;
    const { produce, receive, eventLog, failed } = await open({
      codecOf: (eventType) => known(eventType),
      async learn() {
        asked += 1;
        known = codecOf;
      },
    });
    const newer = (id: string) => messageOf(TYPE, id, { customer: 'ben', note: 'new' });
    expect(await produce(await receive(order('e-1', 'ann'), newer('e-2'), order('e-3', 'cyd'), newer('e-4')))).toEqual(
      [],
    );
    expect({ asked, failed }).toEqual({ asked: 1, failed: [] });
    expect(eventLog.records.map(({ headers }) => readHeaders(headers).eventId)).toEqual(['e-1', 'e-2', 'e-3', 'e-4']);
  });

  it('produces with the version that the writer stated, or the one that there is no more, as a failed event', async () => {
    const { produce, receive, eventLog, failed } = await open();
    const stated = (version: number) => messageOf(TYPE, `v-${version}`, { customer: 'ann' }, { version });
    await produce(await receive(stated(1), stated(2), stated(7)));
    const ids = HISTORY.versions.map(({ ids }) => ids.confluent);
    expect(eventLog.records.map(({ value }) => readFrame(value!).id)).toEqual(ids);
    expect(failed).toMatchObject([{ code: 'SLUICE_VERSION_UNKNOWN', version: 7, eventId: 'v-7' }]);
  });

  it('keeps events of a type that has no schema any more', async () => {
    const { produce, receive, failed } = await open();
    expect(await produce(await receive(messageOf('shop.gone', 'e-1')))).toEqual([]);
    expect(failed).toMatchObject([{ code: 'SLUICE_EVENT_TYPE_UNKNOWN', eventType: 'shop.gone', version: null }]);
  });

  it('keeps no personal data in a failed event but what its schema keeps readable, and none in the reason', async () => {
    const { produce, receive, failed } = await open();
    const body = { name: 'Ada L.', town: 'Ockham', age: 'Ada', nmae: 'Ada' };
    await produce(
      await receive(messageOf('shop.person', 'e-1', body), messageOf('shop.person', 'e-2', '{"name":"Ada')),
    );
    const [shown, withheld] = failed.map(({ payload }) => Buffer.from(payload).toString());
    const placeholders = { name: '[personal data]', nmae: '[not declared]' };
    expect(JSON.parse(shown!)).toEqual({ ...body, ...placeholders });
    expect(withheld).toBe('[personal data]: 12 bytes that are no JSON');
    expect(failed.map(({ reason }) => reason).join()).not.toMatch(/Ada|Ockham/);
  });

  it('keeps a record that the topic refuses as too large, and produces its neighbours', async () => {
    const { produce, receive, failed, eventLog } = await open();
    await produce(await receive(order('e-1', 'ann'), order('e-2', 'b'.repeat(600)), order('e-3', 'cid')));
    expect(eventLog.records.map(({ key }) => String(key))).toEqual(['ann', 'cid']);
    expect(failed).toMatchObject([{ code: 'SLUICE_RECORD_TOO_LARGE', eventId: 'e-2', path: '$' }]);
  });

  it('passes on that the cluster is away, and has then kept nothing as failed', async () => {
    const { produce, receive, eventLog, failed } = await open();
    const messages = await receive(order('e-1', 'ann'), messageOf(TYPE, 'e-2', 'no JSON'));
    eventLog.away = true;
    await expect(produce(messages)).rejects.toMatchObject({ code: 'SLUICE_LOG_UNAVAILABLE', retryable: true });
    expect(failed).toEqual([]);
    eventLog.away = false;
    expect(await produce(messages)).toEqual([]);
    expect([eventLog.records.length, failed.length]).toEqual([1, 1]);
  });

  it('accounts for every message of any batch: records + failed events + retries, and no other', async () => {
    /** Stands for a fault of ours: its codec throws where a body says so. */
    const fragile = (eventType: string): Codec | undefined => {
      const codec = codecOf(eventType);
      if (codec === undefined) return undefined;
      return Object.create(codec, {
        encode: {
          value(body: Uint8Array) {
            if (Buffer.from(body).includes('crash')) throw new Error('unforeseen');
            return codec.encode(body);
          },
        },
      }) as Codec;
    };
    const kinds = {
      good: () => order('good', 'ann'),
      large: () => order('large', 'b'.repeat(600)),
      invalid: () => messageOf(TYPE, 'invalid', { customer: null }),
      broken: () => messageOf(TYPE, 'broken', '{'),
      gone: () => messageOf('shop.gone', 'gone'),
      crash: () => order('crash', 'crash'),
    };
    const mix = fc.array(fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(mix, async (names) => {
        const parts = await open({ codecOf: fragile });
        const messages = await parts.receive(...names.map((name) => kinds[name]()));
        const retry = await parts.produce(messages);
        const idsOf = (...wanted: string[]) =>
          messages.filter((_, index) => wanted.includes(names[index]!)).map(({ messageId }) => messageId);
        expect(parts.eventLog.records.map(({ headers }) => readHeaders(headers).messageId)).toEqual(idsOf('good'));
        expect(retry).toEqual(idsOf('crash'));
        const expectedFailures = idsOf('large', 'invalid', 'broken', 'gone');
        expect(parts.failed.map(({ messageId }) => messageId).sort()).toEqual(expectedFailures.sort());
        // The same in what is durable: one row each in the table, and the ledger settles exactly these.
        expect(firstCells(parts, failedEventsPrefix()).sort()).toEqual(expectedFailures.map((id) => `message/${id}`));
        const [orders, gone] = [accountOf(parts, TYPE), accountOf(parts, 'shop.gone')];
        expect(orders.failed + gone.failed).toBe(expectedFailures.length);
        expect(orders.inFlight + gone.inFlight).toBe(idsOf('good', 'crash').length);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a failed message', () => {
  it('has the same id however often it fails', async () => {
    const { receive } = await open();
    const [message] = await receive(order('e-1', 'ann'));
    const why = { code: 'SLUICE_RECEIVES_EXHAUSTED', path: '$', reason: 'x', version: null } as const;
    const [first, second] = [1, 2].map((at) =>
      failedMessage('queue', { ...message!, receiveCount: at }, undefined, why, at),
    );
    expect(first!.id).toBe(second!.id);
  });
});
