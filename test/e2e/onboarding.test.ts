import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKafkaClient } from '../../src/adapters/kafka/client.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import { type CliResult, eventually, processesNaming, sluice, startSluice } from '../support/cli.ts';

// A person who has nothing but a schema of their own: the folder holds one file, and everything else follows from it.
// The whole way is walked once, by the commands that a person would type; the tests look at what came of it.

const TYPE = 'acme.order';
const SCHEMA = {
  type: 'record',
  name: 'Order',
  namespace: 'acme',
  sluice: { key: 'customer', eventId: 'order_id', partitions: 2 },
  fields: [
    { name: 'order_id', type: 'string' },
    { name: 'customer', type: 'string' },
    { name: 'placed_at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
    {
      name: 'lines',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Line',
          fields: [
            { name: 'sku', type: 'string' },
            { name: 'quantity', type: 'int' },
          ],
        },
      },
    },
    { name: 'ship_to', type: { type: 'record', name: 'Address', fields: [{ name: 'city', type: 'string' }] } },
    { name: 'gift', type: 'boolean', default: false },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
};

const NOTE = 'ring twice, then "knock"\\\r\n=cmd() 😀';

function order(id: string, more: object = {}) {
  return {
    order_id: id,
    customer: `c-${id.length}`,
    placed_at: '2026-11-24T12:00:00.250Z',
    total: '19.90',
    lines: [{ sku: 'A,1', quantity: 2 }],
    ship_to: { city: 'Zürich' },
    note: NOTE,
    ...more,
  };
}

/** A row of the view as `order` makes it, without system columns. */
function row(id: string, more: object = {}) {
  return {
    order_id: id,
    customer: `c-${id.length}`,
    placed_at: '2026-11-24 12:00:00.250',
    total: '19.90',
    lines: '[{"sku":"A,1","quantity":2}]',
    ship_to_city: 'Zürich',
    gift: false,
    note: NOTE,
    ...more,
  };
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-onboarding-'));
const data = join(folder, 'data');
const schemas = join(folder, 'schemas');
const ask = (...args: string[]): Promise<CliResult> => sluice([...args, '--schemas', schemas, '--data', data]);

/** What came of each step, by its name. */
const steps = {} as Record<
  | 'ndjson'
  | 'input'
  | 'array'
  | 'pretty'
  | 'refused'
  | 'secondUp'
  | 'query'
  | 'status'
  | 'statusText'
  | 'trace'
  | 'traceFailed'
  | 'traceNothing'
  | 'failedList'
  | 'failedShow'
  | 'derive'
  | 'up'
  | 'queryLater'
  | 'statusLater'
  | 'failedLater'
  | 'traceLater'
  | 'sendLater'
  | 'statusBroken'
  | 'statusBrokenText',
  CliResult
>;
let ready: { url: string; brokers: string; pid: number };
let upPid: number;
let posted: { status: number; body: Record<string, unknown> };
let postedWithId: typeof posted;
let postedBad: typeof posted;
let schemaFiles: string[];
/** Processes of the pipeline while it ran and after it was stopped. */
let processes: { during: string[]; after: string[] };

beforeAll(async () => {
  mkdirSync(join(schemas, TYPE), { recursive: true });
  writeFileSync(join(schemas, TYPE, 'v1.avsc'), JSON.stringify(SCHEMA));

  const up = startSluice(['up', '--port', '0', '--json', '--schemas', schemas, '--data', data]);
  upPid = up.pid;
  ready = JSON.parse(await up.firstLine());

  const lines = ['o-1', 'o-2', 'o-3'].map((id) => `${JSON.stringify(order(id))}\n`).join('');
  steps.ndjson = await ask('send', TYPE, file('orders.ndjson', lines), '--json');
  steps.input = await sluice(['send', TYPE, '-', '--json', '--schemas', schemas, '--data', data], {
    input: JSON.stringify(order('o-4', { gift: true, note: null })),
  });
  const array = [order('o-5'), order('o-6')];
  steps.array = await ask('send', TYPE, file('orders.json', JSON.stringify(array)), '--json');
  steps.pretty = await ask('send', TYPE, file('order.json', JSON.stringify(order('o-7'), null, 2)), '--json');
  const refused = [order('o-8'), { ...order('o-9'), total: '1.999', colour: 'red' }];
  steps.refused = await ask('send', TYPE, file('mixed.json', JSON.stringify(refused)), '--json');
  posted = await post(order('o-10'));
  postedWithId = await post(order('o-11'), { 'event-id': 'header-11' });
  postedBad = await post({ ...order('o-12'), customer: 12 });

  // Somebody else writes into the topic what is no event.
  const producer = createKafkaClient({ brokers: [ready.brokers] }).producer();
  await producer.connect();
  const poison = { value: Buffer.from('\u001b[31mnot Avro'), headers: { 'event-id': 'poison-1' } };
  await producer.send({ topic: TYPE, messages: [{ ...poison, partition: 0 }] });
  await producer.disconnect();

  await eventually(async () => {
    const { types } = (await ask('status', '--json')).json<{ types: Record<string, { delivered: number }> }>();
    return types[TYPE]!.delivered === 10 || undefined;
  });
  await eventually(async () => (await ask('failed', 'list', '--json')).json<object[]>().length === 1 || undefined);

  const sql = 'SELECT * FROM acme_order ORDER BY length(order_id), order_id';
  const failedId = (await ask('failed', 'list', '--json')).json<{ id: string }[]>()[0]!.id;
  await take({
    secondUp: () => ask('up', '--port', '0', '--json'),
    query: () => ask('query', sql, '--json'),
    status: () => ask('status', '--json'),
    statusText: () => ask('status'),
    trace: () => ask('trace', 'o-10', '--json'),
    traceFailed: () => ask('trace', 'poison-1', '--json'),
    traceNothing: () => ask('trace', 'o-12', '--json'),
    failedList: () => ask('failed', 'list', '--json'),
    failedShow: () => ask('failed', 'show', failedId, '--json'),
    derive: () => ask('derive', TYPE, '--json'),
  });
  processes = { during: processesNaming(data), after: [] };
  up.interrupt();
  steps.up = await up.ended;
  processes.after = processesNaming(data);

  await take({
    queryLater: () => ask('query', sql, '--json'),
    statusLater: () => ask('status', '--json'),
    failedLater: () => ask('failed', 'list', '--json'),
    traceLater: () => ask('trace', 'o-10', '--json'),
    sendLater: () => ask('send', TYPE, join(folder, 'orders.json'), '--json'),
  });
  schemaFiles = readdirSync(schemas, { recursive: true, encoding: 'utf8' }).sort();

  const ledger = new DatabaseSync(dataFolder(data).ledgerFile);
  ledger.exec('UPDATE counter SET delivered = delivered - 1');
  ledger.close();
  await take({ statusBroken: () => ask('status', '--json'), statusBrokenText: () => ask('status') });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sluice up', () => {
  test('says in one line of JSON where to send, where Kafka is, and which process it is', () => {
    expect(steps.up.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(ready).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      brokers: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      pid: upPid,
    });
  });

  test('lets no second one onto its data', () => {
    expect(steps.secondUp.exitCode).toBe(2);
    const message = expect.stringContaining(`Process ${upPid} (${ready.url}) uses the data folder ${data}`);
    expect(steps.secondUp.json()).toMatchObject({ error: { code: 'SLUICE_ALREADY_RUNNING', message } });
  });

  test('ends at Ctrl-C with 0, in silence, and leaves no process behind', () => {
    expect(steps.up).toMatchObject({ exitCode: 0, stderr: '' });
    // The command itself, the broker, and what watches over the broker.
    expect(processes.during.length).toBeGreaterThanOrEqual(3);
    expect(processes.after).toEqual([]);
    expect(() => process.kill(upPid, 0)).toThrow('ESRCH');
  });

  test('needs nothing of a schemas folder but the schema, and adds nothing to it', () => {
    expect(schemaFiles).toEqual([TYPE, `${TYPE}/v1.avsc`]);
  });
});

describe('events of a new type', () => {
  test.for(['ndjson', 'input', 'array', 'pretty'] as const)('are taken when they come as %s', (way) => {
    const sent = { ndjson: 3, input: 1, array: 2, pretty: 1 }[way];
    expect(steps[way]).toMatchObject({ exitCode: 0, stderr: '' });
    expect(steps[way].json()).toEqual({ event_type: TYPE, sent, accepted: sent, refused: 0, refusals: [] });
  });

  test('that break the schema are refused with every fault, and the good ones beside them taken', () => {
    expect(steps.refused.exitCode).toBe(1);
    const sent = steps.refused.json<{ refusals: { index: number; faults: { code: string; path: string }[] }[] }>();
    expect(sent).toMatchObject({ sent: 2, accepted: 1, refused: 1 });
    expect(sent.refusals[0]!.index).toBe(1);
    const faults = sent.refusals[0]!.faults.map(({ code, path }) => `${code} ${path}`).sort();
    expect(faults).toEqual(['SLUICE_FIELD_UNKNOWN $.colour', 'SLUICE_PRECISION $.total']);
  });

  test('are taken over plain HTTP, under the id that the schema or the header names', () => {
    expect(posted).toEqual({ status: 202, body: { event_id: 'o-10' } });
    expect(postedWithId).toEqual({ status: 202, body: { event_id: 'header-11' } });
    expect(postedBad).toMatchObject({ status: 400, body: { faults: [{ code: 'SLUICE_TYPE', path: '$.customer' }] } });
  });

  test('are rows of the view, every value as it was sent', () => {
    const ids = ['o-1', 'o-2', 'o-3', 'o-4', 'o-5', 'o-6', 'o-7', 'o-8', 'o-10', 'o-11'];
    const rows = steps.query.json<Record<string, unknown>[]>();
    const expected = ids.map((id) =>
      expect.objectContaining({
        ...row(id, id === 'o-4' ? { gift: true, note: null } : {}),
        _event_id: id === 'o-11' ? 'header-11' : id,
        _schema_version: 1,
        _replay_id: null,
      }),
    );
    expect(rows).toEqual(expected);
    const places = rows.map((found) => `${found._kafka_partition}/${found._kafka_offset}`);
    expect(new Set(places).size).toBe(ids.length);
  });

  test('of one key are in one partition', () => {
    const partitions = new Map<unknown, Set<unknown>>();
    for (const { customer, _kafka_partition } of steps.query.json<Record<string, unknown>[]>()) {
      partitions.set(customer, (partitions.get(customer) ?? new Set()).add(_kafka_partition));
    }
    expect([...partitions.values()].map(({ size }) => size)).toEqual([1, 1]);
  });

  test('are all accounted for', () => {
    const account = { accepted: 10, delivered: 10, failed: 0, in_flight: 0 };
    expect(steps.status.exitCode).toBe(0);
    expect(steps.status.json()).toEqual({ running: ready, types: { [TYPE]: { ...account, lag: 0 } }, conserved: true });
    expect(steps.statusText.stdout).toContain(`running at ${ready.url} (process ${upPid})`);
    expect(steps.statusText.stdout).toMatch(/│ acme\.order +│ +10 │ +10 │ +0 │ +0 │ yes +│ +0 │/);
  });

  test('have all artefacts without another word', () => {
    const artefacts = steps.derive.json();
    expect(Object.keys(artefacts)).toEqual(
      expect.arrayContaining(['contract', 'model', 'table', 'columns', 'topic', 'types', 'openapi']),
    );
    expect(artefacts.topic).toMatchObject({ name: TYPE, partitions: 2 });
  });
});

describe('sluice trace', () => {
  test('shows where an event is in Kafka, in which object, and its row', () => {
    expect(steps.trace.exitCode).toBe(0);
    const { stages } = steps.trace.json<{ stages: Record<string, unknown>[] }>();
    const found = steps.query.json<Record<string, unknown>[]>().find(({ order_id }) => order_id === 'o-10')!;
    expect(stages).toEqual([
      {
        stage: 'kafka',
        event_type: TYPE,
        topic: TYPE,
        partition: found._kafka_partition,
        offset: found._kafka_offset,
      },
      { stage: 'table', event_type: TYPE, object: expect.any(String), row: found },
    ]);
    const object = String(stages[1]!.object);
    expect(object).toMatch(/^objects\/events\/acme\.order\/dt=[\d-]{10}\/hour=\d\d\/[^/]+\.csv\.gz$/);
    expect(readFileSync(join(data, object)).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  test('finds a record in its topic that never became a row, and why', () => {
    expect(steps.traceFailed.exitCode).toBe(0);
    expect(steps.traceFailed.json()).toEqual({
      event_id: 'poison-1',
      stages: [
        { stage: 'kafka', event_type: TYPE, topic: TYPE, partition: 0, offset: expect.any(Number) },
        expect.objectContaining({ stage: 'failed', event_type: TYPE, failed_in: 'consume' }),
      ],
      notes: [],
    });
  });

  test('of an event that was refused finds nothing, and exits 1', () => {
    expect(steps.traceNothing.exitCode).toBe(1);
    expect(steps.traceNothing.json()).toEqual({ event_id: 'o-12', stages: [], notes: [] });
  });
});

describe('a record that is no event', () => {
  test('is listed as failed, and shown with its bytes', () => {
    expect(steps.failedList.json()).toEqual([
      expect.objectContaining({ stage: 'consume', code: 'SLUICE_AVRO_FRAMING', event_type: TYPE }),
    ]);
    expect(steps.failedShow.exitCode).toBe(0);
    expect(steps.failedShow.json()).toMatchObject({ payload: '\u001b[31mnot Avro', payload_encoding: 'utf8' });
  });
});

describe('after the end', () => {
  test('the tables, the accounts, the failed events and the traces are still to be read', () => {
    expect(steps.queryLater.json()).toEqual(steps.query.json());
    const { types } = steps.status.json<{ types: Record<string, object> }>();
    const later = { [TYPE]: { ...types[TYPE], lag: null } };
    expect(steps.statusLater.json()).toEqual({ running: null, types: later, conserved: true });
    expect(steps.failedLater.json()).toEqual(steps.failedList.json());
    expect(steps.traceLater.json()).toEqual(steps.trace.json());
  });

  test('nothing can be sent', () => {
    expect(steps.sendLater.exitCode).toBe(2);
    expect(steps.sendLater.json()).toMatchObject({ error: { code: 'SLUICE_NOT_RUNNING' } });
  });

  test('an account that lost an event makes "sluice status" exit 1', () => {
    expect(steps.statusBroken.exitCode).toBe(1);
    expect(steps.statusBroken.json()).toMatchObject({ types: { [TYPE]: { delivered: 9 } }, conserved: false });
    expect(steps.statusBrokenText.exitCode).toBe(1);
    expect(steps.statusBrokenText.stdout).toMatch(/│ acme\.order .* NO +│ null │/);
  });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function post(event: unknown, headers: Record<string, string> = {}): Promise<typeof posted> {
  const response = await fetch(`${ready.url}/events/${TYPE}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(event),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Takes steps that do not depend on one another. */
async function take(wanted: Partial<Record<keyof typeof steps, () => Promise<CliResult>>>): Promise<void> {
  const names = Object.keys(wanted) as (keyof typeof steps)[];
  await Promise.all(
    names.map(async (name) => {
      steps[name] = await wanted[name]!();
    }),
  );
}
