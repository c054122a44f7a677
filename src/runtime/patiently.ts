import { asSluiceError, type SluiceError } from '../errors.ts';

export interface Patience {
  /** Whether what it failed by may pass, and there is time for another try. */
  readonly mayTryAgain: (error: SluiceError) => boolean;
  /** Waits before another try. @param tries how many there were. */
  readonly pause: (tries: number) => Promise<unknown>;
  /** Is told of each failure that another try follows. */
  readonly onFailure?: (error: SluiceError) => void;
}

/**
 * Does `work` until it succeeds, or fails by what another try does not help.
 *
 * @throws what it failed by then, as it was thrown.
 */
export async function patiently<T>(work: () => Promise<T>, { mayTryAgain, pause, onFailure }: Patience): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      const error = asSluiceError(thrown);
      if (!mayTryAgain(error)) throw thrown;
      onFailure?.(error);
    }
    await pause(tries);
  }
}
