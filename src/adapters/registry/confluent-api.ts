import { setTimeout as sleep } from 'node:timers/promises';
// Its main file would load what reads Protobuf and JSON Schema, too.
import api from '@kafkajs/confluent-schema-registry/dist/api/index.js';
import { SluiceError } from '../../errors.ts';

// What is taken for the default export of CommonJS depends on who loads it: Node, or a bundle.
const createApi = (api.default ?? api) as typeof api.default;

export interface ConfluentApiOptions {
  /** Such as `http://host:8081`, or with a path: `https://host/apis/ccompat/v7`. */
  readonly url: string;
  readonly auth?: { readonly username: string; readonly password: string } | undefined;
  /** Milliseconds that one request may take, the whole answer included; 5,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Waits between two tries of a request. */
  readonly pause?: ((milliseconds: number) => Promise<unknown>) | undefined;
}

/** What a registry answered: done, not there, or refused with its reason. */
export type Answer =
  | { readonly kind: 'done'; readonly body: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string };

/** The requests of Confluent Schema Registry's HTTP API that the adapter makes. */
export type Request = 'all' | 'latestVersion' | 'version' | 'config' | 'updateConfig' | 'register' | 'registered';

export interface ConfluentApi {
  /** Where the registry is, for messages; never with credentials. */
  readonly place: string;
  /** @throws SluiceError SLUICE_REGISTRY_UNAVAILABLE. */
  ask(request: Request, params?: Readonly<Record<string, unknown>>): Promise<Answer>;
}

const TIMEOUT_MS = 5_000;
const TRIES = 3;
/** Milliseconds before the second try; four times as long before the third. */
const FIRST_PAUSE_MS = 100;
/** Longest reason of a registry that is passed on, in characters. */
const MAX_REASON = 1_000;

/** mappersmith's response, as far as it is used. */
interface Response {
  status(): number;
  data(): unknown;
  error(): Error | null;
}

/**
 * A client of any registry that speaks Confluent's API, on `@kafkajs/confluent-schema-registry`'s own. It adds what that
 * lacks: an end to every request, the registry's error code, and retries of a request that cannot do harm twice, which
 * all of them are: the registry gives the same text the same id.
 *
 * @throws SluiceError SLUICE_USAGE for a URL that is none, or holds credentials.
 */
export function confluentApi(options: ConfluentApiOptions): ConfluentApi {
  const { timeoutMs = TIMEOUT_MS, pause = sleep } = options;
  const url = registryUrl(options.url);
  const place = `${url.host}${url.pathname.replace(/\/+$/, '')}`;
  const client = createApi({
    host: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    clientId: 'sluice',
    // Its own retries neither end in time nor know 429.
    retry: { retries: 0 },
    ...(options.auth === undefined ? {} : { auth: { ...options.auth } }),
  });
  answerAll(client);

  const once = async (request: Request, params: object): Promise<Outcome> => {
    const over = new AbortController();
    const late = Promise.withResolvers<undefined>();
    // The client waits for ever for an answer that stops half-way, so the end is set from outside.
    const timer = setTimeout(() => {
      over.abort();
      late.resolve(undefined);
    }, timeoutMs);
    try {
      const call = client.Subject[request]({ ...params, signal: over.signal }) as Promise<Response>;
      const response = await Promise.race([call, late.promise]);
      if (response === undefined || over.signal.aborted) {
        return { kind: 'failed', why: `did not answer within ${timeoutMs} ms`, again: false };
      }
      return outcomeOf(response, options.auth !== undefined);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    place,
    async ask(request, params = {}) {
      for (let tries = 1; ; tries += 1) {
        const outcome = await once(request, params);
        if (outcome.kind !== 'failed') return outcome;
        if (!outcome.again || tries === TRIES) {
          throw new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', `the schema registry at ${place} ${outcome.why}`);
        }
        await pause(FIRST_PAUSE_MS * 4 ** (tries - 1));
      }
    },
  };
}

type Outcome = Answer | { readonly kind: 'failed'; readonly why: string; readonly again: boolean };

function outcomeOf(response: Response, hasCredentials: boolean): Outcome {
  const error = response.error();
  if (error !== null) {
    const { code = error.message } = error as NodeJS.ErrnoException;
    return { kind: 'failed', why: `cannot be reached (${code})`, again: true };
  }
  const status = response.status();
  const body = response.data();
  const { error_code: errorCode, message } = (body ?? {}) as { error_code?: unknown; message?: unknown };
  const reason = (typeof message === 'string' ? message : `HTTP status ${status}`).slice(0, MAX_REASON);
  if (status >= 200 && status < 300) return { kind: 'done', body };
  if (status === 401 || status === 403) {
    const way = 'set SLUICE_REGISTRY_USER and SLUICE_REGISTRY_PASSWORD';
    const what = hasCredentials ? 'refused its credentials' : 'wants credentials';
    return { kind: 'failed', why: `${what} (HTTP status ${status}): ${way}`, again: false };
  }
  if (status >= 500 || status === 429 || status === 408) {
    return { kind: 'failed', why: `is not able to answer now (HTTP status ${status}: ${reason})`, again: true };
  }
  if (status >= 400 && status !== 404) return { kind: 'refused', status, reason };
  // 40401 and its like say that there is no such subject or version. Any other 404 is a wrong address: to take it for
  // "not there" would make event types vanish.
  if (status === 404 && typeof errorCode === 'number' && errorCode > 40400 && errorCode < 40500) {
    return { kind: 'absent' };
  }
  const hint = "its address may lack a path, such as Apicurio's /apis/ccompat/v7";
  return { kind: 'failed', why: `gave an answer that is no registry's (HTTP status ${status}): ${hint}`, again: false };
}

/**
 * Has the client pass on every answer as it is. Left alone it makes an error of those above 399, without the registry's
 * error code, and an answer whose body is `null` ends the process. Only a middleware that is nearest to the network sees
 * them first, and the client's own option puts one farthest from it.
 */
function answerAll(client: object): void {
  const { _manifest } = client as { readonly _manifest: { readonly middleware: unknown[] } };
  _manifest.middleware.unshift(() => ({
    response: (next: () => Promise<Response>) => next().catch((response: Response) => response),
  }));
}

function registryUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new SluiceError('SLUICE_USAGE', "a schema registry's address is a URL: http(s)://host[:port][/path]");
  }
  if (url.username !== '' || url.password !== '') {
    const way = 'set SLUICE_REGISTRY_USER and SLUICE_REGISTRY_PASSWORD instead';
    throw new SluiceError(
      'SLUICE_USAGE',
      `the address of the schema registry at ${url.host} holds credentials: ${way}`,
    );
  }
  return url;
}
