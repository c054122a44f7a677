import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../../../src/adapters/local/ledger.ts';
import { createQueue, type LocalQueue } from '../../../src/adapters/local/queue.ts';

/** A queue on a file, as a process finds it; the clock stands still. */
function openQueue(file: string): LocalQueue {
  const ledger = openLedger(file);
  onTestFinished(() => ledger.close());
  return createQueue({ ledger, clock: { now: () => 1_000 } });
}

test('a new process reclaims what a killed one had received, with its receive count, and nothing that was deleted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-queue-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'ledger.db');
  const message = { eventType: 'a.b', eventId: 'e', acceptedAt: 1, body: Buffer.from('{}') };
  const killed = openQueue(file);
  const [first, second, third] = await killed.send([message, message, message]);
  await killed.receive(2, 60_000);
  await killed.delete([first!]);

  const fresh = openQueue(file);
  expect((await fresh.receive(1, 60_000)).map(({ messageId }) => messageId)).toEqual([third]);
  fresh.reclaim();
  const reclaimed = await fresh.receive(10, 60_000);
  expect(reclaimed.map(({ messageId, receiveCount }) => [messageId, receiveCount])).toEqual([
    [second, 2],
    [third, 2],
  ]);
});
