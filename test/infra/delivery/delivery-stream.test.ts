import { join } from 'node:path';
import {
  App,
  Duration,
  aws_kms as kms,
  aws_lambda as lambda,
  aws_logs as logs,
  Stack,
  aws_s3 as s3,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { DeliveryStream } from '../../../infra/delivery/delivery-stream.ts';
import { SluiceFunction } from '../../../infra/functions/sluice-function.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A stream with the function that it calls: everything that a reviewer of a change should see of them. */
test('a stream and its transformation are these resources, to the letter', { timeout: 60_000 }, () => {
  const stack = new Stack(new App({ outdir: temporaryFolder(), analyticsReporting: false }), 'Small');
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:123456789012:key/a-key');
  const transform = new SluiceFunction(stack, 'Transform', {
    functionName: 'sluice-test-shop-order-transform',
    handler: 'transform',
    codeOf: () => lambda.Code.fromAsset(join(import.meta.dirname, '../code')),
    description: 'Rows to CSV',
    environment: { SLUICE_EVENT_TYPE: 'shop.order' },
    timeout: Duration.seconds(120),
    memory: 1024,
    logRetention: logs.RetentionDays.ONE_WEEK,
    encryptionKey,
  });
  new DeliveryStream(stack, 'Delivery', {
    streamName: 'sluice-test-shop-order',
    eventType: 'shop.order',
    bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'events-bucket'),
    encryptionKey,
    transform: transform.function,
    logRetention: logs.RetentionDays.ONE_WEEK,
    buffer: { seconds: 60, mebibytes: 64 },
    isBackedUp: true,
  });
  const { Resources } = Template.fromStack(stack).toJSON();
  expect(JSON.stringify(Resources, null, 1).replace(/[0-9a-f]{64}/g, 'HASH')).toMatchSnapshot();
});
