import { SluiceError } from '../errors.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { personalFields } from '../schema/personal-data.ts';

/** Characters of a key, or bytes of one that is no text. */
const MIN_LENGTH = 32;
/** Different ones among them: what somebody typed to get past the length has fewer. */
const MIN_DIFFERENT = 8;

const HOW =
  'set SLUICE_PII_KEY to a random text of at least 32 characters, such as "openssl rand -hex 32" prints, ' +
  'or SLUICE_PII_KEY_SECRET to the name or ARN of one in AWS Secrets Manager';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The present value of a secret, by its name or ARN. @throws SluiceError SLUICE_PII_KEY */
export type ReadSecret = (
  id: string,
  options: { readonly endpoint: string | undefined },
) => Promise<string | Uint8Array>;

/**
 * The key that hashes personal data: `SLUICE_PII_KEY`, or the secret that `SLUICE_PII_KEY_SECRET` names. Its UTF-8 bytes
 * are the key, without white space around it, or the bytes of a secret that is no text.
 *
 * @returns undefined where the environment names none.
 * @throws SluiceError SLUICE_PII_KEY for one that cannot be read, or is too weak; no message quotes any of it.
 */
export async function readPiiKey(readSecret: ReadSecret, env: Environment): Promise<Uint8Array | undefined> {
  const { SLUICE_PII_KEY: text = '', SLUICE_PII_KEY_SECRET: secret = '', SLUICE_AWS_ENDPOINT: endpoint } = env;
  if (text !== '' && secret !== '') throw keyError('SLUICE_PII_KEY and SLUICE_PII_KEY_SECRET are both set; keep one');
  if (text !== '') return strongKey(text, 'SLUICE_PII_KEY');
  if (secret === '') return undefined;
  return strongKey(await readSecret(secret, { endpoint: endpoint || undefined }), `the secret "${secret}"`);
}

/**
 * Sees to it that there is a key where one is needed, before anything starts.
 *
 * @throws SluiceError SLUICE_PII_KEY, naming the fields and how to give a key.
 */
export function requirePiiKey(histories: readonly SchemaHistory[], key: Uint8Array | undefined): void {
  const missing = histories.flatMap((history) => missingKey(history, key) ?? []);
  if (missing.length > 0) throw keyError(`${missing.join('; ')}; ${HOW}`);
}

/** What an event type would need a key for that is not there. */
export function missingKey({ eventType, versions }: SchemaHistory, key: Uint8Array | undefined): string | undefined {
  if (key !== undefined) return undefined;
  for (const { version, root } of versions.toReversed()) {
    const paths = personalFields(root).flatMap(({ field, path }) => (field.pii === 'hash' ? [path] : []));
    if (paths.length > 0) return `${eventType} v${version} hashes ${paths.join(', ')}, and there is no key`;
  }
  return undefined;
}

function strongKey(value: string | Uint8Array, source: string): Uint8Array {
  const key = typeof value === 'string' ? value.trim() : value;
  if (key.length < MIN_LENGTH) {
    throw keyError(`${source} has ${key.length} characters; a key has at least ${MIN_LENGTH}; ${HOW}`);
  }
  if (new Set<string | number>(key).size < MIN_DIFFERENT) {
    throw keyError(`${source} has fewer than ${MIN_DIFFERENT} different characters, and could be guessed; ${HOW}`);
  }
  return typeof key === 'string' ? new TextEncoder().encode(key) : key;
}

function keyError(message: string): SluiceError {
  return new SluiceError('SLUICE_PII_KEY', message);
}
