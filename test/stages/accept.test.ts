import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compileCodec } from '../../src/codec/codec.ts';
import { SluiceError } from '../../src/errors.ts';
import { codecLookup } from '../../src/local/event-types.ts';
import type { Queue } from '../../src/ports/queue.ts';
import { createAccept, MAX_BATCH_EVENTS, MAX_EVENT_BYTES } from '../../src/stages/accept.ts';
import { historyOfFields } from '../support/histories.ts';
import { openLocalParts } from '../support/local-parts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { bodyOf, historyUpTo } from '../support/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PLAIN = historyOfFields('a.plain', [
  [
    { name: 'count', type: 'int' },
    { name: 'note', type: 'string', default: '' },
  ],
]);
const NAMED = historyOfFields(
  'a.named',
  [
    [
      { name: 'id', type: 'string' },
      { name: 'count', type: 'int' },
    ],
  ],
  { eventId: 'id' },
);
const codecOf = codecLookup([PLAIN, NAMED]);
const NOW = Date.UTC(2026, 10, 24, 12);

/** The stage over a real queue. */
async function open(wrap: (queue: Queue) => Pick<Queue, 'send'> = (queue) => queue) {
  const parts = await openLocalParts(temporaryFolder(), manualClock(NOW));
  onTestFinished(() => parts.ledger.close());
  let ids = 0;
  const accept = createAccept({
    codecOf,
    learn: async () => {},
    queue: wrap(parts.queue),
    clock: parts.clock,
    newEventId: () => `generated-${++ids}`,
  });
  return { accept, received: () => parts.queue.receive(100_000, 60_000), ...parts };
}

const codesOf = (acceptance: { faults?: readonly { code: string; path: string }[] }) =>
  acceptance.faults?.map(({ code, path }) => `${code} ${path}`);

it('asks for a version that nobody here knows before it refuses the writer that states it', async () => {
  const parts = await openLocalParts(temporaryFolder(), manualClock(NOW));
  onTestFinished(() => parts.ledger.close());
  const next = historyOfFields('a.plain', [
    [{ name: 'count', type: 'int' }],
    [
      { name: 'count', type: 'int' },
      { name: 'size', type: 'int', default: 0 },
    ],
  ]);
  const [old, fresh] = [historyUpTo(next, 1), next].map((history) => codecLookup([history]));
  let current = old!;
  const asked: unknown[] = [];
  const accept = createAccept({
    codecOf: (eventType) => current(eventType),
    async learn(...wanted) {
      asked.push(wanted);
      current = fresh!;
    },
    queue: parts.queue,
    clock: parts.clock,
    newEventId: () => 'generated',
  });
  expect(await accept.event('a.plain', bodyOf({ count: 1 }), { version: 1 })).toMatchObject({ ok: true });
  expect(asked).toEqual([]);
  expect(await accept.event('a.plain', bodyOf({ count: 1, size: 2 }), { version: 2 })).toMatchObject({ ok: true });
  expect(asked).toEqual([['a.plain', 'v2']]);
  expect((await parts.queue.receive(10, 1_000)).map(({ version }) => version)).toEqual([1, 2]);
});

describe('accepting one event', () => {
  it('puts the very bytes of the body into the queue before it answers', async () => {
    const { accept, received } = await open();
    const body = Buffer.from(' { "note" : "\\u00e9\\n" ,\r\n "count" : 7 } ');
    expect(await accept.event('a.plain', body, { traceparent: '00-aa-bb-01' })).toEqual({
      ok: true,
      eventId: 'generated-1',
    });
    expect(await received()).toMatchObject([
      {
        eventType: 'a.plain',
        eventId: 'generated-1',
        acceptedAt: NOW,
        body: new Uint8Array(body),
        traceparent: '00-aa-bb-01',
      },
    ]);
  });

  it("names the event by the header, else by the schema's id field, else anew", async () => {
    const { accept, received } = await open();
    await accept.event('a.named', bodyOf({ id: 'own', count: 1 }), { eventId: 'header' });
    await accept.event('a.named', bodyOf({ id: 'own', count: 1 }));
    await accept.event('a.plain', bodyOf({ count: 1 }), { eventId: 'header' });
    await accept.event('a.plain', bodyOf({ count: 1 }));
    expect((await received()).map(({ eventId }) => eventId)).toEqual(['header', 'own', 'header', 'generated-1']);
  });

  it.each(['', ' ', 'a b', 'a,b', 'ü', 'a\nb', 'x'.repeat(129), '"'])('refuses the event id %j', async (eventId) => {
    const { accept, received } = await open();
    const acceptance = await accept.event('a.plain', bodyOf({ count: 1 }), { eventId });
    expect(codesOf(acceptance as object)).toEqual(['SLUICE_EVENT_ID $']);
    expect(codesOf((await accept.event('a.named', bodyOf({ id: eventId, count: 1 }))) as object)).toEqual([
      'SLUICE_EVENT_ID $.id',
    ]);
    expect(await received()).toEqual([]);
  });

  it('takes an event id of 128 characters from all that are allowed', async () => {
    const { accept } = await open();
    const eventId = 'AZaz09._:~-'.padEnd(128, 'x');
    expect(await accept.event('a.plain', bodyOf({ count: 1 }), { eventId })).toEqual({ ok: true, eventId });
  });

  it('tells every fault of a body at once, and takes nothing', async () => {
    const { accept, received } = await open();
    const acceptance = await accept.event('a.plain', bodyOf({ note: 7, cuont: 1 }));
    expect(codesOf(acceptance as object)).toEqual([
      'SLUICE_FIELD_MISSING $.count',
      'SLUICE_TYPE $.note',
      'SLUICE_FIELD_UNKNOWN $.cuont',
    ]);
    expect(await received()).toEqual([]);
  });

  it.each(['unknown', '', 'A.PLAIN', 'a.plain ', '../a.plain', '__proto__', 'constructor'])(
    'knows no event type "%s"',
    async (eventType) => {
      const { accept } = await open();
      await expect(accept.event(eventType, bodyOf({ count: 1 }))).rejects.toMatchObject({
        code: 'SLUICE_EVENT_TYPE_UNKNOWN',
      });
      await expect(accept.batch(eventType, bodyOf([{ count: 1 }]), 'array')).rejects.toMatchObject({
        code: 'SLUICE_EVENT_TYPE_UNKNOWN',
      });
    },
  );

  it('takes a body up to the limit, and refuses one byte more', async () => {
    const { accept } = await open();
    const padded = (bytes: number) => Buffer.from('{"count":1}'.padEnd(bytes));
    expect(await accept.event('a.plain', padded(MAX_EVENT_BYTES))).toMatchObject({ ok: true });
    const acceptance = await accept.event('a.plain', padded(MAX_EVENT_BYTES + 1));
    expect(codesOf(acceptance as object)).toEqual(['SLUICE_BODY_TOO_LARGE $']);
  });

  it('refuses what only the model refuses, should the codec ever take more than its model', async () => {
    const codec = compileCodec(PLAIN);
    const lenient = Object.create(codec, {
      encodeParsed: { value: () => ({ ok: true, value: Buffer.alloc(5), key: null, eventId: undefined }) },
    });
    const parts = await open();
    const accept = createAccept({
      codecOf: () => lenient,
      learn: async () => {},
      queue: parts.queue,
      clock: parts.clock,
      newEventId: () => 'x',
    });
    expect(codesOf((await accept.event('a.plain', bodyOf({ count: 'one' }))) as object)).toEqual([
      'SLUICE_MODEL $.count',
    ]);
  });

  it('passes on that the queue is full', async () => {
    const { accept, received } = await open(() => ({
      send: () => Promise.reject(new SluiceError('SLUICE_QUEUE_FULL', 'full')),
    }));
    await expect(accept.event('a.plain', bodyOf({ count: 1 }))).rejects.toMatchObject({ code: 'SLUICE_QUEUE_FULL' });
    await expect(accept.batch('a.plain', bodyOf([{ count: 1 }]), 'array')).rejects.toMatchObject({
      code: 'SLUICE_QUEUE_FULL',
    });
    expect(await received()).toEqual([]);
  });

  it('does not answer before the queue has the event', async () => {
    const sent = Promise.withResolvers<string[]>();
    const { accept } = await open(() => ({ send: () => sent.promise }));
    let isAnswered = false;
    const answered = accept.event('a.plain', bodyOf({ count: 1 })).then(() => {
      isAnswered = true;
    });
    await new Promise(setImmediate);
    expect(isAnswered).toBe(false);
    sent.resolve(['m-1']);
    await answered;
  });
});

describe('accepting a batch', () => {
  it('takes the good events, answers for each in its place, and tells the faults of the others', async () => {
    const { accept, received } = await open();
    const lines = ['{"count":1}', '{"count":"x"}', '', '{"count":2}\r', '{"count":', '   ', '{"count":3}'];
    const acceptances = await accept.batch('a.plain', Buffer.from(lines.join('\n')), 'lines');
    expect(acceptances.map((each) => (each.ok ? each.eventId : codesOf(each)))).toEqual([
      'generated-1',
      ['SLUICE_TYPE $.count'],
      'generated-2',
      ['SLUICE_JSON_SYNTAX $'],
      'generated-3',
    ]);
    expect((await received()).map(({ body }) => Buffer.from(body).toString())).toEqual([
      '{"count":1}',
      '{"count":2}',
      '{"count":3}',
    ]);
  });

  it('takes the items of an array byte for byte', async () => {
    const { accept, received } = await open();
    const body = Buffer.from(' [ {"count": 1} ,{"note":"]},[{","count":2},7,{"count":3} ] ');
    const acceptances = await accept.batch('a.plain', body, 'array');
    expect(acceptances.map(({ ok }) => ok)).toEqual([true, true, false, true]);
    expect((await received()).map(({ body }) => Buffer.from(body).toString())).toEqual([
      ' {"count": 1} ',
      '{"note":"]},[{","count":2}',
      '{"count":3} ',
    ]);
  });

  it.each([
    ['lines', '', 'SLUICE_BODY_EMPTY'],
    ['lines', ' \n\r\n\t', 'SLUICE_BODY_EMPTY'],
    ['array', '[]', 'SLUICE_BODY_EMPTY'],
    ['array', '', 'SLUICE_JSON_SYNTAX'],
    ['array', '{"count":1}', 'SLUICE_JSON_SYNTAX'],
    ['array', '[{"count":1}', 'SLUICE_JSON_SYNTAX'],
    ['array', '[{"count":1}] [', 'SLUICE_JSON_SYNTAX'],
    ['array', '\ufeff[{"count":1}]', 'SLUICE_JSON_SYNTAX'],
    ['array', '"[]"', 'SLUICE_JSON_SYNTAX'],
  ] as const)('as %s refuses %j as a whole, since its items cannot be told apart', async (format, body, code) => {
    const { accept, received } = await open();
    await expect(accept.batch('a.plain', Buffer.from(body), format)).rejects.toMatchObject({
      code,
      faults: [{ code }],
    });
    expect(await received()).toEqual([]);
  });

  it('takes ten thousand events and refuses one more', async () => {
    const { accept } = await open(() => ({ send: async (messages) => messages.map((_, index) => `m-${index}`) }));
    const lines = Buffer.from('{"count":1}\n'.repeat(MAX_BATCH_EVENTS));
    expect(await accept.batch('a.plain', lines, 'lines')).toHaveLength(MAX_BATCH_EVENTS);
    await expect(
      accept.batch('a.plain', Buffer.concat([lines, Buffer.from('{"count":1}')]), 'lines'),
    ).rejects.toMatchObject({ code: 'SLUICE_BODY_TOO_LARGE' });
  });

  it('sends nothing to the queue where no event is good', async () => {
    let sends = 0;
    const { accept } = await open(() => ({
      async send() {
        sends += 1;
        return [];
      },
    }));
    await accept.batch('a.plain', bodyOf([{}, 7]), 'array');
    expect(sends).toBe(0);
  });

  it('of any mix answers once for each item, and queues exactly the good ones, in order', async () => {
    const { accept, queue } = await open();
    const good = fc.integer({ min: -9, max: 9 }).map((count) => ({ text: JSON.stringify({ count }), isGood: true }));
    const bad = fc
      .constantFrom(
        '{"count":1.5}',
        '{}',
        '[]',
        'null',
        '{"count":1,"count":1}',
        '{"count":1}}',
        'x',
        '{"count":1,"n":0}',
      )
      .map((text) => ({ text, isGood: false }));
    const mix = fc.array(fc.oneof(good, bad), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(mix, fc.constantFrom('lines', 'array'), async (items, format) => {
        const texts = items.map(({ text }) => text);
        // An array's items are told apart by its brackets, so one too many ends it.
        fc.pre(format === 'lines' || !texts.includes('{"count":1}}'));
        const body = format === 'lines' ? texts.join('\n') : `[${texts.join(',')}]`;
        const acceptances = await accept.batch('a.plain', Buffer.from(body), format as 'lines' | 'array');
        expect(acceptances.map(({ ok }) => ok)).toEqual(items.map(({ isGood }) => isGood));
        const received = await queue.receive(1_000, 60_000);
        await queue.delete(received.map(({ messageId }) => messageId));
        expect(received.map(({ eventId, body: bytes }) => [eventId, Buffer.from(bytes).toString()])).toEqual(
          acceptances.flatMap((each, index) => (each.ok ? [[each.eventId, texts[index]]] : [])),
        );
      }),
      { numRuns: 60 },
    );
  });
});
