import { describe, expect, it } from 'vitest';
import { onceCoordinated } from '../../../src/adapters/kafka/coordinator.ts';

/** Work that fails with these errors in turn, and then works. */
function failing(...errors: Error[]): () => Promise<string> {
  return async () => {
    const error = errors.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
}

function protocolError(type: string): Error {
  return Object.assign(new Error(type), { type });
}

describe('onceCoordinated', () => {
  it('repeats work while the coordinator is loading', async () => {
    const work = failing(protocolError('GROUP_LOAD_IN_PROGRESS'), protocolError('GROUP_COORDINATOR_NOT_AVAILABLE'));
    expect(await onceCoordinated(work)).toBe('done');
  });

  it('passes every other error on', async () => {
    const error = protocolError('GROUP_AUTHORIZATION_FAILED');
    await expect(onceCoordinated(failing(error))).rejects.toBe(error);
  });
});
