import { CustomResource, Duration, aws_lambda as lambda, NestedStack, aws_sqs as sqs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { topicName } from '../src/derive/names.ts';
import { type PartitionBy, requireEventTime } from '../src/derive/partition.ts';
import { deriveTopic } from '../src/derive/topic.ts';
import { SluiceError } from '../src/errors.ts';
import type { SchemaHistory } from '../src/schema/history.ts';
import type { Throttle } from './api/shared-api.ts';
import { TypeApi } from './api/type-api.ts';
import { DeliveryStream } from './delivery/delivery-stream.ts';
import { KafkaEventSource } from './kafka/event-source.ts';
import { TypeMonitoring } from './monitoring/index.ts';
import { consumerGroupName, deadLetterQueueName, functionNames, queueName, streamName } from './names.ts';
import type { Pipeline } from './pipeline.ts';
import { EventTable } from './query/index.ts';
import type { Shared } from './shared.ts';
import { typeFunctions, VISIBILITY } from './type-functions.ts';

export interface EventTypeProps {
  readonly history: SchemaHistory;
  /** Requests a second, and how many at once; those of the stage by default. */
  readonly throttle?: Throttle | undefined;
  /** What decides in which partition an event lies; as the pipeline says by default. */
  readonly partitionBy?: PartitionBy | undefined;
}

/** Receives after which a message is a dead letter. It comes again every 6 minutes: about 5 hours without Kafka. */
const MAX_RECEIVES = 50;

/**
 * All of one event type: API, queue, functions, topic and schemas, stream, table, views, alarms. It is a stack of its own
 * within the pipeline's, and says nothing of any other event type: adding or removing one leaves the others' untouched.
 */
export class EventType extends Construct {
  readonly stack: NestedStack;

  /**
   * @throws SluiceError SLUICE_USAGE where the history is another event type's, or names no event time to partition by;
   *   SLUICE_PII_KEY where it hashes personal data, and the pipeline has no key; SLUICE_SCHEMA_INVALID where no table can
   *   hold it, or another event type has its names.
   */
  constructor(pipeline: Pipeline, eventType: string, props: EventTypeProps) {
    const { history, throttle } = props;
    super(pipeline, eventType);
    if (history.eventType !== eventType) {
      throw new SluiceError(
        'SLUICE_USAGE',
        `the history of ${history.eventType} is given for ${eventType}; give its own`,
      );
    }
    const { shared } = pipeline;
    const { partitionBy = shared.partitionBy } = props;
    if (partitionBy === 'event-time') requireEventTime(history);
    pipeline.admit(eventType);
    this.stack = new NestedStack(this, 'Stack', { description: `Sluice: ${eventType}` });
    const { stage } = shared;
    const delivery = { streamName: streamName(stage, eventType, partitionBy), partitionBy };
    // Named by their names, so that CloudFormation sees no reference to wait for.
    for (const foundation of shared.foundations) this.stack.nestedStackResource!.node.addDependency(foundation);

    const contract = this.contract(shared, history);
    const queue = this.queue(shared, eventType);
    const { accept, produce, consume, transform } = typeFunctions(this.stack, shared, history, queue, delivery);
    const { database, bucket } = shared;
    const table = new EventTable(this.stack, 'Table', { history, database, bucket, partitionBy });
    const stream = new DeliveryStream(this.stack, 'Delivery', {
      ...delivery,
      eventType,
      bucket: shared.bucket,
      encryptionKey: shared.key,
      transform: transform.function,
      logRetention: shared.logRetention,
      buffer: shared.buffer,
      isBackedUp: shared.isBackedUp,
    });
    const reading = new KafkaEventSource(this.stack, 'Reading', {
      cluster: shared.kafka,
      topic: topicName(eventType),
      consumerGroup: consumerGroupName(stage, eventType),
      function: consume.function,
      failures: shared.bucket,
      pollers: shared.pollers,
    });
    const taking = new lambda.EventSourceMapping(this.stack, 'Taking', {
      target: produce.function,
      eventSourceArn: queue.queueArn,
      batchSize: 500,
      maxBatchingWindow: Duration.seconds(1),
      maxConcurrency: shared.produceConcurrency,
      reportBatchItemFailures: true,
    });
    const api = new TypeApi(this.stack, 'Api', {
      shared: shared.api,
      history,
      queue,
      queueKey: shared.key,
      accept: accept.function,
      throttle,
    });
    shared.api.addType(api);
    new TypeMonitoring(this.stack, 'Monitoring', {
      eventType,
      stage,
      queueName: queueName(stage, eventType),
      deadLetterQueueName: deadLetterQueueName(stage, eventType),
      functionNames: functionNames(stage, eventType),
      deliveryStreamName: delivery.streamName,
      partitionBy,
      apiName: shared.api.api.restApiName,
      apiStage: shared.api.stageName,
      alarmTopic: shared.alarmTopic,
    });

    // Each waits for what it hands over to: nothing is read before it is there, nor written before it can be read.
    transform.node.addDependency(contract);
    stream.node.addDependency(table);
    consume.node.addDependency(stream);
    reading.node.addDependency(consume);
    produce.node.addDependency(reading);
    taking.node.addDependency(produce);
    api.node.addDependency(taking);
  }

  /** Topic and schema versions: made by a function, since CloudFormation makes neither. */
  private contract(shared: Shared, history: SchemaHistory): CustomResource {
    return new CustomResource(this.stack, 'Contract', {
      resourceType: 'Custom::SluiceContract',
      serviceToken: shared.contractToken,
      properties: {
        EventType: history.eventType,
        Topic: deriveTopic(history),
        RegistryName: shared.registryName,
        Versions: history.versions.map(({ definition }) => JSON.stringify(definition)),
        RemovalPolicy: shared.contractRemoval,
        Digest: history.digest,
      },
    });
  }

  /** The queue, with the one for messages that nothing could be done with. */
  private queue({ stage, key, removalPolicy }: Shared, eventType: string): sqs.Queue {
    const stored = { encryptionMasterKey: key, enforceSSL: true, retentionPeriod: Duration.days(14), removalPolicy };
    const deadLetters = new sqs.Queue(this.stack, 'DeadLetters', {
      ...stored,
      queueName: deadLetterQueueName(stage, eventType),
    });
    return new sqs.Queue(this.stack, 'Queue', {
      ...stored,
      queueName: queueName(stage, eventType),
      visibilityTimeout: VISIBILITY,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }
}
