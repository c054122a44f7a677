import { Fn } from 'aws-cdk-lib';

/**
 * Names of what is in a cluster, for IAM: `arn:...:cluster/<name>/<uuid>` becomes `arn:...:topic/<name>/<uuid>/<topic>`.
 * Source: Amazon MSK Developer Guide, "Authorization policy resources".
 */
export function topicArn(clusterArn: string, topic: string): string {
  return within(clusterArn, 'topic', topic);
}

export function groupArn(clusterArn: string, group: string): string {
  return within(clusterArn, 'group', group);
}

function within(clusterArn: string, kind: string, name: string): string {
  const part = (index: number): string => Fn.select(index, Fn.split(':cluster/', clusterArn));
  return `${part(0)}:${kind}/${part(1)}/${name}`;
}
