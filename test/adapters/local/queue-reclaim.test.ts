import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../../../src/adapters/local/ledger.ts';
import { createQueue, type LocalQueue } from '../../../src/adapters/local/queue.ts';
import { messageOf } from '../../support/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A queue on a file, as a process finds it; the clock stands still. */
function openQueue(file: string): LocalQueue {
  const ledger = openLedger(file);
  onTestFinished(() => ledger.close());
  return createQueue({ ledger, clock: { now: () => 1_000 } });
}

test('a new process reclaims what a killed one had received, with its receive count, and nothing that was deleted', async () => {
  const file = join(temporaryFolder(), 'ledger.db');
  const killed = openQueue(file);
  const [first, second, third] = await killed.send(['a', 'b', 'c'].map((eventId) => messageOf('a.b', eventId)));
  await killed.receive(2, 60_000);
  await killed.delete([first!]);

  const fresh = openQueue(file);
  fresh.reclaim();
  const reclaimed = await fresh.receive(10, 60_000);
  expect(reclaimed.map(({ messageId, receiveCount }) => [messageId, receiveCount])).toEqual([
    [second, 2],
    [third, 1],
  ]);
});
