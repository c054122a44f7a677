import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openConfluentRegistry } from '../../../src/adapters/registry/confluent.ts';
import { openFolderRegistry } from '../../../src/adapters/registry/folder.ts';
import { contentIds } from '../../../src/schema/history.ts';
import { publishedText } from '../../../src/schema/published-text.ts';
import { freshType, registryContract } from '../../support/registry-contract.ts';
import { type ServedFolder, serveFolder } from './registry.ts';

const order = (...fields: readonly object[]) => ({
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [{ name: 'id', type: 'string' }, ...fields],
});
const note = { name: 'note', type: ['null', 'string'], default: null };
const FIRST = order();
const SECOND = order(note);
const SUBJECT = 'shop.order-value';
const TYPE = 'application/vnd.schemaregistry.v1+json';

let served: ServedFolder;
/** Another one, for those who leave things behind. */
let shared: ServedFolder;
beforeAll(async () => {
  [served, shared] = await Promise.all([serveFolder(), serveFolder()]);
  served.write('shop.order', 1, FIRST);
  served.write('shop.order', 2, SECOND);
  served.write('shop.refund', 1, FIRST);
});
afterAll(() => Promise.all([served?.close(), shared?.close()]));

interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

async function ask(method: string, path: string, body?: unknown, type = TYPE): Promise<Reply> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const answer = await fetch(`${served.url}${path}`, { method, headers: { 'content-type': type }, ...sent });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
}

const get = async (path: string): Promise<unknown> => {
  const answer = await ask('GET', path);
  expect(answer).toMatchObject({ status: 200, type: TYPE });
  return answer.body;
};
const post = (path: string, definition: unknown, more: object = {}) =>
  ask('POST', path, { schema: JSON.stringify(definition), ...more });
const idOf = (definition: unknown): number => contentIds(definition).confluent;
/** What every error must look like. */
const error = (status: number, code: number, message: string | RegExp = '') => ({
  status,
  type: TYPE,
  body: { error_code: code, message: expect.stringMatching(message) },
});

describe('the registry', () => {
  it('lists subjects and their versions', async () => {
    expect(await get('/subjects')).toEqual([SUBJECT, 'shop.refund-value']);
    expect(await get('/subjects?deleted=true')).toEqual([SUBJECT, 'shop.refund-value']);
    expect(await get('/subjects?subjectPrefix=shop.r')).toEqual(['shop.refund-value']);
    expect(await get('/subjects?subjectPrefix=%3A%2A%3A')).toEqual([SUBJECT, 'shop.refund-value']);
    expect(await get(`/subjects/${SUBJECT}/versions`)).toEqual([1, 2]);
    expect(await get('/schemas/types')).toEqual(['AVRO']);
  });

  it('gives a version by its number, or the latest, with the id that is written before every value', async () => {
    const second = { subject: SUBJECT, id: idOf(SECOND), version: 2, schema: JSON.stringify(SECOND) };
    expect(await get(`/subjects/${SUBJECT}/versions/1`)).toEqual({
      subject: SUBJECT,
      id: idOf(FIRST),
      version: 1,
      schema: JSON.stringify(FIRST),
    });
    for (const version of ['2', 'latest', '-1']) {
      expect(await get(`/subjects/${SUBJECT}/versions/${version}`)).toEqual(second);
      expect(await get(`/subjects/${SUBJECT}/versions/${version}/schema`)).toEqual(SECOND);
    }
  });

  it('finds by its id what has a schema', async () => {
    expect(await get(`/schemas/ids/${idOf(FIRST)}`)).toEqual({ schema: JSON.stringify(FIRST) });
    expect(await get(`/schemas/ids/${idOf(FIRST)}?subject=${SUBJECT}`)).toEqual({ schema: JSON.stringify(FIRST) });
    expect(await get(`/schemas/ids/${idOf(SECOND)}/schema`)).toEqual(SECOND);
    expect(await get(`/schemas/ids/${idOf(FIRST)}/subjects`)).toEqual([SUBJECT, 'shop.refund-value']);
    expect(await get(`/schemas/ids/${idOf(FIRST)}/versions`)).toEqual([
      { subject: SUBJECT, version: 1 },
      { subject: 'shop.refund-value', version: 1 },
    ]);
  });

  it.each([TYPE, 'application/vnd.schemaregistry+json', 'application/json', 'Application/JSON; charset=utf-8'])(
    'looks a schema up that is sent as %s, however its text is laid out',
    async (type) => {
      const { namespace: _, ...rest } = SECOND;
      const schema = JSON.stringify({ ...rest, name: 'shop.Order' }, null, 4);
      const found = await ask('POST', `/subjects/${SUBJECT}`, { schema, schemaType: 'AVRO', references: [] }, type);
      expect(found).toMatchObject({ status: 200, type: TYPE, body: { id: idOf(SECOND), version: 2 } });
      expect(await ask('POST', `/subjects/${SUBJECT}/versions`, { schema }, type)).toEqual({
        status: 200,
        type: TYPE,
        body: { id: idOf(SECOND) },
      });
    },
  );

  it('refuses to register anything new, and says how a version comes about', async () => {
    const third = order(note, { name: 'total', type: 'int', default: 0 });
    const refused = await post(`/subjects/${SUBJECT}/versions`, third);
    expect(refused).toEqual(error(422, 42205, /shop\.order\/v3\.avsc.*sluice schema publish/));
    expect(await post('/subjects/shop.new-value/versions', third)).toEqual(error(422, 42205, /shop\.new\/v1\.avsc/));
    expect(await post('/subjects/any-key/versions', third)).toEqual(error(422, 42205, 'any-key is read-only'));
    expect(await get('/subjects')).toEqual([SUBJECT, 'shop.refund-value']);
  });

  it.each([
    ['PUT', '/config'],
    ['PUT', `/config/${SUBJECT}`],
    ['DELETE', `/config/${SUBJECT}`],
    ['PUT', '/mode'],
    ['PUT', `/mode/${SUBJECT}`],
    ['DELETE', `/mode/${SUBJECT}`],
    ['DELETE', `/subjects/${SUBJECT}`],
    ['DELETE', `/subjects/${SUBJECT}/versions/1`],
    ['DELETE', `/subjects/${SUBJECT}/versions/latest`],
  ])('takes no %s %s', async (method, path) => {
    const body = method === 'PUT' ? { compatibility: 'NONE', mode: 'READWRITE' } : undefined;
    expect(await ask(method, path, body)).toEqual(error(422, 42205, 'read-only'));
    expect(await get(`/subjects/${SUBJECT}/versions`)).toEqual([1, 2]);
  });

  it.each([
    ['GET', '/subjects/nobody-value/versions', 40401],
    ['GET', '/subjects/nobody-value/versions/latest', 40401],
    ['GET', '/subjects/shop.order/versions', 40401],
    ['GET', '/subjects/..%2Fx-value/versions', 40401],
    ['GET', '/subjects/__proto__-value/versions', 40401],
    ['GET', '/config/nobody-value', 40401],
    ['GET', '/mode/nobody-value', 40401],
    ['GET', `/subjects/${SUBJECT}/versions/3`, 40402],
    ['GET', `/subjects/${SUBJECT}/versions/2147483647/schema`, 40402],
    ['GET', '/schemas/ids/1', 40403],
    ['GET', '/schemas/ids/x/schema', 40403],
    ['GET', '/schemas/ids/0/versions', 40403],
    ['GET', '/associations/resources/-/shop.order?resourceType=topic', 404],
    ['GET', '/nothing', 404],
  ])('does not find %s %s', async (method, path, code) => {
    expect(await ask(method, path)).toEqual(error(404, code, 'ot [Ff]ound'));
  });

  it.each(['0', '-2', '2147483648', 'x', '1.0', '99999999999999'])('knows no version "%s"', async (version) => {
    expect(await ask('GET', `/subjects/${SUBJECT}/versions/${version}`)).toEqual(error(422, 42202, version));
    expect(await post(`/compatibility/subjects/${SUBJECT}/versions/${version}`, FIRST)).toEqual(error(422, 42202));
  });

  it('does not find a schema that the subject does not have', async () => {
    expect(await post(`/subjects/${SUBJECT}`, order(note, note))).toEqual(error(422, 42201));
    expect(await post('/subjects/shop.refund-value', SECOND)).toEqual(error(404, 40403));
    expect(await post('/subjects/nobody-value', SECOND)).toEqual(error(404, 40401));
  });

  it.each([
    ['no schema', {}, 422, 42201, 'Empty schema'],
    ['a schema that is no text', { schema: FIRST }, 422, 42201, 'Empty schema'],
    ['a text that is no JSON', { schema: 'order' }, 422, 42201, 'not JSON'],
    ['no Avro', { schema: '{"type":"recordd"}' }, 422, 42201, 'Invalid schema: \\$'],
    ['a schema of many levels', { schema: `${'['.repeat(100_000)}${']'.repeat(100_000)}` }, 422, 42201, 'too deep'],
    ['another kind of schema', { schema: '{}', schemaType: 'JSON' }, 422, 42201, 'AVRO here, and not JSON'],
    ['references', { schema: '"x.Y"', references: [{ name: 'x.Y', subject: 's', version: 1 }] }, 422, 42201, 'no ref'],
    ['no JSON', '{', 400, 400, 'JSON object'],
    ['null', 'null', 400, 400, 'JSON object'],
  ])('says what is wrong with %s', async (_, body, status, code, message) => {
    const paths = [
      `/subjects/${SUBJECT}`,
      `/subjects/${SUBJECT}/versions`,
      `/compatibility/subjects/${SUBJECT}/versions`,
    ];
    for (const path of paths) expect(await ask('POST', path, body)).toEqual(error(status, code, message));
  });

  it('takes JSON only, and no more of it than a schema needs', async () => {
    const path = `/subjects/${SUBJECT}`;
    expect(await ask('POST', path, { schema: '"x"' }, 'text/plain')).toEqual(error(415, 415, 'application/json'));
    expect(await ask('POST', path, `"${'x'.repeat(1024 * 1024)}"`)).toEqual(error(413, 413, 'too large'));
  });
});

describe('compatibility, asked of the registry', () => {
  const check = async (eventType: string, definition: unknown, version = '/latest') => {
    const { status, body } = await post(
      `/compatibility/subjects/${eventType}-value/versions${version}?verbose=true`,
      definition,
    );
    expect(status).toBe(200);
    const verdict = body as { is_compatible: boolean; messages: string[] };
    expect(verdict.is_compatible).toBe(verdict.messages.length === 0);
    return verdict.messages;
  };
  /** An event type of two versions, the second of which has the settings. */
  const typeOf = (sluice?: object, fields: readonly object[] = [note]): string => {
    const eventType = freshType();
    served.write(eventType, 1, FIRST);
    served.write(eventType, 2, { ...order(...fields), ...(sluice === undefined ? {} : { sluice }) });
    onTestFinished(() => rmSync(`${served.folder}/${eventType}`, { recursive: true }));
    return eventType;
  };
  const mode = async (eventType: string) => get(`/config/${eventType}-value`);

  it('is BACKWARD_TRANSITIVE where the schema asks for nothing', async () => {
    const eventType = typeOf();
    expect(await get('/config')).toEqual({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
    expect(await get('/mode')).toEqual({ mode: 'READONLY' });
    expect(await mode(eventType)).toEqual({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
    expect(await get(`/mode/${eventType}-value`)).toEqual({ mode: 'READONLY' });
    const total = { name: 'total', type: 'int' };
    for (const version of ['/latest', '/1', '']) {
      expect(await check(eventType, order(note, { ...total, default: 0 }), version)).toEqual([]);
    }
    expect(await check(eventType, order(note, total))).toEqual([
      expect.stringMatching(/^WIRE_NEW_FIELD_HAS_DEFAULT: \$\.total: .*\(beside v2\)$/),
    ]);
    expect(await check(eventType, order(note, total), '')).toHaveLength(2);
    // What only the table or the edge would mind is no matter of the wire.
    expect(await check(eventType, FIRST)).toEqual([]);
  });

  it('says yes or no alone where nobody asks for more', async () => {
    const eventType = typeOf();
    const path = `/compatibility/subjects/${eventType}-value/versions/latest`;
    expect((await post(path, FIRST)).body).toEqual({ is_compatible: true });
    expect((await post(path, { ...FIRST, name: 'Other' })).body).toEqual({ is_compatible: false });
    expect(await post('/compatibility/subjects/nobody-value/versions/latest', FIRST)).toEqual(error(404, 40401));
    expect(await post('/compatibility/subjects/nobody-value/versions', FIRST)).toEqual(error(404, 40401));
    expect(await post(`/compatibility/subjects/${eventType}-value/versions/3`, FIRST)).toEqual(error(404, 40402));
  });

  it('looks as far back as the newest version asks', async () => {
    // v2 has `total`, v1 has not: a schema with `total` and without a default reads v2 only.
    const total = { name: 'total', type: 'int', default: 0 };
    const bare = order({ name: 'total', type: 'int' });
    const why = { compatibilityReason: 'old events were deleted' };
    const backward = typeOf({ compatibility: 'BACKWARD', ...why }, [total]);
    expect(await mode(backward)).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await check(backward, bare, '')).toEqual([]);
    expect(await check(backward, bare, '/1')).toHaveLength(1);
    expect(await check(typeOf(undefined, [total]), bare, '')).toHaveLength(1);
    const none = typeOf({ compatibility: 'NONE', ...why }, [total]);
    expect(await mode(none)).toEqual({ compatibilityLevel: 'NONE' });
    expect(await check(none, order({ name: 'total', type: 'string' }), '')).toEqual([]);
    // Without a reason, less is not granted.
    const unreasoned = typeOf({ compatibility: 'NONE' }, [total]);
    expect(await mode(unreasoned)).toEqual({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
    expect(await check(unreasoned, bare, '')).toHaveLength(1);
  });

  it('asks old readers, too, where the newest version does', async () => {
    const total = { name: 'total', type: 'int' };
    const full = typeOf({ compatibility: 'FULL' }, [{ ...total, default: 0 }]);
    expect(await mode(full)).toEqual({ compatibilityLevel: 'FULL' });
    expect(await check(full, order({ ...total, type: 'long', default: 0 }))).toEqual([
      expect.stringMatching(/^WIRE_OLD_READERS_READ_NEW: \$\.total: /),
    ]);
    expect(await check(typeOf(), order(note, { ...total, default: 0 }))).toEqual([]);
  });
});

describe('the registry, while files come and go', () => {
  it('has what the folder has, at once', async () => {
    const eventType = freshType();
    const subject = `${eventType}-value`;
    served.write(eventType, 1, FIRST);
    expect(await get(`/subjects/${subject}/versions`)).toEqual([1]);
    served.write(eventType, 2, SECOND);
    expect(await get(`/subjects/${subject}/versions`)).toEqual([1, 2]);
    served.write(eventType, 2, order(note, { name: 'total', type: 'int', default: 0 }));
    expect(await get(`/subjects/${subject}/versions/2/schema`)).toHaveProperty('fields.2.name', 'total');
    rmSync(`${served.folder}/${eventType}`, { recursive: true });
    expect(await ask('GET', `/subjects/${subject}/versions`)).toEqual(error(404, 40401));
  });

  it('has versions that break a rule, and none that cannot be read', async () => {
    const eventType = freshType();
    onTestFinished(() => rmSync(`${served.folder}/${eventType}`, { recursive: true }));
    served.write(eventType, 1, '{"type": "rec');
    expect(await ask('GET', `/subjects/${eventType}-value/versions`)).toEqual(error(404, 40401));
    const breaking = { ...FIRST, fields: [{ name: 'id', type: 'int' }] };
    served.write(eventType, 2, FIRST);
    served.write(eventType, 3, { ...FIRST, fields: [{ name: 'id', type: 'intt' }] });
    served.write(eventType, 4, breaking);
    served.write('No.Type', 1, FIRST);
    onTestFinished(() => rmSync(`${served.folder}/No.Type`, { recursive: true }));
    expect(await get(`/subjects/${eventType}-value/versions`)).toEqual([2, 4]);
    expect(await get(`/schemas/ids/${idOf(breaking)}`)).toEqual({ schema: JSON.stringify(breaking) });
    expect(await get('/subjects')).not.toContain('No.Type-value');
  });

  it('has what is Avro and nothing that Sluice could use, and goes on judging without it', async () => {
    const eventType = freshType();
    onTestFinished(() => rmSync(`${served.folder}/${eventType}`, { recursive: true }));
    served.write(eventType, 1, FIRST);
    served.write(eventType, 2, { ...SECOND, sluice: { key: 'nobody' } });
    const versions = `/subjects/${eventType}-value/versions`;
    expect(await get(versions)).toEqual([1, 2]);
    expect((await post(`/compatibility${versions}`, SECOND)).body).toEqual({ is_compatible: true });
    expect((await post(`/compatibility${versions}/2?verbose=true`, SECOND)).body).toEqual({
      is_compatible: false,
      messages: [expect.stringMatching(/^v2 itself cannot be used: .*nobody/)],
    });
  });

  it('says so when the folder is gone', async () => {
    const own = await serveFolder();
    onTestFinished(() => own.close());
    rmSync(own.folder, { recursive: true });
    const answer = await fetch(`${own.url}/subjects`);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ error_code: 50001, message: expect.stringContaining('does not exist') });
    expect(own.log).toEqual([expect.stringContaining('does not exist')]);
  });
});

// Sluice's own client reads here what is written to the folder, as it does elsewhere what is registered.
registryContract('the schemas folder, over HTTP', () => ({
  open() {
    const overHttp = openConfluentRegistry({ url: shared.url });
    const inGit = openFolderRegistry(shared.folder);
    return {
      eventTypes: () => overHttp.eventTypes(),
      versions: (eventType) => overHttp.versions(eventType),
      async publish(...version) {
        const { isNew, ids } = await inGit.publish(...version);
        return { isNew, ids: { confluent: ids.confluent } };
      },
    };
  },
  requests: () => shared.requests(),
  addForeign: async (name) => shared.write(name, 1, FIRST),
}));

describe('Sluice’s own client, over HTTP', () => {
  it('is told that nothing can be published here', async () => {
    const registry = openConfluentRegistry({ url: served.url });
    expect(await registry.publish('shop.order', 1, FIRST)).toMatchObject({ isNew: false });
    for (const [eventType, version] of [
      ['shop.order', 3],
      ['shop.new', 1],
    ] as const) {
      await expect(
        registry.publish(eventType, version, order({ name: 'x', type: 'int', default: 0 })),
      ).rejects.toMatchObject({
        code: 'SLUICE_REGISTRY_REFUSED',
        message: expect.stringContaining('read-only here'),
      });
    }
    const [version] = await registry.versions('shop.order');
    expect(publishedText((version as { definition: unknown }).definition)).toBe(publishedText(FIRST));
  });
});
