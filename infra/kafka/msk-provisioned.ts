import { type aws_kms as kms, aws_msk as msk, type RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { bootstrapBrokers } from './bootstrap-brokers.ts';
import type { KafkaAccess, KafkaCluster } from './kafka-cluster.ts';
import type { Network } from './network.ts';

/** Brokers of one's own size. */
export interface BrokerSize {
  /** Such as `kafka.m7g.large`. */
  readonly instanceType: string;
  /** A multiple of the subnets. */
  readonly brokers: number;
  /** GiB for each broker. */
  readonly storage: number;
}

export interface MskProvisionedProps extends BrokerSize {
  readonly clusterName: string;
  readonly network: Network;
  readonly encryptionKey: kms.IKey;
  readonly logGroupName: string;
  readonly removalPolicy: RemovalPolicy;
}

/** MSK with brokers of one's own size, access by IAM, everything encrypted. */
export class MskProvisioned extends Construct implements KafkaCluster {
  readonly brokers: string;
  readonly access: KafkaAccess = { kind: 'iam' };
  readonly clusterArn: string;
  readonly network: Network;

  constructor(scope: Construct, id: string, props: MskProvisionedProps) {
    super(scope, id);
    const { network } = props;
    this.network = network;
    const cluster = new msk.CfnCluster(this, 'Cluster', {
      clusterName: props.clusterName,
      kafkaVersion: '3.8.x',
      numberOfBrokerNodes: props.brokers,
      brokerNodeGroupInfo: {
        instanceType: props.instanceType,
        clientSubnets: network.vpc.selectSubnets(network.subnets).subnetIds,
        securityGroups: [network.brokers.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: props.storage } },
      },
      clientAuthentication: { sasl: { iam: { enabled: true } } },
      encryptionInfo: {
        encryptionAtRest: { dataVolumeKmsKeyId: props.encryptionKey.keyArn },
        encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
      },
      enhancedMonitoring: 'PER_TOPIC_PER_BROKER',
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: props.logGroupName } } },
    });
    cluster.applyRemovalPolicy(props.removalPolicy);
    this.clusterArn = cluster.attrArn;
    this.brokers = bootstrapBrokers(this, this.clusterArn);
  }
}
