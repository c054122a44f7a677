import { App, Duration, Size, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { QueryWorkgroup, type QueryWorkgroupProps } from '../../../infra/query/query-workgroup.ts';

function templateOf(props: Partial<QueryWorkgroupProps> = {}): Template {
  const stack = new Stack(new App(), 'Test');
  const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
  new QueryWorkgroup(stack, 'Query', { name: 'sluice-test', encryptionKey, ...props });
  return Template.fromStack(stack);
}

test('a query stops at the limit of what it may read, and no client has it otherwise', () => {
  templateOf({ scanLimit: Size.gibibytes(5) }).hasResourceProperties('AWS::Athena::WorkGroup', {
    Name: 'sluice-test',
    WorkGroupConfiguration: {
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 5 * 1024 ** 3,
      PublishCloudWatchMetricsEnabled: true,
      EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
    },
  });
});

test('results are encrypted with the key of the events, in a bucket of this account, where they expire', () => {
  const template = templateOf({ keepResults: Duration.days(3) });
  const key = { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::KMS::Key'))[0], 'Arn'] };
  const [bucket] = Object.keys(template.findResources('AWS::S3::Bucket'));
  template.hasResourceProperties('AWS::Athena::WorkGroup', {
    WorkGroupConfiguration: {
      ResultConfiguration: {
        OutputLocation: { 'Fn::Join': ['', ['s3://', { Ref: bucket }, '/']] },
        ExpectedBucketOwner: { Ref: 'AWS::AccountId' },
        EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: key },
      },
    },
  });
  template.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        Match.objectLike({ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }),
      ],
    },
    LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 3, Status: 'Enabled' })] },
  });
});

test('a limit below the least that Athena takes is refused', () => {
  expect(() => templateOf({ scanLimit: Size.mebibytes(9) })).toThrow(/10 MiB or more/);
});

test('nothing is found by the rules of cdk-nag', () => {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'Test');
  const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
  new QueryWorkgroup(stack, 'Query', { name: 'sluice-test', encryptionKey });
  expect(() => app.synth()).not.toThrow();
});
