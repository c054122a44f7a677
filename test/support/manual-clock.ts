import type { Clock } from '../../src/ports/clock.ts';

/** A clock that stands still until it is told otherwise. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
}

/** @param start epoch milliseconds; noon of a day in 2026 by default. */
export function manualClock(start = Date.UTC(2026, 10, 24, 12)): ManualClock {
  let now = start;
  return {
    now: () => now,
    advance(milliseconds) {
      now += milliseconds;
    },
  };
}
