import { Duration, aws_lambda as lambda, type aws_s3 as s3, aws_lambda_event_sources as sources } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { KafkaCluster } from './kafka-cluster.ts';

/** Event pollers of one's own. Source: AWS Lambda Developer Guide, "Event source mapping provisioned mode". */
export interface Pollers {
  readonly minimum: number;
  readonly maximum: number;
}

export interface KafkaEventSourceProps {
  readonly cluster: KafkaCluster;
  readonly topic: string;
  readonly consumerGroup: string;
  readonly function: lambda.Function;
  /** Keeps invocations that can never be made: records beyond Lambda's 6 MB. */
  readonly failures: s3.IBucket;
  /** Lambda's own, shared ones by default. Only pollers of one's own take a partial batch response. */
  readonly pollers?: Pollers | undefined;
}

/**
 * What keeps consume from going on passes: bad records it sets aside itself. Without a number, Lambda gives a batch up
 * after 10 retries where there is a place for it to go; this is the highest number that it takes.
 * Source: AWS Lambda Developer Guide, "Configuring error handling controls for Kafka event sources".
 */
const MOST_RETRIES = 10_000;

/** Reads a topic for a function: Lambda's pollers are the consumer group. */
export class KafkaEventSource extends Construct {
  readonly mapping: lambda.EventSourceMapping;

  constructor(scope: Construct, id: string, props: KafkaEventSourceProps) {
    super(scope, id);
    const { cluster, pollers } = props;
    this.mapping = new lambda.EventSourceMapping(this, 'Mapping', {
      target: props.function,
      kafkaTopic: props.topic,
      kafkaConsumerGroupId: props.consumerGroup,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: 1_000,
      maxBatchingWindow: Duration.seconds(1),
      onFailure: new sources.S3OnFailureDestination(props.failures),
      ...(cluster.clusterArn === undefined
        ? {
            kafkaBootstrapServers: cluster.brokers.split(','),
            sourceAccessConfigurations: accessOf(cluster),
          }
        : {
            eventSourceArn: cluster.clusterArn,
            ...(cluster.access.kind === 'scram' ? { sourceAccessConfigurations: secretOf(cluster) } : {}),
          }),
      ...(pollers === undefined
        ? {}
        : {
            provisionedPollerConfig: { minimumPollers: pollers.minimum, maximumPollers: pollers.maximum },
            reportBatchItemFailures: true,
            retryAttempts: MOST_RETRIES,
          }),
    });
  }
}

function secretOf({ access }: KafkaCluster): lambda.SourceAccessConfiguration[] {
  if (access.kind !== 'scram') return [];
  return [{ type: lambda.SourceAccessConfigurationType.SASL_SCRAM_512_AUTH, uri: access.secretArn }];
}

/** A cluster that AWS does not run says itself where its pollers stand. */
function accessOf(cluster: KafkaCluster): lambda.SourceAccessConfiguration[] {
  const { vpc, subnets, clients } = cluster.network;
  return [
    ...vpc.selectSubnets(subnets).subnetIds.map((id) => ({
      type: lambda.SourceAccessConfigurationType.VPC_SUBNET,
      uri: `subnet:${id}`,
    })),
    { type: lambda.SourceAccessConfigurationType.VPC_SECURITY_GROUP, uri: `security_group:${clients.securityGroupId}` },
    ...secretOf(cluster),
  ];
}
