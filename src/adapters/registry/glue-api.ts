import { GlueClient, type GlueClientConfig } from '@aws-sdk/client-glue';
import { SluiceError } from '../../errors.ts';
import { oneTry } from '../aws/client-settings.ts';

export interface GlueApiOptions {
  readonly registryName: string;
  /** By default, the one that the AWS SDK finds: `AWS_REGION`, or the profile's. */
  readonly region?: string | undefined;
  /** Another place than AWS's own. */
  readonly endpoint?: string | undefined;
  /** By default, those that the AWS SDK finds. */
  readonly credentials?: GlueClientConfig['credentials'] | undefined;
  /** Milliseconds that one call may take, its tries and pauses included; 15,000 by default. */
  readonly timeoutMs?: number | undefined;
}

export interface GlueApi {
  /** Which registry it is, for messages. */
  readonly place: string;
  /**
   * @returns undefined where Glue knows no such registry, schema or version.
   * @throws SluiceError SLUICE_REGISTRY_UNAVAILABLE; SLUICE_REGISTRY_REFUSED with Glue's reason.
   */
  ask<T>(call: (client: GlueClient, http: { readonly abortSignal: AbortSignal }) => Promise<T>): Promise<T | undefined>;
  /** The error to throw where the registry itself is missing. */
  noRegistry(): SluiceError;
}

const TIMEOUT_MS = 15_000;
const TRIES = 3;

/** Errors that say who may do what: the common errors of AWS's APIs, and the SDK's own where it finds no credentials. */
const CREDENTIALS = [
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'TokenProviderError',
  'UnrecognizedClientException',
];

/** What Glue answers to a request that it understood and does not do. */
const REFUSALS = ['InvalidInputException', 'ResourceNumberLimitExceededException', 'ValidationException'];

/** Glue's API by the AWS SDK, with an end to every call and errors that have a code. */
export function glueApi(options: GlueApiOptions): GlueApi {
  const { registryName, region, endpoint, credentials, timeoutMs = TIMEOUT_MS } = options;
  const place = `the Glue schema registry "${registryName}"`;
  const client = new GlueClient({
    maxAttempts: TRIES,
    requestHandler: oneTry(5_000),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return {
    place,
    async ask(call) {
      const end = AbortSignal.timeout(timeoutMs);
      try {
        return await call(client, { abortSignal: end });
      } catch (cause) {
        const { name, message } = cause as Error;
        if (name === 'EntityNotFoundException') return undefined;
        if (REFUSALS.includes(name)) throw new SluiceError('SLUICE_REGISTRY_REFUSED', `${place}: ${message}`);
        throw new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', `${place} ${reasonOf(cause, end.aborted, timeoutMs)}`);
      }
    },
    noRegistry() {
      const way = `aws glue create-registry --registry-name '${registryName}'`;
      const why = `${place} does not exist in this account and region; ${way} creates it`;
      return new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', why);
    },
  };
}

/** Never with the SDK's own text where that may quote a request with its signature. */
function reasonOf(cause: unknown, isLate: boolean, timeoutMs: number): string {
  const { name, message, code } = cause as NodeJS.ErrnoException;
  if (isLate || name === 'TimeoutError') return `did not answer in time (${timeoutMs} ms at most)`;
  if (message === 'Region is missing') return 'needs a region: add ?region=.. to its address, or set AWS_REGION';
  if (CREDENTIALS.includes(name)) {
    const way = 'give the AWS SDK credentials that may glue:GetSchema, GetSchemaVersion and ListSchemas';
    return `cannot be used (${name}): ${way}, and CreateSchema and RegisterSchemaVersion to publish`;
  }
  const { $metadata: { httpStatusCode: status } = {} } = cause as { $metadata?: { httpStatusCode?: number } };
  return `is not able to answer now (${[code ?? name, status].filter((part) => part !== undefined).join(', ')})`;
}
