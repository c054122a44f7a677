import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createKafkaClient } from '../../src/adapters/kafka/client.ts';
import { openConfluentRegistry } from '../../src/adapters/registry/confluent.ts';
import { compileCodec } from '../../src/codec/codec.ts';
import { admitVersions } from '../../src/compatibility/admit.ts';
import { type Runtime, type RuntimeOptions, startRuntime } from '../../src/local/runtime.ts';
import type { FetchedRecord } from '../../src/ports/event-log.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import { openLiveEventTypes } from '../../src/runtime/live-event-types.ts';
import { createConsume } from '../../src/stages/consume.ts';
import { type Apicurio, startApicurio } from '../support/apicurio.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { startProxy, type TestProxy } from '../support/registry-proxy.ts';
import { bodyOf } from '../support/schemas.ts';

const TYPE = 'shop.order';
const record = (...fields: object[]) => ({
  type: 'record',
  name: 'Order',
  sluice: { eventId: 'id' },
  fields: [{ name: 'id', type: 'string' }, ...fields],
});
const NOTE = { name: 'note', type: ['null', 'string'], default: null };
const STORE = { name: 'store', type: 'string', default: 'web' };
const SCHEMAS = [record(), record(NOTE), record(NOTE, STORE)] as const;

const root = newFolder();
const data = join(root, 'data');
const log: string[] = [];
let apicurio: Apicurio;
let proxy: TestProxy;
/** The registry as the pipeline reaches it, and past the proxy. */
let options: RuntimeOptions;
let runtime: Runtime;

beforeAll(async () => {
  apicurio = await startApicurio();
  const { origin, pathname } = new URL(apicurio.url);
  proxy = await startProxy(origin);
  await publish(1);
  options = {
    schemasDir: join(root, 'nowhere'),
    registry: `${proxy.origin}${pathname}`,
    dataDir: data,
    port: 0,
    flushMs: 200,
    log: (line) => log.push(line),
  };
  runtime = await startRuntime(options);
});

afterAll(async () => {
  await runtime?.stop();
  await proxy?.down();
  await apicurio?.stop();
});

const publish = (version: 1 | 2 | 3) =>
  openConfluentRegistry({ url: apicurio.url }).publish(TYPE, version, SCHEMAS[version - 1]);

const send = (event: object) =>
  fetch(`${runtime.url}/events/${TYPE}`, {
    method: 'POST',
    body: JSON.stringify(event),
    headers: { 'content-type': 'application/json' },
  });

/** Sends a batch of which every event has to be taken. */
async function sendMany(name: string, events: number, fields: object): Promise<void> {
  const lines = Array.from({ length: events }, (_, index) => JSON.stringify({ id: `${name}-${index}`, ...fields }));
  const answer = await fetch(`${runtime.url}/events/${TYPE}/batch`, {
    method: 'POST',
    body: lines.join('\n'),
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect(await answer.json()).toMatchObject({ accepted: events, refused: 0 });
}

async function drained(): Promise<void> {
  await expect.poll(() => runtime.accounts()[0]?.inFlight, { timeout: 20_000 }).toBe(0);
}

const query = async (sql: string) => (await sluice(['query', sql, '--json', '--data', data])).json<object[]>();

// One story: each test goes on where the one before has ended.
describe('a pipeline whose schemas are in a registry', { shuffle: false, timeout: 60_000 }, () => {
  it("writes with the registry's own ids, and every command finds the schemas there", async () => {
    await sendMany('first', 50, {});
    await drained();
    expect(await query('SELECT count(*)::INT AS events FROM shop_order')).toEqual([{ events: 50 }]);
    const answer = await fetch(`${runtime.url}/schemas`);
    const { event_types } = (await answer.json()) as { event_types: { versions: { ids: object }[] }[] };
    const known = await openConfluentRegistry({ url: apicurio.url }).versions(TYPE);
    expect(event_types[0]!.versions.map(({ ids }) => ids)).toEqual(known.map(({ ids }) => ids));
    const consumer = createKafkaClient({ brokers: runtime.brokers.split(',') }).consumer({ groupId: 'spectator' });
    await consumer.connect();
    await consumer.subscribe({ topics: [TYPE], fromBeginning: true });
    const value = await new Promise<Buffer>((resolve) => {
      void consumer.run({ eachMessage: async ({ message }) => resolve(message.value!) });
    });
    await consumer.disconnect();
    expect(value.readInt32BE(1)).toBe(known[0]!.ids.confluent);
  });

  it('takes in a version that somebody registers meanwhile', async () => {
    await publish(2);
    await expect.poll(async () => (await send({ id: 'note', note: 'x' })).status, { timeout: 20_000 }).toBe(202);
    await drained();
    expect(await query("SELECT note, _schema_version AS version FROM shop_order WHERE id = 'note'")).toEqual([
      { note: 'x', version: 2 },
    ]);
  });

  it('asks for a new id once, although a thousand records of it are decoded at the same time', async () => {
    // The pipeline, which looks for itself, must not be counted.
    const { origin, pathname } = new URL(apicurio.url);
    const counting = await startProxy(origin);
    onTestFinished(() => counting.down());
    const eventTypes = await openLiveEventTypes({
      registry: openConfluentRegistry({ url: `${counting.origin}${pathname}` }),
      pollMs: 2 ** 30,
      isStrict: false,
      log: () => {},
    });
    await publish(3);
    const registered = await openConfluentRegistry({ url: apicurio.url }).versions(TYPE);
    const encoded = compileCodec(admitVersions(TYPE, registered)).encode(bodyOf({ id: 'new', store: 'north' }));
    if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
    const failed: FailedEvent[] = [];
    let rows = 0;
    const consume = createConsume({
      codecOf: eventTypes.codecOf,
      learn: eventTypes.learn,
      deliveryStream: {
        async put(_, records) {
          for (const { entries } of records) rows += entries.length;
        },
      },
      failedEvents: {
        async put(events) {
          failed.push(...events);
        },
      },
      clock: { now: Date.now },
    });
    const one = (offset: number): FetchedRecord => ({
      offset: BigInt(offset),
      key: null,
      value: encoded.value,
      headers: {},
      timestamp: 0,
    });
    const before = counting.asked.length;
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => consume({ topic: TYPE, partition: index, records: [one(index)] })),
    );
    expect({ rows, failed }).toEqual({ rows: 1_000, failed: [] });
    expect(counting.asked.slice(before)).toEqual([`GET ${pathname}/subjects/${TYPE}-value/versions/latest`]);
    eventTypes.close();
  });

  it('loses and fails nothing while the registry is away, also across a restart', async () => {
    await drained();
    await apicurio.stop();
    await proxy.down();
    await sendMany('away', 500, { note: 'y' });
    await runtime.stop();
    runtime = await startRuntime(options);
    await sendMany('restarted', 500, { note: 'z' });
    await drained();
    expect(await query('SELECT note, count(*)::INT AS events FROM shop_order GROUP BY 1 ORDER BY 1')).toEqual([
      { note: 'x', events: 1 },
      { note: 'y', events: 500 },
      { note: 'z', events: 500 },
      { note: null, events: 50 },
    ]);
    expect(runtime.accounts()[0]).toMatchObject({ accepted: 1_051, delivered: 1_051, failed: 0, inFlight: 0 });
    expect(log.filter((line) => line.includes('the schema registry is away'))).not.toEqual([]);
  });
});
