import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateRegistryCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { OBJECT_FOLDERS } from '../../../infra/delivery/object-folders.ts';
import { streamName } from '../../../infra/names.ts';
import { createKafkaClient } from '../../../src/adapters/kafka/client.ts';
import { readLag } from '../../../src/adapters/kafka/lag.ts';
import { objectPrefix, topicName } from '../../../src/derive/names.ts';
import type { PartitionBy } from '../../../src/derive/partition.ts';
import { deriveTopic } from '../../../src/derive/topic.ts';
import type { SchemaHistory } from '../../../src/schema/history.ts';
import { personalFields } from '../../../src/schema/personal-data.ts';
import { MOTO_REGION, type Moto } from '../moto.ts';
import type { AwsCall } from './aws-call.ts';
import type { Bundles, FunctionName } from './bundles.ts';
import { startFirehoseApi } from './firehose-api.ts';
import { type FirehoseStream, startFirehoseStream } from './firehose-stream.ts';
import { startKafkaSource } from './kafka-source.ts';
import { deployFunction, type LambdaFunction } from './lambda-host.ts';
import { type ServiceProxy, startServiceProxy } from './service-proxy.ts';
import { type EventSource, startSqsSource } from './sqs-source.ts';

export interface AwsPipelineOptions {
  readonly moto: Moto;
  /** Bootstrap address of a Kafka broker. */
  readonly brokers: string;
  readonly bundles: Bundles;
  readonly histories: readonly SchemaHistory[];
  /** Of the queues; 30 by default. */
  readonly visibilitySeconds?: number;
  /** Of each invocation; 30 s by default. */
  readonly timeoutMs?: number;
  /** Buffer hint of the delivery streams; 1 s by default. */
  readonly flushMs?: number;
  /** Lambda's freezing between invocations. */
  readonly freezes?: boolean;
  /** Name of the secret that holds the key for personal data. */
  readonly piiKeySecret?: string;
  /** Event types whose topics are read by Lambda's shared pollers; the others have pollers of their own. */
  readonly sharedPollers?: readonly string[];
  /** What decides where an event type's rows lie; their arrival by default. */
  readonly partitionBy?: Readonly<Record<string, PartitionBy>>;
}

/** Events that are neither delivered nor kept as failed yet. */
export interface InFlight {
  /** Messages in the queue, hidden ones among them. */
  readonly queued: number;
  /** Records in the topic that are not committed. */
  readonly lag: number;
  /** Delivery records in the stream that are in no object. */
  readonly streaming: number;
}

/** Everything of one event type. */
export interface DeployedType {
  readonly queueUrl: string;
  readonly functions: Readonly<Record<Exclude<FunctionName, 'provision'>, LambdaFunction>>;
  readonly sources: readonly EventSource[];
  readonly streamTroubles: readonly string[];
  /** Events of invocations that the topic's pollers have given up. */
  readonly discarded: readonly object[];
}

export interface BatchAnswer {
  readonly status: number;
  readonly items: readonly { readonly status: number; readonly event_id?: string }[];
}

/** The pipeline as AWS runs it: the real bundles, a real broker, moto for SQS, S3, Glue and Secrets Manager. */
export interface AwsPipeline {
  readonly types: ReadonlyMap<string, DeployedType>;
  readonly bucket: string;
  readonly registry: string;
  /** In front of moto, and of Firehose. */
  readonly aws: ServiceProxy;
  readonly firehose: ServiceProxy;
  /** Which records Firehose answers as throttled; see `FirehoseApi`. */
  throttle(throttles: (index: number) => boolean): void;
  /** All calls so far. */
  calls(): AwsCall[];
  /** Puts bodies into the queue of their type, as API Gateway does with single events. @returns their request ids. */
  send(eventType: string, bodies: readonly string[], eventIdOf?: (index: number) => string): Promise<string[]>;
  /**
   * Posts bodies as one batch, as API Gateway hands them to `accept`.
   *
   * @returns the answer's status, and what it says of each event.
   * @throws FunctionError where the function does not answer: API Gateway would say 502.
   */
  post(eventType: string, bodies: readonly string[]): Promise<BatchAnswer>;
  /** What of an event type is under way. */
  inFlight(eventType: string): Promise<InFlight>;
  /**
   * Resolves when nothing is under way any more: queue, topic and stream have nothing left.
   *
   * @throws Error saying what is left, where that has not changed for a minute.
   */
  drained(): Promise<void>;
  /** Copies the bucket into a new folder; see `openSql`. */
  download(): Promise<string>;
  stop(): Promise<void>;
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'any' };
/** Messages that may wait in a queue: moto looks at all of them for each that it gives. */
const MOST_WAITING = 300;
/** Messages of one SendMessageBatch. */
const MOST = 10;
/** Milliseconds in which something of what is under way must get on. */
const STUCK_MS = 60_000;

/** Deploys the event types on this machine and starts their event sources. */
export async function startAwsPipeline(options: AwsPipelineOptions): Promise<AwsPipeline> {
  const { moto, brokers, bundles, histories } = options;
  const {
    visibilitySeconds = 30,
    timeoutMs = 30_000,
    flushMs = 1_000,
    freezes = false,
    piiKeySecret,
    partitionBy = {},
    sharedPollers = [],
  } = options;
  // A stage as infra/ takes it: a letter comes first.
  const run = `t${randomUUID().slice(0, 7)}`;
  const bucket = `sluice-${run}`;
  const registry = `sluice-${run}`;
  const at = { endpoint: moto.endpoint, region: MOTO_REGION, credentials: CREDENTIALS };
  const s3 = new S3Client({ ...at, forcePathStyle: true });
  const sqs = new SQSClient(at);
  const glue = new GlueClient(at);
  await s3.send(
    new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: MOTO_REGION } }),
  );
  await glue.send(new CreateRegistryCommand({ RegistryName: registry }));
  const firehoseApi = await startFirehoseApi();
  const aws = await startServiceProxy(moto.endpoint);
  const firehose = await startServiceProxy(firehoseApi.origin);
  const kafka = createKafkaClient({ brokers: [brokers] });
  const folders: string[] = [];
  const functions: LambdaFunction[] = [];
  const sources: EventSource[] = [];
  const types = new Map<string, DeployedType>();
  const streams = new Map<string, FirehoseStream>();

  const deploy = (name: FunctionName, eventType: string, own: Record<string, string>): LambdaFunction => {
    const deployed = deployFunction({
      name: `sluice-${run}-${eventType === '' ? '' : `${eventType.replaceAll('.', '-')}-`}${name}`,
      taskRoot: bundles.taskRootOf(name),
      variables: {
        SLUICE_STAGE: run,
        SLUICE_REGISTRY: `glue://${registry}`,
        AWS_ENDPOINT_URL: aws.origin,
        AWS_ENDPOINT_URL_FIREHOSE: firehose.origin,
        ...(eventType === '' ? {} : { SLUICE_EVENT_TYPE: eventType }),
        ...own,
      },
      timeoutMs,
      freezes,
    });
    functions.push(deployed);
    return deployed;
  };
  const kafkaVariables = { SLUICE_BROKERS: brokers, SLUICE_KAFKA_AUTH: 'none' };

  /** What a custom resource does at a deployment: the schemas are published, and the topic is there. */
  const provision = deploy('provision', '', kafkaVariables);
  for (const history of histories) {
    await provision.invoke({
      RequestType: 'Create',
      ResourceProperties: {
        EventType: history.eventType,
        Topic: deriveTopic(history),
        RegistryName: registry,
        Versions: history.versions.map(({ definition }) => JSON.stringify(definition)),
        Digest: history.digest,
      },
    });
  }

  for (const { eventType, versions } of histories) {
    const hashes = versions.some(({ root }) => personalFields(root).some(({ field }) => field.pii === 'hash'));
    const key: Record<string, string> = hashes ? { SLUICE_PII_KEY_SECRET: piiKeySecret! } : {};
    const name = `sluice-${run}-${eventType.replaceAll('.', '-')}`;
    const { QueueUrl: queueUrl = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: String(visibilitySeconds) } }),
    );
    const by = partitionBy[eventType] ?? 'arrival';
    const partitioning: Record<string, string> = by === 'arrival' ? {} : { SLUICE_PARTITION_BY: by };
    const streamsName = streamName(run, eventType, by);
    const common = { SLUICE_BUCKET: bucket };
    const pollers = sharedPollers.includes(eventType) ? 'shared' : 'own';
    const discarded: object[] = [];
    const deployed = {
      accept: deploy('accept', eventType, {
        // The SDK sends to where the queue's own URL says.
        SLUICE_QUEUE_URL: aws.origin + new URL(queueUrl).pathname,
        ...key,
      }),
      produce: deploy('produce', eventType, { ...common, ...kafkaVariables, ...key }),
      consume: deploy('consume', eventType, {
        ...common,
        SLUICE_DELIVERY_STREAM: streamsName,
        ...(pollers === 'own' ? { SLUICE_BATCH_RESPONSES: 'partial' } : {}),
        ...partitioning,
      }),
      transform: deploy('transform', eventType, { ...common, ...partitioning }),
    };
    const stream = startFirehoseStream({
      name: streamsName,
      s3,
      bucket,
      prefix: objectPrefix(eventType) + OBJECT_FOLDERS[by],
      errorPrefix: `delivery-errors/${eventType}/!{firehose:error-output-type}/${OBJECT_FOLDERS.arrival}`,
      isDynamic: by === 'event-time',
      transform: deployed.transform,
      flushMs,
      flushBytes: 1024 * 1024,
    });
    firehoseApi.streams.set(streamsName, stream);
    streams.set(eventType, stream);
    // Lambda polls a queue in the name of its function.
    const poller = new SQSClient({
      ...at,
      endpoint: aws.origin,
      credentials: { accessKeyId: deployed.produce.name, secretAccessKey: 'any' },
    });
    const fromQueue = await startSqsSource({
      client: poller,
      queueUrl,
      target: deployed.produce,
      batchSize: 200,
      windowMs: 200,
    });
    const fromTopic = await startKafkaSource({
      brokers,
      topic: topicName(eventType),
      group: name,
      target: deployed.consume,
      batchSize: 1_000,
      windowMs: 50,
      pollers,
      ...(pollers === 'own' ? {} : { discard: (event) => discarded.push(event) }),
    });
    sources.push(fromQueue, fromTopic);
    types.set(eventType, {
      queueUrl,
      functions: deployed,
      sources: [fromQueue, fromTopic],
      streamTroubles: stream.troubles,
      discarded,
    });
  }

  const waiting = async (QueueUrl: string): Promise<{ readonly visible: number; readonly all: number }> => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    const [visible = 0, hidden = 0] = AttributeNames.map((name) => Number(Attributes[name]));
    return { visible, all: visible + hidden };
  };

  /** In the events' own order, so that none slips from a part not looked at into one that was. */
  const inFlight = async (eventType: string): Promise<InFlight> => {
    const group = `sluice-${run}-${eventType.replaceAll('.', '-')}`;
    const topic = topicName(eventType);
    const { all: queued } = await waiting(types.get(eventType)!.queueUrl);
    const { lag } = (await readLag(kafka, group, [topic])).get(topic)!;
    return { queued, lag: Number(lag), streaming: streams.get(eventType)!.inFlight() };
  };

  return {
    types,
    bucket,
    registry,
    aws,
    firehose,
    throttle(throttles) {
      firehoseApi.throttles = throttles;
    },
    calls: () => [...aws.calls, ...firehose.calls],
    async send(eventType, bodies, eventIdOf) {
      const { queueUrl: QueueUrl } = types.get(eventType)!;
      const ids = bodies.map(() => randomUUID());
      const text = (value: string) => ({ DataType: 'String', StringValue: value });
      for (let first = 0; first < bodies.length; first += MOST) {
        while (first % MOST_WAITING === 0 && (await waiting(QueueUrl)).all > MOST_WAITING) await sleep(20);
        const Entries = bodies.slice(first, first + MOST).map((body, index) => ({
          Id: String(index),
          MessageBody: body,
          MessageAttributes: {
            'event-type': text(eventType),
            'request-id': text(ids[first + index]!),
            ...(eventIdOf === undefined ? {} : { 'event-id': text(eventIdOf(first + index)) }),
          },
        }));
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        if (Failed.length > 0) throw new Error(`${Failed.length} messages were refused: ${Failed[0]!.Message}`);
      }
      return ids;
    },
    async post(eventType, bodies) {
      const { accept } = types.get(eventType)!.functions;
      const { statusCode: status, body } = (await accept.invoke({
        resource: `/events/${eventType}/batch`,
        path: `/events/${eventType}/batch`,
        httpMethod: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        multiValueHeaders: { 'content-type': ['application/x-ndjson'] },
        queryStringParameters: null,
        multiValueQueryStringParameters: null,
        body: bodies.join('\n'),
        isBase64Encoded: false,
        requestContext: { requestId: randomUUID() },
      })) as { statusCode: number; body: string };
      return { status, items: JSON.parse(body).items ?? [] };
    },
    inFlight,
    async drained() {
      for (const eventType of types.keys()) {
        let before = '';
        let since = Date.now();
        // Nothing is left where that was seen twice: a message whose time comes between two counts is in neither.
        for (let seen = 0; seen < 2; ) {
          const left = await inFlight(eventType);
          seen = Object.values(left).every((count) => count === 0) ? seen + 1 : 0;
          const now = JSON.stringify(left);
          if (now !== before) since = Date.now();
          if (Date.now() - since > STUCK_MS) throw new Error(`${eventType} gets on no more: ${now} are under way`);
          before = now;
          if (seen < 2) await sleep(100);
        }
      }
    },
    async download() {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-bucket-'));
      folders.push(folder);
      let token: string | undefined;
      do {
        const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }));
        for (const { Key = '' } of page.Contents ?? []) {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
          await mkdir(dirname(join(folder, Key)), { recursive: true });
          await writeFile(join(folder, Key), await Body!.transformToByteArray());
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return folder;
    },
    async stop() {
      // Functions first: what is under way ends with its process, and no source waits for it.
      await Promise.all(functions.map((deployed) => deployed.close()));
      await Promise.all(sources.map((source) => source.stop()));
      await firehoseApi.stop();
      await Promise.all([aws.down(), firehose.down()]);
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}
