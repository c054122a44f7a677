import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { limitsOf } from '../../infra/limits.ts';
import { historyOfFields } from '../support/histories.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ofType, synthesise } from './synthesise.ts';

const ORDER = historyOfFields('shop.order', [[{ name: 'id', type: 'string' }]]);

const pipelineOf = (options: Parameters<typeof synthesise>[2] = {}) => synthesise(temporaryFolder(), [ORDER], options);

describe('a pipeline', () => {
  test('keeps its events encrypted, in versions, over TLS only, and out of public reach', () => {
    const { pipeline } = pipelineOf();
    const buckets = ofType(pipeline, 'AWS::S3::Bucket');
    expect(buckets.length).toBeGreaterThan(2);
    for (const { Properties } of buckets) {
      expect(Properties.BucketEncryption).toBeDefined();
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
    }
    const policies = ofType(pipeline, 'AWS::S3::BucketPolicy').map((policy) => JSON.stringify(policy));
    expect(policies).toHaveLength(buckets.length);
    for (const policy of policies) expect(policy).toContain('"aws:SecureTransport":"false"');
    const events = buckets.find(({ Properties }) => Properties.VersioningConfiguration !== undefined);
    expect(JSON.stringify(events!.Properties.BucketEncryption)).toContain('aws:kms');
  });

  test('encrypts every log group with its key and lets it go after some time', () => {
    const { pipeline, types } = pipelineOf();
    const groups = [pipeline, ...types.values()].flatMap((template) => ofType(template, 'AWS::Logs::LogGroup'));
    expect(groups.length).toBeGreaterThan(8);
    for (const { Properties } of groups) {
      expect(Properties.KmsKeyId).toBeDefined();
      expect(Properties.RetentionInDays).toBe(90);
    }
  });

  test('deletes events after the days that it is told, and never by itself', () => {
    const rules = (template: string) => JSON.stringify(ofType(template, 'AWS::S3::Bucket'));
    expect(rules(pipelineOf({ retentionDays: 400 }).pipeline)).toContain('"ExpirationInDays":400');
    expect(rules(pipelineOf().pipeline)).not.toContain('"ExpirationInDays":400');
  });

  test('runs on MSK Serverless by default, without a way to the internet', () => {
    const { pipeline } = pipelineOf();
    expect(ofType(pipeline, 'AWS::MSK::ServerlessCluster')).toHaveLength(1);
    expect(ofType(pipeline, 'AWS::EC2::NatGateway')).toEqual([]);
    expect(ofType(pipeline, 'AWS::EC2::InternetGateway')).toEqual([]);
    const services = ofType(pipeline, 'AWS::EC2::VPCEndpoint').map(({ Properties }) =>
      JSON.stringify(Properties.ServiceName).replace(/.*[.]([a-z0-9]+)"[\]}]*$/, '$1'),
    );
    expect(services.sort()).toEqual(['glue', 'lambda', 's3', 'secretsmanager', 'sts']);
  });

  test('runs on brokers of a size of one’s own', () => {
    const { pipeline } = pipelineOf({
      cluster: { kind: 'provisioned', instanceType: 'kafka.m7g.large', brokers: 2, storage: 100 },
    });
    const [cluster] = ofType(pipeline, 'AWS::MSK::Cluster');
    expect(cluster!.Properties).toMatchObject({
      NumberOfBrokerNodes: 2,
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } } },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
    });
  });

  test('runs on a cluster that AWS does not run, with a user name and a password', () => {
    const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka';
    const { pipeline, types } = pipelineOf((stack) => {
      // CDK's own types do not agree where an optional property may not be undefined.
      const vpc = new ec2.Vpc(stack, 'Own', { maxAzs: 2 }) as ec2.IVpc;
      return {
        cluster: {
          kind: 'existing',
          brokers: ['a.example:9096', 'b.example:9096'],
          access: { kind: 'scram', secretArn },
          vpc,
          clients: new ec2.SecurityGroup(stack, 'OwnClients', { vpc }),
        },
      };
    });
    expect(ofType(pipeline, 'AWS::MSK::ServerlessCluster')).toEqual([]);
    const reading = ofType(types.get('shop.order')!, 'AWS::Lambda::EventSourceMapping').find(
      ({ Properties }) => Properties.SelfManagedEventSource !== undefined,
    );
    expect(reading!.Properties).toMatchObject({
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['a.example:9096', 'b.example:9096'] } },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sluice-test-shop.order' },
    });
    const access = reading!.Properties.SourceAccessConfigurations as { Type: string }[];
    const kinds = access.map(({ Type }) => Type);
    expect(new Set(kinds)).toEqual(new Set(['VPC_SUBNET', 'VPC_SECURITY_GROUP', 'SASL_SCRAM_512_AUTH']));
    expect(types.get('shop.order')).not.toContain('kafka-cluster:');
  });

  test('refuses a stage that cannot be in the names of all that it names', () => {
    for (const stage of ['', 'Prod', 'prod_1', '1st', 'a-very-long-stage']) {
      expect(() => pipelineOf({ stage })).toThrow(/a stage is up to 12/);
    }
  });
});

describe('limits', () => {
  test('leave room for 120 event types of 40 fields each', () => {
    const fields = Array.from({ length: 40 }, (_, index) => ({
      name: `field_${index}`,
      type: ['null', 'string'],
      default: null,
      doc: `Field ${index}, which says what it says`,
    }));
    const histories = Array.from({ length: 120 }, (_, index) => historyOfFields(`load.type-${index}`, [fields]));
    const uses = limitsOf(synthesise(temporaryFolder(), histories).directory);
    expect(uses.map(({ limit }) => limit).sort()).toEqual(
      ['API resources', 'bytes', 'mappings', 'outputs', 'parameters', 'resources'].sort(),
    );
    expect(uses.filter(({ used, allowed }) => used > allowed)).toEqual([]);
    // Two of each event type, and the few that are shared.
    const api = uses.find(({ limit }) => limit === 'API resources');
    expect(api!.used).toBeGreaterThanOrEqual(240);
    // One nested stack of each: no event type can have been left out.
    expect(uses.find(({ limit }) => limit === 'resources')!.used).toBeGreaterThan(120);
  });
});
