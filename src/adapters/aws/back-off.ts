import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds before the second try of what was refused for now, doubled each time, and at most. */
const BACK_OFF_MS = { first: 50, most: 1_000 };

/** Waits before another try. Half of the time is chance, so that those who were refused together come back apart. */
export async function backOff(tries: number): Promise<void> {
  const most = Math.min(BACK_OFF_MS.first * 2 ** (tries - 1), BACK_OFF_MS.most);
  await sleep(most * (0.5 + Math.random() / 2));
}
