import { randomUUID } from 'node:crypto';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { KafkaEvent } from '../../../src/adapters/aws/lambda-events.ts';
import { createMetrics } from '../../../src/adapters/aws/metrics.ts';
import { createKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { readLag } from '../../../src/adapters/kafka/lag.ts';
import { partitionOf } from '../../../src/adapters/kafka/partition-of.ts';
import { ensureTopics } from '../../../src/adapters/kafka/topics.ts';
import { topicName } from '../../../src/derive/names.ts';
import { SluiceError } from '../../../src/errors.ts';
import { type ConsumeParts, createConsumeHandler } from '../../../src/handlers/consume.ts';
import { useBroker } from '../../support/broker.ts';
import { type AwsPipeline, type DeployedType, startAwsPipeline } from '../../support/lambda/aws-pipeline.ts';
import { type Bundles, bundleFunctions } from '../../support/lambda/bundles.ts';
import { type Fault, type FaultPlan, type PlannedCall, playFaults } from '../../support/lambda/fault-plan.ts';
import { type KafkaSourceOptions, startKafkaSource } from '../../support/lambda/kafka-source.ts';
import { refuseInPart } from '../../support/lambda/refuse-in-part.ts';
import { type Sender, visitsOf, visitsSender } from '../../support/lambda/visits.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

// Whatever a service answers or does not, whether Kafka is away, and wherever a function is killed: each event that was
// accepted ends as a row or as a failed event, and nothing is under way any more. The functions are frozen between
// invocations, as Lambda does.

const VISITS = visitsOf('guest.visit');
/** Its topic is read by shared pollers, which take no answer of failures. */
const STAYS = visitsOf('guest.stay');
const SECRET = 'sluice/pii-key';

const cluster = useBroker();
let moto: Moto;
let bundles: Bundles;
let pipeline: AwsPipeline;
let visits: DeployedType;
let stays: DeployedType;
let sqs: SQSClient;

beforeAll(async () => {
  bundles = bundleFunctions();
  moto = await startMoto();
  const at = { endpoint: moto.endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS };
  sqs = new SQSClient(at);
  await new SecretsManagerClient(at).send(
    new CreateSecretCommand({ Name: SECRET, SecretString: 'a key of thirty-two characters and more' }),
  );
  pipeline = await startAwsPipeline({
    ...{ moto, brokers: cluster.brokers, bundles, histories: [VISITS, STAYS] },
    ...{ visibilitySeconds: 1, flushMs: 300, freezes: true, piiKeySecret: SECRET },
    sharedPollers: [STAYS.eventType],
  });
  visits = pipeline.types.get(VISITS.eventType)!;
  stays = pipeline.types.get(STAYS.eventType)!;
});
afterEach(calm);
afterAll(async () => {
  await pipeline?.stop();
  await moto?.stop();
  bundles?.remove();
});

/** No faults from now on. */
function calm(): void {
  for (const proxy of [pipeline.aws, pipeline.firehose]) proxy.fault = () => undefined;
  pipeline.throttle(() => false);
}

/** The SDK tries three times: three in a row are what the functions themselves have to do with. */
const thrice = (fault: Fault): Fault[] => [fault, fault, fault];

describe('with faults of every service at a time', () => {
  const plan = (): FaultPlan => ({
    'accept secretsmanager:GetSecretValue': ['hang'],
    'accept glue:GetSchema': ['lose'],
    'accept sqs:SendMessage': [
      ...thrice('throttled'),
      refuseInPart(sqs, (index) => index % 3 === 0),
      ...thrice('lose'),
      'unavailable',
      'hang',
    ],
    'produce secretsmanager:GetSecretValue': [...thrice('throttled'), 'lose'],
    'produce glue:GetSchema': ['throttled'],
    'produce glue:GetSchemaVersion': ['unavailable', 'lose'],
    'produce s3:PutObject': [...thrice('throttled'), 'lose', 'hang'],
    'produce sqs:DeleteMessage': ['throttled', refuseInPart(sqs, (index) => index === 0), 'lose'],
    'consume glue:GetSchema': [...thrice('throttled'), 'lose'],
    // Of two partitions at a time.
    'consume firehose:PutRecordBatch': [...thrice('throttled'), ...thrice('throttled'), ...thrice('lose'), 'hang'],
    'consume s3:PutObject': [...thrice('throttled'), 'lose'],
    'transform glue:GetSchema': ['hang', ...thrice('throttled')],
    'transform s3:PutObject': [...thrice('throttled'), 'lose'],
  });
  let left: PlannedCall[];
  let refusedRecords = 0;
  let sender: Sender;

  beforeAll(async () => {
    // Cold, so that they need registry and secret.
    for (const deployed of Object.values(visits.functions)) deployed.kill();
    const leftOf = playFaults(plan(), visits, [pipeline.aws, pipeline.firehose]);
    pipeline.throttle((index) => {
      const isRefused = index > 0 && refusedRecords < 3;
      if (isRefused) refusedRecords += 1;
      return isRefused;
    });
    sender = visitsSender(pipeline, VISITS, 'faults');
    await Promise.all([
      poison(),
      sender.singles(60),
      (async () => {
        for (let batch = 0; batch < 4; batch += 1) await sender.batch(9);
      })(),
    ]);
    let tries = 0;
    do {
      // Five of them are as much as SQS takes in a call, and rows of one partition that no delivery record holds: where
      // they reach consume together, its call has more than one record.
      tries += 1;
      await sender.batch(10, { room: 'room 1', note: '\u0001'.repeat(34_200) });
      await pipeline.drained();
    } while (refusedRecords === 0 && tries < 5);
    left = leftOf();
    calm();
  });

  test.for(['sqs', 'firehose', 's3', 'glue', 'secretsmanager'])('each planned fault of %s has happened', (service) => {
    const ofService = (call: string) => call.includes(` ${service}:`);
    expect(Object.keys(plan()).filter(ofService)).not.toEqual([]);
    expect(left.filter(ofService)).toEqual([]);
  });

  test('Firehose has refused records of calls whose others it took, and senders were told to come again', () => {
    expect(refusedRecords).toBeGreaterThan(0);
    expect(sender.statuses).toContain(503);
    expect(sender.statuses.at(-1)).toBe(200);
  });

  test('each accepted event is one row of the view or one failed event, though some were delivered twice', async () => {
    const { rows, delivered } = await sender.expectConserved();
    expect(delivered).toBeGreaterThan(rows.length);
  });

  test('what consume and transform cannot read is kept once, and its neighbours go on', async () => {
    const { nameless } = await sender.expectConserved();
    expect(nameless).toEqual(['consume', 'transform']);
  });
});

/** What is no record, into the topic; and what is no row, into the stream. */
async function poison(): Promise<void> {
  const log = createKafkaEventLog({ cluster: [cluster.brokers] });
  const topic = topicName(VISITS.eventType);
  await log.append([{ topic, key: null, headers: {}, timestamp: Date.now(), value: Buffer.from('no Avro at all') }]);
  await log.close();
  const firehose = new FirehoseClient({
    ...{ endpoint: pipeline.firehose.origin, region: MOTO_REGION, credentials: MOTO_CREDENTIALS },
  });
  const DeliveryStreamName = visits.queueUrl.split('/').at(-1)!;
  await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records: [{ Data: Buffer.from('no row\n') }] }));
  firehose.destroy();
}

test('Kafka away for a while: messages go back to the queue, and all are produced when it is back', async () => {
  const sender = visitsSender(pipeline, VISITS, 'away');
  const [queue] = visits.sources;
  await sender.singles(20);
  await cluster.kill();
  const before = queue!.troubles.length;
  await sender.singles(40);
  await expect
    .poll(() => queue!.troubles.slice(before), { timeout: 60_000 })
    .toContainEqual(expect.stringMatching(/KAFKA|LOG_UNAV|Kafka/i));
  await cluster.restart();
  await sender.expectConserved();
});

test('functions that are killed in the middle of a batch lose nothing', async () => {
  const sender = visitsSender(pipeline, VISITS, 'kills');
  const { accept, produce, consume, transform } = visits.functions;
  const kills = { accept: 2, produce: 3, consume: 3, transform: 2 };
  // The service has it, and the function never learns. Firehose calls transform four times at most.
  const doomed = new Set<number>();
  const killAfter = (victim: typeof accept, name: keyof typeof kills): undefined => {
    const pid = victim.pids.at(-1)!;
    if (doomed.has(pid) || kills[name] === 0) return undefined;
    kills[name] -= 1;
    doomed.add(pid);
    setTimeout(() => victim.kill(), 5);
    return undefined;
  };
  const before = [accept, produce, consume, transform].map(({ pids }) => pids.length);
  pipeline.aws.fault = ({ action, caller }) => {
    if (action === 'sqs:SendMessage') return killAfter(accept, 'accept');
    // Failed events are written after Kafka has the good ones, and before anything is deleted from the queue.
    if (action === 's3:PutObject' && caller === produce.name) return killAfter(produce, 'produce');
    if (action === 'glue:GetSchema' && caller === transform.name) return killAfter(transform, 'transform');
    return undefined;
  };
  pipeline.firehose.fault = () => killAfter(consume, 'consume');
  transform.kill();
  await Promise.all([
    sender.singles(60),
    (async () => {
      for (let batch = 0; batch < 5; batch += 1) await sender.batch(20);
    })(),
  ]);
  await sender.expectConserved();
  expect(sender.statuses).toContain(502);
  const replaced = [accept, produce, consume, transform].map(({ pids }, index) => pids.length - before[index]!);
  expect(Math.min(...replaced), `replaced: ${replaced}`).toBeGreaterThanOrEqual(2);
});

describe('with the shared pollers of a topic, which take every answer for success', () => {
  test('a whole batch comes again after a failure in its middle, and the view has each event once', async () => {
    const sender = visitsSender(pipeline, STAYS, 'whole');
    let refusals = 0;
    // All that Firehose's own client tries for, twice: of one partition, while it takes those of the other.
    pipeline.firehose.fault = (_, body) => {
      const { Records } = JSON.parse(body) as { Records: { Data: string }[] };
      const isOfPartition1 = Records.some(({ Data }) => Buffer.from(Data, 'base64').includes('"_kafka_partition":1'));
      if (!isOfPartition1 || refusals === 12) return undefined;
      refusals += 1;
      const RequestResponses = Records.map(() => ({
        ErrorCode: 'ServiceUnavailableException',
        ErrorMessage: 'Later.',
      }));
      return { status: 200, body: { FailedPutCount: Records.length, RequestResponses } };
    };
    await sender.singles(40);
    await sender.expectConserved();
    expect(refusals).toBe(12);
    const [, topic] = stays.sources;
    expect(topic!.troubles).toEqual(Array(2).fill(expect.stringContaining('were refused 6 times')));
  });

  test.for([
    { pollers: 'shared', responses: 'whole', lost: [] },
    // The mistake that the default of SLUICE_BATCH_RESPONSES keeps from being made.
    { pollers: 'shared', responses: 'partial', lost: ['b1', 'b2'] },
    { pollers: 'own', responses: 'partial', lost: [] },
    { pollers: 'own', responses: 'whole', lost: [] },
  ] as const)('$pollers pollers and answers that are $responses lose $lost', async ({ pollers, responses, lost }) => {
    const source = await readBy({ pollers, responses, failures: 1 });
    expect(['a1', 'a2', 'b1', 'b2'].filter((value) => !source.delivered.has(value))).toEqual(lost);
    expect(source.discarded).toEqual([]);
  });

  test('a batch that fails for ten times more goes to the failure destination as it was', async () => {
    const { delivered, discarded, tries } = await readBy({ pollers: 'shared', responses: 'whole', failures: 11 });
    expect(tries).toBe(11);
    expect([...delivered].sort()).toEqual(['a1', 'a2']);
    const values = discarded.flatMap(({ records }) => Object.values(records).flat());
    expect(values.map(({ value }) => atob(value!))).toEqual(expect.arrayContaining(['b1', 'b2']));
  });
});

/**
 * Four records, read by the handler of consume. Two are `b`, in a partition of their own which fails for a number of times.
 * Resolves when all offsets are committed.
 */
async function readBy({
  pollers,
  responses,
  failures,
}: Pick<KafkaSourceOptions, 'pollers'> & Pick<ConsumeParts, 'responses'> & { readonly failures: number }) {
  const topic = `pollers-${randomUUID()}`;
  await ensureTopics(cluster.kafka, [{ name: topic, partitions: 2, config: {} }]);
  const log = createKafkaEventLog({ cluster: [cluster.brokers] });
  const [keyA, keyB] = [0, 1].map((partition) =>
    ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'].find((key) => partitionOf(Buffer.from(key), 2) === partition),
  );
  const recordOf = (value: string, key: string) => ({
    ...{ topic, key: Buffer.from(key), value: Buffer.from(value), headers: {}, timestamp: Date.now() },
  });
  await log.append([recordOf('a1', keyA!), recordOf('a2', keyA!), recordOf('b1', keyB!), recordOf('b2', keyB!)]);
  await log.close();

  const delivered = new Set<string>();
  const discarded: KafkaEvent[] = [];
  let tries = 0;
  const handler = createConsumeHandler(
    async () => ({
      async consume({ partition, records }) {
        if (partition === 1) tries += 1;
        if (partition === 1 && tries <= failures) throw new SluiceError('SLUICE_STORAGE', 'the stream takes nothing');
        for (const { value } of records) delivered.add(Buffer.from(value!).toString());
      },
      responses,
      metrics: createMetrics({ eventType: 'guest.visit', stage: 'test', clock: { now: Date.now }, write: () => {} }),
      begin: async () => {},
    }),
    () => {},
  );
  const source = await startKafkaSource({
    ...{ brokers: cluster.brokers, topic, group: topic, batchSize: 1_000, windowMs: 300, pollers },
    target: { invoke: (event) => handler(event as KafkaEvent) },
    discard: (event) => discarded.push(event as KafkaEvent),
  });
  onTestFinished(() => source.stop());
  await expect
    .poll(async () => (await readLag(cluster.kafka, topic, [topic])).get(topic)?.lag, { timeout: 30_000 })
    .toBe(0n);
  return { delivered, discarded, tries };
}
