import { Aws, Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface QueryWorkgroupProps {
  /** The workgroup's name. */
  readonly name: string;
  /** Encrypts results, as it encrypts the events that they are made of. */
  readonly encryptionKey: IKey;
  /** Where accesses to results are logged; not logged by default. */
  readonly accessLogs?: { readonly bucket: IBucket; readonly prefix: string };
  /** What one query may read at most; 100 GiB by default. Athena stops a query that reads more, and bills what it read. */
  readonly scanLimit?: Size;
  /** How long results are kept; 7 days by default. */
  readonly keepResults?: Duration;
}

/** Athena takes no lower limit. */
const LEAST_SCAN_LIMIT = Size.mebibytes(10);

/**
 * Where queries run: what one may read is limited, results are encrypted and expire, and no client can have it otherwise.
 * Results have a bucket of their own, so that whoever may query need not be allowed to write where events are.
 */
export class QueryWorkgroup extends Construct {
  readonly workgroup: CfnWorkGroup;
  readonly results: Bucket;

  constructor(scope: Construct, id: string, props: QueryWorkgroupProps) {
    super(scope, id);
    const { name, encryptionKey, accessLogs, scanLimit = Size.gibibytes(100), keepResults = Duration.days(7) } = props;
    if (scanLimit.toBytes() < LEAST_SCAN_LIMIT.toBytes()) {
      throw new RangeError(
        `a scan limit is ${LEAST_SCAN_LIMIT.toMebibytes()} MiB or more, not ${scanLimit.toBytes()} B`,
      );
    }
    this.results = new Bucket(this, 'Results', {
      encryption: BucketEncryption.KMS,
      encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ expiration: keepResults, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      // A bucket that is not empty cannot be deleted, and what is in it expires by itself.
      removalPolicy: RemovalPolicy.RETAIN,
      ...(accessLogs === undefined
        ? {}
        : { serverAccessLogsBucket: accessLogs.bucket, serverAccessLogsPrefix: accessLogs.prefix }),
    });
    if (accessLogs === undefined) {
      acknowledge(this.results, {
        'AwsSolutions-S1': 'Results are copies that expire in days; Athena logs each query',
      });
    }
    this.workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name,
      description: 'Queries of the tables and views of events',
      state: 'ENABLED',
      // Its history and saved queries go with it.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: scanLimit.toBytes(),
        // Views say timestamps of six and nine digits, which engine version 2 does not have.
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${this.results.bucketName}/`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: encryptionKey.keyArn },
        },
      },
    });
  }
}
