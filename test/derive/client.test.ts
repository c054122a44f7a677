import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as Client from '../../src/client/client.ts';
import type { Accepted } from '../../src/client/client.ts';
import { deriveClient } from '../../src/derive/client.ts';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES } from '../../src/stages/accept.ts';
import { useEdge } from '../local/http/edge.ts';
import { schemaSample } from '../support/avro-arbitraries.ts';
import { historyOfFields } from '../support/histories.ts';
import { examplesOf, HISTORIES } from '../support/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { compileStrictly } from '../support/typescript.ts';
import { EVERYTHING, FULL } from './everything.ts';

const TEMPLATE = readFileSync(new URL('../../src/client/client.ts', import.meta.url), 'utf8');
const derive = (histories: readonly SchemaHistory[]) => deriveClient(histories, TEMPLATE);

const PLAIN = historyOfFields('a.plain', [[{ name: 'count', type: 'int' }]]);
const NAMED = historyOfFields(
  'b.named',
  [
    [
      { name: 'id', type: 'string', default: '' },
      { name: 'ratio', type: 'double', default: 0 },
    ],
  ],
  { eventId: 'id' },
);

/** JSON on one line of a program. */
const literal = (value: unknown) =>
  JSON.stringify(value).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);

describe('the generated client', () => {
  it.each(['browser', 'node'] as const)(
    'compiles strictly in the world of a %s',
    (world) => {
      expect(compileStrictly(new Map([['/sluice.ts', derive([...HISTORIES, EVERYTHING])]]), world)).toEqual([]);
    },
    60_000,
  );

  it('compiles for whatever Avro can say, and takes the bodies that it should', () => {
    // A literal that leaves out an optional field `toString` has it all the same for TypeScript: from Object.
    const plain = <T>(value: T) =>
      JSON.parse(
        JSON.stringify(value).replaceAll('"constructor"', '"construct"').replaceAll('"toString"', '"text"'),
      ) as T;
    // One program for many event types: to start the compiler takes longer than to check them.
    const samples = fc.array(schemaSample, { minLength: 40, maxLength: 40 });
    const property = fc.property(samples, (list) => {
      const typeOf = (index: number) => `test.n${index}`;
      const histories = list.map(({ schema }, index) =>
        schemaHistory(typeOf(index), [schemaVersion(typeOf(index), 1, plain(schema))]),
      );
      const sources = new Map([
        ['/sluice.ts', derive(histories)],
        [
          '/sends.ts',
          [
            `import { createSluiceClient } from './sluice.ts';`,
            `const client = createSluiceClient({ url: '' });`,
            ...list.map(({ sent }, index) => `client.send('${typeOf(index)}', ${literal(plain(sent))});`),
          ].join('\n'),
        ],
      ]);
      expect(compileStrictly(sources, 'browser')).toEqual([]);
    });
    fc.assert(property, { numRuns: 1, endOnFailure: true });
  }, 60_000);

  it('compiles where types of events are called like types that the client needs, and like one another', () => {
    const names = ['Promise', 'Error', 'Response', 'Headers', 'Fault', 'EventTypes', 'AB', 'SluiceClientError'];
    const nasty = (eventType: string) =>
      historyOfFields(eventType, [
        names.map((name, index) => ({ name: `f${index}`, type: { type: 'record', name, fields: [] } })),
      ]);
    const text = derive(['error', 'promise', 'event-types', 'fault', 'a.b'].map(nasty));
    expect(compileStrictly(new Map([['/sluice.ts', text]]), 'browser')).toEqual([]);
    expect(text).toContain("  'a.b': AB;\n");
    expect(text).toContain("  'error': Error2;\n");
  }, 60_000);

  it('lets no wrong call compile', () => {
    const lines = [
      `await client.send('seismic.earthquake', quake);`,
      `await client.send('aviation.flight', { id: '1', delay_minutes: 1, distance_miles: 2 }, { schemaVersion: 1 });`,
      `await client.sendBatch('seismic.earthquake', [quake, quake]);`,
      `await client.sendBatch('seismic.earthquake', new Set([quake]), { signal: AbortSignal.timeout(1) });`,
      `const { eventId }: { eventId: string } = await client.send('seismic.earthquake', quake, { eventId: 'x' }); eventId;`,
      `createSluiceClient({ url: '', fetch, headers: { a: 'b' }, timeoutMs: 1, retries: 1, backoffMs: undefined });`,
    ];
    const wrong = [
      `await client.send('seismic.earthquakes', quake);`,
      `await client.send('aviation.flight', quake);`,
      `await client.send('seismic.earthquake', { ...quake, status: 'seen' });`,
      `await client.send('seismic.earthquake', { ...quake, depth: 1 });`,
      `await client.send('seismic.earthquake', { id: '1' });`,
      `await client.send('seismic.earthquake', { ...quake, id: 1 });`,
      `await client.send('seismic.earthquake', { ...quake, occurred_at: new Date() });`,
      `await client.send('seismic.earthquake', [quake]);`,
      `await client.send('seismic.earthquake', quake, { eventID: 'x' });`,
      `await client.sendBatch('seismic.earthquake', quake);`,
      `await client.sendBatch('seismic.earthquake', [quake, {}]);`,
      `await client.sendBatch('seismic.earthquake', [quake], { eventId: 'x' });`,
      `createSluiceClient({});`,
    ];
    const text = [
      `import { createSluiceClient, type SeismicEarthquake } from './sluice.ts';`,
      `const client = createSluiceClient({ url: 'http://127.0.0.1' });`,
      `const quake: SeismicEarthquake = ${JSON.stringify(examplesOf('seismic.earthquake').valid[0]!.body)};`,
      ...lines,
      ...wrong.flatMap((line) => ['// @ts-expect-error', line]),
    ].join('\n');
    const sources = new Map([
      ['/sluice.ts', derive(HISTORIES)],
      ['/calls.ts', text],
    ]);
    expect(compileStrictly(sources, 'browser')).toEqual([]);
    // Each of them would compile if its comment were wrong about it: without the comments there are as many complaints.
    sources.set('/calls.ts', text.replaceAll('// @ts-expect-error', '//'));
    const places = new Set(compileStrictly(sources, 'browser').map(({ line }) => line));
    expect(places.size).toBe(wrong.length);
  }, 60_000);

  it('imports nothing, and is the same each time', () => {
    expect(derive(HISTORIES)).not.toMatch(/^import /m);
    expect(derive(HISTORIES)).toBe(derive(HISTORIES));
  });

  it('is not made of a client that imports more than the event types', () => {
    expect(() => deriveClient(HISTORIES, `${TEMPLATE}\nimport 'x';\n`)).toThrow('its only import');
    expect(() => deriveClient(HISTORIES, 'export {};')).toThrow('its only import');
  });
});

describe('the generated client, loaded and used against the edge', () => {
  const edge = useEdge([...HISTORIES, EVERYTHING, PLAIN, NAMED]);

  /** Writes the client of some event types into a file, and loads that as a program would. */
  async function load() {
    const file = join(temporaryFolder(), 'sluice.ts');
    writeFileSync(file, derive([...HISTORIES, EVERYTHING, PLAIN, NAMED]));
    const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as typeof Client;
    return { ...module, client: module.createSluiceClient({ url: `${edge().url}/`, retries: 0 }) };
  }

  it('knows the limits of the edge', async () => {
    expect(await load()).toMatchObject({ MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES });
  });

  it.each(HISTORIES.map(({ eventType }) => eventType))('sends every valid example of %s', async (eventType) => {
    const { client } = await load();
    const bodies = examplesOf(eventType).valid.map(({ body }) => body as { id: string });
    const ids = bodies.map(({ id }) => id);
    for (const body of bodies) expect(await client.send(eventType, body)).toEqual({ ok: true, eventId: body.id });
    expect(await client.sendBatch(eventType, bodies)).toEqual(ids.map((eventId) => ({ ok: true, eventId })));
    const queued = await edge().queued();
    expect(queued.map(({ eventId }) => eventId)).toEqual([...ids, ...ids]);
    expect(queued.map(({ body }) => JSON.parse(body))).toEqual([...bodies, ...bodies]);
  });

  it('sends everything that Avro has', async () => {
    const { client } = await load();
    await client.send('test.every-thing', FULL);
    expect(JSON.parse((await edge().queued())[0]!.body)).toEqual(FULL);
  });

  it('gives an event an id, unless its schema or the caller does', async () => {
    const { client } = await load();
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(await client.send('a.plain', { count: 1 })).toEqual({ ok: true, eventId: uuid });
    expect(await client.send('a.plain', { count: 1 }, { eventId: 'mine' })).toEqual({ ok: true, eventId: 'mine' });
    expect(await client.send('b.named', { id: 'its-own' })).toEqual({ ok: true, eventId: 'its-own' });
    expect(await client.send('b.named', { id: 'its-own' }, { eventId: 'mine' })).toMatchObject({ eventId: 'mine' });
    expect(await client.send('b.named', {})).toEqual({ ok: true, eventId: uuid });
  });

  it('sends the trace context', async () => {
    const { client } = await load();
    await client.send('a.plain', { count: 1 }, { traceparent: '00-aa-bb-01' });
    await client.sendBatch('a.plain', [{ count: 1 }], { traceparent: '00-aa-bb-02' });
    expect((await edge().queued()).map(({ traceparent }) => traceparent)).toEqual(['00-aa-bb-01', '00-aa-bb-02']);
  });

  it('states the version that events are written with, to which the edge then holds them', async () => {
    const { client } = await load();
    const [first] = examplesOf('seismic.earthquake').valid.filter(({ since }) => since === 2);
    const outcomes = async (schemaVersion: number) =>
      (await client.sendBatch('seismic.earthquake', [first!.body], { schemaVersion })).map(({ ok }) => ok);
    expect([await outcomes(2), await outcomes(1)]).toEqual([[true], [false]]);
    const unknown = client.send('seismic.earthquake', first!.body, { schemaVersion: 9 });
    await expect(unknown).rejects.toMatchObject({ status: 400, code: 'SLUICE_VERSION_UNKNOWN' });
  });

  it('sends numbers that JSON has no digits for as the text that the edge takes', async () => {
    const { client } = await load();
    for (const ratio of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      await client.send('b.named', { id: 'x', ratio });
    }
    const bodies = (await edge().queued()).map(({ body }) => (JSON.parse(body) as { ratio: unknown }).ratio);
    expect(bodies).toEqual(['NaN', 'Infinity', '-Infinity']);
  });

  it('throws the refusal of an event, with every fault', async () => {
    const { client, SluiceClientError } = await load();
    const refusal = await client.send('a.plain', { count: 'x', more: 1 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SluiceClientError);
    expect(refusal).toMatchObject({ name: 'SluiceClientError', status: 400, attempts: 1, eventId: expect.any(String) });
    const { faults, code, problem, message } = refusal as Client.SluiceClientError;
    expect(new Set(faults.map(({ path }) => path))).toEqual(new Set(['$.count', '$.more']));
    expect(code).toBe(faults[0]!.code);
    expect(problem).toMatchObject({ type: `urn:sluice:error:${code}`, status: 400, faults });
    expect(message).toContain(problem!.detail);
    expect(await client.send('no.such', {}).catch((error: unknown) => error)).toMatchObject({
      status: 404,
      code: 'SLUICE_EVENT_TYPE_UNKNOWN',
      faults: [],
    });
  });

  it('answers each event of a batch, the refused ones with their faults, and one that is too long at its place', async () => {
    const { client } = await load();
    const long = { id: 'x'.repeat(MAX_EVENT_BYTES) };
    const results = await client.sendBatch('b.named', [{ id: 'a' }, { id: 1 }, long, { id: 'b' }]);
    expect(results).toEqual([
      { ok: true, eventId: 'a' },
      { ok: false, status: 400, code: 'SLUICE_TYPE', faults: [expect.objectContaining({ path: '$.id' })] },
      { ok: false, status: 413, code: 'SLUICE_BODY_TOO_LARGE', faults: [expect.objectContaining({ path: '$' })] },
      { ok: true, eventId: 'b' },
    ]);
    expect((await edge().queued()).map(({ eventId }) => eventId)).toEqual(['a', 'b']);
  });

  it('splits a batch where the edge would refuse it: after 10,000 events, and after 8 MiB', async () => {
    const { client } = await load();
    const many = Array.from({ length: MAX_BATCH_EVENTS + 1 }, (_, index) => ({ id: `m${index}` }));
    const ids = (await client.sendBatch('b.named', many)).map((result) => (result as Accepted).eventId);
    expect(ids).toEqual(many.map(({ id }) => id));
    // Nine events of almost 1 MiB; their ids are too long for the edge, which says so of each.
    const big = Array.from({ length: 9 }, () => ({ id: 'ü'.repeat(500_000) }));
    expect((await client.sendBatch('b.named', big)).map(({ ok }) => ok)).toEqual(big.map(() => false));
    expect(await client.sendBatch('b.named', [])).toEqual([]);
  }, 30_000);
});
