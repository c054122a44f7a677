import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import type { PartitionBy } from '../../src/derive/partition.ts';
import { TYPE_FUNCTIONS, type TypeFunction } from '../names.ts';

/** What an event type's resources are called; names and not resources, so that metrics make nothing wait. */
export interface TypeNames {
  readonly eventType: string;
  readonly stage: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly functionNames: Readonly<Record<TypeFunction, string>>;
  readonly deliveryStreamName: string;
  /** How the stream partitions; by arrival where nobody says otherwise. */
  readonly partitionBy?: PartitionBy;
  readonly apiName: string;
  readonly apiStage: string;
}

type Statistic = 'Sum' | 'Maximum' | 'Average' | 'p99';

/**
 * The metrics of one event type, over five minutes each. What the functions count themselves is in the namespace
 * `Sluice` (docs/functions.md); the others are AWS's own.
 */
export function typeMetrics(names: TypeNames, period = Duration.minutes(5)) {
  const metric = (namespace: string, metricName: string, statistic: Statistic, dimensionsMap: Record<string, string>) =>
    new cloudwatch.Metric({ namespace, metricName, statistic, dimensionsMap, period });
  const { eventType, queueName, deadLetterQueueName, functionNames, deliveryStreamName } = names;
  const queue = (name: string, statistic: Statistic, QueueName = queueName) =>
    metric('AWS/SQS', name, statistic, { QueueName });
  const own = (name: string, statistic: Statistic = 'Sum') =>
    metric('Sluice', name, statistic, { EventType: eventType, Stage: names.stage });
  const stream = (name: string, statistic: Statistic) =>
    metric('AWS/Firehose', name, statistic, { DeliveryStreamName: deliveryStreamName });
  // The route of single events; batches are accept's, whose errors have alarms of their own.
  const route = { ApiName: names.apiName, Stage: names.apiStage, Resource: `/events/${eventType}`, Method: 'POST' };
  const ofFunctions = (name: string) =>
    Object.fromEntries(
      TYPE_FUNCTIONS.map((one) => [one, metric('AWS/Lambda', name, 'Sum', { FunctionName: functionNames[one] })]),
    ) as Record<TypeFunction, cloudwatch.Metric>;
  return {
    errors: ofFunctions('Errors'),
    throttles: ofFunctions('Throttles'),
    /** Messages sent: single events by API Gateway, batches by accept. */
    sent: queue('NumberOfMessagesSent', 'Sum'),
    waiting: queue('ApproximateNumberOfMessagesVisible', 'Maximum'),
    underWay: queue('ApproximateNumberOfMessagesNotVisible', 'Maximum'),
    queueAge: queue('ApproximateAgeOfOldestMessage', 'Maximum'),
    deadLetters: queue('ApproximateNumberOfMessagesVisible', 'Maximum', deadLetterQueueName),
    lag: metric('AWS/Lambda', 'OffsetLag', 'Maximum', { FunctionName: functionNames.consume }),
    produced: own('Produced'),
    delivered: own('Delivered'),
    failed: own('Failed'),
    latency: own('LatencyMs', 'p99'),
    deliveryAge: stream('DeliveryToS3.DataFreshness', 'Maximum'),
    deliveryThrottles: stream('ThrottledRecords', 'Sum'),
    /** 1 while rows go to the errors, since the stream collects for as many partitions as it may. */
    partitionsExceeded: stream('PartitionCountExceeded', 'Maximum'),
    requests: metric('AWS/ApiGateway', 'Count', 'Sum', route),
    refusals: metric('AWS/ApiGateway', '4XXError', 'Average', route),
    apiErrors: metric('AWS/ApiGateway', '5XXError', 'Sum', route),
  };
}

/**
 * Events that were accepted within a day and are nowhere: neither delivered, nor failed, nor anywhere on their way.
 * What was on its way at the day's start is delivered within it, which only makes the number smaller, as does whatever is
 * delivered twice.
 */
export function missingEvents(names: TypeNames): cloudwatch.MathExpression {
  const { sent, delivered, failed, waiting, underWay, lag, deadLetters } = typeMetrics(names, Duration.days(1));
  return new cloudwatch.MathExpression({
    label: 'accepted - delivered - failed - on their way',
    expression:
      'FILL(sent, 0) - FILL(delivered, 0) - FILL(failed, 0) - FILL(waiting, 0) - FILL(underWay, 0) - FILL(lag, 0) - FILL(dead, 0)',
    usingMetrics: { sent, delivered, failed, waiting, underWay, lag, dead: deadLetters },
    period: Duration.days(1),
  });
}
