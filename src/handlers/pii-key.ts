import { readPiiKey } from '../runtime/pii-key.ts';
import type { Environment } from './environment.ts';

/**
 * The key that hashes personal data, where the environment names one: see `readPiiKey`. Most event types do without, and
 * do not load the client.
 *
 * @throws SluiceError SLUICE_PII_KEY
 */
export function functionPiiKey(env: Environment): Promise<Uint8Array | undefined> {
  return readPiiKey(
    async (...args) => (await import('../adapters/secrets/secrets-manager.ts')).readSecret(...args),
    env,
  );
}
