import { aws_iam as iam, aws_kms as kms, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** One key for everything that is stored; it turns by itself once a year. */
export function encryptionKey(scope: Construct, id: string, alias: string, removalPolicy: RemovalPolicy): kms.Key {
  const key = new kms.Key(scope, id, {
    alias,
    enableKeyRotation: true,
    removalPolicy,
    description: 'Sluice: all that is stored',
  });
  letLogsEncrypt(key);
  return key;
}

/** Logs are encrypted by their service, which the key must let in. */
function letLogsEncrypt(key: kms.Key): void {
  const { region, account, partition } = Stack.of(key);
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      // In a key's policy, the key itself: it has no other name there.
      resources: ['*'],
      conditions: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:*` },
      },
    }),
  );
}
