import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { functionName, provisionName, TYPE_FUNCTIONS } from '../../../infra/names.ts';
import { SAMPLES } from '../../../samples/index.ts';
import { createKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { openFolderRegistry } from '../../../src/adapters/registry/folder.ts';
import { viewName } from '../../../src/derive/names.ts';
import { readHistories } from '../../../src/local/event-types.ts';
import { openSql, type QueryResult } from '../../../src/local/sql/sql.ts';
import type { SchemaHistory } from '../../../src/schema/history.ts';
import { synthesise } from '../../infra/synthesise.ts';
import { useBroker } from '../../support/broker.ts';
import { expectedRows } from '../../support/expected-rows.ts';
import { type AwsPipeline, startAwsPipeline } from '../../support/lambda/aws-pipeline.ts';
import { type Bundles, bundleFunctions, FUNCTIONS, type FunctionName } from '../../support/lambda/bundles.ts';
import { ACCOUNT } from '../../support/lambda/lambda-host.ts';
import { metricsOf } from '../../support/lambda/metrics-of.ts';
import { UNRECORDED } from '../../support/lambda/unrecorded-actions.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';
import { type Allowance, allows, policyOf } from '../../support/policy-of.ts';
import { differences } from '../../support/row-differences.ts';
import { historyOf, SCHEMAS } from '../../support/schemas.ts';

// The main job as AWS does it, with the real bundles of the functions: real events as messages of SQS, and every value of
// them back in SQL, read from the objects in S3. moto takes some 10 ms for each message, so that the suite sends every
// hundredth event; with SLUICE_EVERY=1, all 31,707 go.

const EVERY = Number(process.env.SLUICE_EVERY ?? 100);
const TIMEOUT_MS = EVERY < 100 ? 3_600_000 : 120_000;

// What synthesises sets a time of its own when it is imported.
vi.setConfig({ testTimeout: TIMEOUT_MS });

type Rows = QueryResult['rows'];
/** By the name of the kind of function, then by that of the function. */
type Policies = ReadonlyMap<FunctionName, ReadonlyMap<string, readonly Allowance[]>>;

const SECRET = 'sluice/pii-key';
const VISITS = 'guest.visit';
/** An event type whose personal data is hashed, so that a key is needed, and whose rows lie by event time. */
const VISIT = {
  type: 'record',
  name: 'guest.Visit',
  sluice: { eventId: 'id', eventTime: 'at', partitions: 1 },
  fields: [
    { name: 'id', type: 'string' },
    { name: 'visitor', type: 'string', pii: 'hash' },
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }], default: null },
  ],
};
const PARTITION_BY = { [VISITS]: 'event-time' } as const;
const DAY_MS = 86_400_000;
const LAST_WEEK = new Date(Date.now() - 7 * DAY_MS).toISOString();
const VISITORS = [
  { visitor: 'Grace Hopper', at: LAST_WEEK },
  { visitor: 'Ada Lovelace', at: null },
  // Nobody looks so far ahead.
  { visitor: 'Grace Hopper', at: new Date(Date.now() + 30 * DAY_MS).toISOString() },
];

const cluster = useBroker();
const folder = mkdtempSync(join(tmpdir(), 'sluice-schemas-'));
let moto: Moto;
let bundles: Bundles;
let pipeline: AwsPipeline;
let histories: readonly SchemaHistory[];
let rows: ReadonlyMap<string, Rows>;
let ofLastWeek: Rows;
let objects: readonly string[];
const ran = { from: 0, to: 0 };

beforeAll(async () => {
  cpSync(SCHEMAS, folder, { recursive: true });
  mkdirSync(join(folder, VISITS));
  writeFileSync(join(folder, VISITS, 'v1.avsc'), JSON.stringify(VISIT));
  histories = await readHistories(openFolderRegistry(folder));
  bundles = bundleFunctions();
  moto = await startMoto();
  const secrets = new SecretsManagerClient({
    endpoint: moto.endpoint,
    region: MOTO_REGION,
    credentials: MOTO_CREDENTIALS,
  });
  await secrets.send(
    new CreateSecretCommand({ Name: SECRET, SecretString: 'a key of thirty-two characters and more' }),
  );
  const { brokers } = cluster;
  const options = { piiKeySecret: SECRET, partitionBy: PARTITION_BY };
  pipeline = await startAwsPipeline({ moto, brokers, bundles, histories, ...options });
  ran.from = Date.now();
  await Promise.all([...SAMPLES.map(({ eventType }) => sendSample(eventType)), sendVisits(), sendHostile()]);
  await pipeline.drained();
  ran.to = Date.now();
  const objectsDir = await pipeline.download();
  objects = readdirSync(objectsDir, { recursive: true, encoding: 'utf8' });
  const sql = await openSql({ objectsDir, histories });
  try {
    const names = [...histories.map(({ eventType }) => viewName(eventType)), 'failed_events'];
    rows = new Map(
      await Promise.all(names.map(async (name) => [name, (await sql.query(`SELECT * FROM ${name}`)).rows] as const)),
    );
    const where = `dt = DATE '${LAST_WEEK.slice(0, 10)}' AND hour = ${Number(LAST_WEEK.slice(11, 13))}`;
    ofLastWeek = (await sql.query(`SELECT id FROM ${viewName(VISITS)} WHERE ${where}`)).rows;
  } finally {
    await sql.close();
  }
}, TIMEOUT_MS);

afterAll(async () => {
  await pipeline?.stop();
  await moto?.stop();
  bundles?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Earthquakes come in batches, by the function at the edge; the others one by one, straight into the queue. */
async function sendSample(eventType: string): Promise<void> {
  const bodies = everyNth([...SAMPLES.find((sample) => sample.eventType === eventType)!.events()]).map((event) =>
    JSON.stringify(event),
  );
  if (eventType !== 'seismic.earthquake') {
    await pipeline.send(eventType, bodies);
    return;
  }
  for (let first = 0; first < bodies.length; first += 200) {
    const batch = bodies.slice(first, first + 200);
    const { status, items } = await pipeline.post(eventType, batch);
    expect([status, items.map((item) => item.status)]).toEqual([200, batch.map(() => 202)]);
  }
}

async function sendVisits(): Promise<void> {
  const [first, ...others] = VISITORS.map((visit, index) => JSON.stringify({ id: `visit-${index}`, ...visit }));
  await pipeline.post(VISITS, [first!]);
  await pipeline.send(VISITS, others);
}

/** What no stage can use, each where only that stage sees it. */
async function sendHostile(): Promise<void> {
  await pipeline.send('aviation.flight', ['{"id":"broken"']);
  const log = createKafkaEventLog({ cluster: [cluster.brokers] });
  const record = { topic: 'aviation.flight', key: null, headers: {}, timestamp: Date.now() };
  await log.append([
    { ...record, value: Buffer.from('no Avro at all') },
    { ...record, value: null },
  ]);
  await log.close();
  const client = new FirehoseClient({
    endpoint: pipeline.firehose.origin,
    region: MOTO_REGION,
    credentials: MOTO_CREDENTIALS,
  });
  const [name] = pipeline.types.get('aviation.flight')!.queueUrl.split('/').slice(-1);
  await client.send(
    new PutRecordBatchCommand({ DeliveryStreamName: name, Records: [{ Data: Buffer.from('no row\n') }] }),
  );
  client.destroy();
}

describe.each(SAMPLES)('$eventType, sent as messages and read back by SQL', ({ eventType }) => {
  test('equals its source in every value of every column of every event', () => {
    const expected = new Map(everyNth([...expectedRows(eventType)]));
    expect(expected.size).toBeGreaterThan(0);
    expect(differences(eventType, rows.get(viewName(eventType))!, expected)).toEqual([]);
  });

  test('has system columns that say which schema, when, and where in Kafka', () => {
    const { newest } = historyOf(eventType);
    const wrong = rows.get(viewName(eventType))!.filter((row) => {
      const ingested = Date.parse(`${String(row._ingested_at).replace(' ', 'T')}Z`);
      return !(
        row._event_id === row.id &&
        row._schema_version === newest.version &&
        row._replay_id === null &&
        ran.from <= ingested &&
        ingested <= ran.to &&
        (row._kafka_partition as number) < newest.settings.partitions
      );
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test('is counted by the functions that took it on', () => {
    const { accept, produce, consume } = pipeline.types.get(eventType)!.functions;
    const n = rows.get(viewName(eventType))!.length;
    expect(metricsOf([produce])).toMatchObject({ Produced: n });
    expect(metricsOf([consume])).toMatchObject({ Delivered: n });
    expect(metricsOf([accept])).toEqual(eventType === 'seismic.earthquake' ? { Accepted: n } : {});
  });
});

test('a key from Secrets Manager hashes personal data, the same text to the same hash', () => {
  const visits = rows.get(viewName(VISITS))!;
  const hashes = new Map(visits.map(({ id, visitor }) => [id, String(visitor)]));
  expect(hashes.size).toBe(VISITORS.length);
  expect(hashes.get('visit-0')).toBe(hashes.get('visit-2'));
  expect(hashes.get('visit-0')).not.toBe(hashes.get('visit-1'));
  for (const hash of hashes.values()) expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

describe('events that are partitioned by event time', () => {
  test('lie under the day and the hour in which they happened, where a query of that day finds them', () => {
    expect(ofLastWeek).toEqual([{ id: 'visit-0' }]);
    const folder = `events/${VISITS}/dt=${LAST_WEEK.slice(0, 10)}/hour=${LAST_WEEK.slice(11, 13)}/`;
    expect(objects.filter((name) => name.startsWith(folder))).toHaveLength(1);
  });

  test('lie under their arrival where they say no time, or one that no table shows', () => {
    const found = rows.get(viewName(VISITS))!.filter(({ id }) => id !== 'visit-0');
    expect(found.map(({ id }) => id).sort()).toEqual(['visit-1', 'visit-2']);
    for (const { dt, hour, _ingested_at: arrived } of found) {
      expect(`${dt} ${String(hour).padStart(2, '0')}`).toBe(String(arrived).slice(0, 13));
    }
  });

  test('are all delivered: none has no partition', () => {
    expect(objects.filter((name) => name.startsWith('delivery-errors/'))).toEqual([]);
  });
});

test('what a stage cannot use is kept as a failed event, and holds up nothing', () => {
  const failed = rows.get('failed_events')!.map(({ stage, code, event_type }) => ({ stage, code, event_type }));
  expect(failed.toSorted((a, b) => String(a.code).localeCompare(String(b.code)))).toEqual([
    { stage: 'consume', code: 'SLUICE_AVRO_FRAMING', event_type: 'aviation.flight' },
    { stage: 'produce', code: 'SLUICE_JSON_SYNTAX', event_type: 'aviation.flight' },
    { stage: 'transform', code: 'SLUICE_ROW_MALFORMED', event_type: 'aviation.flight' },
    { stage: 'consume', code: 'SLUICE_TOMBSTONE', event_type: 'aviation.flight' },
  ]);
  for (const { sources, streamTroubles } of pipeline.types.values()) {
    expect([...sources.flatMap(({ troubles }) => troubles), ...streamTroubles]).toEqual([]);
  }
});

describe('the policies that come with the functions', () => {
  let policies: Policies;
  beforeAll(() => {
    policies = policiesOf(pipeline);
  });

  test('allow each of their calls, on what it is made', () => {
    const all = new Map([...policies.values()].flatMap((ofKind) => [...ofKind]));
    const calls = pipeline.calls().filter(({ caller }) => caller !== MOTO_CREDENTIALS.accessKeyId);
    expect(calls.length).toBeGreaterThan(0);
    const refused = calls.filter(({ caller, action, resource }) => !allows(all.get(caller) ?? [], action, resource));
    expect(new Set(refused.map((call) => JSON.stringify(call)))).toEqual(new Set());
  });

  test.for(FUNCTIONS)('allow %s what it did here, and beside that only what has a reason', (name) => {
    const ofKind = policies.get(name)!;
    const calls = pipeline.calls().filter(({ caller }) => ofKind.has(caller));
    const done = new Set(calls.map(({ action }) => action));
    expect(done.size).toBeGreaterThan(0);
    const allowed = new Set([...ofKind.values()].flat().flatMap(({ actions }) => actions));
    const reasoned = UNRECORDED.filter(({ functions }) => functions.includes(name)).flatMap(({ actions }) => actions);
    expect([...allowed].filter((action) => !done.has(action)).sort()).toEqual(reasoned.sort());
  });
});

/** Policies by the functions' names, as a stack of this run's names has them. */
function policiesOf({ registry, bucket }: AwsPipeline): Policies {
  const stage = registry.replace('sluice-', '');
  const piiKeySecretArn = `arn:aws:secretsmanager:${MOTO_REGION}:${ACCOUNT}:secret:${SECRET}`;
  const made = synthesise(join(folder, 'synthesised'), histories, { stage, piiKeySecretArn }, PARTITION_BY);
  const known = (name: string) => (/DataEvents\w*Arn$/.test(name) ? `arn:aws:s3:::${bucket}` : undefined);
  const ofTypes = TYPE_FUNCTIONS.map((kind) => {
    const own = histories.map(({ eventType }) => {
      const name = functionName(stage, eventType, kind);
      return [name, policyOf(made.types.get(eventType)!, name, known)] as const;
    });
    return [kind, new Map(own)] as const;
  });
  const provision = provisionName(stage);
  return new Map<FunctionName, ReadonlyMap<string, readonly Allowance[]>>([
    ...ofTypes,
    ['provision', new Map([[provision, policyOf(made.pipeline, provision)]])],
  ]);
}

function everyNth<T>(items: readonly T[]): T[] {
  return items.filter((_, index) => index % EVERY === 0);
}
