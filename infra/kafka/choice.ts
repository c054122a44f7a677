import type { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { KafkaAccess } from './kafka-cluster.ts';
import type { BrokerSize } from './msk-provisioned.ts';

/** Which Kafka a pipeline runs on. */
export type ClusterChoice =
  /** MSK Serverless; the default. */
  | { readonly kind: 'serverless' }
  | ({ readonly kind: 'provisioned' } & BrokerSize)
  /** One that is there: of MSK, where its ARN is given, or any other. */
  | {
      readonly kind: 'existing';
      /** `host:port` each. */
      readonly brokers: readonly string[];
      readonly access: KafkaAccess;
      readonly clusterArn?: string;
      readonly vpc: ec2.IVpc;
      readonly subnets?: ec2.SubnetSelection;
      /** Lets in whoever has it. */
      readonly clients: ec2.ISecurityGroup;
    };
