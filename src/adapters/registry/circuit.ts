import { SluiceError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** Milliseconds without a request after a failure: after the first, and at most. */
const REST_MS = { first: 1_000, most: 30_000 };

export interface Circuit {
  /**
   * Does `work` and gives its result. Where the registry is known to be away, or turns out to be, it is `otherwise`; and
   * the error where that is undefined. During an outage nobody waits who need not: one caller at a time tries again,
   * after a rest that grows, and he too is answered by `otherwise` at once.
   */
  run<T>(work: () => Promise<T>, otherwise: () => Promise<T | undefined>): Promise<T>;
}

/**
 * Spares a registry that is away, and those who ask it.
 *
 * @param onAway called once an outage, with what went wrong first
 * @param onBack called once when it is over
 */
export function circuit(clock: Clock, onAway: (error: SluiceError) => void, onBack: () => void): Circuit {
  let away: { error: SluiceError; restMs: number; until: number; isTrying: boolean } | undefined;

  const answered = (): void => {
    if (away === undefined) return;
    away = undefined;
    onBack();
  };

  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      answered();
      return result;
    } catch (error) {
      if (!isUnavailable(error)) {
        answered();
        throw error;
      }
      if (away === undefined) {
        away = { error, restMs: REST_MS.first, until: clock.now() + REST_MS.first, isTrying: false };
        onAway(error);
      } else if (away.isTrying) {
        const restMs = Math.min(away.restMs * 2, REST_MS.most);
        away = { error, restMs, until: clock.now() + restMs, isTrying: false };
      }
      throw error;
    }
  };

  const settle = async <T>(error: SluiceError, otherwise: () => Promise<T | undefined>): Promise<T> => {
    const instead = await otherwise();
    if (instead === undefined) throw error;
    return instead;
  };

  return {
    async run(work, otherwise) {
      if (away === undefined) {
        return attempt(work).catch((error) => {
          if (!isUnavailable(error)) throw error;
          return settle(error, otherwise);
        });
      }
      const { error, until, isTrying } = away;
      if (isTrying || clock.now() < until) return settle(error, otherwise);
      away.isTrying = true;
      const trial = attempt(work);
      // It may end after whoever began it has gone on; what it finds is in `away` by then.
      trial.catch(() => {});
      const instead = await otherwise();
      return instead ?? trial;
    },
  };
}

function isUnavailable(error: unknown): error is SluiceError {
  return error instanceof SluiceError && error.code === 'SLUICE_REGISTRY_UNAVAILABLE';
}
