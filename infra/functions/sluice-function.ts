import {
  type Duration,
  type aws_ec2 as ec2,
  aws_iam as iam,
  type aws_kms as kms,
  aws_lambda as lambda,
  type aws_logs as logs,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { serviceLog } from '../service-log.ts';
import type { HandlerName } from './bundle.ts';
import { FunctionRole } from './function-role.ts';

/** Code of a function by its name; tests stand something smaller in for it. */
export type CodeOf = (name: HandlerName) => lambda.Code;

/** Where functions reach Kafka. */
export interface FunctionNetwork {
  readonly vpc: ec2.IVpc;
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly securityGroups: ec2.ISecurityGroup[];
}

export interface SluiceFunctionProps {
  readonly functionName: string;
  readonly handler: HandlerName;
  readonly codeOf: CodeOf;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** MiB. */
  readonly memory: number;
  readonly logRetention: logs.RetentionDays;
  readonly encryptionKey: kms.IKey;
  /** Outside of any VPC by default. */
  readonly network?: FunctionNetwork | undefined;
}

/** A function with its log group and a role of its own. */
export class SluiceFunction extends Construct {
  readonly function: lambda.Function;
  private readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: SluiceFunctionProps) {
    super(scope, id);
    const { functionName, network, encryptionKey } = props;
    const logGroup = serviceLog(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.logRetention,
      encryptionKey,
    });
    this.role = new FunctionRole(this, 'Identity', { logGroup, isInVpc: network !== undefined }).role;
    this.allow(['kms:Decrypt'], [encryptionKey.keyArn]);
    this.function = new lambda.Function(this, 'Function', {
      functionName,
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: props.codeOf(props.handler),
      handler: 'index.handler',
      // CDK would add statements of its own: whatever a function may do is said in one place.
      role: this.role.withoutPolicyUpdates(),
      environment: { ...props.environment },
      environmentEncryption: encryptionKey,
      timeout: props.timeout,
      memorySize: props.memory,
      tracing: lambda.Tracing.ACTIVE,
      logGroup,
      ...network,
    });
    // The role's policy stands before anything first calls the function.
    this.function.node.addDependency(this.role);
  }

  /** Allows actions on resources: of its own use, nothing more. */
  allow(actions: string[], resources: string[]): void {
    this.permit({ actions, resources });
  }

  permit(statement: iam.PolicyStatementProps): void {
    this.role.addToPolicy(new iam.PolicyStatement(statement));
  }
}
