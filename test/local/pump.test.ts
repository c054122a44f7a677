import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { failedEventsPrefix } from '../../src/derive/names.ts';
import { SluiceError } from '../../src/errors.ts';
import { codecLookup } from '../../src/local/event-types.ts';
import { startPump } from '../../src/local/pump.ts';
import type { Queue } from '../../src/ports/queue.ts';
import { readHeaders } from '../../src/stages/headers.ts';
import { createProduce, type Produce } from '../../src/stages/produce.ts';
import { historyOfFields } from '../support/histories.ts';
import { accountOf, firstCells, type LocalParts, objectLines, openLocalParts } from '../support/local-parts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { memoryEventLog } from '../support/memory-event-log.ts';
import { messageOf } from '../support/messages.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TYPE = 'shop.order';
const PERSONAL = 'test.person';
const codecOf = codecLookup([
  historyOfFields(TYPE, [[{ name: 'n', type: 'int' }]]),
  historyOfFields(PERSONAL, [[{ name: 'name', type: ['null', 'string'], pii: 'drop' }]]),
]);
const MAX_RECEIVES = 3;

/** A pump over a real queue and real failed events, ready to start. */
async function open() {
  const clock = manualClock();
  const parts = await openLocalParts(temporaryFolder(), clock);
  onTestFinished(() => parts.ledger.close());
  const eventLog = memoryEventLog();
  const log: string[] = [];
  const produce = createProduce({ codecOf, learn: async () => {}, eventLog, failedEvents: parts.failedEvents, clock });
  return {
    ...parts,
    clock,
    eventLog,
    produce,
    log,
    start(with_: { produce?: Produce; queue?: Queue } = {}) {
      const pump = startPump({
        queue: parts.queue,
        produce,
        codecOf,
        failedEvents: parts.failedEvents,
        clock,
        maxReceives: MAX_RECEIVES,
        log: (line) => log.push(line),
        ...with_,
      });
      onTestFinished(() => pump.stop());
      return pump;
    },
  };
}

const send = ({ queue }: Pick<LocalParts, 'queue'>, ...ids: string[]) =>
  queue.send(ids.map((id, n) => messageOf(TYPE, id, { n })));
const eventually = (assertion: () => void | Promise<void>) => vi.waitFor(assertion, { timeout: 5_000, interval: 5 });
/** Everything left in the queue, hidden or not. */
const left = async ({ queue, clock }: Awaited<ReturnType<typeof open>>) => {
  clock.advance(3_600_000);
  return (await queue.receive(1_000, 1)).map(({ eventId, receiveCount }) => [eventId, receiveCount]);
};
/** What the queue's table says of its messages. */
const storedIn = ({ ledger }: Pick<LocalParts, 'ledger'>) =>
  ledger.database.prepare('SELECT visible_at, receives FROM message ORDER BY number').all();
const producedIds = ({ eventLog }: Pick<Awaited<ReturnType<typeof open>>, 'eventLog'>) =>
  eventLog.records.map(({ headers }) => readHeaders(headers).eventId);

describe('the pump', () => {
  it('takes every message from the queue to the log, in order, and deletes it', async () => {
    const parts = await open();
    const pump = parts.start();
    const ids = Array.from({ length: 2_500 }, (_, index) => `e-${index}`);
    for (let at = 0; at < ids.length; at += 500) await send(parts, ...ids.slice(at, at + 500));
    await eventually(() => expect(parts.eventLog.records).toHaveLength(ids.length));
    await pump.stop();
    expect(producedIds(parts)).toEqual(ids);
    expect(await left(parts)).toEqual([]);
    // Produced is not delivered yet.
    expect(accountOf(parts, TYPE)).toMatchObject({ accepted: ids.length, inFlight: ids.length });
  });

  it('waits while the broker is away, and costs no message a receive', async () => {
    const parts = await open();
    parts.eventLog.away = true;
    await send(parts, 'e-1', 'e-2');
    const pump = parts.start();
    await eventually(() => expect(parts.log.length).toBeGreaterThanOrEqual(2));
    expect(parts.log[0]).toMatch(/no broker answers; again in \d+ ms/);
    expect(storedIn(parts)).toMatchObject([{ receives: 1 }, { receives: 1 }]);
    parts.eventLog.away = false;
    await eventually(() => expect(producedIds(parts)).toEqual(['e-1', 'e-2']));
    await pump.stop();
    expect(await left(parts)).toEqual([]);
    expect(objectLines(parts, failedEventsPrefix())).toEqual([]);
  });

  it('hides a held batch from others for as long as the broker is away', async () => {
    const parts = await open();
    parts.eventLog.away = true;
    await send(parts, 'e-1');
    parts.start();
    await eventually(() => expect(parts.log.length).toBeGreaterThanOrEqual(1));
    // Nearly as long as the batch stays hidden; the next try hides it anew.
    parts.clock.advance(59_000);
    const tries = parts.log.length;
    await eventually(() => expect(parts.log.length).toBeGreaterThan(tries));
    await new Promise(setImmediate);
    parts.clock.advance(59_000);
    expect(await parts.queue.receive(10, 1)).toEqual([]);
  });

  it('shows what it holds to the next start at once when it is stopped', async () => {
    const parts = await open();
    parts.eventLog.away = true;
    await send(parts, 'e-1');
    const pump = parts.start();
    await eventually(() => expect(parts.log.length).toBeGreaterThanOrEqual(1));
    await pump.stop();
    expect(await parts.queue.receive(10, 1)).toMatchObject([{ eventId: 'e-1' }]);
  });

  it('returns what the stage could not handle to the queue, hidden for a growing while, and deletes the others', async () => {
    const parts = await open();
    const produce: Produce = async (messages) =>
      messages.filter(({ eventId }) => eventId === 'bad').map(({ messageId }) => messageId);
    await send(parts, 'good', 'bad');
    const pump = parts.start({ produce });
    await eventually(() => {
      expect(storedIn(parts)).toEqual([{ visible_at: parts.clock.now() + 100, receives: 1 }]);
    });
    parts.clock.advance(100);
    await eventually(() => {
      expect(storedIn(parts)).toEqual([{ visible_at: parts.clock.now() + 200, receives: 2 }]);
    });
    await pump.stop();
    expect(await left(parts)).toEqual([['bad', 3]]);
  });

  it('keeps a message as a failed event after the given number of receives, and its neighbours go on', async () => {
    const parts = await open();
    let tries = 0;
    const produce: Produce = async (messages) => {
      const bad = messages.filter(({ eventId }) => eventId === 'bad').map(({ messageId }) => messageId);
      tries += bad.length;
      await parts.produce(messages.filter(({ eventId }) => eventId !== 'bad'));
      return bad;
    };
    const [, bad] = await send(parts, 'good-1', 'bad', 'good-2');
    const pump = parts.start({ produce });
    await eventually(() => {
      parts.clock.advance(10_000);
      expect(firstCells(parts, failedEventsPrefix())).toEqual([`message/${bad}`]);
    });
    await eventually(() => expect(accountOf(parts, TYPE)).toMatchObject({ failed: 1 }));
    await pump.stop();
    expect(tries).toBe(MAX_RECEIVES);
    expect(producedIds(parts)).toEqual(['good-1', 'good-2']);
    expect(objectLines(parts, failedEventsPrefix())[0]).toContain(',queue,SLUICE_RECEIVES_EXHAUSTED,$,');
    expect(await left(parts)).toEqual([]);
  });

  it('keeps a message that it gives up without the personal data in it', async () => {
    const parts = await open();
    await parts.queue.send([messageOf(PERSONAL, 'e-1', { name: 'ada' })]);
    parts.start({ produce: async (messages) => messages.map(({ messageId }) => messageId) });
    await eventually(() => {
      parts.clock.advance(10_000);
      expect(objectLines(parts, failedEventsPrefix())).toHaveLength(1);
    });
    const [line] = objectLines(parts, failedEventsPrefix());
    expect(line).toContain('[personal data]');
    expect(line).not.toContain('ada');
  });

  it('loses nothing where messages were produced and could not be deleted: they are produced again', async () => {
    const parts = await open();
    let failures = 2;
    const queue: Queue = {
      ...parts.queue,
      async delete(ids) {
        failures -= 1;
        if (failures >= 0) throw new SluiceError('SLUICE_STORAGE', 'the disk is full');
        await parts.queue.delete(ids);
      },
    };
    await send(parts, 'e-1');
    const pump = parts.start({ queue });
    await eventually(() => expect(producedIds(parts)).toEqual(['e-1', 'e-1', 'e-1']));
    await pump.stop();
    expect(await left(parts)).toEqual([]);
    expect(new Set(parts.eventLog.records.map(({ headers }) => readHeaders(headers).messageId)).size).toBe(1);
  });

  it('outlives a queue that fails', async () => {
    const parts = await open();
    let failures = 2;
    const queue: Queue = {
      ...parts.queue,
      async receive(...args) {
        failures -= 1;
        if (failures >= 0) throw new SluiceError('SLUICE_STORAGE', 'the database is locked');
        return parts.queue.receive(...args);
      },
    };
    await send(parts, 'e-1');
    parts.start({ queue });
    await eventually(() => expect(producedIds(parts)).toEqual(['e-1']));
    expect(parts.log.filter((line) => line.includes('locked'))).toHaveLength(2);
  });

  it('ends a batch that is under way before it stops', async () => {
    const parts = await open();
    const entered = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    await send(parts, 'e-1');
    const pump = parts.start({
      async produce(messages) {
        entered.resolve();
        await released.promise;
        return parts.produce(messages);
      },
    });
    await entered.promise;
    const stopped = pump.stop();
    released.resolve();
    await stopped;
    expect(producedIds(parts)).toEqual(['e-1']);
    expect(await left(parts)).toEqual([]);
  });
});
