import { Duration, type aws_kms as kms, type RemovalPolicy, aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface DataStoreProps {
  readonly encryptionKey: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
  /** Days after which events are deleted; never by default. */
  readonly retentionDays?: number | undefined;
}

/** The bucket of delivered and failed events, and one for the log of who read them. */
export class DataStore extends Construct {
  readonly bucket: s3.IBucket;
  readonly accessLog: s3.IBucket;

  constructor(scope: Construct, id: string, { encryptionKey, removalPolicy, retentionDays }: DataStoreProps) {
    super(scope, id);
    const shared = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy,
    };
    this.accessLog = new s3.Bucket(this, 'AccessLog', {
      ...shared,
      // S3 writes access logs with keys of its own only.
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(90) }],
      // CDK's own types do not agree where an optional property may not be undefined.
    }) as s3.IBucket;
    acknowledge(this.accessLog, { 'AwsSolutions-S1': 'It is the log; logging its own writes would never end' });
    this.bucket = new s3.Bucket(this, 'Events', {
      ...shared,
      encryption: s3.BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: this.accessLog,
      serverAccessLogsPrefix: 'events/',
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7), noncurrentVersionExpiration: Duration.days(30) },
        {
          transitions: [{ storageClass: s3.StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(90) }],
          ...(retentionDays === undefined ? {} : { expiration: Duration.days(retentionDays) }),
        },
      ],
    }) as s3.IBucket;
  }
}
