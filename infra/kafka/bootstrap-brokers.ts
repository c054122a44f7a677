import { custom_resources as custom, aws_iam as iam } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge, WRITES_LOGS } from '../acknowledge.ts';

/**
 * The addresses of an MSK cluster's brokers, for access by IAM. CloudFormation does not tell them, so MSK is asked at
 * each deployment that changes the cluster.
 *
 * @returns a token: `host:port`, joined by commas.
 */
export function bootstrapBrokers(scope: Construct, clusterArn: string): string {
  const asked = new custom.AwsCustomResource(scope, 'BootstrapBrokers', {
    onUpdate: {
      service: 'Kafka',
      action: 'GetBootstrapBrokers',
      parameters: { ClusterArn: clusterArn },
      outputPaths: [BROKERS],
      physicalResourceId: custom.PhysicalResourceId.of('bootstrap-brokers'),
    },
    policy: custom.AwsCustomResourcePolicy.fromStatements([
      new iam.PolicyStatement({ actions: ['kafka:GetBootstrapBrokers'], resources: [clusterArn] }),
    ]),
    installLatestAwsSdk: false,
  });
  acknowledge(asked.grantPrincipal as iam.Role, {
    [WRITES_LOGS]: 'CDK makes this function, which runs at deployments only, with the policy for writing its log',
  });
  return asked.getResponseField(BROKERS);
}

const BROKERS = 'BootstrapBrokerStringSaslIam';
