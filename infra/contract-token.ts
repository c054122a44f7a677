import { custom_resources as custom, Duration, type aws_kms as kms, type aws_logs as logs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge, WRITES_LOGS } from './acknowledge.ts';
import { type CodeOf, SluiceFunction } from './functions/sluice-function.ts';
import { accessSetting, type KafkaCluster } from './kafka/kafka-cluster.ts';
import { administeringStatements } from './kafka/permissions.ts';
import { provisionName, registryName } from './names.ts';
import { schemaArns } from './registry-arns.ts';
import { serviceLog } from './service-log.ts';

/** Whether an event type's topic and schemas stay when its stack is deleted. */
export type ContractRemoval = 'retain' | 'delete';

export interface ContractTokenProps {
  readonly stage: string;
  readonly kafka: KafkaCluster;
  readonly codeOf: CodeOf;
  readonly encryptionKey: kms.IKey;
  readonly logRetention: logs.RetentionDays;
  readonly contractRemoval: ContractRemoval;
}

/**
 * The function that serves `Custom::SluiceContract`, for the event types of all stacks.
 *
 * @returns the service token of the resource.
 */
export function contractToken(scope: Construct, props: ContractTokenProps): string {
  const { stage, kafka, codeOf, encryptionKey, logRetention, contractRemoval } = props;
  const { vpc, subnets, clients } = kafka.network;
  const provision = new SluiceFunction(scope, 'Provision', {
    functionName: provisionName(stage),
    handler: 'provision',
    codeOf,
    description: 'Topics and schema versions, at deployments',
    environment: {
      SLUICE_STAGE: stage,
      SLUICE_BROKERS: kafka.brokers,
      SLUICE_KAFKA_AUTH: accessSetting(kafka.access),
    },
    timeout: Duration.minutes(5),
    memory: 512,
    logRetention,
    encryptionKey,
    network: { vpc, vpcSubnets: subnets, securityGroups: [clients] },
  });
  // Nothing of deleting but where it was asked for: an event type's stack leaves its topic and schemas where they are.
  const isDeleting = contractRemoval === 'delete';
  provision.allow(
    [
      'glue:CreateSchema',
      'glue:GetSchema',
      'glue:GetSchemaVersion',
      'glue:GetSchemaVersionsDiff',
      'glue:RegisterSchemaVersion',
      ...(isDeleting ? ['glue:DeleteSchema'] : []),
    ],
    schemaArns(registryName(stage), '*'),
  );
  for (const statement of administeringStatements(kafka, isDeleting)) provision.permit(statement);
  const reason = 'It makes the topics and the schemas of every event type of this stage';
  acknowledge(provision, {
    [`AwsSolutions-IAM5[Resource::arn:<>:glue:<>:<>:schema/${registryName(stage)}/*]`]: reason,
    'AwsSolutions-IAM5[Resource::<>:topic/<>/*]': reason,
  });
  const provider = new custom.Provider(scope, 'Contracts', {
    onEventHandler: provision.function,
    logGroup: serviceLog(scope, 'ContractsLog', { encryptionKey, retention: logRetention }),
  });
  acknowledge(provider, {
    [WRITES_LOGS]: "CDK's own function, which runs at deployments only, with the policy for writing its log",
    'AwsSolutions-IAM5[Resource::<>:*]': "CDK's own function may call any version of the one function that it is for",
    'AwsSolutions-L1': "CDK's own function runs on the runtime that this version of CDK was tried with",
  });
  return provider.serviceToken;
}
