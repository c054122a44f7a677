import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LocalDeliveryStream } from '../../../src/adapters/local/delivery-stream.ts';
import { failedEventsPrefix, objectPrefix } from '../../../src/derive/names.ts';
import { SluiceError } from '../../../src/errors.ts';
import type { DeliveryRecord } from '../../../src/ports/delivery-stream.ts';
import type { ObjectStore } from '../../../src/ports/object-store.ts';
import type { RejectedRow, Transformation } from '../../../src/ports/transformation.ts';
import {
  accountOf,
  firstCells,
  type LocalParts,
  objectKeys,
  objectLines,
  openLocalParts,
  openStream,
} from '../../support/local-parts.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { messageOf } from '../../support/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const TYPE = 'a.b';

/** Rows as they are, but for lines that say they are bad. */
const asIs: Transformation = ({ records }) => {
  const rejected: RejectedRow[] = [];
  return {
    records: records.map(({ recordId, data }) => {
      const lines = Buffer.from(data, 'base64').toString().split('\n').slice(0, -1);
      const kept = lines.filter((text, line) => {
        const isBad = text.startsWith('bad');
        if (isBad) rejected.push({ recordId, line, code: 'SLUICE_ROW_MALFORMED', reason: 'it says so' });
        return !isBad;
      });
      if (lines.some((text) => text.startsWith('poison'))) return { recordId, result: 'ProcessingFailed', data };
      const csv = kept.map((text) => `${text}\n`).join('');
      return csv === '' ? { recordId, result: 'Dropped', data } : { recordId, result: 'Ok', data: btoa(csv) };
    }),
    rejected,
  };
};
const transformationOf = () => asIs;

/** A delivery record of rows, each of an acceptance of its own. */
async function recordOf(parts: LocalParts, rows: readonly string[], eventType = TYPE): Promise<DeliveryRecord> {
  const ids = await parts.queue.send(rows.map((row) => messageOf(eventType, row)));
  return {
    data: Buffer.from(rows.map((row) => `${row},\n`).join('')),
    entries: ids.map((messageId) => ({ messageId, ingestedAt: parts.clock.now() })),
  };
}

async function openParts(wrap?: Parameters<typeof openLocalParts>[2]): Promise<LocalParts> {
  const parts = await openLocalParts(temporaryFolder(), manualClock(), wrap);
  onTestFinished(() => parts.ledger.close());
  return parts;
}

/** An object store that fails while `isDown`, before or after it has written. */
function unreliable(isDown: () => false | 'before' | 'after') {
  return (store: ObjectStore): ObjectStore => ({
    async put(key, bytes) {
      if (isDown() === 'before') throw new SluiceError('SLUICE_STORAGE', 'the disk is full');
      await store.put(key, bytes);
      if (isDown() === 'after') throw new SluiceError('SLUICE_STORAGE', 'the power went off');
    },
  });
}

const rowsOf = (parts: LocalParts, eventType = TYPE) => firstCells(parts, objectPrefix(eventType));
/** Resolves when every acceptance of the type has ended. */
const settled = (parts: LocalParts, eventType = TYPE) =>
  vi.waitFor(() => expect(accountOf(parts, eventType)).toMatchObject({ inFlight: 0 }), { timeout: 5_000, interval: 5 });

describe('a delivery stream', () => {
  it('writes one gzip object, in the folder of the hour of arrival, named after its first record', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf });
    await stream.put(TYPE, [await recordOf(parts, ['one', 'two']), await recordOf(parts, ['three'])]);
    await stream.put(TYPE, [await recordOf(parts, ['four'])]);
    await stream.close();
    expect(objectKeys(parts, objectPrefix(TYPE))).toEqual([
      expect.stringMatching(/^events\/a\.b\/dt=2026-11-24\/hour=12\/[0-9a-f]{8}-000000000001\.csv\.gz$/),
    ]);
    expect(objectLines(parts, objectPrefix(TYPE))).toEqual(['one,', 'two,', 'three,', 'four,']);
    expect(accountOf(parts, TYPE)).toMatchObject({ accepted: 4, delivered: 4, failed: 0, inFlight: 0 });
  });

  it('writes one object for each folder that the transformation names, again under the same names after a crash', async () => {
    let down: false | 'after' = 'after';
    const parts = await openParts(unreliable(() => down));
    const byRow: Transformation = (event) => {
      const { records, rejected } = asIs(event);
      const keysOf = (data: string) => ({ dt: `2026-11-0${atob(data)[0]}`, hour: '07' });
      return { records: records.map((one) => ({ ...one, metadata: { partitionKeys: keysOf(one.data) } })), rejected };
    };
    const stream = openStream(parts, { transformationOf: () => byRow });
    const rows = ['1-one', '2-two', '1-three'];
    await stream.put(TYPE, await Promise.all(rows.map((row) => recordOf(parts, [row]))));
    // The first of the objects is written, and nobody is told.
    await stream.close();
    expect(rowsOf(parts)).toEqual(['1-one', '1-three']);
    down = false;
    await openStream(parts, { transformationOf: () => byRow }).close();
    expect(objectKeys(parts, objectPrefix(TYPE)).map((key) => key.replace(/[0-9a-f]{8}-/, ''))).toEqual([
      'events/a.b/dt=2026-11-01/hour=07/000000000001.csv.gz',
      'events/a.b/dt=2026-11-02/hour=07/000000000001.csv.gz',
    ]);
    expect(rowsOf(parts)).toEqual(['1-one', '1-three', '2-two']);
    expect(accountOf(parts, TYPE)).toMatchObject({ accepted: 3, delivered: 3, failed: 0, inFlight: 0 });
  });

  it('keeps the event types apart', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf });
    await stream.put(TYPE, [await recordOf(parts, ['one'])]);
    await stream.put('c.d', [await recordOf(parts, ['two'], 'c.d')]);
    await stream.close();
    expect(rowsOf(parts)).toEqual(['one']);
    expect(rowsOf(parts, 'c.d')).toEqual(['two']);
  });

  it('waits for time or size: nothing is written before either is reached', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf, flushBytes: 1_000 });
    onTestFinished(() => stream.close());
    await stream.put(TYPE, [await recordOf(parts, ['one'])]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(objectKeys(parts, 'events/')).toEqual([]);
    expect(accountOf(parts, TYPE)).toMatchObject({ inFlight: 1 });
  });

  it('flushes by size', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf, flushBytes: 1_000 });
    onTestFinished(() => stream.close());
    const rows = Array.from({ length: 20 }, (_, index) => `${index}-${'x'.repeat(96)}`);
    for (const row of rows) await stream.put(TYPE, [await recordOf(parts, [row])]);
    await settled(parts);
    expect(rowsOf(parts)).toEqual(rows);
    expect(objectKeys(parts, objectPrefix(TYPE)).length).toBeGreaterThanOrEqual(2);
  });

  it('flushes by time, with one row and nothing after it', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf, flushMs: 5 });
    onTestFinished(() => stream.close());
    await stream.put(TYPE, [await recordOf(parts, ['lonely'])]);
    await settled(parts);
    expect(rowsOf(parts)).toEqual(['lonely']);
    await stream.put(TYPE, [await recordOf(parts, ['later'])]);
    await settled(parts);
    expect(rowsOf(parts)).toEqual(['lonely', 'later']);
  });

  it('flushes a quiet type in time while another one is busy', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf, flushMs: 20, flushBytes: 200 });
    onTestFinished(() => stream.close());
    await stream.put('quiet', [await recordOf(parts, ['one'], 'quiet')]);
    let isQuietSettled = false;
    const watched = settled(parts, 'quiet').then(() => {
      isQuietSettled = true;
    });
    while (!isQuietSettled) {
      await stream.put('busy', [await recordOf(parts, ['x'.repeat(150), 'y'.repeat(150)], 'busy')]);
      await new Promise(setImmediate);
    }
    await watched;
    expect(rowsOf(parts, 'quiet')).toEqual(['one']);
  });

  it('has rows in its file once put has resolved', async () => {
    const parts = await openParts();
    const abandoned = openStream(parts, { transformationOf });
    await abandoned.put(TYPE, [await recordOf(parts, ['one', 'two'])]);
    // As after a crash: the file is opened again although nobody has closed it.
    const next = openStream(parts, { transformationOf, flushMs: 5 });
    await settled(parts);
    expect(rowsOf(parts)).toEqual(['one', 'two']);
    await next.close();
    await abandoned.close();
    expect(rowsOf(parts)).toEqual(['one', 'two']);
  });

  it('delivers at once what an earlier process left behind', async () => {
    let down: false | 'before' = 'before';
    const parts = await openParts(unreliable(() => down));
    const first = openStream(parts, { transformationOf });
    await first.put(TYPE, [await recordOf(parts, ['one'])]);
    await first.close();
    expect(rowsOf(parts)).toEqual([]);
    down = false;
    // No timer of this one's own would fire within the test.
    const second = openStream(parts, { transformationOf });
    onTestFinished(() => second.close());
    await settled(parts);
    expect(rowsOf(parts)).toEqual(['one']);
  });

  it('delivers what is buffered when it is closed, and takes nothing after that', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf, flushBytes: 150 });
    const rows = Array.from({ length: 10 }, (_, index) => `${index}-${'x'.repeat(90)}`);
    await stream.put(TYPE, await Promise.all(rows.map((row) => recordOf(parts, [row]))));
    const late = await recordOf(parts, ['late']);
    const closed = stream.close();
    await expect(stream.put(TYPE, [late])).rejects.toMatchObject({ code: 'SLUICE_STOPPING' });
    await closed;
    expect(rowsOf(parts)).toEqual(rows);
  });

  it('delivers several objects when it is closed, where the object store had failed for long', async () => {
    let down: false | 'before' = 'before';
    const parts = await openParts(unreliable(() => down));
    const stream = openStream(parts, { transformationOf, flushBytes: 150 });
    const rows = Array.from({ length: 5 }, (_, index) => `${index}-${'x'.repeat(150)}`);
    for (const row of rows) await stream.put(TYPE, [await recordOf(parts, [row])]);
    down = false;
    await stream.close();
    expect(rowsOf(parts)).toEqual(rows);
    expect(objectKeys(parts, objectPrefix(TYPE))).toHaveLength(rows.length);
  });

  it('tries a failing object store again until it takes the object, and loses nothing', async () => {
    let failures = 0;
    const parts = await openParts(
      unreliable(() => {
        failures += 1;
        return failures <= 2 && 'before';
      }),
    );
    const log: string[] = [];
    const stream = openStream(parts, { transformationOf, flushMs: 5, log: (line) => log.push(line) });
    onTestFinished(() => stream.close());
    await stream.put(TYPE, [await recordOf(parts, ['one', 'two'])]);
    await settled(parts);
    expect(rowsOf(parts)).toEqual(['one', 'two']);
    expect(log).toEqual([
      expect.stringMatching(/a\.b.*the disk is full/),
      expect.stringMatching(/a\.b.*the disk is full/),
    ]);
  });

  it('takes rows of other types, and more of the same, while an object store fails for one', async () => {
    let isDown = true;
    const parts = await openParts((store) => ({
      async put(key, bytes) {
        if (isDown && key.startsWith(objectPrefix(TYPE))) throw new SluiceError('SLUICE_STORAGE', 'denied');
        await store.put(key, bytes);
      },
    }));
    const stream = openStream(parts, { transformationOf, flushMs: 5 });
    onTestFinished(() => stream.close());
    await stream.put(TYPE, [await recordOf(parts, ['one'])]);
    await stream.put('c.d', [await recordOf(parts, ['other'], 'c.d')]);
    await settled(parts, 'c.d');
    await stream.put(TYPE, [await recordOf(parts, ['two'])]);
    expect(accountOf(parts, TYPE)).toMatchObject({ inFlight: 2 });
    isDown = false;
    await settled(parts);
    expect(rowsOf(parts)).toEqual(['one', 'two']);
  });

  it('holds rows of a type whose schema is gone until it is back', async () => {
    const parts = await openParts();
    let isKnown = false;
    const stream = openStream(parts, { transformationOf: () => (isKnown ? asIs : undefined), flushMs: 5 });
    onTestFinished(() => stream.close());
    await stream.put(TYPE, [await recordOf(parts, ['one'])]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(accountOf(parts, TYPE)).toMatchObject({ inFlight: 1 });
    isKnown = true;
    await settled(parts);
    expect(rowsOf(parts)).toEqual(['one']);
  });

  it('keeps a rejected row, and every row of a refused record, as failed events, and delivers the others', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf });
    await stream.put(TYPE, [
      await recordOf(parts, ['one', 'bad-1', 'two']),
      await recordOf(parts, ['three', 'poison']),
      await recordOf(parts, ['bad-2']),
      await recordOf(parts, ['four']),
    ]);
    await stream.close();
    expect(rowsOf(parts)).toEqual(['one', 'two', 'four']);
    expect(firstCells(parts, failedEventsPrefix())).toEqual([
      expect.stringMatching(/^stream\/[0-9a-f]{8}\/1\/1$/),
      expect.stringMatching(/^stream\/[0-9a-f]{8}\/2\/0$/),
      expect.stringMatching(/^stream\/[0-9a-f]{8}\/2\/1$/),
      expect.stringMatching(/^stream\/[0-9a-f]{8}\/3\/0$/),
    ]);
    expect(accountOf(parts, TYPE)).toMatchObject({ accepted: 7, delivered: 3, failed: 4, inFlight: 0 });
  });

  it('reports each delivered row once it is in its object, and no other', async () => {
    const parts = await openParts();
    const delivered: (readonly [string, string | undefined, number, boolean])[] = [];
    const stream = openStream(parts, {
      transformationOf,
      onDelivered: (eventType, { messageId, ingestedAt }) =>
        delivered.push([eventType, messageId, ingestedAt, rowsOf(parts).length === 2]),
    });
    const record = await recordOf(parts, ['one', 'bad', 'two']);
    await stream.put(TYPE, [record]);
    await stream.close();
    const [first, , third] = record.entries;
    expect(delivered).toEqual([first, third].map((entry) => [TYPE, entry!.messageId, parts.clock.now(), true]));
  });

  it('delivers rows that settle no acceptance', async () => {
    const parts = await openParts();
    const stream = openStream(parts, { transformationOf });
    await stream.put(TYPE, [{ data: Buffer.from('stranger,\n'), entries: [{ ingestedAt: 0 }] }]);
    await stream.close();
    expect(rowsOf(parts)).toEqual(['stranger']);
    expect(parts.ledger.accounts()).toEqual([]);
  });

  describe('that was cut off in the middle of a flush', () => {
    /** Opens streams whose first flush ends at a given point, as a crash would end it. */
    const cuts: { name: string; cut: (parts: LocalParts, isCut: () => boolean) => Partial<LocalParts> }[] = [
      {
        name: 'before the object was written',
        cut: ({ objectStore }, isCut) => ({ objectStore: unreliable(() => isCut() && 'before')(objectStore) }),
      },
      {
        name: 'after the object was written',
        cut: ({ objectStore }, isCut) => ({ objectStore: unreliable(() => isCut() && 'after')(objectStore) }),
      },
      {
        name: 'after failed events were kept',
        cut: ({ failedEvents }, isCut) => ({
          failedEvents: {
            async put(events) {
              await failedEvents.put(events);
              if (isCut()) throw new Error('the power went off');
            },
          },
        }),
      },
      {
        name: 'after acceptances were settled',
        cut: ({ ledger }, isCut) => ({
          ledger: {
            ...ledger,
            settle(ids, outcome) {
              ledger.settle(ids, outcome);
              if (isCut()) throw new Error('the power went off');
            },
          },
        }),
      },
    ];

    it.each(cuts)('delivers exactly the same rows, $name', async ({ cut }) => {
      const parts = await openParts();
      let isCut = true;
      const first = openStream({ ...parts, ...cut(parts, () => isCut) }, { transformationOf });
      await first.put(TYPE, [await recordOf(parts, ['one', 'bad', 'two']), await recordOf(parts, ['three'])]);
      await first.close();
      isCut = false;
      const second = openStream(parts, { transformationOf });
      // More rows come before the flush is made again, and share its object.
      await second.put(TYPE, [await recordOf(parts, ['four'])]);
      await second.close();
      expect(rowsOf(parts)).toEqual(['one', 'two', 'three', 'four']);
      expect(new Set(firstCells(parts, failedEventsPrefix())).size).toBe(1);
      expect(accountOf(parts, TYPE)).toMatchObject({ accepted: 5, delivered: 4, failed: 1, inFlight: 0 });
    });
  });

  it('delivers every row once, in order, whatever is put, flushed, cut off and opened again', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), rows: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.constantFrom(0, 0, 1) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.constantFrom('before', 'after') }),
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        async (steps, flushBytes) => {
          const folder = mkdtempSync(join(tmpdir(), 'sluice-stream-'));
          let down: false | 'before' | 'after' = false;
          const clock = manualClock();
          const parts = await openLocalParts(
            folder,
            clock,
            unreliable(() => down),
          );
          const open = (): LocalDeliveryStream => openStream(parts, { transformationOf, flushBytes });
          let stream = open();
          const put: string[] = [];
          try {
            for (const step of steps) {
              if (step.kind === 'put') {
                const rows = Array.from({ length: step.rows }, (_, index) => `row-${put.length + index}`);
                put.push(...rows);
                await stream.put(TYPE, [await recordOf(parts, rows)]);
              } else if (step.kind === 'wait') {
                clock.advance(step.hours * 3_600_000);
                await new Promise(setImmediate);
              } else {
                down = step.at as 'before' | 'after';
                await stream.close();
                down = false;
                stream = open();
              }
            }
            await stream.close();
            expect(rowsOf(parts)).toEqual(put);
            expect(accountOf(parts, TYPE)).toMatchObject({ delivered: put.length, inFlight: 0 });
          } finally {
            parts.ledger.close();
            rmSync(folder, { recursive: true });
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
