import { FirehoseClient } from '@aws-sdk/client-firehose';
import { KafkaClient } from '@aws-sdk/client-kafka';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { it } from 'vitest';
import { bootstrapBrokers } from '../../../src/adapters/aws/bootstrap-brokers.ts';
import { CLIENT_SETTINGS } from '../../../src/adapters/aws/client-settings.ts';
import { createFirehoseStream } from '../../../src/adapters/aws/firehose.ts';
import { createS3ObjectStore } from '../../../src/adapters/aws/s3-object-store.ts';
import { createSqsQueue } from '../../../src/adapters/aws/sqs-queue.ts';
import { messageOf } from '../../support/messages.ts';
import { startProxy } from '../../support/registry-proxy.ts';

/** The settings of every client, a hundred times as hasty. */
const { connectionTimeout, requestTimeout, socketTimeout } = CLIENT_SETTINGS.requestHandler;
const HASTY = {
  ...CLIENT_SETTINGS,
  requestHandler: {
    ...CLIENT_SETTINGS.requestHandler,
    connectionTimeout: connectionTimeout / 100,
    requestTimeout: requestTimeout / 100,
    socketTimeout: socketTimeout / 100,
  },
};

const CALLS = {
  s3: (at: object) => createS3ObjectStore({ bucket: 'b', client: new S3Client(at) }).put('key', Buffer.from('x')),
  firehose: (at: object) =>
    createFirehoseStream({ streamName: 's', client: new FirehoseClient(at) }).put('shop.order', [
      { data: Buffer.from('{}\n'), entries: [] },
    ]),
  sqs: (at: { readonly endpoint: string }) => {
    const queueUrl = `${at.endpoint}/123456789012/orders`;
    return createSqsQueue({ queueUrl, requestId: () => 'r', client: new SQSClient(at) }).send([
      messageOf('shop.order', 'o-1'),
    ]);
  },
  msk: (at: object) => bootstrapBrokers('arn:aws:kafka:eu-central-1:1:cluster/s/1', 'iam', new KafkaClient(at)),
};

it.concurrent.for(
  (Object.keys(CALLS) as (keyof typeof CALLS)[]).flatMap((service) =>
    (['hang', 'stall', 'break'] as const).map((fault) => [service, fault] as const),
  ),
)(
  '%s is tried three times, and then given up, where its answers %s',
  async ([service, fault], { expect, onTestFinished }) => {
    const proxy = await startProxy();
    onTestFinished(() => proxy.down());
    proxy.answer = () => fault;
    const at = { ...HASTY, endpoint: proxy.origin, region: 'eu-central-1', forcePathStyle: true };
    const call = CALLS[service]({ ...at, credentials: { accessKeyId: 'any', secretAccessKey: 'any' } } as typeof at);
    await expect(call).rejects.toMatchObject({
      code: expect.stringMatching(/^SLUICE_(STORAGE|TAKEN_IN_PART|LOG_UNAVAILABLE)$/),
    });
    expect(proxy.asked.length).toBe(3);
  },
);
