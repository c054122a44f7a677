import SwaggerParser from '@apidevtools/swagger-parser';
import { describe, expect, it } from 'vitest';
import { deriveOpenApi } from '../../../src/derive/openapi.ts';
import { SluiceError } from '../../../src/errors.ts';
import type { Queue } from '../../../src/ports/queue.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES } from '../../../src/stages/accept.ts';
import { historyOfFields } from '../../support/histories.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { ownEdge, useEdge } from './edge.ts';

const HISTORIES = [
  historyOfFields('a.plain', [
    [{ name: 'count', type: 'int', doc: 'How many' }],
    [
      { name: 'count', type: 'int', doc: 'How many' },
      { name: 'note', type: 'string', default: '' },
    ],
  ]),
  historyOfFields('b.named', [[{ name: 'id', type: 'string' }]], { eventId: 'id' }),
];
const shared = useEdge(HISTORIES);
/** An edge over a queue that is not the usual one. */
const edgeOver = (send: Queue['send']) => ownEdge(HISTORIES, { queue: () => ({ send }) });

/** What every refusal must look like; gives its body. */
async function problemOf(answer: Response, status: number, code: string) {
  const body = (await answer.json()) as Record<string, unknown> & { faults: Record<string, string>[] };
  expect(body).toMatchObject({
    type: `urn:sluice:error:${code}`,
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  for (const fault of body.faults) {
    expect(Object.keys(fault).sort()).toEqual(['advice', 'code', 'path', 'rule']);
    expect(fault.path).toMatch(/^\$/);
    expect(Object.values(fault).every((text) => typeof text === 'string' && text !== '')).toBe(true);
  }
  return body;
}

describe('POST /events/{type}', () => {
  it('answers 202 with the event id once the event is in the queue', async () => {
    const { post, queued } = shared();
    const answer = await post('/events/a.plain', ' {"count": 1}\n', { traceparent: '00-aa-bb-01' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({ event_id: expect.stringMatching(/^generated-/) });
    expect(await queued()).toEqual([
      {
        eventType: 'a.plain',
        eventId: expect.stringMatching(/^generated-/),
        body: ' {"count": 1}\n',
        traceparent: '00-aa-bb-01',
      },
    ]);
  });

  it('takes the id of the Event-Id header, or of the schema', async () => {
    const { post, queued } = shared();
    const ids = await Promise.all(
      [
        await post('/events/a.plain', '{"count":1}', { 'event-id': 'Order:17~v1.2_x-y' }),
        await post('/events/b.named', '{"id":"own"}'),
        await post('/events/b.named', '{"id":"own"}', { 'Event-Id': 'header' }),
      ].map(async (answer) => ((await answer.json()) as { event_id: string }).event_id),
    );
    expect(ids).toEqual(['Order:17~v1.2_x-y', 'own', 'header']);
    expect((await queued()).map(({ eventId }) => eventId)).toEqual(ids);
  });

  it.each([' ', 'a b', 'a,b', 'ü', 'a"b', 'x'.repeat(129)])('refuses the Event-Id header %j', async (id) => {
    const { post, queued } = shared();
    const { faults } = await problemOf(
      await post('/events/a.plain', '{"count":1}', { 'event-id': id }),
      400,
      'SLUICE_EVENT_ID',
    );
    expect(faults).toHaveLength(1);
    expect(await queued()).toEqual([]);
  });

  it('refuses two Event-Id headers', async () => {
    const { port, queued } = shared();
    const head = ['POST /events/a.plain HTTP/1.1', 'host: x', 'content-type: application/json', 'content-length: 11'];
    const answer = await rawRequest(port, [...head, 'event-id: a', 'event-id: b', '', '{"count":1}'].join('\r\n'));
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('SLUICE_EVENT_ID') });
    expect(await queued()).toEqual([]);
  });

  it('tells every fault with its path, its rule and what to do, and takes nothing', async () => {
    const { post, queued } = shared();
    const { faults, detail } = await problemOf(
      await post('/events/a.plain', '{"note":7,"cuont":1}'),
      400,
      'SLUICE_FIELD_MISSING',
    );
    expect(faults).toMatchObject([
      { code: 'SLUICE_FIELD_MISSING', path: '$.count', advice: 'add the field (How many)' },
      { code: 'SLUICE_TYPE', path: '$.note', advice: 'send a string, not the number 7' },
      { code: 'SLUICE_FIELD_UNKNOWN', path: '$.cuont' },
    ]);
    expect(detail).toContain('and 2 more');
    expect(await queued()).toEqual([]);
  });

  it.each([
    ['unknown', 'a type without a schema'],
    ['A.PLAIN', 'a type in another letter case'],
    ['a.plain%20', 'a type with a space'],
    ['..%2fa.plain', 'a path traversal'],
    ['..%2f..%2f..%2f..%2fetc%2fpasswd', 'a long path traversal'],
    ['%2e%2e%2fa.plain', 'a path traversal with encoded dots'],
    ['..%5ca.plain', 'a path traversal with a backslash'],
    ['a.plain%00', 'a NUL'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['%F0%9F%98%80', 'an emoji'],
  ])('knows no event type %s (%s)', async (type) => {
    const { post, queued } = shared();
    const answer = await post(`/events/${type}`, '{"count":1}');
    await problemOf(answer, 404, 'SLUICE_EVENT_TYPE_UNKNOWN');
    expect(await queued()).toEqual([]);
  });

  it('knows no event type of a name that none may have for its length', async () => {
    const { post } = shared();
    await problemOf(await post(`/events/${'x'.repeat(5_000)}`, '{"count":1}'), 404, 'SLUICE_ROUTE_UNKNOWN');
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON;charset="UTF-8";x=1',
    ' application/json ',
  ])('takes the content type %j', async (type) => {
    const { post } = shared();
    expect((await post('/events/a.plain', '{"count":1}', { 'content-type': type })).status).toBe(202);
  });

  it.each([
    'text/plain',
    'application/x-ndjson',
    'application/xml',
    'application/jsonp',
    'application/problem+json',
    'json',
    '',
  ])('refuses the content type %j', async (type) => {
    const { post, queued } = shared();
    const body = Buffer.from('{"count":1}');
    await problemOf(await post('/events/a.plain', body, { 'content-type': type }), 415, 'SLUICE_CONTENT_TYPE');
    expect(await queued()).toEqual([]);
  });

  it('refuses a body without a content type', async () => {
    const { url } = shared();
    const answer = await fetch(`${url}/events/a.plain`, { method: 'POST', body: Buffer.from('{"count":1}') });
    await problemOf(answer, 415, 'SLUICE_CONTENT_TYPE');
  });

  it('refuses a body that is compressed', async () => {
    const { post } = shared();
    const gzipped = Buffer.from('1f8b080000000000000313ab564ace2fcd2b51b232ac05009f9f1d710b000000', 'hex');
    await problemOf(
      await post('/events/a.plain', gzipped, { 'content-encoding': 'gzip' }),
      400,
      'SLUICE_BODY_ENCODING',
    );
  });

  it('refuses a body that is empty', async () => {
    const { post } = shared();
    await problemOf(await post('/events/a.plain', ''), 400, 'SLUICE_BODY_EMPTY');
  });

  it('refuses a body beyond the limit and takes one at the limit', async () => {
    const { post, ledger } = await ownEdge(HISTORIES);
    const padded = (bytes: number) => '{"count":1}'.padEnd(bytes);
    expect((await post('/events/a.plain', padded(MAX_EVENT_BYTES))).status).toBe(202);
    await problemOf(await post('/events/a.plain', padded(MAX_EVENT_BYTES + 1)), 413, 'SLUICE_BODY_TOO_LARGE');
    await problemOf(await post('/events/a.plain', padded(8_000_000)), 413, 'SLUICE_BODY_TOO_LARGE');
    expect(ledger.accounts()).toMatchObject([{ accepted: 1 }]);
  });

  it('refuses chunks beyond the limit, whose length nobody has told', async () => {
    const { url, ledger } = await ownEdge(HISTORIES);
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(100_000, ' '));
      },
    });
    const answer = await fetch(`${url}/events/a.plain`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit);
    await problemOf(answer, 413, 'SLUICE_BODY_TOO_LARGE');
    expect(ledger.accounts()).toEqual([]);
  });

  it.each([
    ['SLUICE_QUEUE_FULL', 503, '1'],
    ['SLUICE_STORAGE', 503, '1'],
    ['SLUICE_INTERNAL', 500, null],
  ] as const)(
    'answers %s with %i, says when to come again, and tells nothing of the inside',
    async (code, status, retryAfter) => {
      const secret = '/home/somebody/ledger.db';
      const { post, log } = await edgeOver(() => Promise.reject(new SluiceError(code, secret)));
      const answer = await post('/events/a.plain', '{"count":1}');
      expect(JSON.stringify(await problemOf(answer, status, code))).not.toContain(secret);
      expect(answer.headers.get('retry-after')).toBe(retryAfter);
      expect(log).toEqual([expect.stringContaining(secret)]);
    },
  );

  it('answers 500 to what nobody foresaw, and logs it', async () => {
    const { post, log } = await edgeOver(() => {
      throw new TypeError('x is not a function');
    });
    await problemOf(await post('/events/a.plain', '{"count":1}'), 500, 'SLUICE_INTERNAL');
    expect(log).toEqual([expect.stringContaining('x is not a function')]);
  });
});

describe('POST /events/{type}/batch', () => {
  const MIXED = ['{"count":1}', '{"count":"x","y":1}', '{"count":2}', '{"count":', '{"note":"only"}'];

  it.each([
    ['an array', 'application/json', `[${MIXED.slice(0, 3).join(',')},7,${MIXED[4]}]`, 'SLUICE_TYPE'],
    ['NDJSON', 'application/x-ndjson', `${MIXED.join('\n')}\n`, 'SLUICE_JSON_SYNTAX'],
    [
      'NDJSON with parameters, blank lines and CRLF',
      'Application/X-NDJSON; charset=utf-8',
      `\r\n${MIXED.join('\r\n\r\n')}`,
      'SLUICE_JSON_SYNTAX',
    ],
  ])('of %s takes the good items and answers for each', async (_, type, body, fourth) => {
    const { post, queued } = shared();
    const answer = await post('/events/a.plain/batch', body, { 'content-type': type, traceparent: '00-aa-bb-01' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({
      accepted: 2,
      refused: 3,
      items: [
        { index: 0, status: 202, event_id: expect.stringMatching(/^generated-/) },
        {
          index: 1,
          status: 400,
          code: 'SLUICE_TYPE',
          faults: [expect.objectContaining({ path: '$.count' }), expect.objectContaining({ path: '$.y' })],
        },
        { index: 2, status: 202, event_id: expect.stringMatching(/^generated-/) },
        { index: 3, status: 400, code: fourth, faults: [expect.objectContaining({ path: '$' })] },
        { index: 4, status: 400, code: 'SLUICE_FIELD_MISSING', faults: [expect.objectContaining({ path: '$.count' })] },
      ],
    });
    expect(await queued()).toMatchObject([
      { body: MIXED[0], eventId: expect.stringMatching(/^generated-/), traceparent: '00-aa-bb-01' },
      { body: MIXED[2], eventId: expect.stringMatching(/^generated-/), traceparent: '00-aa-bb-01' },
    ]);
  });

  it('refuses an item beyond the limit of an event and takes its neighbours', async () => {
    const { post } = shared();
    const large = `{"count":1,"note":"${'x'.repeat(MAX_EVENT_BYTES)}"}`;
    const answer = await post('/events/a.plain/batch', `[{"count":1},${large},{"count":2}]`);
    expect(await answer.json()).toMatchObject({
      accepted: 2,
      items: [{ status: 202 }, { status: 413, code: 'SLUICE_BODY_TOO_LARGE' }, { status: 202 }],
    });
  });

  it('answers 200 where every item is refused, and takes nothing', async () => {
    const { post, queued } = shared();
    const answer = await post('/events/a.plain/batch', '[1,{}]');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ accepted: 0, refused: 2 });
    expect(await queued()).toEqual([]);
  });

  it.each([
    ['application/json', '{"count":1}', 400, 'SLUICE_JSON_SYNTAX'],
    ['application/json', '[{"count":1}', 400, 'SLUICE_JSON_SYNTAX'],
    ['application/json', '[]', 400, 'SLUICE_BODY_EMPTY'],
    ['application/json', '', 400, 'SLUICE_JSON_SYNTAX'],
    ['application/x-ndjson', '', 400, 'SLUICE_BODY_EMPTY'],
    ['application/x-ndjson', '\n\n', 400, 'SLUICE_BODY_EMPTY'],
    ['application/x-ndjson', '{"count":1}\n'.repeat(MAX_BATCH_EVENTS + 1), 413, 'SLUICE_BODY_TOO_LARGE'],
    ['application/json', `[${' '.repeat(MAX_BATCH_BYTES)}]`, 413, 'SLUICE_BODY_TOO_LARGE'],
    ['text/csv', '1,2', 415, 'SLUICE_CONTENT_TYPE'],
  ])('refuses as a whole: %s %.20j', async (type, body, status, code) => {
    const { post, queued } = shared();
    await problemOf(await post('/events/a.plain/batch', body, { 'content-type': type }), status, code);
    expect(await queued()).toEqual([]);
  });

  it('knows no other event types than the single route does', async () => {
    const { post } = shared();
    await problemOf(await post('/events/unknown/batch', '[{}]'), 404, 'SLUICE_EVENT_TYPE_UNKNOWN');
    await problemOf(await post('/events/..%2fa.plain/batch', '[{}]'), 404, 'SLUICE_EVENT_TYPE_UNKNOWN');
  });

  it('takes nothing where the queue is full', async () => {
    const { post } = await edgeOver(() => Promise.reject(new SluiceError('SLUICE_QUEUE_FULL', 'full')));
    const answer = await post('/events/a.plain/batch', '[{"count":1}]');
    expect(answer.headers.get('retry-after')).toBe('1');
    await problemOf(answer, 503, 'SLUICE_QUEUE_FULL');
  });
});

describe('a stated schema version', () => {
  const versions = async (path: string, headers: Record<string, string> = {}) => {
    const { post, queued } = shared();
    expect((await post(path, path.includes('batch') ? '[{"count":1}]' : '{"count":1}', headers)).ok).toBe(true);
    return (await queued()).map(({ version }) => version);
  };

  it('goes with the event, from the header or the parameter', async () => {
    expect(await versions('/events/a.plain')).toEqual([undefined]);
    expect(await versions('/events/a.plain', { 'schema-version': '1' })).toEqual([1]);
    expect(await versions('/events/a.plain?schema-version=1')).toEqual([1]);
    expect(await versions('/events/a.plain?schema-version=1', { 'schema-version': '1' })).toEqual([1]);
    expect(await versions('/events/a.plain/batch', { 'schema-version': '1' })).toEqual([1]);
  });

  it.each([
    ['/events/a.plain', '7'],
    ['/events/a.plain', '0'],
    ['/events/a.plain', 'latest'],
    ['/events/a.plain', ''],
    ['/events/a.plain?schema-version=2', '1'],
    ['/events/a.plain?schema-version=1&schema-version=1', '1'],
  ])('is refused at %s where it is "%s"', async (path, version) => {
    const { post, queued } = shared();
    await problemOf(await post(path, '{"count":1}', { 'schema-version': version }), 400, 'SLUICE_VERSION_UNKNOWN');
    expect(await queued()).toEqual([]);
  });
});

describe('GET', () => {
  it('/schemas lists every version of every event type, with contract and ids', async () => {
    const { url } = shared();
    const answer = await fetch(`${url}/schemas`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      event_types: HISTORIES.map(({ eventType, digest, versions }) => ({
        event_type: eventType,
        version: versions.length,
        contract: digest,
        versions: versions.map(({ version, ids, definition }) => ({ version, ids, schema: definition })),
      })),
    });
  });

  it('/healthz says that the edge is there', async () => {
    const { url } = shared();
    const answer = await fetch(`${url}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'ok' });
  });

  it('/openapi.json is the derived document, and valid', async () => {
    const { url } = shared();
    const answer = await fetch(`${url}/openapi.json`);
    const document = await answer.json();
    expect(document).toEqual(JSON.parse(JSON.stringify(deriveOpenApi(HISTORIES))));
    await SwaggerParser.validate(document as never);
  });

  it.each(['/schemas', '/healthz', '/openapi.json'])('%s has a HEAD of the same status and no body', async (path) => {
    const { url } = shared();
    const answer = await fetch(`${url}${path}`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });
});

describe('what is not served', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/events'],
    ['GET', '/events/a.plain'],
    ['PUT', '/events/a.plain'],
    ['DELETE', '/events/a.plain'],
    ['OPTIONS', '/events/a.plain'],
    ['GET', '/events/a.plain/batch'],
    ['POST', '/events'],
    ['POST', '/events/a.plain/'],
    ['POST', '/events/a.plain/batch/'],
    ['POST', '/events/a.plain/batches'],
    ['POST', '/Events/a.plain'],
    ['POST', '/events/a.plain/x/batch'],
    ['POST', '/schemas'],
    ['GET', '/healthz/'],
    ['GET', '/favicon.ico'],
  ])('is answered as a problem: %s %s', async (method, path) => {
    const { url } = shared();
    await problemOf(await fetch(`${url}${path}`, { method }), 404, 'SLUICE_ROUTE_UNKNOWN');
  });

  it('has no body for HEAD', async () => {
    const { url } = shared();
    const answer = await fetch(`${url}/events/a.plain`, { method: 'HEAD' });
    expect(answer.status).toBe(404);
  });

  it.each(['/events/%zz', '/events/%', '/events/%ff%fe', '/%c0%ae%c0%ae/etc/passwd'])(
    'has a path that cannot be decoded: %s',
    async (path) => {
      const { port } = shared();
      const answer = await rawRequest(port, `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`);
      expect(answer).toMatchObject({ status: 404, contentType: expect.stringMatching(/^application\/problem\+json/) });
      expect(JSON.parse(answer!.body)).toMatchObject({ code: 'SLUICE_ROUTE_UNKNOWN', status: 404, faults: [] });
    },
  );

  it.each(['/events/../a.plain', '/events/./a.plain', '//events/a.plain', '/events//a.plain', '/../../etc/passwd'])(
    'is no other path by another name: %s',
    async (path) => {
      const { port, queued } = shared();
      const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n`;
      const answer = await rawRequest(port, `${head}{"count":1}`);
      expect(answer).toMatchObject({ status: 404, contentType: expect.stringMatching(/^application\/problem\+json/) });
      expect(await queued()).toEqual([]);
    },
  );
});
