import { describe, expect, test } from 'vitest';
import {
  batchResponses,
  bucketName,
  type Environment,
  kafkaEnvironment,
  partitioning,
  queueUrl,
  streamName,
  typeEnvironment,
} from '../../src/handlers/environment.ts';

const TYPE = { SLUICE_EVENT_TYPE: 'shop.order', SLUICE_STAGE: 'prod', SLUICE_REGISTRY: 'glue://sluice-prod' };
const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_sluice-a1b2c3';

/** What a refusal says; it has the code of all of them. */
function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toMatchObject({ code: 'SLUICE_CONFIGURATION', blame: 'us', retryable: false });
    return (error as Error).message;
  }
  return expect.unreachable('it was taken');
}

describe('the environment of an event type', () => {
  test('is its name, stage and registry, and what may be left out', () => {
    expect(typeEnvironment(TYPE)).toEqual({
      eventType: 'shop.order',
      stage: 'prod',
      registry: 'glue://sluice-prod',
      framing: undefined,
      contract: undefined,
    });
    expect(typeEnvironment({ ...TYPE, SLUICE_FRAMING: 'confluent', SLUICE_CONTRACT: 'abc' })).toMatchObject({
      framing: 'confluent',
      contract: 'abc',
    });
  });

  test.for(Object.keys(TYPE))('names %s where it is not set, and how to set it', (name) => {
    for (const value of [undefined, '']) {
      const message = refusal(() => typeEnvironment({ ...TYPE, [name]: value }));
      expect(message).toMatch(new RegExp(`^${name} is not set: it is .*; set it in the function's environment$`));
    }
  });

  test('names what a value must be, and does not quote it', () => {
    const type = refusal(() => typeEnvironment({ ...TYPE, SLUICE_EVENT_TYPE: 'Shop Order' }));
    expect(type).toMatch(/^SLUICE_EVENT_TYPE must be an event type/);
    const framing = refusal(() => typeEnvironment({ ...TYPE, SLUICE_FRAMING: 'avro' }));
    expect(framing).toMatch(/^SLUICE_FRAMING must be "confluent" or "glue"/);
    for (const message of [type, framing]) expect(message).not.toMatch(/Shop Order|avro/);
  });
});

test('a queue, a stream and a bucket have their variables', () => {
  const url = 'https://sqs.eu-central-1.amazonaws.com/123456789012/sluice-prod-shop-order';
  expect(queueUrl({ SLUICE_QUEUE_URL: url })).toBe(url);
  expect(refusal(() => queueUrl({ SLUICE_QUEUE_URL: 'orders' }))).toMatch(/^SLUICE_QUEUE_URL must be a URL/);
  expect(refusal(() => queueUrl({}))).toMatch(/^SLUICE_QUEUE_URL is not set/);
  expect(streamName({ SLUICE_DELIVERY_STREAM: 'sluice-prod' })).toBe('sluice-prod');
  expect(refusal(() => streamName({}))).toMatch(/^SLUICE_DELIVERY_STREAM is not set/);
  expect(bucketName({ SLUICE_BUCKET: 'events' })).toBe('events');
  expect(refusal(() => bucketName({}))).toMatch(/^SLUICE_BUCKET is not set/);
});

test('failures fail all of an invocation, unless the variable says that Lambda takes a part', () => {
  expect(batchResponses({})).toBe('whole');
  expect(batchResponses({ SLUICE_BATCH_RESPONSES: 'whole' })).toBe('whole');
  expect(batchResponses({ SLUICE_BATCH_RESPONSES: 'partial' })).toBe('partial');
  expect(refusal(() => batchResponses({ SLUICE_BATCH_RESPONSES: 'some' }))).toMatch(/^SLUICE_BATCH_RESPONSES must be/);
});

test('rows lie by their arrival, unless the variable says by event time', () => {
  for (const env of [{}, { SLUICE_PARTITION_BY: '' }, { SLUICE_PARTITION_BY: 'arrival' }]) {
    expect(partitioning(env)).toBe('arrival');
  }
  expect(partitioning({ SLUICE_PARTITION_BY: 'event-time' })).toBe('event-time');
  const message = refusal(() => partitioning({ SLUICE_PARTITION_BY: 'eventTime' }));
  expect(message).toMatch(/^SLUICE_PARTITION_BY must be "arrival" or "event-time", or not be set; correct it/);
});

describe('where Kafka is', () => {
  const read = (env: Environment) => () => kafkaEnvironment(env);
  const BROKERS = { SLUICE_BROKERS: 'b-1.example:9098, b-2.example:9098' };

  test('is a list of addresses, or a cluster that is asked for them', () => {
    expect(kafkaEnvironment({ ...BROKERS, SLUICE_KAFKA_AUTH: 'none' })).toEqual({
      cluster: ['b-1.example:9098', 'b-2.example:9098'],
      access: 'none',
      secret: undefined,
      region: undefined,
    });
    const arn = 'arn:aws:kafka:eu-central-1:123456789012:cluster/sluice/0d3c-1';
    expect(kafkaEnvironment({ SLUICE_CLUSTER_ARN: arn, SLUICE_KAFKA_AUTH: 'none' }).cluster).toEqual({ arn });
    expect(refusal(read({ SLUICE_KAFKA_AUTH: 'none' }))).toMatch(
      /neither SLUICE_BROKERS nor SLUICE_CLUSTER_ARN is set/,
    );
    for (const brokers of ['b-1', 'b-1:x', 'https://b-1:9092', 'a:1,,b:2', ' ']) {
      expect(refusal(read({ SLUICE_BROKERS: brokers, SLUICE_KAFKA_AUTH: 'none' }))).toMatch(/^SLUICE_BROKERS must be/);
    }
  });

  test('comes with the way in', () => {
    expect(kafkaEnvironment({ ...BROKERS, SLUICE_KAFKA_AUTH: 'iam', AWS_REGION: 'eu-central-1' })).toMatchObject({
      access: 'iam',
      region: 'eu-central-1',
    });
    expect(kafkaEnvironment({ ...BROKERS, SLUICE_KAFKA_AUTH: `scram:${SECRET}` })).toMatchObject({
      access: 'scram',
      secret: SECRET,
    });
    expect(refusal(read({ ...BROKERS, SLUICE_KAFKA_AUTH: 'iam' }))).toMatch(/^AWS_REGION is not set/);
    for (const auth of ['', 'scram', 'scram:', 'iam:role', 'none:x', 'plain']) {
      expect(refusal(read({ ...BROKERS, SLUICE_KAFKA_AUTH: auth }))).toMatch(/^SLUICE_KAFKA_AUTH must be/);
    }
  });
});
