import { pause } from './patience.ts';

/** Milliseconds in which a coordinator may load. */
const LOADING_MS = 15_000;
/** What it answers then, as kafkajs names it. */
const LOADING = new Set<unknown>([
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/**
 * Repeats work with a consumer group while the group's coordinator is loading, as it is for a moment after the
 * cluster has started. kafkajs looks for a coordinator patiently, but gives up when the one it found is not ready.
 */
export async function onceCoordinated<T>(work: () => Promise<T>): Promise<T> {
  const over = AbortSignal.timeout(LOADING_MS);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (over.aborted || !LOADING.has((error as { type?: unknown }).type)) throw error;
    }
    await pause(100, over);
  }
}
