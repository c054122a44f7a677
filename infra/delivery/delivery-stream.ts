import {
  aws_kinesisfirehose as firehose,
  aws_iam as iam,
  type aws_kms as kms,
  type aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  type aws_s3 as s3,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { objectPrefix } from '../../src/derive/names.ts';
import type { PartitionBy } from '../../src/derive/partition.ts';
import { SluiceError } from '../../src/errors.ts';
import { acknowledge } from '../acknowledge.ts';
import { serviceLog } from '../service-log.ts';
import { OBJECT_FOLDERS } from './object-folders.ts';

export interface DeliveryStreamProps {
  readonly streamName: string;
  readonly eventType: string;
  readonly bucket: s3.IBucket;
  readonly encryptionKey: kms.IKey;
  readonly transform: lambda.IFunction;
  readonly logRetention: logs.RetentionDays;
  /** Seconds and MiB after which an object is written, whichever comes first. */
  readonly buffer: { readonly seconds: number; readonly mebibytes: number };
  /** Whether the rows are kept as they were before the transformation, too. */
  readonly isBackedUp: boolean;
  /** What decides where a row lies; its arrival where nobody says otherwise. */
  readonly partitionBy?: PartitionBy;
}

/**
 * MiB and seconds that Firehose collects for one call of the transformation: a call takes and gives 6 MB at most, its
 * records in base64.
 */
const TRANSFORMATION_BUFFER = { mebibytes: 1, seconds: 60 };

/**
 * The least that a stream with dynamic partitions may collect for an object, of each partition.
 * Source: what aws-cdk-lib's own construct refuses, and Amazon Data Firehose Developer Guide, "Dynamic partitioning".
 */
const LEAST_DYNAMIC_BUFFER = { mebibytes: 64, seconds: 60 };
/** Seconds for which such a stream tries to write an object before its rows go to the errors: the most that there is. */
const DYNAMIC_RETRY_SECONDS = 7_200;

/** The Firehose stream of one event type: JSON rows in, gzip CSV objects out, under the partitions of the table. */
export class DeliveryStream extends Construct {
  readonly arn: string;

  /** @throws SluiceError SLUICE_USAGE where it is to collect less than Firehose takes for partitions by event time. */
  constructor(scope: Construct, id: string, props: DeliveryStreamProps) {
    super(scope, id);
    const { eventType, bucket, encryptionKey, transform, partitionBy = 'arrival' } = props;
    const isDynamic = partitionBy === 'event-time';
    if (isDynamic) requireDynamicBuffer(props);
    const logGroup = serviceLog(this, 'Log', {
      logGroupName: `/aws/kinesisfirehose/${props.streamName}`,
      retention: props.logRetention,
      encryptionKey,
    });
    const logOf = (name: string) => ({
      enabled: true,
      logGroupName: logGroup.logGroupName,
      logStreamName: new logs.LogStream(this, name, {
        logGroup,
        logStreamName: name,
        removalPolicy: RemovalPolicy.DESTROY,
      }).logStreamName,
    });
    const prefixes = {
      events: objectPrefix(eventType),
      errors: `delivery-errors/${eventType}/`,
      sources: `sources/${eventType}/`,
    };
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('firehose.amazonaws.com') });
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
    allow(
      ['s3:AbortMultipartUpload', 's3:PutObject'],
      Object.values(prefixes).map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    );
    allow(['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [bucket.bucketArn]);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [encryptionKey.keyArn]);
    allow(['lambda:GetFunctionConfiguration', 'lambda:InvokeFunction'], [transform.functionArn]);
    allow(['logs:PutLogEvents'], [logGroup.logGroupArn]);
    const reason = 'Objects of this event type, which have no names yet';
    for (const prefix of Object.values(prefixes)) {
      acknowledge(role, { [`AwsSolutions-IAM5[Resource::<>/${prefix}*]`]: reason });
    }

    const encryption = { kmsEncryptionConfig: { awskmsKeyArn: encryptionKey.keyArn } };
    const bufferingHints = { intervalInSeconds: props.buffer.seconds, sizeInMBs: props.buffer.mebibytes };
    // What could not be delivered, or is kept as it was, lies where it arrived.
    const partition = OBJECT_FOLDERS.arrival;
    const stream = new firehose.CfnDeliveryStream(this, 'Stream', {
      deliveryStreamName: props.streamName,
      deliveryStreamType: 'DirectPut',
      deliveryStreamEncryptionConfigurationInput: { keyType: 'CUSTOMER_MANAGED_CMK', keyArn: encryptionKey.keyArn },
      extendedS3DestinationConfiguration: {
        bucketArn: bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: prefixes.events + OBJECT_FOLDERS[partitionBy],
        errorOutputPrefix: `${prefixes.errors}!{firehose:error-output-type}/${partition}`,
        // Athena unpacks by the end of the name.
        compressionFormat: 'GZIP',
        fileExtension: '.csv.gz',
        customTimeZone: 'UTC',
        bufferingHints,
        ...(isDynamic
          ? {
              dynamicPartitioningConfiguration: {
                enabled: true,
                retryOptions: { durationInSeconds: DYNAMIC_RETRY_SECONDS },
              },
            }
          : {}),
        encryptionConfiguration: encryption,
        cloudWatchLoggingOptions: logOf('delivery'),
        processingConfiguration: {
          enabled: true,
          processors: [
            {
              type: 'Lambda',
              parameters: [
                { parameterName: 'LambdaArn', parameterValue: transform.functionArn },
                { parameterName: 'RoleArn', parameterValue: role.roleArn },
                { parameterName: 'NumberOfRetries', parameterValue: '3' },
                { parameterName: 'BufferSizeInMBs', parameterValue: String(TRANSFORMATION_BUFFER.mebibytes) },
                { parameterName: 'BufferIntervalInSeconds', parameterValue: String(TRANSFORMATION_BUFFER.seconds) },
              ],
            },
          ],
        },
        ...(props.isBackedUp
          ? {
              s3BackupMode: 'Enabled',
              s3BackupConfiguration: {
                bucketArn: bucket.bucketArn,
                roleArn: role.roleArn,
                prefix: prefixes.sources + partition,
                errorOutputPrefix: `${prefixes.errors}sources/!{firehose:error-output-type}/${partition}`,
                compressionFormat: 'GZIP',
                bufferingHints,
                encryptionConfiguration: encryption,
                cloudWatchLoggingOptions: logOf('backup'),
              },
            }
          : {}),
      },
    });
    stream.node.addDependency(role);
    this.arn = stream.attrArn;
  }
}

function requireDynamicBuffer({ eventType, buffer }: DeliveryStreamProps): void {
  const { mebibytes, seconds } = LEAST_DYNAMIC_BUFFER;
  if (buffer.mebibytes >= mebibytes && buffer.seconds >= seconds) return;
  throw new SluiceError(
    'SLUICE_USAGE',
    `${eventType}: partitions by event time need a buffer of at least ${mebibytes} MiB and ${seconds} s, not of ` +
      `${buffer.mebibytes} MiB and ${buffer.seconds} s; give the pipeline such a buffer, or partition by "arrival"`,
  );
}
