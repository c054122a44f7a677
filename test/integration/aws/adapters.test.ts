import { gunzipSync } from 'node:zlib';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3ObjectStore } from '../../../src/adapters/aws/s3-object-store.ts';
import { createSqsQueue } from '../../../src/adapters/aws/sqs-queue.ts';
import { failedEventsIn } from '../../../src/handlers/failed-events.ts';
import { openKafka } from '../../../src/handlers/kafka.ts';
import { functionPiiKey } from '../../../src/handlers/pii-key.ts';
import { messageOf } from '../../support/messages.ts';
import { MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

const VARIABLES = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
const before = VARIABLES.map((name) => process.env[name]);

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
  // As functions are told where AWS is, and who they are.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_REGION: MOTO_REGION,
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
  });
});
afterAll(async () => {
  for (const [index, name] of VARIABLES.entries()) {
    if (before[index] === undefined) delete process.env[name];
    else process.env[name] = before[index];
  }
  await moto?.stop();
});

describe('the queue in SQS', () => {
  it('takes messages whose characters SQS refuses, and all that is known of them', async () => {
    const client = new SQSClient({});
    const { QueueUrl: queueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'orders' }));
    const queue = createSqsQueue({ queueUrl, requestId: () => 'request-1' });
    const bodies = [
      '{"a":"\uFFFE\uFFFF"}',
      '{"a":"é 😀\\u0000"}',
      ...Array.from({ length: 21 }, (_, i) => `{"a":${i}}`),
    ];
    const ids = await queue.send(
      bodies.map((body, index) => messageOf('shop.order', `e-${index}`, body, { version: 3 })),
    );
    expect(new Set(ids).size).toBe(bodies.length);

    const received = new Map<string, { body: string; attributes: Record<string, string | undefined> }>();
    while (received.size < bodies.length) {
      const input = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
      const { Messages: messages = [] } = await client.send(new ReceiveMessageCommand(input));
      expect(messages).not.toEqual([]);
      for (const { MessageId, Body, MessageAttributes } of messages) {
        const attributes = Object.entries(MessageAttributes ?? {}).map(([name, { StringValue }]) => [
          name,
          StringValue,
        ]);
        received.set(MessageId!, { body: Body!, attributes: Object.fromEntries(attributes) });
      }
    }
    client.destroy();
    for (const [index, id] of ids.entries()) {
      const { body, attributes } = received.get(id)!;
      expect(JSON.parse(body)).toEqual(JSON.parse(bodies[index]!));
      expect(attributes).toEqual({
        'event-type': 'shop.order',
        'event-id': `e-${index}`,
        'request-id': 'request-1',
        'schema-version': '3',
      });
    }
  });

  it('that does not exist took nothing', async () => {
    const queueUrl = `${moto.endpoint}/123456789012/nowhere`;
    await expect(
      createSqsQueue({ queueUrl, requestId: () => 'r' }).send([messageOf('a.b', 'e')]),
    ).rejects.toMatchObject({
      code: 'SLUICE_STORAGE',
      message: expect.stringMatching(/SQS took 0 of 1 messages/),
    });
  });
});

describe('the object store in S3', () => {
  it('writes objects whole, and the same one again in its place', async () => {
    const client = new S3Client({});
    const location = { LocationConstraint: MOTO_REGION } as const;
    await client.send(new CreateBucketCommand({ Bucket: 'events', CreateBucketConfiguration: location }));
    const store = createS3ObjectStore({ bucket: 'events' });
    await store.put('a/dt=2026-11-24/x.csv', Buffer.from('1'));
    await store.put('a/dt=2026-11-24/x.csv', Buffer.from('two'));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'events', Key: 'a/dt=2026-11-24/x.csv' }));
    expect(await Body!.transformToString()).toBe('two');

    await failedEventsIn('events').put([
      {
        id: 'shop.order/0/7',
        stage: 'consume',
        code: 'SLUICE_TOMBSTONE',
        path: '$',
        reason: 'the record has no value',
        eventType: 'shop.order',
        version: null,
        payload: new Uint8Array(),
        failedAt: Date.UTC(2026, 10, 24, 12),
      },
    ]);
    const { Contents: listed = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: 'events', Prefix: 'failed/' }),
    );
    expect(listed.map(({ Key }) => Key)).toEqual([
      expect.stringMatching(/^failed\/dt=2026-11-24\/hour=12\/[0-9a-f]{32}\.csv\.gz$/),
    ]);
    const kept = await client.send(new GetObjectCommand({ Bucket: 'events', Key: listed[0]!.Key! }));
    const rows = gunzipSync(await kept.Body!.transformToByteArray()).toString();
    expect(rows).toMatch(/^shop\.order\/0\/7,2026-11-24 12:00:00\.000,consume,SLUICE_TOMBSTONE,\$,/);
    client.destroy();
  });

  it('says which bucket did not take an object', async () => {
    await expect(createS3ObjectStore({ bucket: 'nowhere' }).put('k', Buffer.from('x'))).rejects.toMatchObject({
      code: 'SLUICE_STORAGE',
      retryable: true,
      message: 'object k was not written to the bucket nowhere: NoSuchBucket, 404',
    });
  });
});

describe('secrets of a function', () => {
  const KEY = 'kept where only the functions read it';
  const open = (secret: string) =>
    openKafka({ cluster: ['127.0.0.1:1'], access: 'scram', secret, region: undefined }, () => {});

  it('are the name and password of a user of Kafka, in the form of MSK', async () => {
    const client = new SecretsManagerClient({});
    const put = (Name: string, SecretString: string) => client.send(new CreateSecretCommand({ Name, SecretString }));
    await put('AmazonMSK_good', JSON.stringify({ username: 'ada', password: 'hidden' }));
    await put('AmazonMSK_bare', 'hidden');
    await put('AmazonMSK_half', JSON.stringify({ username: 'hidden' }));
    await put('pii-key', KEY);
    client.destroy();
    expect((await open('AmazonMSK_good')).producer).toBeTypeOf('function');
    for (const name of ['AmazonMSK_bare', 'AmazonMSK_half', 'AmazonMSK_none']) {
      const error = await open(name).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'SLUICE_CONFIGURATION', message: expect.stringContaining(`"${name}"`) });
      expect(String(error.stack)).not.toContain('hidden');
    }
    expect(Buffer.from((await functionPiiKey({ SLUICE_PII_KEY_SECRET: 'pii-key' }))!).toString()).toBe(KEY);
    expect(await functionPiiKey({})).toBeUndefined();
  });
});
