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
import { DeliveryStream, type DeliveryStreamProps } from '../../../infra/delivery/delivery-stream.ts';
import { SluiceFunction } from '../../../infra/functions/sluice-function.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function resourcesOf(props: Partial<DeliveryStreamProps> = {}): Record<string, { Type: string; Properties: object }> {
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
    ...props,
  });
  return Template.fromStack(stack).toJSON().Resources;
}

/** A stream with the function that it calls: everything that a reviewer of a change should see of them. */
test('a stream and its transformation are these resources, to the letter', () => {
  expect(JSON.stringify(resourcesOf(), null, 1).replace(/[0-9a-f]{64}/g, 'HASH')).toMatchSnapshot();
});

test('a stream by event time differs in the partitions of its objects, and in nothing else', {
  timeout: 60_000,
}, () => {
  const streamIn = (resources: ReturnType<typeof resourcesOf>) =>
    Object.values(resources).find(({ Type }) => Type === 'AWS::KinesisFirehose::DeliveryStream')!.Properties as {
      readonly ExtendedS3DestinationConfiguration: Readonly<Record<string, unknown>>;
    };
  const { ExtendedS3DestinationConfiguration: byArrival, ...rest } = streamIn(resourcesOf());
  const { ExtendedS3DestinationConfiguration: byEventTime, ...others } = streamIn(
    resourcesOf({ partitionBy: 'event-time' }),
  );
  expect(others).toEqual(rest);
  const { Prefix, DynamicPartitioningConfiguration, ...same } = byEventTime;
  expect({ Prefix, DynamicPartitioningConfiguration }).toEqual({
    Prefix: 'events/shop.order/dt=!{partitionKeyFromLambda:dt}/hour=!{partitionKeyFromLambda:hour}/',
    DynamicPartitioningConfiguration: { Enabled: true, RetryOptions: { DurationInSeconds: 7_200 } },
  });
  expect({ ...same, Prefix: byArrival.Prefix }).toEqual(byArrival);
  expect(same.ErrorOutputPrefix).toMatch(
    /^delivery-errors\/shop\.order\/!\{firehose:error-output-type\}\/dt=!\{timestamp:/,
  );
});

test('a stream by event time collects as much as Firehose asks for, or is refused with the way out', () => {
  for (const buffer of [
    { mebibytes: 63, seconds: 60 },
    { mebibytes: 64, seconds: 59 },
    { mebibytes: 64, seconds: 0 },
  ]) {
    const small = () => resourcesOf({ partitionBy: 'event-time', buffer });
    expect(small).toThrow(/^shop\.order: .* at least 64 MiB and 60 s, not of .*; give the pipeline such a buffer, or/);
    expect(() => resourcesOf({ buffer })).not.toThrow();
  }
}, 60_000);
