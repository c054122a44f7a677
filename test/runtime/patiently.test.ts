import { expect, it } from 'vitest';
import { SluiceError } from '../../src/errors.ts';
import { patiently } from '../../src/runtime/patiently.ts';

const away = new SluiceError('SLUICE_LOG_UNAVAILABLE', 'the cluster is away');

/** Work that fails by each of these, and then succeeds. */
function workAfter(failures: readonly unknown[]): () => Promise<string> {
  const left = [...failures];
  return async () => {
    if (left.length > 0) throw left.shift();
    return 'done';
  };
}

it('does work again while its failures may pass, says so, and waits in between', async () => {
  const pauses: number[] = [];
  const told: string[] = [];
  const result = await patiently(workAfter([away, away, away]), {
    mayTryAgain: ({ retryable }) => retryable,
    pause: async (tries) => pauses.push(tries),
    onFailure: ({ message }) => told.push(message),
  });
  expect(result).toBe('done');
  expect(pauses).toEqual([1, 2, 3]);
  expect(told).toEqual(Array(3).fill('the cluster is away'));
});

it('fails as the work did, without a pause, where another try does not help', async () => {
  const thrown = new TypeError('a mistake of ours');
  const codes: string[] = [];
  const work = patiently(workAfter([away, thrown]), {
    mayTryAgain({ code }) {
      codes.push(code);
      return code === 'SLUICE_LOG_UNAVAILABLE';
    },
    pause: async () => {},
    onFailure: ({ code }) => codes.push(`after ${code}`),
  });
  await expect(work).rejects.toBe(thrown);
  expect(codes).toEqual(['SLUICE_LOG_UNAVAILABLE', 'after SLUICE_LOG_UNAVAILABLE', 'SLUICE_INTERNAL']);
});
