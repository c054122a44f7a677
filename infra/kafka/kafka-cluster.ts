import type { aws_ec2 as ec2 } from 'aws-cdk-lib';

/** How functions and event source mappings prove who they are. */
export type KafkaAccess =
  | { readonly kind: 'iam' }
  | { readonly kind: 'none' }
  /** User name and password, as MSK wants them in a secret of AWS Secrets Manager. */
  | { readonly kind: 'scram'; readonly secretArn: string };

/** A cluster as an event type's stack needs to know it. */
export interface KafkaCluster {
  /** `host:port`, joined by commas; a token where the cluster is deployed with the stack. */
  readonly brokers: string;
  readonly access: KafkaAccess;
  /** Of MSK; undefined for a cluster that AWS does not run. */
  readonly clusterArn: string | undefined;
  /** Where its brokers are reached from. */
  readonly network: KafkaNetwork;
}

export interface KafkaNetwork {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.SubnetSelection;
  /** Of whatever talks to the brokers. */
  readonly clients: ec2.ISecurityGroup;
}

/** What `SLUICE_KAFKA_AUTH` says. */
export function accessSetting(access: KafkaAccess): string {
  return access.kind === 'scram' ? `scram:${access.secretArn}` : access.kind;
}
