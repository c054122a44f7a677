import type { aws_sqs as sqs } from 'aws-cdk-lib';
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { failedEventsPrefix, topicName } from '../src/derive/names.ts';
import type { PartitionBy } from '../src/derive/partition.ts';
import { SluiceError } from '../src/errors.ts';
import type { SchemaHistory } from '../src/schema/history.ts';
import { personalFields } from '../src/schema/personal-data.ts';
import { acknowledge } from './acknowledge.ts';
import { networkInterfaces } from './functions/function-role.ts';
import { SluiceFunction } from './functions/sluice-function.ts';
import { accessSetting } from './kafka/kafka-cluster.ts';
import { readingStatements, writingStatements } from './kafka/permissions.ts';
import { consumerGroupName, functionName, TYPE_FUNCTIONS, type TypeFunction } from './names.ts';
import { schemaArns } from './registry-arns.ts';
import type { Shared } from './shared.ts';

/** What a function of an event type takes. Memory is in MiB, and CPU comes with it. */
const SIZES: Readonly<
  Record<TypeFunction, { readonly timeout: Duration; readonly memory: number; readonly does: string }>
> = {
  // API Gateway waits for 29 s.
  accept: { timeout: Duration.seconds(29), memory: 1024, does: 'batches over HTTP to the queue' },
  produce: { timeout: Duration.seconds(60), memory: 1024, does: 'queue to Kafka: JSON to Avro' },
  consume: { timeout: Duration.seconds(60), memory: 1024, does: 'Kafka to Firehose: Avro to rows' },
  // Firehose waits for 5 minutes.
  transform: { timeout: Duration.seconds(120), memory: 1024, does: 'Firehose to S3: rows to CSV' },
};

/** The time that a message stays hidden: six times the function's. Source: AWS Lambda Developer Guide, "Amazon SQS". */
export const VISIBILITY = Duration.seconds(6 * SIZES.produce.timeout.toSeconds());

/** The functions of one event type, each with what it must know and may do. */
export function typeFunctions(
  scope: Construct,
  shared: Shared,
  history: SchemaHistory,
  queue: sqs.IQueue,
  delivery: { readonly streamName: string; readonly partitionBy: PartitionBy },
): Record<TypeFunction, SluiceFunction> {
  const { stage, bucket, key, kafka, registryName } = shared;
  const { eventType } = history;
  const topic = topicName(eventType);
  const stream = delivery.streamName;
  const secret = piiSecret(history, shared.piiKeySecretArn);
  const partitioning: Record<string, string> =
    delivery.partitionBy === 'arrival' ? {} : { SLUICE_PARTITION_BY: delivery.partitionBy };
  const brokers = { SLUICE_BROKERS: kafka.brokers, SLUICE_KAFKA_AUTH: accessSetting(kafka.access) };
  const own: Readonly<Record<TypeFunction, Readonly<Record<string, string>>>> = {
    accept: { SLUICE_QUEUE_URL: queue.queueUrl, ...secret },
    produce: { ...brokers, SLUICE_BUCKET: bucket.bucketName, ...secret },
    consume: {
      SLUICE_DELIVERY_STREAM: stream,
      SLUICE_BUCKET: bucket.bucketName,
      SLUICE_BATCH_RESPONSES: shared.pollers === undefined ? 'whole' : 'partial',
      ...partitioning,
    },
    transform: { SLUICE_BUCKET: bucket.bucketName, ...partitioning },
  };
  const { vpc, subnets, clients } = kafka.network;
  const make = (name: TypeFunction): SluiceFunction => {
    const { timeout, memory, does } = SIZES[name];
    const made = new SluiceFunction(scope, name, {
      functionName: functionName(stage, eventType, name),
      handler: name,
      codeOf: shared.codeOf,
      description: `${eventType}: ${does}`,
      environment: {
        SLUICE_STAGE: stage,
        SLUICE_EVENT_TYPE: eventType,
        SLUICE_REGISTRY: `glue://${registryName}`,
        SLUICE_CONTRACT: history.digest,
        ...own[name],
      },
      timeout,
      memory,
      logRetention: shared.logRetention,
      encryptionKey: key,
      network: name === 'produce' ? { vpc, vpcSubnets: subnets, securityGroups: [clients] } : undefined,
    });
    made.allow(['glue:GetSchema', 'glue:GetSchemaVersion'], schemaArns(registryName, eventType));
    return made;
  };
  const functions = Object.fromEntries(TYPE_FUNCTIONS.map((name) => [name, make(name)])) as Record<
    TypeFunction,
    SluiceFunction
  >;
  for (const name of ['produce', 'consume', 'transform'] as const) {
    functions[name].allow(['s3:PutObject'], [bucket.arnForObjects(`${failedEventsPrefix()}*`)]);
    functions[name].allow(['kms:GenerateDataKey'], [key.keyArn]);
    acknowledge(functions[name], {
      [`AwsSolutions-IAM5[Resource::<>/${failedEventsPrefix()}*]`]: 'Objects of failed events, which have no names yet',
    });
  }
  functions.accept.allow(['sqs:SendMessage'], [queue.queueArn]);
  functions.accept.allow(['kms:GenerateDataKey'], [key.keyArn]);
  functions.produce.allow(
    ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
    [queue.queueArn],
  );
  for (const statement of writingStatements(kafka, topic)) functions.produce.permit(statement);
  functions.consume.allow(['firehose:PutRecordBatch'], [shared.streamArn(stream)]);
  functions.consume.allow(['s3:ListBucket'], [bucket.bucketArn]);
  functions.consume.allow(['s3:PutObject'], [bucket.arnForObjects('aws/lambda/*')]);
  acknowledge(functions.consume, {
    'AwsSolutions-IAM5[Resource::<>/aws/lambda/*]':
      'Lambda names the objects of what it could not hand over, below this',
  });
  // Its pollers stand in the VPC, by the function's role; the function does not.
  functions.consume.permit(networkInterfaces());
  for (const statement of readingStatements(kafka, topic, consumerGroupName(stage, eventType))) {
    functions.consume.permit(statement);
  }
  if (secret.SLUICE_PII_KEY_SECRET !== undefined) {
    for (const name of ['accept', 'produce'] as const) {
      functions[name].allow(['secretsmanager:GetSecretValue'], [secret.SLUICE_PII_KEY_SECRET]);
    }
  }
  return functions;
}

/** @throws SluiceError SLUICE_PII_KEY for an event type that hashes, where there is no secret to hash with. */
function piiSecret(
  { eventType, versions }: SchemaHistory,
  arn: string | undefined,
): { SLUICE_PII_KEY_SECRET?: string } {
  const hashed = versions.flatMap(({ root }) => personalFields(root)).find(({ field }) => field.pii === 'hash');
  if (hashed === undefined) return {};
  if (arn !== undefined) return { SLUICE_PII_KEY_SECRET: arn };
  const way = 'give the pipeline a piiKeySecretArn, a secret of 32 characters or more';
  throw new SluiceError('SLUICE_PII_KEY', `${eventType} hashes ${hashed.path}: ${way}`);
}
