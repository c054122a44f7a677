import type { aws_iam as iam } from 'aws-cdk-lib';
import { groupArn, topicArn } from './cluster-arns.ts';
import type { KafkaAccess, KafkaCluster } from './kafka-cluster.ts';

/**
 * What the role of a function must be allowed, so that Lambda may read a topic for it.
 * Source: AWS Lambda Developer Guide, "Configuring Lambda permissions for Amazon MSK event source mappings".
 */
export function readingStatements(cluster: KafkaCluster, topic: string, group: string): iam.PolicyStatementProps[] {
  const { clusterArn, access } = cluster;
  const statements: iam.PolicyStatementProps[] = [];
  if (clusterArn !== undefined) {
    statements.push({
      actions: ['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'],
      resources: [clusterArn],
    });
  }
  if (clusterArn !== undefined && access.kind === 'iam') {
    statements.push(
      {
        actions: ['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'],
        resources: [clusterArn],
      },
      { actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], resources: [topicArn(clusterArn, topic)] },
      {
        actions: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
        resources: [groupArn(clusterArn, group)],
      },
    );
  }
  return access.kind === 'scram' ? [...statements, readingOf(access)] : statements;
}

/** What a role must be allowed to write to a topic. */
export function writingStatements({ clusterArn, access }: KafkaCluster, topic: string): iam.PolicyStatementProps[] {
  if (access.kind === 'scram') return [readingOf(access)];
  if (access.kind === 'none' || clusterArn === undefined) return [];
  return [
    { actions: ['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'], resources: [clusterArn] },
    { actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], resources: [topicArn(clusterArn, topic)] },
  ];
}

/** What a role must be allowed to make topics of any event type, to let them grow, and to delete them where it may. */
export function administeringStatements(
  { clusterArn, access }: KafkaCluster,
  isDeleting: boolean,
): iam.PolicyStatementProps[] {
  if (access.kind === 'scram') return [readingOf(access)];
  if (access.kind === 'none' || clusterArn === undefined) return [];
  return [
    { actions: ['kafka-cluster:Connect'], resources: [clusterArn] },
    {
      actions: [
        'kafka-cluster:AlterTopic',
        'kafka-cluster:CreateTopic',
        ...(isDeleting ? ['kafka-cluster:DeleteTopic'] : []),
        'kafka-cluster:DescribeTopic',
      ],
      resources: [topicArn(clusterArn, '*')],
    },
  ];
}

/** What a role must be allowed to learn user name and password. */
function readingOf({ secretArn }: KafkaAccess & { readonly kind: 'scram' }): iam.PolicyStatementProps {
  return { actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] };
}
