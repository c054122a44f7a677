import { aws_msk as msk, type RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { bootstrapBrokers } from './bootstrap-brokers.ts';
import type { KafkaAccess, KafkaCluster } from './kafka-cluster.ts';
import type { Network } from './network.ts';

export interface MskServerlessProps {
  readonly clusterName: string;
  readonly network: Network;
  readonly removalPolicy: RemovalPolicy;
}

/** MSK Serverless: no brokers to size, access by IAM only. */
export class MskServerless extends Construct implements KafkaCluster {
  readonly brokers: string;
  readonly access: KafkaAccess = { kind: 'iam' };
  readonly clusterArn: string;
  readonly network: Network;

  constructor(scope: Construct, id: string, { clusterName, network, removalPolicy }: MskServerlessProps) {
    super(scope, id);
    this.network = network;
    const cluster = new msk.CfnServerlessCluster(this, 'Cluster', {
      clusterName,
      clientAuthentication: { sasl: { iam: { enabled: true } } },
      vpcConfigs: [
        {
          subnetIds: network.vpc.selectSubnets(network.subnets).subnetIds,
          securityGroups: [network.brokers.securityGroupId],
        },
      ],
    });
    cluster.applyRemovalPolicy(removalPolicy);
    this.clusterArn = cluster.attrArn;
    this.brokers = bootstrapBrokers(this, this.clusterArn);
  }
}
