import { backOff } from '../adapters/aws/back-off.ts';
import type { BatchAnswer, LambdaContext, SqsEvent } from '../adapters/aws/lambda-events.ts';
import { createMetrics, type Metrics } from '../adapters/aws/metrics.ts';
import { receivedMessage } from '../adapters/aws/queue-message.ts';
import { createKafkaEventLog } from '../adapters/kafka/event-log.ts';
import { isEventId } from '../codec/event-id.ts';
import { patiently } from '../runtime/patiently.ts';
import { createProduce, type Produce } from '../stages/produce.ts';
import { countedEventLog, countedFailedEvents } from './counted.ts';
import { bucketName, type Environment, kafkaEnvironment, typeEnvironment } from './environment.ts';
import { openEventType } from './event-type.ts';
import { failedEventsIn } from './failed-events.ts';
import { openKafka } from './kafka.ts';
import { described, log as functionLog, type Log } from './log.ts';
import { once } from './once.ts';
import { functionPiiKey } from './pii-key.ts';

/**
 * Milliseconds of an invocation in which no batch is begun again: an append may take 30 s until it gives up, and the
 * failure has to be told.
 */
const RESERVED_MS = 35_000;

export interface ProduceOptions {
  readonly log?: Log;
  /** Waits before another try. */
  readonly pause?: (tries: number) => Promise<void>;
}

export interface ProduceParts {
  readonly eventType: string;
  readonly produce: Produce;
  readonly metrics: Metrics;
  /** Called before each batch is handled. */
  begin(): Promise<void>;
}

/**
 * Takes a batch of SQS messages to Kafka, and answers which of them must come again. While Kafka is away it tries again
 * for as long as its time allows: a message that goes back stays hidden for minutes, and its receives are counted. Then
 * the invocation fails: all of them come again, and Lambda polls more slowly.
 */
export function createProduceHandler(
  open: () => Promise<ProduceParts>,
  { log = functionLog, pause = backOff }: ProduceOptions = {},
): (event: SqsEvent, context?: LambdaContext) => Promise<BatchAnswer<string>> {
  const opened = once(open);
  return async ({ Records: records }, context) => {
    const hasTime = (): boolean => (context?.getRemainingTimeInMillis() ?? 0) > RESERVED_MS;
    try {
      const { eventType, produce, metrics, begin } = await opened();
      await begin();
      try {
        const messages = records.map((record) => receivedMessage(record, eventType, isEventId));
        const retry = await patiently(() => produce(messages), {
          mayTryAgain: ({ code }) => code === 'SLUICE_LOG_UNAVAILABLE' && hasTime(),
          pause,
          onFailure: (error) => log(`${described(error)}; trying again`),
        });
        metrics.count('Retried', retry.length);
        return { batchItemFailures: retry.map((itemIdentifier) => ({ itemIdentifier })) };
      } catch (error) {
        metrics.count('Retried', records.length);
        throw error;
      } finally {
        metrics.flush();
      }
    } catch (error) {
      log(`a batch of ${records.length} messages goes back to the queue: ${described(error)}`);
      throw error;
    }
  };
}

export const handler = createProduceHandler(() => openProduce(process.env));

async function openProduce(env: Environment): Promise<ProduceParts> {
  const environment = typeEnvironment(env);
  const kafka = kafkaEnvironment(env);
  const bucket = bucketName(env);
  const type = await openEventType(environment, { piiKey: await functionPiiKey(env), env });
  const clock = { now: Date.now };
  const metrics = createMetrics({ ...environment, clock });
  // Its connections are this execution environment's: MSK takes few new ones a second.
  const eventLog = createKafkaEventLog({ cluster: await openKafka(kafka) });
  const { codecOf, learn } = type;
  const produce = createProduce({
    codecOf,
    learn,
    eventLog: countedEventLog(eventLog, metrics),
    failedEvents: countedFailedEvents(failedEventsIn(bucket), metrics),
    clock,
  });
  return { eventType: type.eventType, produce, metrics, begin: type.refresh };
}
