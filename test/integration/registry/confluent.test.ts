import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openConfluentRegistry } from '../../../src/adapters/registry/confluent.ts';
import type { ConfluentApiOptions } from '../../../src/adapters/registry/confluent-api.ts';
import { subjectName } from '../../../src/derive/names.ts';
import type { SluiceError } from '../../../src/errors.ts';
import type { Registry } from '../../../src/ports/registry.ts';
import { schemaVersion } from '../../../src/schema/history.ts';
import { publishedText } from '../../../src/schema/published-text.ts';
import { type Apicurio, startApicurio } from '../../support/apicurio.ts';
import { freshType, ORDERS, orderOf, registryContract } from '../../support/registry-contract.ts';
import { type Answering, startProxy, type TestProxy } from '../../support/registry-proxy.ts';

let apicurio: Apicurio;
let proxy: TestProxy;
let url: string;
beforeAll(async () => {
  apicurio = await startApicurio();
  proxy = await startProxy(new URL(apicurio.url).origin);
  url = `${proxy.origin}${new URL(apicurio.url).pathname}`;
});
afterAll(async () => {
  await proxy?.down();
  await apicurio?.stop();
});

afterEach(async () => {
  proxy.answer = () => undefined;
  await proxy.up();
});

const open = (): Registry => openConfluentRegistry({ url });

registryContract('a registry that speaks Confluent’s API', () => ({
  open,
  requests: () => proxy.asked.length,
  mayRepeat: true,
  async addForeign(name) {
    for (const subject of [name, `${name}-value`, `${name.toLowerCase()}-key`]) await register(subject, orderOf());
  },
}));

async function register(subject: string, definition: unknown, references: readonly unknown[] = []): Promise<void> {
  const answer = await fetch(`${apicurio.url}/subjects/${encodeURIComponent(subject)}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(definition), references }),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}

describe('a registry that speaks Confluent’s API', () => {
  it('calls subjects as the rest of Sluice does', async () => {
    const eventType = freshType();
    await open().publish(eventType, 1, ORDERS[0]);
    expect(await subjects()).toContain(subjectName(eventType));
  });

  it('is asked once while there is no new version, and once for a new one', async () => {
    const eventType = freshType();
    const [reader, writer] = [open(), open()];
    await writer.publish(eventType, 1, ORDERS[0]);
    const asked = async (): Promise<string[]> => {
      const before = proxy.asked.length;
      await reader.versions(eventType);
      return proxy.asked.slice(before).map((what) => what.replace(/.*\/versions\//, ''));
    };
    // At first it also looks for versions behind the last: they would be softly deleted ones.
    expect(await asked()).toEqual(['latest', '2?deleted=true']);
    expect(await asked()).toEqual(['latest']);
    await writer.publish(eventType, 2, ORDERS[1]);
    expect(await asked()).toEqual(['latest']);
    expect(await asked()).toEqual(['latest']);
    expect(await reader.versions(eventType)).toHaveLength(2);
  });

  it('has softly deleted versions, and lacks those that are gone for good', async () => {
    const eventType = freshType();
    const definitions = [...ORDERS, orderOf({ name: 'late', type: 'int', default: 0 })];
    for (const [index, definition] of definitions.entries()) await open().publish(eventType, index + 1, definition);
    const numbers = async (registry: Registry) => (await registry.versions(eventType)).map(({ version }) => version);
    const early = open();
    await early.versions(eventType);
    await remove(eventType, 2);
    await remove(eventType, 4);
    expect(await numbers(open())).toEqual([1, 2, 3, 4]);
    await expect(open().publish(eventType, 6, orderOf())).rejects.toThrow('v5, not v6');
    await remove(eventType, 2, '?permanent=true');
    expect(await numbers(open())).toEqual([1, 3, 4]);
    // Whoever has seen it goes on: its events are still there.
    expect(await numbers(early)).toEqual([1, 2, 3, 4]);
  });

  it('puts types that are defined elsewhere where they are named', async () => {
    const eventType = freshType();
    const state = { type: 'enum', name: 'State', namespace: 'common', symbols: ['NEW'] };
    const part = { type: 'record', name: 'common.Part', fields: [{ name: 'state', type: 'State' }] };
    const whole = {
      type: 'record',
      name: 'shop.Whole',
      fields: [
        { name: 'parts', type: { type: 'array', items: 'common.Part' } },
        { name: 'state', type: ['null', 'common.State'], default: null },
      ],
    };
    const group = freshType('');
    await register(`${group}state`, state);
    await register(`${group}part`, part, [{ name: 'common.State', subject: `${group}state`, version: 1 }]);
    await register(`${eventType}-value`, whole, [{ name: 'common.Part', subject: `${group}part`, version: 1 }]);
    const [version] = await open().versions(eventType);
    expect(version).toMatchObject({ version: 1 });
    const inlined = { ...part, fields: [{ name: 'state', type: state }] };
    const alone = { ...whole, fields: [{ name: 'parts', type: { type: 'array', items: inlined } }, whole.fields[1]] };
    expect(publishedText((version as { definition: unknown }).definition)).toBe(publishedText(alone));
    expect(schemaVersion(eventType, 1, (version as { definition: unknown }).definition).root.fields).toHaveLength(2);
  });

  it.each([
    ['a JSON schema', { schema: '{"type":"object"}', schemaType: 'JSON' }, 'its type is JSON'],
    ['a text that is no JSON', { schema: 'string' }, 'its text cannot be read'],
    [
      'a reference to nothing',
      { schema: '"x.Y"', references: [{ name: 'x.Y', subject: 'nobody', version: 1 }] },
      'nobody v1',
    ],
    ['a reference that is none', { schema: '"x.Y"', references: ['x.Y'] }, 'a reference that is none'],
  ])('gives %s without a definition, and says why', async (_, told, reason) => {
    const eventType = freshType();
    const subject = `${eventType}-value`;
    proxy.answer = (what) =>
      what.endsWith('/latest') ? { status: 200, body: { id: 7, version: 1, subject, ...told } } : undefined;
    expect(await open().versions(eventType)).toMatchObject([
      { version: 1, ids: { confluent: 7 }, unreadable: expect.stringContaining(reason) },
    ]);
  });

  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['another thing', { id: 1 }],
    ['an id that is none', { id: 2 ** 31, version: 1, schema: '"int"' }],
    ['a page', '<html>welcome</html>'],
  ])('is not available when it answers %s', async (_, body) => {
    proxy.answer = () => ({ status: 200, body });
    await expectUnavailable(open().versions(freshType()), 'is its address right');
    await expectUnavailable(open().eventTypes(), 'is its address right');
  });

  it('has every version checked against all earlier ones, unless somebody has chosen another way', async () => {
    const [eventType, chosen] = [freshType(), freshType()];
    const config = async (of: string) => (await (await fetch(`${apicurio.url}/config/${of}-value`)).json()) as unknown;
    await open().publish(eventType, 1, ORDERS[0]);
    expect(await config(eventType)).toEqual({ compatibilityLevel: 'BACKWARD_TRANSITIVE' });
    const put = { method: 'PUT', headers: { 'content-type': 'application/json' } };
    await fetch(`${apicurio.url}/config/${chosen}-value`, { ...put, body: '{"compatibility":"FULL_TRANSITIVE"}' });
    await open().publish(chosen, 1, ORDERS[0]);
    await open().publish(chosen, 2, ORDERS[1]);
    expect(await config(chosen)).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
  });

  it('passes on why it refuses a version', async () => {
    const eventType = freshType();
    await open().publish(eventType, 1, ORDERS[0]);
    await expect(open().publish(eventType, 2, orderOf({ name: 'wanted', type: 'int' }))).rejects.toMatchObject({
      code: 'SLUICE_REGISTRY_REFUSED',
      message: expect.stringMatching(new RegExp(`${eventType}.*409.*/fields/1`)),
    });
    expect(await open().versions(eventType)).toHaveLength(1);
  });

  it('says so when the registry has given another number than was asked for', async () => {
    const eventType = freshType();
    await open().publish(eventType, 1, ORDERS[0]);
    await expect(open().publish(eventType, 2, ORDERS[0])).rejects.toMatchObject({
      code: 'SLUICE_SCHEMA_PUBLISHED',
      message: expect.stringContaining('v2 has the text of v1'),
    });
    // Somebody else takes the number between looking and registering.
    const subject = subjectName(eventType);
    let isTaken = false;
    proxy.answer = async (what) => {
      if (!isTaken && what === `POST /apis/ccompat/v7/subjects/${subject}/versions`) {
        isTaken = true;
        await register(subject, ORDERS[1]);
      }
      return undefined;
    };
    await expect(
      open().publish(eventType, 2, orderOf(ORDERS[1].fields[1], { name: 'x', type: 'int', default: 0 })),
    ).rejects.toMatchObject({
      code: 'SLUICE_SCHEMA_PUBLISHED',
      message: expect.stringContaining('v2 became v3 in the registry'),
    });
  });
});

describe('a registry that speaks Confluent’s API, when it is away', () => {
  const pauses: number[] = [];
  const hasty = (more: Partial<ConfluentApiOptions> = {}) =>
    openConfluentRegistry({ url, timeoutMs: 150, pause: async (ms) => pauses.push(ms), ...more });
  beforeEach(() => {
    pauses.length = 0;
  });

  it('is not available, and is so at once when it is back', async () => {
    const eventType = freshType();
    const registry = hasty({ timeoutMs: 5_000 });
    await registry.publish(eventType, 1, ORDERS[0]);
    await proxy.down();
    await expectUnavailable(registry.versions(eventType), 'cannot be reached');
    expect(pauses).toEqual([100, 400]);
    await expectUnavailable(registry.eventTypes(), 'cannot be reached');
    await expectUnavailable(registry.publish(eventType, 2, ORDERS[1]), 'cannot be reached');
    await proxy.up();
    expect(await registry.versions(eventType)).toHaveLength(1);
    expect(await registry.publish(eventType, 2, ORDERS[1])).toMatchObject({ isNew: true });
  });

  it.each(['hang', 'break'] as const)('waits for an answer for a limited time when connections %s', async (how) => {
    proxy.answer = () => how;
    const before = proxy.asked.length;
    await expectUnavailable(hasty().versions(freshType()), 'did not answer within 150 ms');
    expect(proxy.asked.length - before).toBe(1);
  });

  it.each([500, 503, 429])('is asked three times when it answers %s', async (status) => {
    const eventType = freshType();
    await open().publish(eventType, 1, ORDERS[0]);
    let failures = 2;
    const body = { error_code: status, message: 'not now' };
    proxy.answer = () => (failures-- > 0 ? { status, body } : undefined);
    expect(await hasty({ timeoutMs: 5_000 }).versions(eventType)).toHaveLength(1);
    proxy.answer = () => ({ status, body });
    const before = proxy.asked.length;
    await expectUnavailable(hasty().versions(eventType), `HTTP status ${status}: not now`);
    expect(proxy.asked.length - before).toBe(3);
  });

  it.each([
    [404, '<html>no such page</html>'],
    [404, { error_code: 404, message: 'no such path' }],
    [404, { message: 'no route' }],
    [404, 'null'],
    [302, ''],
  ])(
    'takes an answer %s that is no registry’s for a wrong address, and not for an unknown type',
    async (status, body) => {
      proxy.answer = () => ({ status, body });
      await expectUnavailable(open().versions(freshType()), "no registry's");
    },
  );

  it.each(['null', '', '[]', '"x"', '{'])('outlives an error with the body %s', async (body) => {
    for (const status of [400, 401, 404, 409, 422, 500]) {
      proxy.answer = () => ({ status, body });
      await expect(hasty().versions(freshType())).rejects.toMatchObject({ code: expect.stringMatching(/^SLUICE_REG/) });
    }
  });

  it('gives its credentials to the registry and to nobody else', async () => {
    const auth = { username: 'who-i-am', password: 'pass:word-ü' };
    const secret = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
    const seen: (string | undefined)[] = [];
    const guarded = await startProxy();
    guarded.answer = (_what, _body, headers) => {
      seen.push(headers.authorization);
      return { status: 200, body: [] };
    };
    const registry = hasty({ url: guarded.origin, auth });
    await registry.eventTypes();
    expect(seen).toEqual([`Basic ${secret}`]);
    const told: string[] = [];
    const failures: Answering[] = [
      ...[400, 401, 403, 404, 409, 422, 429, 500].map((status) => () => ({ status, body: { message: 'no' } })),
      () => 'hang' as const,
      () => 'break' as const,
    ];
    const calls = [
      () => registry.eventTypes(),
      () => registry.versions('a.b'),
      () => registry.publish('a.b', 1, ORDERS[0]),
    ];
    for (const failure of failures) {
      guarded.answer = failure;
      for (const call of calls) told.push(inspect(await call().catch((error: unknown) => error), { depth: 10 }));
    }
    await guarded.down();
    for (const call of calls) told.push(inspect(await call().catch((error: unknown) => error), { depth: 10 }));
    expect(told).toHaveLength(33);
    for (const text of told) {
      expect(text).toContain('SLUICE_REGISTRY_');
      for (const hidden of [auth.username, auth.password, secret]) expect(text).not.toContain(hidden);
    }
  });

  it.each([401, 403])('says which settings to set when it answers %s', async (status) => {
    proxy.answer = () => ({ status, body: { error_code: status, message: 'Unauthorized' } });
    const way = `(HTTP status ${status}): set SLUICE_REGISTRY_USER and SLUICE_REGISTRY_PASSWORD`;
    await expectUnavailable(open().eventTypes(), `wants credentials ${way}`);
    const auth = { username: 'u', password: 'p' };
    await expectUnavailable(openConfluentRegistry({ url, auth }).eventTypes(), `refused its credentials ${way}`);
  });
});

/** @param why what the message says, beside the place */
async function expectUnavailable(call: Promise<unknown>, why: string): Promise<void> {
  const error = (await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as SluiceError | undefined;
  expect(error).toMatchObject({ code: 'SLUICE_REGISTRY_UNAVAILABLE' });
  expect(error?.message).toContain(new URL(proxy.origin).host);
  expect(error?.message).toContain(why);
}

async function subjects(): Promise<unknown> {
  return (await fetch(`${apicurio.url}/subjects`)).json();
}

async function remove(eventType: string, version: number, query = ''): Promise<void> {
  const subject = encodeURIComponent(subjectName(eventType));
  const answer = await fetch(`${apicurio.url}/subjects/${subject}/versions/${version}${query}`, { method: 'DELETE' });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}
