import { describe, expect, it } from 'vitest';
import { endsWithin, persist } from '../../../src/adapters/kafka/patience.ts';

describe('persist', () => {
  it('tries until it works, and tells of every failure', async () => {
    const failures: unknown[] = [];
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 3) throw new Error(`try ${tries}`);
    };
    const never = new AbortController().signal;
    expect(await persist(work, never, (error, delay) => failures.push([(error as Error).message, delay]))).toBe(true);
    expect(failures).toEqual([
      ['try 1', 100],
      ['try 2', 200],
    ]);
  });

  it('ends at once when it is over during a pause', async () => {
    const over = new AbortController();
    const failing = () => Promise.reject(new Error('no'));
    expect(await persist(failing, over.signal, () => queueMicrotask(() => over.abort()))).toBe(false);
  });

  it('still counts a try that works although it is over', async () => {
    const over = new AbortController();
    const work = async () => over.abort();
    expect(await persist(work, over.signal, () => {})).toBe(true);
  });
});

describe('endsWithin', () => {
  it('says whether work has ended, well or not, before the time was over', async () => {
    const never = new Promise(() => {});
    expect(await endsWithin(10_000, Promise.resolve())).toBe(true);
    expect(await endsWithin(10_000, Promise.reject(new Error('no')))).toBe(true);
    expect(await endsWithin(10, never)).toBe(false);
  });
});
