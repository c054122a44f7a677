import {
  Arn,
  custom_resources as custom,
  Duration,
  type aws_ec2 as ec2,
  aws_glue as glue,
  aws_iam as iam,
  type aws_kms as kms,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { SharedApi } from './api/shared-api.ts';
import { DataStore, encryptionKey } from './data-store.ts';
import { bundledFolder } from './functions/bundle.ts';
import { type CodeOf, SluiceFunction } from './functions/sluice-function.ts';
import type { ClusterChoice } from './kafka/choice.ts';
import type { Pollers } from './kafka/event-source.ts';
import { accessSetting, type KafkaCluster } from './kafka/kafka-cluster.ts';
import { MskProvisioned } from './kafka/msk-provisioned.ts';
import { MskServerless } from './kafka/msk-serverless.ts';
import { Network } from './kafka/network.ts';
import { administeringStatements } from './kafka/permissions.ts';
import { SharedMonitoring } from './monitoring/index.ts';
import { databaseName, provisionName, registryName, workgroupName } from './names.ts';
import { FailedEventsTable, QueryWorkgroup } from './query/index.ts';
import { schemaArns } from './registry-arns.ts';
import type { Shared } from './shared.ts';

export interface PipelineProps {
  /** Such as `dev` or `prod`: in the name of everything. Lower case letters, digits and dashes. */
  readonly stage: string;
  /** MSK Serverless by default. */
  readonly cluster?: ClusterChoice;
  /** For a new cluster: one that is there, with its own ways to AWS's services; a new one by default. */
  readonly vpc?: ec2.IVpc;
  /** How senders prove who they are; API keys by default. */
  readonly auth?: 'api-key' | 'iam';
  readonly throttle?: { readonly rateLimit: number; readonly burstLimit: number };
  /** A web application firewall before the API; none by default. */
  readonly waf?: boolean;
  /** Days after which events are deleted; never by default. */
  readonly retentionDays?: number;
  readonly logRetention?: logs.RetentionDays;
  /** What becomes of the data when the stack is deleted; kept by default. */
  readonly removalPolicy?: RemovalPolicy;
  /** When objects are written; after a minute or 64 MiB by default. */
  readonly buffer?: { readonly seconds: number; readonly mebibytes: number };
  /** Whether rows are kept as they were before the transformation, too; not by default. */
  readonly sourceBackup?: boolean;
  /** Event pollers of one's own for each event type; Lambda's shared ones by default. */
  readonly pollers?: Pollers;
  /** Most invocations of a produce function at the same time; 10 by default. */
  readonly produceConcurrency?: number;
  /** The secret that hashes personal data; needed where a schema says `"pii": "hash"`. */
  readonly piiKeySecretArn?: string;
  /** Who is told of alarms, by e-mail; nobody by default. */
  readonly alarmEmail?: string;
  /** USD a month above which there is an alarm; none by default. */
  readonly monthlyBudget?: number;
  /** Bundled from the sources by default. */
  readonly codeOf?: CodeOf;
}

/** What all event types of a pipeline share. Each `EventType` then adds a stack of its own. */
export class Pipeline extends Construct {
  readonly shared: Shared;

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const { stage, removalPolicy = RemovalPolicy.RETAIN, logRetention = logs.RetentionDays.THREE_MONTHS } = props;
    if (!/^[a-z][a-z0-9-]{0,11}$/.test(stage)) {
      throw new RangeError(`a stage is up to 12 lower case letters, digits and dashes, not "${stage}"`);
    }
    const codeOf = props.codeOf ?? ((name) => lambda.Code.fromAsset(bundledFolder(name)));
    const key = encryptionKey(this, 'Key', `alias/sluice-${stage}`, removalPolicy);
    this.letLogsEncrypt(key);
    const { bucket, accessLog } = new DataStore(this, 'Data', {
      encryptionKey: key,
      removalPolicy,
      retentionDays: props.retentionDays,
    });
    const database = this.database(stage);
    const failed = new FailedEventsTable(this, 'FailedEvents', { database: databaseName(stage), bucket });
    failed.node.addDependency(database);
    new QueryWorkgroup(this, 'Queries', {
      name: workgroupName(stage),
      encryptionKey: key,
      accessLogs: { bucket: accessLog, prefix: 'queries/' },
    });
    const registry = new glue.CfnRegistry(this, 'Registry', {
      name: registryName(stage),
      description: 'Schemas of events, as their records are framed',
    });
    registry.applyRemovalPolicy(removalPolicy);
    const kafka = this.cluster(props, key, logRetention, removalPolicy);
    const api = new SharedApi(this, 'Api', {
      stage,
      auth: props.auth ?? 'api-key',
      waf: props.waf ?? false,
      logRetention,
      encryptionKey: key,
      ...(props.throttle === undefined ? {} : { throttle: props.throttle }),
    });
    const monitoring = new SharedMonitoring(this, 'Monitoring', {
      stage,
      encryptionKey: key,
      ...(props.alarmEmail === undefined ? {} : { alarmEmail: props.alarmEmail }),
      ...(props.monthlyBudget === undefined ? {} : { monthlyBudget: props.monthlyBudget }),
    });
    const contractToken = this.provision(stage, kafka, codeOf, key, logRetention);
    const stack = Stack.of(this);
    this.shared = {
      stage,
      key,
      bucket,
      database: databaseName(stage),
      registryName: registryName(stage),
      kafka,
      api,
      alarmTopic: monitoring.topic,
      contractToken,
      codeOf,
      logRetention,
      removalPolicy,
      pollers: props.pollers,
      piiKeySecretArn: props.piiKeySecretArn,
      produceConcurrency: props.produceConcurrency ?? 10,
      buffer: props.buffer ?? { seconds: 60, mebibytes: 64 },
      isBackedUp: props.sourceBackup ?? false,
      streamArn: (name) => Arn.format({ service: 'firehose', resource: 'deliverystream', resourceName: name }, stack),
    };
  }

  /** Logs are encrypted by their service, which the key must let in. */
  private letLogsEncrypt(key: kms.Key): void {
    const { region, account, partition } = Stack.of(this);
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
        actions: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
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

  private database(stage: string): glue.CfnDatabase {
    return new glue.CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: { name: databaseName(stage), description: 'Events: tables as they were delivered, and views' },
    });
  }

  private cluster(
    { stage, cluster = { kind: 'serverless' }, vpc }: PipelineProps,
    key: kms.Key,
    logRetention: logs.RetentionDays,
    removalPolicy: RemovalPolicy,
  ): KafkaCluster {
    if (cluster.kind === 'existing') {
      return {
        brokers: cluster.brokers.join(','),
        access: cluster.access,
        clusterArn: cluster.clusterArn,
        network: { vpc: cluster.vpc, subnets: cluster.subnets ?? {}, clients: cluster.clients },
      };
    }
    const network = new Network(this, 'Network', { encryptionKey: key, logRetention, vpc });
    const clusterName = `sluice-${stage}`;
    if (cluster.kind === 'serverless') return new MskServerless(this, 'Kafka', { clusterName, network, removalPolicy });
    const log = new logs.LogGroup(this, 'BrokerLog', {
      encryptionKey: key,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new MskProvisioned(this, 'Kafka', {
      ...cluster,
      clusterName,
      network,
      encryptionKey: key,
      logGroupName: log.logGroupName,
      removalPolicy,
    });
  }

  /** The function behind `Custom::SluiceContract`. @returns its service token. */
  private provision(
    stage: string,
    kafka: KafkaCluster,
    codeOf: CodeOf,
    key: kms.Key,
    logRetention: logs.RetentionDays,
  ): string {
    const { vpc, subnets, clients } = kafka.network;
    const provision = new SluiceFunction(this, 'Provision', {
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
      encryptionKey: key,
      network: { vpc, vpcSubnets: subnets, securityGroups: [clients] },
    });
    provision.allow(
      [
        'glue:CreateSchema',
        'glue:DeleteSchema',
        'glue:GetSchema',
        'glue:GetSchemaVersion',
        'glue:GetSchemaVersionsDiff',
        'glue:RegisterSchemaVersion',
      ],
      schemaArns(registryName(stage), '*'),
    );
    for (const statement of administeringStatements(kafka)) provision.permit(statement);
    acknowledge(provision, {
      'AwsSolutions-IAM5': 'It makes the topics and schemas of every event type of this stage',
    });
    const provider = new custom.Provider(this, 'Contracts', {
      onEventHandler: provision.function,
      logGroup: new logs.LogGroup(this, 'ContractsLog', {
        encryptionKey: key,
        retention: logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    acknowledge(provider, {
      'AwsSolutions-IAM4': "CDK's own function, which runs at deployments only, with the policy for writing its log",
      'AwsSolutions-IAM5': "CDK's own function may call any version of the one function that it is for",
      'AwsSolutions-L1': "CDK's own function runs on the runtime that this version of CDK was tried with",
    });
    return provider.serviceToken;
  }
}
