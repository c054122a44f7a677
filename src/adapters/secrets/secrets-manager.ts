import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { type ErrorCode, SluiceError } from '../../errors.ts';
import { oneTry } from '../aws/client-settings.ts';

export interface SecretOptions {
  /** Another place than AWS's own. */
  readonly endpoint?: string | undefined;
  /** By default, the one in the secret's ARN, else the one that the AWS SDK finds: `AWS_REGION`, or the profile's. */
  readonly region?: string | undefined;
  /** By default, those that the AWS SDK finds. */
  readonly credentials?: SecretsManagerClientConfig['credentials'] | undefined;
  /** Milliseconds that it may take, tries and pauses included; 15,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** The code of its errors: by default the one of what secrets are most often read for. */
  readonly code?: ErrorCode | undefined;
}

const TIMEOUT_MS = 15_000;
const TRIES = 3;

/**
 * The present value of a secret in AWS Secrets Manager: text, or bytes where it was stored as such.
 *
 * @param id name or ARN.
 * @throws SluiceError SLUICE_PII_KEY, or the code that was asked for, which never quotes what was answered.
 */
export async function readSecret(id: string, options: SecretOptions = {}): Promise<string | Uint8Array> {
  const { endpoint, credentials, timeoutMs = TIMEOUT_MS, code = 'SLUICE_PII_KEY' } = options;
  const region = options.region ?? /^arn:[^:]*:secretsmanager:([^:]+):/.exec(id)?.[1];
  const client = new SecretsManagerClient({
    maxAttempts: TRIES,
    requestHandler: oneTry(5_000),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const end = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: id }), { abortSignal: end });
    const value = answer.SecretString ?? answer.SecretBinary;
    if (value !== undefined) return value;
  } catch (error) {
    throw new SluiceError(code, `the secret "${id}" ${reasonOf(error, end.aborted, timeoutMs)}`);
  } finally {
    client.destroy();
  }
  throw new SluiceError(code, `the secret "${id}" has no value`);
}

/** Never with the SDK's own text, which may quote a request with its signature. */
function reasonOf(cause: unknown, isLate: boolean, timeoutMs: number): string {
  const { name, message, code } = cause as NodeJS.ErrnoException;
  if (isLate || name === 'TimeoutError') return `did not come in time (${timeoutMs} ms at most)`;
  if (message === 'Region is missing') return 'needs a region: name it by its ARN, or set AWS_REGION';
  if (name === 'ResourceNotFoundException') return 'does not exist in this account and region';
  const { $metadata: { httpStatusCode: status } = {} } = cause as { $metadata?: { httpStatusCode?: number } };
  const what = [code ?? name, status].filter((part) => part !== undefined).join(', ');
  return `cannot be read (${what}); it needs secretsmanager:GetSecretValue, and kms:Decrypt where it has a key of its own`;
}
