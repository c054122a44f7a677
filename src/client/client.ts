import { EVENT_ID_FIELDS, type EventTypes } from './event-types.ts';

/** The name of an event type. */
export type EventType = keyof EventTypes & string;

/** Largest body of one event, in bytes of UTF-8. */
export const MAX_EVENT_BYTES = 1024 * 1024 - 4 * 1024;
/** Largest body of one request with many events, in bytes of UTF-8. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Most events of one request. */
export const MAX_BATCH_EVENTS = 10_000;

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 5;
const DEFAULT_BACKOFF_MS = 200;
/** Longest wait between two tries, in milliseconds. A server that asks for more is not asked again. */
export const MAX_BACKOFF_MS = 60_000;

export interface SluiceClientOptions {
  /** Where the edge answers, such as `https://events.example.com/v1`; `/events/<event type>` is put behind it. */
  readonly url: string;
  /** Takes the place of the global `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Headers of every request, such as an API key. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds that one try may take, its answer included; 30000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Tries after the first one; 5 by default, 0 for none. */
  readonly retries?: number | undefined;
  /** Milliseconds before the second try; 200 by default. Each further wait may be twice as long, up to a minute. */
  readonly backoffMs?: number | undefined;
}

export interface SendOptions {
  /** Version of the schema that the events are written with; the newest that takes each of them where none is stated. */
  readonly schemaVersion?: number | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
  /** Ends the call: a try that runs, and the wait before the next. It rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface SendOneOptions extends SendOptions {
  /**
   * Id of the event, 1 to 128 of `A-Z a-z 0-9 . _ : ~ -`. Without it the event is called by the field that its schema
   * names for that, else by a new UUID.
   */
  readonly eventId?: string | undefined;
}

/** One thing wrong at one place of an event. */
export interface Fault {
  readonly code: string;
  /** JSONPath of the value at fault; `$` for the whole event. */
  readonly path: string;
  readonly rule: string;
  /** What to do about it. */
  readonly advice: string;
}

/** A refusal as the edge words it: RFC 9457, with `code` and `faults`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly faults: readonly Fault[];
}

/** An event that is durable. */
export interface Accepted {
  readonly ok: true;
  readonly eventId: string;
}

/** An event of a batch that was not taken, and would not be if it were sent again. */
export interface Refused {
  readonly ok: false;
  readonly status: number;
  readonly code: string;
  readonly faults: readonly Fault[];
}

export type BatchResult = Accepted | Refused;

/** A request that did not end well. */
export class SluiceClientError extends Error {
  override readonly name = 'SluiceClientError';
  /** HTTP status of the last answer; null where none came. */
  readonly status: number | null;
  /** Code of the refusal, such as `SLUICE_RANGE`; null where the answer was not the edge's own. */
  readonly code: string | null;
  /** All that is wrong with the event; empty where the event was not at fault. */
  readonly faults: readonly Fault[];
  /** The refusal as it came; null where the answer was not the edge's own. */
  readonly problem: Problem | null;
  /** Id of the event, which a later call can send again under; null where the client did not know it, as in a batch. */
  readonly eventId: string | null;
  /** Tries that were made. */
  readonly attempts: number;
  /** Of a batch: the results of the requests before this one, for the events in front. */
  readonly results: readonly BatchResult[];

  constructor(
    message: string,
    details: {
      readonly status: number | null;
      readonly problem: Problem | null;
      readonly eventId: string | null;
      readonly attempts: number;
      readonly results: readonly BatchResult[];
      readonly cause?: unknown;
    },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.problem = details.problem;
    this.code = details.problem?.code ?? null;
    this.faults = details.problem?.faults ?? [];
    this.eventId = details.eventId;
    this.attempts = details.attempts;
    this.results = details.results;
  }
}

/** Sends events. */
export interface SluiceClient {
  /**
   * Sends one event. Resolves once it is durable. It has an id before the first try, so that a try whose answer was lost
   * can be repeated: the same id twice is one row.
   *
   * @throws SluiceClientError where the event was refused, or no try was answered well; whether it was taken is open
   *   when `status` is null, and sending it again under its `eventId` is safe.
   */
  send<Type extends EventType>(eventType: Type, event: EventTypes[Type], options?: SendOneOptions): Promise<Accepted>;

  /**
   * Sends many events, in as few requests as the edge's limits allow, one after the other. Resolves with a result for
   * each event, in their order: refused events do not keep the others from being taken.
   *
   * A batch has no header for the id of each event. Where every event brings its own, in the field that its schema names
   * for that, a request is repeated like that of one event. Where one does not, the edge makes up its id, and to repeat
   * a request whose answer was lost would make it two events; so it is repeated only after an answer which says that
   * nothing was taken (503, 429).
   *
   * @throws SluiceClientError where a whole request fails; its `results` are those of the requests before.
   */
  sendBatch<Type extends EventType>(
    eventType: Type,
    events: Iterable<EventTypes[Type]>,
    options?: SendOptions,
  ): Promise<BatchResult[]>;
}

/** Makes a client. It keeps nothing open and needs no closing. */
export function createSluiceClient(options: SluiceClientOptions): SluiceClient {
  const base = options.url.replace(/\/+$/, '');
  const request = requester(options);

  const headersOf = (contentType: string, { schemaVersion, traceparent }: SendOptions): Headers => {
    const headers = new Headers(options.headers);
    headers.set('content-type', contentType);
    if (schemaVersion !== undefined) headers.set('schema-version', String(schemaVersion));
    if (traceparent !== undefined) headers.set('traceparent', traceparent);
    return headers;
  };

  return {
    async send(eventType, event, sendOptions = {}) {
      const body = jsonOf(event);
      const headers = headersOf('application/json', sendOptions);
      const own = ownId(eventType, event);
      const eventId = sendOptions.eventId ?? own ?? crypto.randomUUID();
      // The header would take precedence over the field: it is for events that have no other id.
      if (sendOptions.eventId !== undefined || own === undefined) headers.set('event-id', eventId);
      const answer = await request(
        { url: `${base}/events/${encodeURIComponent(eventType)}`, headers, body, signal: sendOptions.signal },
        { isAnswer: (body) => isEventAnswer(body, own), eventId, isRepeatable: true, results: [] },
      );
      return { ok: true, eventId: answer.event_id ?? eventId };
    },

    async sendBatch(eventType, events, sendOptions = {}) {
      const url = `${base}/events/${encodeURIComponent(eventType)}/batch`;
      const headers = headersOf('application/x-ndjson', sendOptions);
      const results: BatchResult[] = [];
      for (const { places, lines, areNamed } of requestsOf(eventType, events, results)) {
        const answer = await request(
          { url, headers, body: lines.join('\n'), signal: sendOptions.signal },
          {
            isAnswer: (body): body is BatchAnswer => isBatchAnswer(body, lines.length),
            eventId: null,
            isRepeatable: areNamed,
            results: results.slice(0, places[0]),
          },
        );
        for (const item of answer.items) {
          results[places[item.index]!] =
            item.status === 202
              ? { ok: true, eventId: item.event_id! }
              : { ok: false, status: item.status, code: item.code ?? '', faults: item.faults ?? [] };
        }
      }
      return results;
    },
  };
}

interface EventAnswer {
  readonly event_id?: string;
}

/** @param own the id that the event itself names; an edge that does not look for it there leaves it out. */
function isEventAnswer(body: unknown, own: string | undefined): body is EventAnswer {
  if (typeof body !== 'object' || body === null) return false;
  const { event_id: eventId } = body as { readonly event_id?: unknown };
  return typeof eventId === 'string' || (eventId === undefined && own !== undefined && Object.keys(body).length === 0);
}

interface BatchAnswer {
  readonly items: readonly {
    readonly index: number;
    readonly status: number;
    readonly event_id?: string;
    readonly code?: string;
    readonly faults?: readonly Fault[];
  }[];
}

function isBatchAnswer(body: unknown, events: number): body is BatchAnswer {
  const { items } = (body ?? {}) as Partial<BatchAnswer>;
  return Array.isArray(items) && items.length === events;
}

/** JSON at the edge: what a number of JSON cannot say is a text there, and would be null here. */
function jsonOf(event: unknown): string {
  return JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The event's id by the field that its schema names for that; undefined where it has none. */
function ownId(eventType: EventType, event: unknown): string | undefined {
  const field = EVENT_ID_FIELDS[eventType];
  if (field == null || typeof event !== 'object' || event === null || !Object.hasOwn(event, field)) return undefined;
  const id = (event as Readonly<Record<string, unknown>>)[field];
  return typeof id === 'string' ? id : undefined;
}

interface BatchRequest {
  /** Where each line's event stands among all. */
  readonly places: readonly number[];
  readonly lines: readonly string[];
  /** Whether each of them brings its own id. */
  readonly areNamed: boolean;
}

/** Packs events into requests. An event that no request can carry is refused here, at its place in `results`. */
function* requestsOf(
  eventType: EventType,
  events: Iterable<unknown>,
  results: BatchResult[],
): Generator<BatchRequest, void, undefined> {
  const encoder = new TextEncoder();
  let places: number[] = [];
  let lines: string[] = [];
  let bytes = 0;
  let areNamed = true;
  let place = 0;
  for (const event of events) {
    const line = jsonOf(event);
    const length = encoder.encode(line).length + 1;
    if (length - 1 > MAX_EVENT_BYTES) {
      results[place] = TOO_LARGE;
      place += 1;
      continue;
    }
    if (lines.length === MAX_BATCH_EVENTS || bytes + length > MAX_BATCH_BYTES) {
      yield { places, lines, areNamed };
      [places, lines, bytes, areNamed] = [[], [], 0, true];
    }
    places.push(place);
    lines.push(line);
    bytes += length;
    areNamed &&= ownId(eventType, event) !== undefined;
    place += 1;
  }
  if (lines.length > 0) yield { places, lines, areNamed };
}

const TOO_LARGE: Refused = {
  ok: false,
  status: 413,
  code: 'SLUICE_BODY_TOO_LARGE',
  faults: [
    {
      code: 'SLUICE_BODY_TOO_LARGE',
      path: '$',
      rule: 'the body must be within the size limit',
      advice: `send at most ${MAX_EVENT_BYTES} bytes for an event`,
    },
  ],
};

interface Request {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

interface Circumstances<Answer> {
  /** Whether JSON is the edge's answer: something in between can say 200 as well. */
  readonly isAnswer: (body: unknown) => body is Answer;
  readonly eventId: string | null;
  /** Whether a request may be repeated although it may have been taken. */
  readonly isRepeatable: boolean;
  readonly results: readonly BatchResult[];
}

/** What came of one try. */
interface Outcome {
  readonly status: number | null;
  /** The answer's JSON; null where it is none. */
  readonly answer: unknown;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfterMs: number;
  readonly cause?: unknown;
}

/** Gives the function that makes one request, again where that helps, and resolves with the answer's JSON. */
function requester({
  fetch: given,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  retries = DEFAULT_RETRIES,
  backoffMs = DEFAULT_BACKOFF_MS,
}: SluiceClientOptions): <Answer>(request: Request, circumstances: Circumstances<Answer>) => Promise<Answer> {
  const attempt = async ({ url, headers, body, signal }: Request): Promise<Outcome> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const init: RequestInit = { method: 'POST', headers, body, signal: either, redirect: 'manual' };
      const response = await (given === undefined ? globalThis.fetch(url, init) : given(url, init));
      const text = await response.text();
      const retryAfterMs = millisecondsOf(response.headers.get('retry-after'));
      return { status: response.status, answer: parsed(text), retryAfterMs };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      return { status: null, answer: null, retryAfterMs: 0, cause };
    }
  };

  return async (request, { isAnswer, eventId, isRepeatable, results }) => {
    for (let attempts = 1; ; attempts += 1) {
      request.signal?.throwIfAborted();
      const { status, answer, retryAfterMs, cause } = await attempt(request);
      if (status !== null && status >= 200 && status < 300 && isAnswer(answer)) return answer;
      const tookNothing = status === 503 || status === 429;
      const isOpen = status === null || status === 502 || status === 504;
      const helps = tookNothing || (isOpen && isRepeatable);
      if (!helps || attempts > retries || retryAfterMs > MAX_BACKOFF_MS) {
        const problem = problemOf(answer);
        const said = problem?.detail ?? (status === null ? messageOf(cause) : `it answered ${status}`);
        const message = `${request.url}: ${said}${attempts === 1 ? '' : ` (${attempts} tries)`}`;
        throw new SluiceClientError(message, { status, problem, eventId, attempts, results, cause });
      }
      // Chance keeps many senders that failed together from coming back together.
      const backoff = Math.min(MAX_BACKOFF_MS, backoffMs * 2 ** (attempts - 1)) * (0.5 + Math.random() / 2);
      await wait(Math.max(backoff, retryAfterMs), request.signal);
    }
  };
}

/** `Retry-After`: seconds, or a date. Source: RFC 9110, section 10.2.3. */
function millisecondsOf(retryAfter: string | null): number {
  if (retryAfter === null) return 0;
  const asked = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(asked) ? 0 : Math.max(asked, 0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(answer: unknown): Problem | null {
  const problem = answer as Partial<Problem> | null;
  if (typeof problem !== 'object' || problem === null) return null;
  const isWhole =
    typeof problem.code === 'string' && typeof problem.detail === 'string' && Array.isArray(problem.faults);
  return isWhole ? (problem as Problem) : null;
}

function messageOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error && inner.message !== '' ? inner.message : String(inner);
}

/** @throws the signal's reason once it is aborted. */
function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
