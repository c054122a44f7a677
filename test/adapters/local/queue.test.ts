import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLedger } from '../../../src/adapters/local/ledger.ts';
import { createQueue } from '../../../src/adapters/local/queue.ts';
import { SluiceError } from '../../../src/errors.ts';
import type { Queue } from '../../../src/ports/queue.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { messageOf } from '../../support/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MINUTE = 60_000;

function openQueue(file: string, clock: ManualClock = manualClock(), maxBytes?: number): Queue {
  const ledger = openLedger(file);
  onTestFinished(() => {
    if (ledger.database.isOpen) ledger.close();
  });
  return createQueue({ ledger, clock, ...(maxBytes === undefined ? {} : { maxBytes }) });
}

const ledgerFile = () => join(temporaryFolder(), 'ledger.db');
const idsOf = (messages: readonly { eventId: string }[]) => messages.map(({ eventId }) => eventId);

describe('a queue', () => {
  it('hands a message out as it was sent', async () => {
    const queue = openQueue(ledgerFile());
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const sent = messageOf(
      'a.b',
      'one',
      {},
      { body, acceptedAt: 1_700_000_000_123, version: 2, traceparent: '00-aa-bb-01' },
    );
    const [messageId] = await queue.send([sent]);
    const [received] = await queue.receive(10, MINUTE);
    expect(received).toEqual({ ...sent, messageId, receiveCount: 1 });
  });

  it('hands a message without trace context out without one', async () => {
    const queue = openQueue(ledgerFile());
    await queue.send([messageOf('a.b', 'one')]);
    expect((await queue.receive(1, MINUTE))[0]!.traceparent).toBeUndefined();
  });

  it('has a message in its file once the send has resolved', async () => {
    const file = ledgerFile();
    const [messageId] = await openQueue(file).send([messageOf('a.b', 'one')]);
    // Another connection sees what is committed, and nothing else; so does the next start after a crash.
    const received = await openQueue(file).receive(10, MINUTE);
    expect(received.map((message) => message.messageId)).toEqual([messageId]);
  });

  it('leaves nothing of a body in its file once the message is deleted', async () => {
    const file = ledgerFile();
    const ledger = openLedger(file);
    const queue = createQueue({ ledger, clock: manualClock() });
    // Of one page and of several, beside one that stays.
    const bodies = [300, 300, 20_000, 300].map((length, index) => Buffer.alloc(length, `secret-${index} `));
    const ids = await queue.send(bodies.map((body, index) => messageOf('a.b', `e-${index}`, {}, { body })));
    await queue.delete(ids.slice(0, 3));
    ledger.close();
    const bytes = readFileSync(file);
    expect([0, 1, 2, 3].filter((index) => bytes.includes(`secret-${index}`))).toEqual([3]);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('has nothing of a send in its file before it resolves', async () => {
    const file = ledgerFile();
    const sent = openQueue(file).send([messageOf('a.b', 'one')]);
    expect(await openQueue(file).receive(10, MINUTE)).toEqual([]);
    await sent;
    expect(await openQueue(file).receive(10, MINUTE)).toHaveLength(1);
  });

  it('gives each of many sends that share a commit its own ids', async () => {
    const queue = openQueue(ledgerFile());
    const names = Array.from({ length: 50 }, (_, index) => [`${index}-a`, `${index}-b`]);
    const ids = await Promise.all(names.map((pair) => queue.send(pair.map((name) => messageOf('a.b', name)))));
    const received = new Map((await queue.receive(200, MINUTE)).map((message) => [message.messageId, message.eventId]));
    expect(received.size).toBe(100);
    expect(ids.map((pair) => pair.map((id) => received.get(id)))).toEqual(names);
  });

  it('writes sends that come together in one commit', async () => {
    const [together, oneByOne] = [ledgerFile(), ledgerFile()];
    const pages = (file: string) => statSync(`${file}-wal`).size;
    const queues = { together: openQueue(together), oneByOne: openQueue(oneByOne) };
    const empty = pages(together);
    const messages = Array.from({ length: 40 }, (_, index) => messageOf('a.b', `${index}`));
    await Promise.all(messages.map((message) => queues.together.send([message])));
    for (const message of messages) await queues.oneByOne.send([message]);
    expect((pages(together) - empty) * 5).toBeLessThan(pages(oneByOne) - empty);
  });

  it('does not wait for company once a thousand messages are there', async () => {
    const file = ledgerFile();
    const queue = openQueue(file);
    const sent = queue.send(Array.from({ length: 1_000 }, (_, index) => messageOf('a.b', `${index}`)));
    // Not a timer's turn later: it is durable before the call returns.
    expect(await openQueue(file).receive(2_000, MINUTE)).toHaveLength(1_000);
    await sent;
  });

  it('hands messages out in the order of their acceptance', async () => {
    const queue = openQueue(ledgerFile());
    const names = Array.from({ length: 300 }, (_, index) => `${index}`);
    await Promise.all(names.map((name) => queue.send([messageOf(Number(name) % 2 ? 'a.b' : 'c.d', name)])));
    expect(idsOf(await queue.receive(120, MINUTE))).toEqual(names.slice(0, 120));
    expect(idsOf(await queue.receive(500, MINUTE))).toEqual(names.slice(120));
  });

  it('hides what it handed out, and shows it again when its time is over', async () => {
    const clock = manualClock();
    const queue = openQueue(ledgerFile(), clock);
    await queue.send([messageOf('a.b', 'one'), messageOf('a.b', 'two')]);
    expect(idsOf(await queue.receive(1, MINUTE))).toEqual(['one']);
    expect(idsOf(await queue.receive(10, MINUTE))).toEqual(['two']);
    clock.advance(MINUTE - 1);
    expect(await queue.receive(10, MINUTE)).toEqual([]);
    clock.advance(1);
    expect(idsOf(await queue.receive(10, MINUTE))).toEqual(['one', 'two']);
  });

  it('counts every hand-out', async () => {
    const clock = manualClock();
    const queue = openQueue(ledgerFile(), clock);
    await queue.send([messageOf('a.b', 'one')]);
    for (const receiveCount of [1, 2, 3]) {
      expect(await queue.receive(1, MINUTE)).toMatchObject([{ receiveCount }]);
      clock.advance(MINUTE);
    }
  });

  it('hides received messages for longer when asked, and shows them at once for 0', async () => {
    const clock = manualClock();
    const queue = openQueue(ledgerFile(), clock);
    const ids = await queue.send([messageOf('a.b', 'one'), messageOf('a.b', 'two')]);
    await queue.receive(10, MINUTE);
    clock.advance(MINUTE / 2);
    await queue.changeVisibility([ids[0]!], MINUTE);
    await queue.changeVisibility([ids[1]!], 0);
    expect(idsOf(await queue.receive(10, 3 * MINUTE))).toEqual(['two']);
    clock.advance(MINUTE / 2);
    expect(await queue.receive(10, MINUTE)).toEqual([]);
    clock.advance(MINUTE / 2);
    expect(idsOf(await queue.receive(10, MINUTE))).toEqual(['one']);
  });

  it('never hands out again what was deleted', async () => {
    const clock = manualClock();
    const queue = openQueue(ledgerFile(), clock);
    const ids = await queue.send([messageOf('a.b', 'one'), messageOf('a.b', 'two')]);
    await queue.receive(10, MINUTE);
    await queue.delete([ids[0]!, ids[0]!]);
    await queue.delete([ids[0]!]);
    clock.advance(MINUTE);
    expect(idsOf(await queue.receive(10, MINUTE))).toEqual(['two']);
  });

  it("ignores another ledger's message ids, and ids that are none", async () => {
    const clock = manualClock();
    const queue = openQueue(ledgerFile(), clock);
    const [foreign] = await openQueue(ledgerFile(), clock).send([messageOf('a.b', 'foreign')]);
    const [own] = await queue.send([messageOf('a.b', 'own')]);
    const number = own!.slice(own!.indexOf('-'));
    expect(foreign!.endsWith(number)).toBe(true);
    await queue.receive(10, MINUTE);
    const strangers = [foreign!, '', number, own!.slice(0, -1), `${own}0`, `${own} `, ` ${own}`];
    await queue.delete(strangers);
    await queue.changeVisibility(strangers, 0);
    expect(await queue.receive(10, MINUTE)).toEqual([]);
    clock.advance(MINUTE);
    expect(idsOf(await queue.receive(10, MINUTE))).toEqual(['own']);
  });

  it('never uses a message id twice, even once all messages are gone', async () => {
    const file = ledgerFile();
    const queue = openQueue(file);
    const first = await queue.send([messageOf('a.b', 'one')]);
    await queue.delete(first);
    const second = await openQueue(file).send([messageOf('a.b', 'two')]);
    expect(second).not.toEqual(first);
  });

  it('refuses a send when it is full, and takes nothing of it', async () => {
    const file = ledgerFile();
    const ledger = openLedger(file);
    onTestFinished(() => ledger.close());
    const queue = createQueue({ ledger, clock: manualClock(), maxBytes: 256 * 1024 });
    const big = messageOf('a.b', 'big', 'x'.repeat(100_000));
    const taken: string[] = [];
    const fill = async () => {
      for (;;) taken.push(...(await queue.send([big, big])));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'SLUICE_QUEUE_FULL', retryable: true });
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length * 100_000).toBeLessThan(600_000);
    expect(await queue.receive(100, MINUTE)).toHaveLength(taken.length);
    expect(ledger.accounts()).toMatchObject([{ accepted: taken.length, inFlight: taken.length }]);
    // There is room again as soon as messages are gone.
    await queue.delete(taken);
    await expect(queue.send([big])).resolves.toHaveLength(1);
  });

  it('takes nothing of a send that cannot be written, and says so', async () => {
    const file = ledgerFile();
    const ledger = openLedger(file);
    const queue = createQueue({ ledger, clock: manualClock() });
    await queue.send([messageOf('a.b', 'one')]);
    const broken = { ...messageOf('a.b', 'three'), eventId: null as unknown as string };
    await expect(queue.send([messageOf('a.b', 'two'), broken])).rejects.toMatchObject({ code: 'SLUICE_STORAGE' });
    expect(idsOf(await queue.receive(10, MINUTE))).toEqual(['one']);
    expect(ledger.accounts()).toMatchObject([{ accepted: 1 }]);
    ledger.close();
    await expect(queue.send([messageOf('a.b', 'four')])).rejects.toThrow(SluiceError);
  });

  it('serves two connections on one file without handing a message to both', async () => {
    const file = ledgerFile();
    const [sender, receiver] = [openQueue(file), openQueue(file)];
    const sent = Array.from({ length: 200 }, (_, index) => sender.send([messageOf('a.b', `${index}`)]));
    const received: string[] = [];
    while (received.length < 200) {
      const batches = await Promise.all([sender.receive(7, MINUTE), receiver.receive(7, MINUTE)]);
      received.push(...batches.flatMap(idsOf));
      await new Promise(setImmediate);
    }
    await Promise.all(sent);
    expect(new Set(received).size).toBe(200);
    expect(await receiver.receive(10, MINUTE)).toEqual([]);
  });

  it('gives every message to a receiver until it is deleted, whatever happens in between', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), messages: fc.integer({ min: 1, max: 5 }) }),
      fc.record({
        kind: fc.constant('receive' as const),
        max: fc.integer({ min: 1, max: 6 }),
        visibility: fc.integer({ min: 1, max: 50 }),
      }),
      fc.record({ kind: fc.constant('delete' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('show' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 60 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const clock = manualClock();
        const folder = mkdtempSync(join(tmpdir(), 'sluice-queue-'));
        const ledger = openLedger(join(folder, 'ledger.db'));
        try {
          const queue = createQueue({ ledger, clock });
          /** What the queue should hold: when each message shows again, and how often it was handed out. */
          const model = new Map<string, { visibleAt: number; receives: number }>();
          const pickOf = (pick: number) => [...model.keys()][pick % Math.max(1, model.size)];
          for (const step of steps) {
            if (step.kind === 'send') {
              const messages = Array.from({ length: step.messages }, () => messageOf('a.b', 'x'));
              for (const id of await queue.send(messages)) model.set(id, { visibleAt: 0, receives: 0 });
            } else if (step.kind === 'receive') {
              const expected = [...model].filter(([, { visibleAt }]) => visibleAt <= clock.now()).slice(0, step.max);
              for (const [, message] of expected) {
                message.receives += 1;
                message.visibleAt = clock.now() + step.visibility;
              }
              const received = await queue.receive(step.max, step.visibility);
              expect(received.map(({ messageId, receiveCount }) => [messageId, receiveCount])).toEqual(
                expected.map(([id, { receives }]) => [id, receives]),
              );
            } else if (step.kind === 'wait') {
              clock.advance(step.milliseconds);
            } else {
              const id = pickOf(step.pick);
              if (id === undefined) continue;
              if (step.kind === 'delete') {
                await queue.delete([id]);
                model.delete(id);
              } else {
                await queue.changeVisibility([id], 0);
                model.get(id)!.visibleAt = clock.now();
              }
            }
          }
        } finally {
          ledger.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 40 },
    );
  });
});
