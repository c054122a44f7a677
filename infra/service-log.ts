import { type aws_kms as kms, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface ServiceLogProps {
  readonly encryptionKey: kms.IKey;
  readonly retention: logs.RetentionDays;
  /** Where the service does not take another one; CloudFormation makes one up by default. */
  readonly logGroupName?: string;
}

/** The log of a part of the pipeline: encrypted, and kept for as long as all others. */
export function serviceLog(scope: Construct, id: string, props: ServiceLogProps): logs.LogGroup {
  // A log says nothing that the accounts do not know, and its name must be free for the next deployment.
  return new logs.LogGroup(scope, id, { ...props, removalPolicy: RemovalPolicy.DESTROY });
}
