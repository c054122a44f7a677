import { createServer } from 'node:net';
import { SluiceError } from '../../errors.ts';

/** The interface that is listened on: nobody else's machine can send. */
export const HOST = '127.0.0.1';

/**
 * Makes sure, before anything slow is started, that a port can be listened on.
 *
 * @param port 0, which any free port will do for, always can.
 * @throws SluiceError SLUICE_PORT_IN_USE
 */
export async function requireFreePort(port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen(port, HOST, resolve);
    });
  } catch (cause) {
    throw portError(port, cause);
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}

/** What a failed `listen` says to whoever chose the port. */
export function portError(port: number, cause: unknown): SluiceError {
  const { code } = cause as NodeJS.ErrnoException;
  const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`;
  return new SluiceError('SLUICE_PORT_IN_USE', `port ${port} ${why}; choose another with --port, 0 for any`, { cause });
}
