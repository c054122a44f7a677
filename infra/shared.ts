import type { aws_kms as kms, aws_logs as logs, RemovalPolicy, aws_s3 as s3, aws_sns as sns } from 'aws-cdk-lib';
import type { IDependable } from 'constructs';
import type { PartitionBy } from '../src/derive/partition.ts';
import type { SharedApi } from './api/shared-api.ts';
import type { ContractRemoval } from './contract-token.ts';
import type { CodeOf } from './functions/sluice-function.ts';
import type { Pollers } from './kafka/event-source.ts';
import type { KafkaCluster } from './kafka/kafka-cluster.ts';

/** What every event type's stack takes from the pipeline's; nothing in it depends on which event types there are. */
export interface Shared {
  readonly stage: string;
  readonly key: kms.IKey;
  readonly bucket: s3.IBucket;
  readonly database: string;
  readonly registryName: string;
  readonly kafka: KafkaCluster;
  readonly api: SharedApi;
  readonly alarmTopic: sns.ITopic;
  /** Of the function that serves `Custom::SluiceContract`. */
  readonly contractToken: string;
  readonly contractRemoval: ContractRemoval;
  readonly codeOf: CodeOf;
  readonly logRetention: logs.RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly pollers: Pollers | undefined;
  readonly piiKeySecretArn: string | undefined;
  /** Most invocations of a produce function at the same time: each has connections to every broker. */
  readonly produceConcurrency: number;
  readonly buffer: { readonly seconds: number; readonly mebibytes: number };
  readonly isBackedUp: boolean;
  /** Of event types that do not say it themselves. */
  readonly partitionBy: PartitionBy;
  /** What an event type's stack relies upon without naming it: it waits for all of these. */
  readonly foundations: readonly IDependable[];
  /** ARN of a Firehose stream by its name. */
  streamArn(name: string): string;
}
