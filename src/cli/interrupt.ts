import { SluiceError } from '../errors.ts';
import { reportError } from './terminal.ts';

/** Milliseconds after a signal in which another one is its echo: npm passes on what the terminal has sent to all. */
const ECHO_MS = 1_000;

/** Aborts at the first Ctrl-C or SIGTERM. At a later one, the process ends at once; nothing is lost by it. */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  let interruptedAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        interruptedAt = performance.now();
        controller.abort(new SluiceError('SLUICE_STOPPING', `interrupted by ${signal}`));
      } else if (performance.now() - interruptedAt > ECHO_MS) {
        process.exit(130);
      }
    });
  }
  return controller.signal;
}

/**
 * Does the steps of a command, and ends with 130 between two of them once it is interrupted.
 *
 * @param work calls `throwIfAborted` of the signal before each step.
 */
export async function untilInterrupted(
  json: boolean,
  work: (interrupted: AbortSignal) => Promise<void>,
): Promise<void> {
  const interrupted = onInterrupt();
  try {
    await work(interrupted);
  } catch (error) {
    if (!interrupted.aborted || error !== interrupted.reason) throw error;
    reportError(error, json);
    process.exitCode = 130;
  }
}
