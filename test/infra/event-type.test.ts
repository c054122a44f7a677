import { join } from 'node:path';
import { App, aws_lambda as lambda, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { EventType, type PartitionBy, Pipeline, readSchemas } from '../../infra/index.ts';
import { referencesIn } from '../../src/deploy/template.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import { rawTableName } from '../../src/derive/names.ts';
import { tableColumns } from '../../src/derive/table-columns.ts';
import { deriveTopic } from '../../src/derive/topic.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { historyOfFields } from '../support/histories.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Options, ofType, type Resource, resourcesOf, synthesise } from './synthesise.ts';

const EVENT_TYPE = 'seismic.earthquake';

let history: SchemaHistory;

beforeAll(async () => {
  const histories = await readSchemas(join(import.meta.dirname, '../../schemas'));
  history = histories.find(({ eventType }) => eventType === EVENT_TYPE)!;
});

function typeTemplate(options: Options = {}): string {
  return synthesise(temporaryFolder(), [history], options).types.get(EVENT_TYPE)!;
}

describe('an event type', () => {
  test('has its table in the columns of its layout, in that order', () => {
    const tables = ofType(typeTemplate(), 'AWS::Glue::Table').map(
      ({ Properties }) => Properties.TableInput as TableInput,
    );
    const table = tables.find(({ Name }) => Name === rawTableName(EVENT_TYPE))!;
    const expected = tableColumns(deriveLayout(history)).map(({ name, type }) => [name, type]);
    expect(table.StorageDescriptor.Columns.map(({ Name, Type }) => [Name, Type])).toEqual(expected);
  });

  test('hands the topic and all versions to the function that makes them', () => {
    const [contract] = ofType(typeTemplate(), 'Custom::SluiceContract');
    const { Versions, Topic, Digest } = contract!.Properties as Record<string, unknown>;
    expect((Versions as string[]).map((text) => JSON.parse(text))).toEqual(
      history.versions.map(({ definition }) => definition),
    );
    expect(Topic).toEqual(deriveTopic(history));
    expect(Digest).toBe(history.digest);
  });

  test('writes gzip that Athena can tell by its name, in the partitions of its table', () => {
    const [stream] = ofType(typeTemplate(), 'AWS::KinesisFirehose::DeliveryStream');
    const destination = stream!.Properties.ExtendedS3DestinationConfiguration as Record<string, unknown>;
    expect(destination).toMatchObject({
      CompressionFormat: 'GZIP',
      FileExtension: '.csv.gz',
      Prefix: `events/${EVENT_TYPE}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/`,
      ErrorOutputPrefix: expect.stringMatching(
        new RegExp(`^delivery-errors/${EVENT_TYPE}/!\\{firehose:error-output-type\\}/`),
      ),
      CustomTimeZone: 'UTC',
      BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 64 },
    });
    expect(destination.S3BackupMode).toBeUndefined();
    const [processor] = (destination.ProcessingConfiguration as { Processors: Processor[] }).Processors;
    const parameters = processor!.Parameters.map(({ ParameterName, ParameterValue }) => [
      ParameterName,
      ParameterValue,
    ]);
    expect(Object.fromEntries(parameters)).toMatchObject({ BufferSizeInMBs: '1', BufferIntervalInSeconds: '60' });
  });

  test('lies by its event time where that is asked for: stream, functions and table say the same', () => {
    const made = typeTemplate({ partitionBy: 'event-time' });
    const [stream] = ofType(made, 'AWS::KinesisFirehose::DeliveryStream');
    const name = 'sluice-test-seismic-earthquake.event-time';
    expect(stream!.Properties).toMatchObject({
      // Another one: how a stream partitions cannot be changed.
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        Prefix: `events/${EVENT_TYPE}/dt=!{partitionKeyFromLambda:dt}/hour=!{partitionKeyFromLambda:hour}/`,
        DynamicPartitioningConfiguration: { Enabled: true },
        ErrorOutputPrefix: expect.stringMatching(/^delivery-errors\//),
      },
    });
    expect(variablesOf(made, 'consume')).toMatchObject({
      SLUICE_DELIVERY_STREAM: name,
      SLUICE_PARTITION_BY: 'event-time',
    });
    expect(variablesOf(made, 'transform').SLUICE_PARTITION_BY).toBe('event-time');
    const puts = statementsOf(made).filter(({ Action }) => [Action].flat().includes('firehose:PutRecordBatch'));
    expect(JSON.stringify(puts.map(({ Resource }) => Resource))).toContain(`:deliverystream/${name}"`);
    const table = ofType(made, 'AWS::Glue::Table').map(({ Properties }) => Properties.TableInput as TableInput)[0]!;
    expect(table.Parameters['projection.dt.range']).toBe('2024-01-01,NOW+1DAYS');
  });

  test('says nothing of partitions by event time where nobody asks for them', () => {
    expect(typeTemplate()).not.toMatch(/event-time|partitionKeyFrom|DynamicPartitioning|PARTITION_BY|PartitionCount/);
    expect(typeTemplate({ partitionBy: 'arrival' })).toBe(typeTemplate());
  });

  test('may partition otherwise than its pipeline, and must where it says no event time', () => {
    const timeless = historyOfFields('shop.order', [[{ name: 'id', type: 'string' }]]);
    const make = (partitionBy?: PartitionBy) => {
      const stack = new Stack(new App({ outdir: temporaryFolder(), analyticsReporting: false }), 'sluice-test');
      const codeOf = () => lambda.Code.fromAsset(join(import.meta.dirname, 'code'));
      const pipeline = new Pipeline(stack, 'Pipeline', { stage: 'test', codeOf, partitionBy: 'event-time' });
      return new EventType(pipeline, 'shop.order', { history: timeless, partitionBy });
    };
    expect(() => make()).toThrow(
      /^shop\.order: v1 names no field for partitions by event time; .*"eventTime".*"arrival"$/,
    );
    const [stream] = Object.values(
      Template.fromStack(make('arrival').stack).findResources('AWS::KinesisFirehose::DeliveryStream'),
    );
    expect(stream!.Properties.DeliveryStreamName).toBe('sluice-test-shop-order');
  });

  test('keeps the rows as they were before the transformation where that is asked for', () => {
    const [stream] = ofType(typeTemplate({ sourceBackup: true }), 'AWS::KinesisFirehose::DeliveryStream');
    expect(stream!.Properties.ExtendedS3DestinationConfiguration).toMatchObject({
      S3BackupMode: 'Enabled',
      S3BackupConfiguration: { Prefix: expect.stringMatching(/^sources\/seismic\.earthquake\//) },
    });
  });

  test('takes messages back one by one, and hides them for six times as long as they may take', () => {
    const made = typeTemplate();
    const mapping = mappingOf(made, 'Taking');
    expect(mapping).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
      MaximumBatchingWindowInSeconds: 1,
    });
    const produce = functionOf(made, 'produce');
    const queue = queueOf(made, 'sluice-test-seismic-earthquake');
    expect(queue.VisibilityTimeout).toBe(6 * (produce.Timeout as number));
    expect(queue.RedrivePolicy).toMatchObject({ maxReceiveCount: expect.any(Number) });
  });

  test('reads Kafka with failures by partition where it has pollers of its own, and as a whole elsewhere', () => {
    const shared = typeTemplate();
    expect(mappingOf(shared, 'Reading')).toMatchObject({
      Topics: [EVENT_TYPE],
      StartingPosition: 'TRIM_HORIZON',
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sluice-test-seismic.earthquake' },
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    });
    expect(mappingOf(shared, 'Reading').FunctionResponseTypes).toBeUndefined();
    expect(variablesOf(shared, 'consume').SLUICE_BATCH_RESPONSES).toBe('whole');
    const own = typeTemplate({ pollers: { minimum: 1, maximum: 4 } });
    expect(mappingOf(own, 'Reading')).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10_000,
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 4 },
    });
    expect(variablesOf(own, 'consume').SLUICE_BATCH_RESPONSES).toBe('partial');
  });

  test('encrypts its queues and its stream with the key of the pipeline, and takes messages over TLS only', () => {
    const made = typeTemplate();
    const queues = ofType(made, 'AWS::SQS::Queue');
    expect(queues).toHaveLength(2);
    for (const { Properties } of queues)
      expect(Properties.KmsMasterKeyId).toEqual({ Ref: expect.stringMatching(/Key/) });
    for (const { Properties } of ofType(made, 'AWS::SQS::QueuePolicy')) {
      expect(JSON.stringify(Properties)).toContain(
        '"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"',
      );
    }
    const [stream] = ofType(made, 'AWS::KinesisFirehose::DeliveryStream');
    expect(stream!.Properties.DeliveryStreamEncryptionConfigurationInput).toMatchObject({
      KeyType: 'CUSTOMER_MANAGED_CMK',
    });
  });

  test('allows no action by a wildcard, and all resources only where AWS has none to name', () => {
    for (const statement of statementsOf(typeTemplate())) {
      expect([statement.Action].flat().filter((action) => action.includes('*'))).toEqual([]);
      if ([statement.Resource].flat().includes('*')) {
        for (const action of [statement.Action].flat())
          expect(action).toMatch(/^(xray:Put|ec2:\w*NetworkInterface|ec2:Describe)/);
      }
    }
  });

  test('lets functions at its own topic and group only', () => {
    const resources = statementsOf(typeTemplate())
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kafka-cluster:')))
      .flatMap(({ Resource }) => [Resource].flat())
      .map((resource) => JSON.stringify(resource));
    const within = resources.filter((resource) => resource.includes('Fn::Split'));
    expect(within.length).toBeGreaterThan(2);
    for (const resource of within) expect(resource).toMatch(/"\/(sluice-test-)?seismic\.earthquake"\]\]\}$/);
  });

  test('gives a function the secret for personal data where its schema hashes some, and no other', () => {
    const secret = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:pii';
    const email = { name: 'email', type: 'string', pii: 'hash' };
    const made = synthesise(temporaryFolder(), [historyOfFields('shop.order', [[email]]), history], {
      piiKeySecretArn: secret,
    }).types;
    const hashing = made.get('shop.order')!;
    expect(variablesOf(hashing, 'produce').SLUICE_PII_KEY_SECRET).toBe(secret);
    expect(variablesOf(hashing, 'accept').SLUICE_PII_KEY_SECRET).toBe(secret);
    expect(variablesOf(hashing, 'transform').SLUICE_PII_KEY_SECRET).toBeUndefined();
    expect(made.get(EVENT_TYPE)).not.toContain(secret);
  });

  test('is refused where its schema hashes personal data and there is no key', () => {
    const email = { name: 'email', type: 'string', pii: 'hash' };
    const order = historyOfFields('shop.order', [[email]]);
    expect(() => synthesise(temporaryFolder(), [order])).toThrow(
      /shop\.order hashes \$\.email: give .*piiKeySecretArn/,
    );
  });

  test('is refused where another has its names', () => {
    const fields = [[{ name: 'id', type: 'string' }]];
    const twins = ['shop.order', 'shop_order'].map((eventType) => historyOfFields(eventType, fields));
    expect(() => synthesise(temporaryFolder(), twins)).toThrow(/rename the event type/);
  });

  test('is made from the end to the beginning, so that nothing is read before it is there', () => {
    const resources = resourcesOf(typeTemplate());
    const waits = (from: string, to: string): boolean => reaches(resources, idOf(resources, from), idOf(resources, to));
    const pairs = [
      ['transformFunction', 'Contract'],
      ['DeliveryStream', 'transformFunction'],
      ['DeliveryStream', 'TableView'],
      ['consumeFunction', 'DeliveryStream'],
      ['ReadingMapping', 'consumeFunction'],
      ['produceFunction', 'ReadingMapping'],
      ['Taking', 'produceFunction'],
      ['ApiEvent', 'Taking'],
      ['ApiEvents', 'Taking'],
    ] as const;
    for (const [later, earlier] of pairs)
      expect([later, earlier, waits(later, earlier)]).toEqual([later, earlier, true]);
  });
});

interface TableInput {
  readonly Name: string;
  readonly Parameters: Readonly<Record<string, string>>;
  readonly StorageDescriptor: { readonly Columns: readonly { readonly Name: string; readonly Type: string }[] };
}

interface Processor {
  readonly Parameters: readonly { readonly ParameterName: string; readonly ParameterValue: unknown }[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** What roles and policies allow; the policies of queues deny. */
function statementsOf(text: string): Statement[] {
  const policies = ofType(text, 'AWS::IAM::Policy').map(({ Properties }) => Properties.PolicyDocument);
  const inline = ofType(text, 'AWS::IAM::Role').flatMap(({ Properties }) =>
    ((Properties.Policies ?? []) as { PolicyDocument: unknown }[]).map(({ PolicyDocument }) => PolicyDocument),
  );
  const statements = [...policies, ...inline].flatMap((document) => (document as { Statement: Statement[] }).Statement);
  expect(statements.length).toBeGreaterThan(10);
  return statements;
}

/** The logical id that is a name and a hash of eight digits. */
function idOf(resources: Readonly<Record<string, Resource>>, name: string): string {
  const id = Object.keys(resources).find((key) => key.replace(/[0-9A-F]{8}$/, '') === name);
  if (id === undefined) throw new Error(`no resource is called ${name}`);
  return id;
}

function reaches(resources: Readonly<Record<string, Resource>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    next.push(...(resources[id]?.DependsOn ?? []), ...referencesIn(resources[id]?.Properties));
  }
  return false;
}

function mappingOf(text: string, name: string): Readonly<Record<string, unknown>> {
  const mappings = Object.entries(resourcesOf(text)).filter(
    ([, { Type }]) => Type === 'AWS::Lambda::EventSourceMapping',
  );
  return mappings.find(([id]) => id.startsWith(name))![1].Properties;
}

function functionOf(text: string, name: string): Readonly<Record<string, unknown>> {
  const functions = Object.entries(resourcesOf(text)).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
  return functions.find(([id]) => id.startsWith(name))![1].Properties;
}

function variablesOf(text: string, name: string): Readonly<Record<string, unknown>> {
  return (functionOf(text, name).Environment as { Variables: Record<string, unknown> }).Variables;
}

function queueOf(text: string, name: string): Readonly<Record<string, unknown>> {
  return ofType(text, 'AWS::SQS::Queue').find(({ Properties }) => Properties.QueueName === name)!.Properties;
}
