import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSluiceClient,
  MAX_BACKOFF_MS,
  MAX_BATCH_EVENTS,
  type SluiceClientError,
  type SluiceClientOptions,
} from '../../src/client/client.ts';

vi.mock('../../src/client/event-types.ts', () => ({ EVENT_ID_FIELDS: { named: 'id', plain: null } }));

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Answer = (response: ServerResponse, request: Received) => void;

/** A server that gives one answer after the other, the last one again and again, and keeps what it was asked. */
async function serve(...answers: readonly Answer[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const asked = { url: request.url!, headers: request.headers, body: await text(request) };
    const answer = answers[Math.min(received.length, answers.length - 1)]!;
    received.push(asked);
    answer(response, asked);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, received, client: (options = {}) => createSluiceClient({ url, backoffMs: 1, ...options }) };
}

const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const problem = (status: number, code: string, headers = {}) =>
  json(status, { type: `urn:sluice:error:${code}`, title: 't', status, detail: 'so it is', code, faults: [] }, headers);
const unavailable = problem(503, 'SLUICE_QUEUE_FULL');
const hangUp: Answer = (response) => void response.destroy();
/** Takes the event, under the id it came with. */
const take: Answer = (response, { headers, body }) => {
  const { id } = JSON.parse(body) as { id?: string };
  json(202, { event_id: headers['event-id'] ?? id })(response, { url: '', headers, body });
};
const takeAll: Answer = (response, request) => {
  const items = request.body.split('\n').map((_, index) => ({ index, status: 202, event_id: `e${index}` }));
  json(200, { accepted: items.length, refused: 0, items })(response, request);
};

const failure = (result: Promise<unknown>) =>
  result.then(
    (value) => {
      throw new Error(`it did not fail: ${JSON.stringify(value)}`);
    },
    (error: unknown) => error as SluiceClientError,
  );

describe('one event', () => {
  it('is sent to its route, with every header', async () => {
    const server = await serve(take);
    const client = createSluiceClient({ url: `${server.url}/v1//`, headers: { 'X-Api-Key': 'k' } });
    await client.send('plain', { a: 'ü' }, { eventId: 'mine', schemaVersion: 2, traceparent: '00-aa-bb-01' });
    expect(server.received).toEqual([
      {
        url: '/v1/events/plain',
        body: '{"a":"ü"}',
        headers: expect.objectContaining({
          'content-type': 'application/json',
          'x-api-key': 'k',
          'event-id': 'mine',
          'schema-version': '2',
          traceparent: '00-aa-bb-01',
        }),
      },
    ]);
  });

  it.each([
    ['503, nothing taken', unavailable],
    ['429, too many requests', problem(429, 'SLUICE_QUEUE_FULL')],
    ['502 of a proxy', json(502, 'Bad gateway')],
    ['504 of a proxy', json(504, 'Too late')],
    ['a connection that ends without an answer', hangUp],
  ])('is sent again after %s, under the same id', async (_name, answer) => {
    const server = await serve(answer, answer, take);
    const result = await server.client().send('plain', { a: 1 });
    const ids = server.received.map(({ headers }) => headers['event-id']);
    expect(ids).toEqual([result.eventId, result.eventId, result.eventId]);
    expect(new Set(server.received.map(({ body }) => body))).toEqual(new Set(['{"a":1}']));
  });

  it('that holds its own id needs no header, however often it is sent', async () => {
    const server = await serve(hangUp, take);
    expect(await server.client().send('named', { id: 'own' })).toEqual({ ok: true, eventId: 'own' });
    expect(server.received.map(({ headers }) => headers['event-id'])).toEqual([undefined, undefined]);
  });

  it('that holds its own id is known by it where the edge does not look for ids in bodies', async () => {
    const server = await serve(json(202, {}));
    expect(await server.client().send('named', { id: 'own' })).toEqual({ ok: true, eventId: 'own' });
    expect(await failure(server.client().send('plain', {}))).toMatchObject({ status: 202, code: null });
  });

  it('is given up after the last retry, with what was said last and the id to go on with', async () => {
    const server = await serve(unavailable);
    const error = await failure(server.client({ retries: 2 }).send('plain', {}));
    expect(server.received).toHaveLength(3);
    expect(error).toMatchObject({
      name: 'SluiceClientError',
      message: `${server.url}/events/plain: so it is (3 tries)`,
      status: 503,
      code: 'SLUICE_QUEUE_FULL',
      attempts: 3,
      eventId: server.received[0]!.headers['event-id'],
    });
  });

  it.each([400, 404, 413, 415, 500, 302])('is not sent again after %i', async (status) => {
    const server = await serve(problem(status, 'SLUICE_TYPE', { location: '/elsewhere' }));
    expect(await failure(server.client().send('plain', {}))).toMatchObject({ status, attempts: 1 });
    expect(server.received).toHaveLength(1);
  });

  it('is not taken for sent where something else answered 200', async () => {
    const server = await serve((response) => void response.end('<p>Please log in</p>'));
    const error = await failure(server.client().send('plain', {}));
    expect(error).toMatchObject({ status: 200, code: null, problem: null, faults: [] });
  });

  it('has no status where nobody answered', async () => {
    const server = await serve(hangUp);
    const error = await failure(server.client({ retries: 1 }).send('named', { id: 'own' }));
    expect(error).toMatchObject({ status: null, code: null, attempts: 2, eventId: 'own', cause: expect.any(Error) });
  });

  it('is tried again where an answer does not come in time', async () => {
    const server = await serve(() => {}, take);
    await server.client({ timeoutMs: 50 }).send('plain', {});
    expect(server.received).toHaveLength(2);
  });

  it('is given up when the caller says so: while a try runs, and while it waits for the next', async () => {
    const silent = await serve(() => {});
    const running = new AbortController();
    const during = failure(silent.client().send('plain', {}, { signal: running.signal }));
    await vi.waitUntil(() => silent.received.length === 1);
    running.abort(new Error('enough'));
    expect((await during).message).toBe('enough');

    const waiting = new AbortController();
    const busy = await serve((response, request) => {
      unavailable(response, request);
      response.on('close', () => setImmediate(() => waiting.abort(new Error('enough'))));
    });
    const client = busy.client({ backoffMs: MAX_BACKOFF_MS, headers: { connection: 'close' } });
    expect((await failure(client.send('plain', {}, { signal: waiting.signal }))).message).toBe('enough');
    expect(busy.received).toHaveLength(1);

    const before = await failure(busy.client().send('plain', {}, { signal: waiting.signal }));
    expect(before.message).toBe('enough');
    expect(busy.received).toHaveLength(1);
  });

  it('with an id that no header can carry is refused before it is sent', async () => {
    const server = await serve(take);
    await expect(server.client().send('plain', {}, { eventId: 'a\nb' })).rejects.toThrow(TypeError);
    expect(server.received).toEqual([]);
  });
});

describe('the wait before the next try', () => {
  afterEach(() => void vi.useRealTimers());

  /** A client over answers that come at once, and the number of requests so far. */
  function instant(answer: () => Response, options: Partial<SluiceClientOptions> = {}) {
    vi.useFakeTimers({ now: Date.parse('2026-01-31T12:00:00Z') });
    const fetch = vi.fn(async () => answer());
    const client = createSluiceClient({ url: 'http://sluice.invalid', fetch, ...options });
    return { client, requests: () => fetch.mock.calls.length };
  }
  const busy = (retryAfter?: string) => () =>
    new Response('{}', { status: 503, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } });

  it('doubles, is spread by chance, and has a limit', async () => {
    const { client, requests } = instant(busy(), { backoffMs: 10_000, retries: 5 });
    const failed = failure(client.send('plain', {}));
    for (const [index, most] of [10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      await vi.advanceTimersByTimeAsync(most / 2 - 1);
      expect(requests()).toBe(index + 1);
      await vi.runOnlyPendingTimersAsync();
      expect(requests()).toBe(index + 2);
    }
    expect(await failed).toMatchObject({ attempts: 6 });
  });

  it.each([
    ['seconds', '7'],
    ['a date', 'Sat, 31 Jan 2026 12:00:07 GMT'],
  ])('is at least what the server asks for in %s', async (_name, retryAfter) => {
    const { client, requests } = instant(busy(retryAfter), { backoffMs: 1, retries: 1 });
    const failed = failure(client.send('plain', {}));
    await vi.advanceTimersByTimeAsync(6_999);
    expect(requests()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests()).toBe(2);
    await failed;
  });

  it('does not come where the server asks for more than a minute', async () => {
    const { client, requests } = instant(busy('61'));
    expect(await failure(client.send('plain', {}))).toMatchObject({ status: 503, attempts: 1 });
    expect(requests()).toBe(1);
  });

  it('takes no notice of what is neither', async () => {
    const { client, requests } = instant(busy('soon'), { backoffMs: 1, retries: 1 });
    const failed = failure(client.send('plain', {}));
    await vi.advanceTimersByTimeAsync(2);
    expect(requests()).toBe(2);
    await failed;
  });
});

describe('a batch', () => {
  it('is sent again after 503 and 429, since nothing was taken', async () => {
    const server = await serve(unavailable, problem(429, 'SLUICE_QUEUE_FULL'), takeAll);
    expect(await server.client().sendBatch('plain', [{}, {}], { schemaVersion: 3 })).toEqual([
      { ok: true, eventId: 'e0' },
      { ok: true, eventId: 'e1' },
    ]);
    const [first] = server.received;
    expect(first).toMatchObject({ url: '/events/plain/batch', body: '{}\n{}' });
    expect(first!.headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'schema-version': '3' });
    expect(server.received).toHaveLength(3);
  });

  it('of which every event brings its id is sent again after a lost answer', async () => {
    const server = await serve(hangUp, takeAll);
    expect(await server.client().sendBatch('named', [{ id: 'a' }, { id: 'b' }])).toHaveLength(2);
    expect(server.received).toHaveLength(2);
  });

  it.each([
    ['plain', [{ id: 'a' }]],
    ['named', [{ id: 'a' }, {}]],
    ['named', [{}, { id: 'a' }]],
  ])('of which one event brings none is not: it may have been taken (%s)', async (eventType, events) => {
    const server = await serve(hangUp, takeAll);
    const error = await failure(server.client().sendBatch(eventType, events));
    expect(error).toMatchObject({ status: null, attempts: 1, eventId: null, results: [] });
    expect(server.received).toHaveLength(1);
  });

  it('that fails after its first request says what became of the events in front', async () => {
    const server = await serve(takeAll, problem(400, 'SLUICE_REQUEST'));
    const events = Array.from({ length: MAX_BATCH_EVENTS + 5 }, () => ({}));
    const { results } = await failure(server.client().sendBatch('plain', events));
    expect(results).toHaveLength(MAX_BATCH_EVENTS);
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  it('is not taken for sent where the answer is about other events', async () => {
    const server = await serve(json(200, { accepted: 0, refused: 0, items: [] }));
    expect(await failure(server.client().sendBatch('plain', [{}]))).toMatchObject({ status: 200, code: null });
  });
});
