import type { EachBatchPayload } from 'kafkajs';
import type { FetchedBatch } from '../../ports/event-log.ts';
import type { KafkaLog } from './client.ts';
import { fetchedBatch } from './fetched.ts';
import { persist, reasonOf } from './patience.ts';

/** One batch of one partition on its way, from the first call of its handler to the commit of its offsets. */
export interface Handling {
  /** Resolves when nothing more happens to the batch; never rejects. */
  readonly ended: Promise<void>;
  /** Makes the present try the last one. What the handler takes by it is still committed. */
  giveUp(): void;
  /** Makes the present try the last one, and commits nothing: the partition is another member's. */
  revoke(): void;
}

/** Calls the handler until it takes the batch, and commits until that is known to the group. */
export function startHandling(
  { batch, commitOffsetsIfNecessary, resolveOffset }: EachBatchPayload,
  handler: (batch: FetchedBatch) => Promise<void>,
  log: KafkaLog,
): Handling {
  const { topic, partition } = batch;
  const over = new AbortController();
  let revoked = false;
  const complain = (error: unknown, delayMs: number): void =>
    log('warn', `${topic}/${partition}@${batch.firstOffset()}: ${reasonOf(error)}; again in ${delayMs} ms`);

  const run = async (): Promise<void> => {
    const fetched = fetchedBatch(batch);
    const last = batch.lastOffset();
    const offset = String(BigInt(last) + 1n);
    if (!(await persist(() => handler(fetched), over.signal, complain)) || revoked) return;
    const commit = () => commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    if (!(await persist(commit, over.signal, complain)) || revoked) return;
    // What is not resolved is fetched again.
    resolveOffset(last);
  };
  return {
    ended: run().catch((error) => log('error', `${topic}/${partition}@${batch.firstOffset()}: ${reasonOf(error)}`)),
    giveUp: () => over.abort(),
    revoke() {
      revoked = true;
      over.abort();
    },
  };
}
