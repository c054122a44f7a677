import { createFirehoseStream } from '../adapters/aws/firehose.ts';
import { fetchedBatches, type NamedBatch } from '../adapters/aws/kafka-records.ts';
import type { BatchAnswer, KafkaEvent, KafkaIdentifier } from '../adapters/aws/lambda-events.ts';
import { createMetrics, type Metrics } from '../adapters/aws/metrics.ts';
import { topicName } from '../derive/names.ts';
import { type Consume, createConsume } from '../stages/consume.ts';
import { countedDeliveryStream, countedFailedEvents } from './counted.ts';
import {
  batchResponses,
  bucketName,
  type Environment,
  partitioning,
  streamName,
  typeEnvironment,
} from './environment.ts';
import { openEventType } from './event-type.ts';
import { failedEventsIn } from './failed-events.ts';
import { described, log as functionLog, type Log } from './log.ts';
import { once } from './once.ts';

export interface ConsumeParts {
  readonly consume: Consume;
  /** Whether failures are answered by partition, or fail the whole invocation. */
  readonly responses: 'partial' | 'whole';
  readonly metrics: Metrics;
  /** Called before each event is handled. */
  begin(): Promise<void>;
}

/**
 * Takes Kafka records to the delivery stream. A partition whose batch could not be taken comes again from its first
 * record on; the others go on, or come again too where Lambda knows no difference.
 */
export function createConsumeHandler(
  open: () => Promise<ConsumeParts>,
  log: Log = functionLog,
): (event: KafkaEvent) => Promise<BatchAnswer<KafkaIdentifier>> {
  const opened = once(open);
  return async (event) => {
    const { consume, responses, metrics, begin } = await opened();
    await begin();
    let firstError: unknown;
    const again = async ({ name, batch }: NamedBatch): Promise<KafkaIdentifier[]> => {
      try {
        await consume(batch);
        return [];
      } catch (error) {
        firstError ??= error;
        const { offset } = batch.records[0]!;
        log(`partition ${name} is read again from offset ${offset}: ${described(error)}`);
        metrics.count('Retried', batch.records.length);
        return [{ partition: name, offset: Number(offset) }];
      }
    };
    const failures = (await Promise.all(fetchedBatches(event).map(again))).flat();
    metrics.flush();
    if (failures.length > 0 && responses === 'whole') throw firstError;
    return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

export const handler = createConsumeHandler(() => openConsume(process.env));

async function openConsume(env: Environment): Promise<ConsumeParts> {
  const environment = typeEnvironment(env);
  const stream = streamName(env);
  const bucket = bucketName(env);
  const responses = batchResponses(env);
  const partitionBy = partitioning(env);
  const type = await openEventType(environment, { piiKey: 'none', env });
  const clock = { now: Date.now };
  const metrics = createMetrics({ ...environment, clock });
  const topic = topicName(type.eventType);
  const consume = createConsume({
    codecOf: (name) => (name === topic ? type.codecOf(type.eventType) : undefined),
    learn: (_topic, schemaId) => type.learn(type.eventType, schemaId),
    deliveryStream: countedDeliveryStream(createFirehoseStream({ streamName: stream }), metrics, clock),
    failedEvents: countedFailedEvents(failedEventsIn(bucket), metrics),
    clock,
    partitionBy: () => partitionBy,
  });
  return { consume, responses, metrics, begin: type.refresh };
}
