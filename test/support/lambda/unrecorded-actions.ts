import { FUNCTIONS, type FunctionName } from './bundles.ts';

/** Actions that a function's policy must allow, though no run on this machine asks for them. */
export interface UnrecordedActions {
  readonly functions: readonly FunctionName[];
  readonly actions: readonly string[];
  readonly reason: string;
}

export const UNRECORDED: readonly UnrecordedActions[] = [
  {
    functions: FUNCTIONS,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    reason: 'Lambda writes logs and traces by the role of the function',
  },
  {
    functions: ['produce', 'consume', 'provision'],
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
    ],
    reason: 'Lambda places functions, and the pollers of topics, into the VPC',
  },
  {
    functions: FUNCTIONS,
    actions: ['kms:Decrypt'],
    reason: 'Lambda decrypts the environment, and messages that it polls; moto encrypts nothing',
  },
  {
    functions: ['accept', 'produce', 'consume', 'transform'],
    actions: ['kms:GenerateDataKey'],
    reason: 'SQS and S3 ask for it on behalf of who writes to an encrypted queue or bucket; moto encrypts nothing',
  },
  {
    functions: ['produce'],
    actions: ['sqs:ChangeMessageVisibility'],
    reason:
      'Event source mappings are allowed it; the source of these tests lets messages become visible by their time',
  },
  {
    functions: ['produce'],
    actions: [
      'kafka-cluster:Connect',
      'kafka-cluster:DescribeTopic',
      'kafka-cluster:WriteData',
      'kafka-cluster:WriteDataIdempotently',
    ],
    reason: 'MSK asks IAM; a broker on this machine has no IAM',
  },
  {
    functions: ['consume'],
    actions: [
      'kafka-cluster:AlterGroup',
      'kafka-cluster:Connect',
      'kafka-cluster:DescribeClusterDynamicConfiguration',
      'kafka-cluster:DescribeGroup',
      'kafka-cluster:DescribeTopic',
      'kafka-cluster:ReadData',
      'kafka:DescribeCluster',
      'kafka:DescribeClusterV2',
      'kafka:GetBootstrapBrokers',
    ],
    reason: 'The event source mapping finds and reads the cluster by the role of the function',
  },
  {
    functions: ['consume'],
    actions: ['s3:ListBucket'],
    reason: 'Lambda looks at the bucket for what it could not hand over',
  },
  {
    functions: ['provision'],
    actions: [
      'kafka-cluster:AlterTopic',
      'kafka-cluster:Connect',
      'kafka-cluster:CreateTopic',
      'kafka-cluster:DescribeTopic',
    ],
    reason: 'MSK asks IAM; a broker on this machine has no IAM',
  },
  {
    functions: ['provision'],
    actions: ['glue:GetSchemaVersionsDiff'],
    reason: 'Says what Glue refused in a new version; nothing is refused in these runs',
  },
];
