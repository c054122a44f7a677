import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two tries: first and most. */
const BACK_OFF_MS = { first: 100, most: 5_000 };

/**
 * Tries until it works, with a growing pause between tries, or until `over` is aborted.
 * @param onFailure is told why a try failed, and after how many milliseconds comes the next.
 * @returns whether it has worked.
 */
export async function persist(
  work: () => Promise<void>,
  over: AbortSignal,
  onFailure: (error: unknown, delayMs: number) => void,
): Promise<boolean> {
  for (let delay = BACK_OFF_MS.first; ; delay = Math.min(delay * 2, BACK_OFF_MS.most)) {
    try {
      await work();
      return true;
    } catch (error) {
      if (over.aborted) return false;
      onFailure(error, delay);
    }
    await pause(delay, over);
    if (over.aborted) return false;
  }
}

/** Whether `work` ends within a time, well or not. It goes on if it does not. */
export async function endsWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  work.then(end, end);
  await pause(milliseconds, ended.signal);
  return ended.signal.aborted;
}

/** Sleeps, or less when `over` is aborted. */
export async function pause(milliseconds: number, over: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: over }).catch(() => {});
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
