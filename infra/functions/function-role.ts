import { aws_iam as iam, type aws_logs as logs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface FunctionRoleProps {
  readonly logGroup: logs.ILogGroup;
  /** Whether the function has network interfaces in a VPC. */
  readonly isInVpc: boolean;
}

/** The role of a function: its own log group, traces, and a place in a VPC; what it does beside that is added to it. */
export class FunctionRole extends Construct {
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, { logGroup, isInVpc }: FunctionRoleProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    this.role.addToPolicy(
      new iam.PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] }),
    );
    if (isInVpc) this.role.addToPolicy(new iam.PolicyStatement(networkInterfaces()));
    acknowledge(this.role, {
      'AwsSolutions-IAM5[Resource::*]':
        'X-Ray, and EC2 for the network interfaces of functions and pollers, know no resources of their own',
    });
  }
}

/** What Lambda needs to put a function, or an event source mapping's pollers, into a VPC. EC2 knows no finer resource. */
export function networkInterfaces(): iam.PolicyStatementProps {
  return {
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
    ],
    resources: ['*'],
  };
}
