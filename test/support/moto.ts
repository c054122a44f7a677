import { join } from 'node:path';
import { startPython } from '../../contracts/readers/python.ts';

/** moto: AWS's APIs on this machine. It speaks their wire shapes; it is no judge of what the services do. */
export interface Moto {
  /** Such as `http://127.0.0.1:40123`, for every service. */
  readonly endpoint: string;
  readonly pid: number;
  /** Forgets all that it was told. */
  reset(): Promise<void>;
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>;
}

export const MOTO_REGION = 'eu-central-1';

/** It takes any. */
export const MOTO_CREDENTIALS = { accessKeyId: 'any', secretAccessKey: 'any' } as const;

/** Milliseconds it gets for each answer. */
const TIMEOUT_MS = 30_000;

/**
 * Starts moto on a free port; it ends with this process, however this process ends. See `pythonOf` for its needs.
 *
 * @param oracle folder of its requirements; CloudFormation has one of its own.
 */
export async function startMoto(oracle: 'moto' | 'moto-cloudformation' = 'moto'): Promise<Moto> {
  const server = await startPython(join(import.meta.dirname, '../oracles', oracle), '../moto/serve.py');
  const endpoint = await server.ask('where');
  return {
    endpoint,
    pid: server.pid!,
    async reset() {
      const answer = await fetch(`${endpoint}/moto-api/reset`, {
        method: 'POST',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.text();
      if (!answer.ok) throw new Error(`moto answered ${answer.status} to a reset`);
    },
    stop: () => server.close(),
  };
}
