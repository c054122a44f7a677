import { deriveAthenaViews } from '../../src/derive/athena-views.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import { deriveTable } from '../../src/derive/table.ts';
import { deriveTopic } from '../../src/derive/topic.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';

/** A resource as a template has it, to be changed by a test. */
export interface TestResource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests change templates at any depth.
  Properties: Record<string, any>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Metadata?: object;
}
export interface TestTemplate {
  Resources: Record<string, TestResource>;
}

/** What an event type's nested stack is made of, as far as data is concerned. */
export function typeTemplate(history: SchemaHistory): TestTemplate {
  const layout = deriveLayout(history);
  const name = `sluice-dev-${history.eventType.replaceAll('.', '-')}`;
  return {
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: name, MessageRetentionPeriod: 1_209_600 } },
      Stream: {
        Type: 'AWS::KinesisFirehose::DeliveryStream',
        Properties: {
          DeliveryStreamName: name,
          ExtendedS3DestinationConfiguration: { BucketARN: { Ref: 'BucketArn' }, BufferingHints: { SizeInMBs: 64 } },
        },
      },
      Table: {
        Type: 'AWS::Glue::Table',
        Properties: {
          CatalogId: { Ref: 'AWS::AccountId' },
          DatabaseName: 'sluice_dev',
          TableInput: structuredClone(deriveTable(layout, { bucketUri: 's3://events' })),
        },
      },
      View: {
        Type: 'AWS::Glue::Table',
        Properties: {
          DatabaseName: 'sluice_dev',
          TableInput: structuredClone(deriveAthenaViews(layout, { database: 'sluice_dev' }).all),
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { Ref: 'ClusterArn' },
          StartingPosition: 'TRIM_HORIZON',
          Topics: [history.eventType],
        },
      },
      Contract: {
        Type: 'Custom::SluiceContract',
        Properties: {
          ServiceToken: { Ref: 'Provider' },
          EventType: history.eventType,
          Topic: structuredClone(deriveTopic(history)),
          RegistryName: 'sluice-dev',
          Versions: history.versions.map(({ definition }) => JSON.stringify(definition)),
          RemovalPolicy: 'retain',
        },
      },
    },
  };
}

/** What all event types share, with a nested stack for each of the names. */
export function parentTemplate(nested: readonly string[]): TestTemplate {
  return {
    Resources: {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'events' }, DeletionPolicy: 'Retain' },
      Cluster: { Type: 'AWS::MSK::ServerlessCluster', Properties: { ClusterName: 'sluice-dev', VpcConfigs: [{}] } },
      Registry: { Type: 'AWS::Glue::Registry', Properties: { Name: 'sluice-dev' } },
      Provider: {
        Type: 'AWS::Lambda::Function',
        Properties: { FunctionName: 'sluice-dev-provision', MemorySize: 512 },
      },
      ...Object.fromEntries(
        nested.map((id) => [
          id,
          {
            Type: 'AWS::CloudFormation::Stack',
            Properties: {
              TemplateURL: `https://s3/${id}`,
              Parameters: {
                BucketArn: { 'Fn::GetAtt': ['Bucket', 'Arn'] },
                ClusterArn: { 'Fn::GetAtt': ['Cluster', 'Arn'] },
                Provider: { 'Fn::GetAtt': ['Provider', 'Arn'] },
              },
            },
            Metadata: { 'aws:asset:path': `${id}.nested.template.json` },
          },
        ]),
      ),
    },
  };
}
