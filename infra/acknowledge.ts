import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Says of a construct, and of all within it, why a rule of cdk-nag does not hold there. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  Validations.of(construct).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })));
}

/** The finding that a function of CDK's own has AWS's policy for writing its log, in the way of `NagRules`. */
export const WRITES_LOGS = 'AwsSolutions-IAM4[Policy::arn:<>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]';
