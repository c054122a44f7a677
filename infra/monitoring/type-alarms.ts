import type { aws_cloudwatch as cloudwatch } from 'aws-cdk-lib';
import { TYPE_FUNCTIONS } from '../names.ts';
import { missingEvents, type TypeNames, typeMetrics } from './type-metrics.ts';

/** When somebody is to be told. */
export interface TypeAlarm {
  readonly name: string;
  /** Of docs/runbook.md. */
  readonly section: string;
  readonly metric: cloudwatch.IMetric;
  /** The alarm is raised above it. */
  readonly threshold: number;
  /** Periods in a row: one where a single one is bad enough. */
  readonly periods: number;
}

/** The alarms of one event type. */
export function typeAlarms(names: TypeNames): TypeAlarm[] {
  const metrics = typeMetrics(names);
  const perFunction = TYPE_FUNCTIONS.flatMap((name): TypeAlarm[] => [
    // What fails once comes again by itself; what fails for ten minutes does not get better by waiting.
    { name: `${name}-errors`, section: 'function-errors', metric: metrics.errors[name], threshold: 0, periods: 2 },
    {
      name: `${name}-throttles`,
      section: 'function-throttles',
      metric: metrics.throttles[name],
      threshold: 0,
      periods: 2,
    },
  ]);
  return [
    ...perFunction,
    { name: 'dead-letters', section: 'dead-letters', metric: metrics.deadLetters, threshold: 0, periods: 1 },
    // Seconds: the queue is meant to be empty within one.
    { name: 'queue-age', section: 'queue-age', metric: metrics.queueAge, threshold: 300, periods: 1 },
    // Records: ten calls of consume with full batches.
    { name: 'kafka-lag', section: 'kafka-lag', metric: metrics.lag, threshold: 10_000, periods: 2 },
    // Seconds: thrice the longest that Firehose can be told to collect.
    { name: 'delivery-age', section: 'delivery-age', metric: metrics.deliveryAge, threshold: 2_700, periods: 1 },
    {
      name: 'delivery-throttles',
      section: 'delivery-throttles',
      metric: metrics.deliveryThrottles,
      threshold: 0,
      periods: 2,
    },
    ...(names.partitionBy === 'event-time'
      ? [
          {
            name: 'delivery-partitions',
            section: 'delivery-partitions',
            metric: metrics.partitionsExceeded,
            threshold: 0,
            periods: 1,
          },
        ]
      : []),
    { name: 'failed-events', section: 'failed-events', metric: metrics.failed, threshold: 0, periods: 1 },
    { name: 'api-errors', section: 'api-errors', metric: metrics.apiErrors, threshold: 0, periods: 2 },
    // A share: one sender with one bad event is its own matter, half of all requests are everybody's.
    { name: 'api-refusals', section: 'api-refusals', metric: metrics.refusals, threshold: 0.5, periods: 3 },
    { name: 'missing-events', section: 'missing-events', metric: missingEvents(names), threshold: 0, periods: 1 },
  ];
}
