import {
  aws_cloudwatch_actions as actions,
  aws_cloudwatch as cloudwatch,
  Duration,
  type aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { TypeFunction } from '../names.ts';

export interface TypeMonitoringProps {
  readonly eventType: string;
  readonly stage: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly functionNames: Readonly<Record<TypeFunction, string>>;
  readonly deliveryStreamName: string;
  /** Who is told; nobody by default. */
  readonly alarmTopic?: sns.ITopic;
}

/** The alarms of one event type. Each names the section of docs/runbook.md that says what to do. */
export class TypeMonitoring extends Construct {
  constructor(scope: Construct, id: string, props: TypeMonitoringProps) {
    super(scope, id);
    const { eventType, stage, queueName, deadLetterQueueName, functionNames, deliveryStreamName, alarmTopic } = props;
    const alarm = (
      name: string,
      section: string,
      metric: readonly [namespace: string, name: string, statistic: string, dimensions: Record<string, string>],
      threshold: number,
      periods = 1,
    ): void => {
      const [namespace, metricName, statistic, dimensionsMap] = metric;
      const made = new cloudwatch.Alarm(this, name, {
        metric: new cloudwatch.Metric({ namespace, metricName, statistic, dimensionsMap, period: Duration.minutes(5) }),
        threshold,
        evaluationPeriods: periods,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        // These metrics are absent where nothing happens, and nothing is wrong then.
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        alarmDescription: `${eventType} (${stage}): see docs/runbook.md#${section}`,
      });
      if (alarmTopic !== undefined) made.addAlarmAction(new actions.SnsAction(alarmTopic));
    };
    for (const [name, FunctionName] of Object.entries(functionNames)) {
      alarm(`${name}-errors`, 'function-errors', ['AWS/Lambda', 'Errors', 'Sum', { FunctionName }], 0, 2);
      alarm(`${name}-throttles`, 'function-throttles', ['AWS/Lambda', 'Throttles', 'Sum', { FunctionName }], 0, 2);
    }
    const [QueueName, DeliveryStreamName, FunctionName] = [queueName, deliveryStreamName, functionNames.consume];
    const dead = { QueueName: deadLetterQueueName };
    alarm('dead-letters', 'dead-letters', ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', dead], 0);
    // Seconds: the queue is meant to be empty within one.
    alarm('queue-age', 'queue-age', ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum', { QueueName }], 300);
    alarm('kafka-lag', 'kafka-lag', ['AWS/Lambda', 'OffsetLag', 'Maximum', { FunctionName }], 10_000, 2);
    // Seconds: thrice the longest that Firehose collects.
    const freshness = 'DeliveryToS3.DataFreshness';
    alarm('delivery-age', 'delivery-age', ['AWS/Firehose', freshness, 'Maximum', { DeliveryStreamName }], 2_700);
    alarm('failed-events', 'failed-events', ['Sluice', 'Failed', 'Sum', { EventType: eventType, Stage: stage }], 0);
  }
}
