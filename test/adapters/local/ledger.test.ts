import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LedgerDatabase, type Outcome, openLedger } from '../../../src/adapters/local/ledger.ts';
import { createQueue } from '../../../src/adapters/local/queue.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { messageOf } from '../../support/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function open(file = join(temporaryFolder(), 'ledger.db')): LedgerDatabase {
  const ledger = openLedger(file);
  onTestFinished(() => ledger.close());
  return ledger;
}

const accept = (ledger: LedgerDatabase, eventType: string, events: number) =>
  createQueue({ ledger, clock: manualClock() }).send(
    Array.from({ length: events }, (_, index) => messageOf(eventType, `${index}`)),
  );

describe('a ledger', () => {
  it('counts what is accepted, per event type, in the order of their names', async () => {
    const ledger = open();
    expect(ledger.accounts()).toEqual([]);
    await accept(ledger, 'b.b', 3);
    await accept(ledger, 'a.a', 2);
    await accept(ledger, 'b.b', 1);
    expect(ledger.accounts()).toEqual([
      { eventType: 'a.a', accepted: 2, delivered: 0, failed: 0, inFlight: 2 },
      { eventType: 'b.b', accepted: 4, delivered: 0, failed: 0, inFlight: 4 },
    ]);
  });

  it('settles an acceptance once, whatever is said of it later', async () => {
    const ledger = open();
    const [one, two] = await accept(ledger, 'a.b', 3);
    ledger.settle([one!, one!], 'delivered');
    ledger.settle([one!, two!], 'failed');
    ledger.settle([one!, two!], 'delivered');
    expect(ledger.accounts()).toEqual([{ eventType: 'a.b', accepted: 3, delivered: 1, failed: 1, inFlight: 1 }]);
  });

  it("ignores another ledger's ids and ids that are none", async () => {
    const [ledger, other] = [open(), open()];
    const [own] = await accept(ledger, 'a.b', 2);
    const [foreign] = await accept(other, 'a.b', 2);
    const number = own!.slice(own!.indexOf('-') + 1);
    ledger.settle(
      [foreign!, '', '-', number, `${ledger.id}-`, `${ledger.id}-0`, `${ledger.id}-99`, `${ledger.id}-1e0`, `${own} `],
      'delivered',
    );
    expect(ledger.accounts()).toMatchObject([{ delivered: 0, inFlight: 2 }]);
    expect(other.accounts()).toMatchObject([{ delivered: 0, inFlight: 2 }]);
  });

  it('keeps its id and its accounts over a restart', async () => {
    const file = join(temporaryFolder(), 'ledger.db');
    const before = openLedger(file);
    const [one] = await accept(before, 'a.b', 2);
    before.settle([one!], 'delivered');
    before.close();
    const after = open(file);
    expect(after.id).toBe(before.id);
    expect(after.accounts()).toEqual([{ eventType: 'a.b', accepted: 2, delivered: 1, failed: 0, inFlight: 1 }]);
  });

  it('names each ledger differently', () => {
    expect(open().id).not.toBe(open().id);
  });

  it('is seen alike by two connections, the moment a settlement returns', async () => {
    const file = join(temporaryFolder(), 'ledger.db');
    const [writer, reader] = [open(file), open(file)];
    expect(reader.id).toBe(writer.id);
    const ids = await accept(writer, 'a.b', 5);
    reader.settle(ids.slice(0, 2), 'delivered');
    writer.settle(ids.slice(1, 4), 'failed');
    const account = { eventType: 'a.b', accepted: 5, delivered: 2, failed: 2, inFlight: 1 };
    expect(writer.accounts()).toEqual([account]);
    expect(reader.accounts()).toEqual([account]);
  });

  it('says which file it cannot open', () => {
    expect(() => openLedger(temporaryFolder())).toThrow(expect.objectContaining({ code: 'SLUICE_STORAGE' }));
  });

  it('conserves events: accepted = delivered + failed + in flight, whatever is sent, received, settled or reopened', async () => {
    const eventType = fc.constantFrom('a.a', 'b.b', 'c.c');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), eventType, events: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('receive' as const), remove: fc.boolean() }),
      fc.record({
        kind: fc.constant('settle' as const),
        picks: fc.array(fc.nat(), { maxLength: 5 }),
        outcome: fc.constantFrom<Outcome>('delivered', 'failed'),
      }),
      fc.record({ kind: fc.constant('reopen' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'sluice-ledger-'));
        const file = join(folder, 'ledger.db');
        let ledger = openLedger(file);
        const clock = manualClock();
        try {
          /** Every acceptance there ever was, with its type and what it was first settled as. */
          const model = new Map<string, { eventType: string; outcome?: Outcome }>();
          for (const step of steps) {
            const queue = createQueue({ ledger, clock });
            if (step.kind === 'send') {
              const messages = Array.from({ length: step.events }, () => messageOf(step.eventType, 'x'));
              for (const id of await queue.send(messages)) model.set(id, { eventType: step.eventType });
            } else if (step.kind === 'receive') {
              const ids = (await queue.receive(3, 1_000)).map(({ messageId }) => messageId);
              if (step.remove) await queue.delete(ids);
            } else if (step.kind === 'settle') {
              const known = [...model.keys()];
              const ids = step.picks.map((pick) => known[pick % (known.length + 1)] ?? `00000000-${pick}`);
              ledger.settle(ids, step.outcome);
              for (const id of ids) {
                const acceptance = model.get(id);
                if (acceptance !== undefined) acceptance.outcome ??= step.outcome;
              }
            } else {
              ledger.close();
              ledger = openLedger(file);
            }
            const types = [...new Set([...model.values()].map(({ eventType }) => eventType))].sort();
            const expected = types.map((eventType) => {
              const outcomes = [...model.values()].filter((of) => of.eventType === eventType).map((of) => of.outcome);
              const count = (outcome: Outcome | undefined) => outcomes.filter((of) => of === outcome).length;
              return {
                eventType,
                accepted: outcomes.length,
                delivered: count('delivered'),
                failed: count('failed'),
                inFlight: count(undefined),
              };
            });
            expect(ledger.accounts()).toEqual(expected);
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
