import { createHash } from 'node:crypto';
import type { PartitionBy } from '../src/derive/partition.ts';

/** What resources are called. Alarms, policies and people find them by these names, so there is one place for each. */

/** The functions of one event type. */
export const TYPE_FUNCTIONS = ['accept', 'produce', 'consume', 'transform'] as const;
export type TypeFunction = (typeof TYPE_FUNCTIONS)[number];

/** Lambda function; AWS takes 64 characters. */
export function functionName(stage: string, eventType: string, name: TypeFunction): string {
  return named(stage, eventType, `-${name}`, 64);
}

/** All of them by what they do. */
export function functionNames(stage: string, eventType: string): Record<TypeFunction, string> {
  const names = TYPE_FUNCTIONS.map((name) => [name, functionName(stage, eventType, name)]);
  return Object.fromEntries(names) as Record<TypeFunction, string>;
}

/** The function that brings topics and schema versions about. */
export function provisionName(stage: string): string {
  return `sluice-${stage}-provision`;
}

/** SQS queue; AWS takes 80 characters. */
export function queueName(stage: string, eventType: string): string {
  return named(stage, eventType, '', 80);
}

export function deadLetterQueueName(stage: string, eventType: string): string {
  return named(stage, eventType, '-dead-letters', 80);
}

/**
 * Firehose stream; AWS takes 64 characters. How a stream partitions is said when it is made: one that does it otherwise is
 * another one, and CloudFormation cannot make a second one of the same name. No event type leaves a dot in a name.
 */
export function streamName(stage: string, eventType: string, partitionBy: PartitionBy = 'arrival'): string {
  return named(stage, eventType, partitionBy === 'arrival' ? '' : `.${partitionBy}`, 64);
}

/** Consumer group of an event type's event source mapping. */
export function consumerGroupName(stage: string, eventType: string): string {
  return `sluice-${stage}-${eventType}`;
}

/** Glue database, as SQL writes it. */
export function databaseName(stage: string): string {
  return `sluice_${stage.replaceAll('-', '_')}`;
}

/** Glue schema registry. */
export function registryName(stage: string): string {
  return `sluice-${stage}`;
}

/** Athena workgroup. */
export function workgroupName(stage: string): string {
  return `sluice-${stage}`;
}

/** CloudWatch dashboard of one event type. */
export function dashboardName(stage: string, eventType: string): string {
  return named(stage, eventType, '', 255);
}

/** CloudWatch dashboard over all of them. */
export function overviewName(stage: string): string {
  return `sluice-${stage}`;
}

/** SNS topic that alarms go to. */
export function alarmTopicName(stage: string): string {
  return `sluice-${stage}-alarms`;
}

/**
 * A name with the event type in it. No two event types of a pipeline share a view, so dots may become dashes; what is
 * too long is cut, and told apart by a hash.
 */
function named(stage: string, eventType: string, suffix: string, most: number): string {
  const prefix = `sluice-${stage}-`;
  const type = eventType.replaceAll('.', '-');
  const room = most - prefix.length - suffix.length;
  if (type.length <= room) return `${prefix}${type}${suffix}`;
  const hash = createHash('sha256').update(eventType).digest('hex').slice(0, 8);
  return `${prefix}${type.slice(0, room - 9)}-${hash}${suffix}`;
}
