/**
 * The pipeline on AWS, for CDK apps.
 *
 * @example
 * const pipeline = new Pipeline(stack, 'Pipeline', { stage: 'prod' });
 * for (const history of await readSchemas('schemas')) new EventType(pipeline, history.eventType, { history });
 */
export type { PartitionBy } from '../src/derive/partition.ts';
export type { ContractRemoval } from './contract-token.ts';
export { EventType, type EventTypeProps } from './event-type.ts';
export type { ClusterChoice } from './kafka/choice.ts';
export type { Pollers } from './kafka/event-source.ts';
export type { KafkaAccess } from './kafka/kafka-cluster.ts';
export type { BrokerSize } from './kafka/msk-provisioned.ts';
export { Pipeline, type PipelineProps } from './pipeline.ts';
export { readSchemas } from './schemas.ts';
