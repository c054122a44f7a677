import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProxyEvent } from '../../src/adapters/aws/lambda-events.ts';
import { createMetrics } from '../../src/adapters/aws/metrics.ts';
import { SluiceError } from '../../src/errors.ts';
import { type AcceptParts, createAcceptHandler } from '../../src/handlers/accept.ts';
import { codecLookup } from '../../src/local/event-types.ts';
import type { Queue } from '../../src/ports/queue.ts';
import { createAccept } from '../../src/stages/accept.ts';
import { ownEdge } from '../local/http/edge.ts';
import { openLocalParts } from '../support/local-parts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fixture, ORDER, ORDERS } from './fixtures/fixture.ts';

/** The function over the real stage and a real queue. */
async function open(wrap: (queue: Queue) => Pick<Queue, 'send'> = (queue) => queue) {
  const parts = await openLocalParts(temporaryFolder(), manualClock());
  onTestFinished(() => parts.ledger.close());
  const log: string[] = [];
  const metricLines: string[] = [];
  const begun: string[] = [];
  let ids = 0;
  const accept = createAccept({
    codecOf: codecLookup([ORDERS]),
    learn: async () => {},
    queue: wrap(parts.queue),
    clock: parts.clock,
    newEventId: () => `generated-${++ids}`,
  });
  const { clock } = parts;
  const write = (line: string) => metricLines.push(line);
  const metrics = createMetrics({ eventType: ORDER, stage: 'test', clock, write });
  const made: AcceptParts = { eventType: ORDER, accept, metrics, begin: async (id) => void begun.push(id) };
  const handler = createAcceptHandler(
    async () => made,
    (line) => log.push(line),
  );
  const queued = async () =>
    (await parts.queue.receive(1_000, 60_000)).map(({ eventId, body, version, traceparent }) => {
      return { eventId, body: Buffer.from(body).toString(), version, traceparent };
    });
  return { handler, parts: made, log, metricLines, begun, queued };
}

/** What a client sends, wherever the edge is. */
interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** The event that API Gateway makes of it. */
function eventOf({ headers = {}, query = '', body }: Sent): ProxyEvent {
  const isText = typeof body === 'string';
  const parameters = [...new URLSearchParams(query)];
  const lists = Map.groupBy(parameters, ([name]) => name);
  return {
    ...fixture<ProxyEvent>('api-gateway'),
    headers: { 'Content-Type': 'application/json', ...headers },
    multiValueHeaders: Object.fromEntries(
      Object.entries({ 'Content-Type': 'application/json', ...headers }).map(([name, value]) => [name, [value]]),
    ),
    queryStringParameters: query === '' ? null : Object.fromEntries(parameters),
    multiValueQueryStringParameters:
      query === '' ? null : Object.fromEntries([...lists].map(([name, of]) => [name, of.map(([, value]) => value)])),
    body: body === undefined ? null : isText ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined && !isText,
  };
}

const GOOD = { id: 'o-1', customer: 'ada' };

describe('accepting a batch behind API Gateway', () => {
  it('takes the good events of a request as API Gateway documents it, and answers for each', async () => {
    const { handler, queued, metricLines, begun } = await open();
    const { statusCode, headers, body, isBase64Encoded } = await handler(fixture<ProxyEvent>('api-gateway'));
    expect([statusCode, isBase64Encoded]).toEqual([200, false]);
    expect(headers).toEqual({ 'content-type': 'application/json; charset=utf-8' });
    expect(JSON.parse(body)).toMatchObject({
      accepted: 2,
      refused: 1,
      items: [
        { index: 0, status: 202, event_id: 'o-1' },
        { index: 1, status: 400, code: 'SLUICE_FIELD_MISSING', faults: [{ path: '$.customer' }] },
        { index: 2, status: 202, event_id: 'o-3' },
      ],
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(await queued()).toEqual([
      { eventId: 'o-1', body: '{"id":"o-1","customer":"ada"}', version: undefined, traceparent },
      { eventId: 'o-3', body: '{"id":"o-3","customer":"bob","note":"ship"}', version: undefined, traceparent },
    ]);
    expect(metricLines.map((line) => JSON.parse(line).Accepted)).toEqual([2]);
    expect(begun).toEqual(['77375676-xmpl-4b79-853a-f982474efe18']);
  });

  const many = Array.from({ length: 10_001 }, () => '{}').join('\n');
  const requests: Record<string, Sent> = {
    'an array': { body: JSON.stringify([GOOD, { id: 'x y', customer: 1 }]) },
    lines: { headers: { 'Content-Type': 'application/x-ndjson' }, body: `${JSON.stringify(GOOD)}\n\n{` },
    'bytes as base64': { body: Buffer.from(JSON.stringify([{ ...GOOD, customer: 'é 😀' }])) },
    'bytes that are no UTF-8': { body: Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]) },
    'a type with parameters, in capitals': {
      headers: { 'Content-Type': 'Application/JSON; charset=UTF-8' },
      body: '[{}]',
    },
    'a type that is not taken': { headers: { 'Content-Type': 'text/plain' }, body: '[{}]' },
    'no body': {},
    'no array': { body: '{"id":"o-1"}' },
    'an empty array': { body: '[]' },
    'more events than a batch may have': { headers: { 'Content-Type': 'application/x-ndjson' }, body: many },
    'a version in a header': {
      headers: { 'Schema-Version': '1' },
      body: JSON.stringify([GOOD, { ...GOOD, note: 'x' }]),
    },
    'a version in the query': { query: 'schema-version=2', body: JSON.stringify([GOOD]) },
    'a version that is not there': { headers: { 'schema-version': '7' }, body: JSON.stringify([GOOD]) },
    'a version that is none': { headers: { 'SCHEMA-VERSION': 'two' }, body: JSON.stringify([GOOD]) },
    'two versions': { headers: { 'schema-version': '1' }, query: 'schema-version=2', body: JSON.stringify([GOOD]) },
    'a version twice': { query: 'schema-version=1&schema-version=1', body: JSON.stringify([GOOD]) },
  };

  it.for(Object.entries(requests))('answers %s as every host of the edge does, to the letter', async ([, sent]) => {
    const { handler, queued } = await open();
    const edge = await ownEdge([ORDERS]);
    const here = await handler(eventOf(sent));
    const there = await fetch(`${edge.url}/events/${ORDER}/batch${sent.query === undefined ? '' : `?${sent.query}`}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...lowered(sent.headers) },
      ...(sent.body === undefined ? {} : { body: sent.body }),
    });
    expect(here.statusCode).toBe(there.status);
    expect(here.body).toBe(await there.text());
    expect(here.headers).toEqual({ 'content-type': there.headers.get('content-type') });
    expect(await queued()).toEqual((await edge.queued()).map(({ eventType: _, ...message }) => message));
  });

  it('answers with a problem, and says to come again, where the queue takes nothing', async () => {
    const refusing = (code: 'SLUICE_STORAGE' | 'SLUICE_TAKEN_IN_PART') => () => ({
      send: () => Promise.reject(new SluiceError(code, 'SQS took 0 of 1 messages: AccessDenied, 403')),
    });
    const { handler, log } = await open(refusing('SLUICE_STORAGE'));
    const { statusCode, headers, body } = await handler(eventOf({ body: JSON.stringify([GOOD]) }));
    expect(statusCode).toBe(503);
    expect(headers).toEqual({ 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '1' });
    expect(JSON.parse(body)).toMatchObject({
      code: 'SLUICE_STORAGE',
      detail: expect.stringContaining('nothing was taken'),
    });
    expect(body).not.toContain('AccessDenied');
    expect(log).toEqual(['SLUICE_STORAGE: SQS took 0 of 1 messages: AccessDenied, 403']);

    const inPart = await (await open(refusing('SLUICE_TAKEN_IN_PART'))).handler(
      eventOf({ body: JSON.stringify([GOOD]) }),
    );
    expect(inPart.statusCode).toBe(503);
    expect(JSON.parse(inPart.body).detail).toMatch(/^some of it may have been taken/);
  });

  it('answers with a problem while it cannot start, and starts with the next request', async () => {
    const { parts } = await open();
    let starts = 0;
    const handler = createAcceptHandler(
      async () => {
        starts += 1;
        if (starts === 1) throw new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', 'the registry is away');
        return parts;
      },
      () => {},
    );
    const { statusCode, body } = await handler(eventOf({ body: JSON.stringify([GOOD]) }));
    expect(statusCode).toBe(503);
    expect(JSON.parse(body).code).toBe('SLUICE_REGISTRY_UNAVAILABLE');
    for (const _ of [1, 2]) {
      expect((await handler(eventOf({ body: JSON.stringify([GOOD]) }))).statusCode).toBe(200);
    }
    expect(starts).toBe(2);
  });

  it('shortens an answer that Lambda would refuse, and keeps an item for each event', async () => {
    const { handler } = await open();
    const wrong = JSON.stringify({
      id: 'o',
      customer: 'a',
      ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 1])),
    });
    const events = Array.from({ length: 2_000 }, () => wrong).join('\n');
    const { statusCode, body } = await handler(
      eventOf({ headers: { 'Content-Type': 'application/x-ndjson' }, body: events }),
    );
    expect(statusCode).toBe(200);
    expect(body.length).toBeLessThan(5 * 1024 * 1024);
    const { refused, items } = JSON.parse(body);
    expect([refused, items.length, items[0].faults.length]).toEqual([2_000, 2_000, 1]);
  });
});

function lowered(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
