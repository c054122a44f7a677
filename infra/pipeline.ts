import {
  Arn,
  type aws_ec2 as ec2,
  aws_glue as glue,
  type aws_kms as kms,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuseSharedNames } from '../src/derive/names.ts';
import type { PartitionBy } from '../src/derive/partition.ts';
import { acknowledge } from './acknowledge.ts';
import { SharedApi, type Throttle } from './api/shared-api.ts';
import { type ContractRemoval, contractToken } from './contract-token.ts';
import { DataStore } from './data-store.ts';
import { encryptionKey } from './encryption-key.ts';
import { bundledFolder } from './functions/bundle.ts';
import type { CodeOf } from './functions/sluice-function.ts';
import type { ClusterChoice } from './kafka/choice.ts';
import type { Pollers } from './kafka/event-source.ts';
import type { KafkaCluster } from './kafka/kafka-cluster.ts';
import { MskProvisioned } from './kafka/msk-provisioned.ts';
import { MskServerless } from './kafka/msk-serverless.ts';
import { Network } from './kafka/network.ts';
import { SharedMonitoring } from './monitoring/index.ts';
import { databaseName, registryName, workgroupName } from './names.ts';
import { FailedEventsTable, QueryWorkgroup } from './query/index.ts';
import { serviceLog } from './service-log.ts';
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
  readonly throttle?: Throttle | undefined;
  /** A web application firewall before the API; none by default. */
  readonly waf?: boolean;
  /** Days after which events are deleted; never by default. */
  readonly retentionDays?: number;
  readonly logRetention?: logs.RetentionDays;
  /** What becomes of the data when the stack is deleted; kept by default. */
  readonly removalPolicy?: RemovalPolicy;
  /** What becomes of an event type's topic and schemas, and of all in them, when its stack is deleted; kept by default. */
  readonly contractRemoval?: ContractRemoval;
  /** When objects are written; after a minute or 64 MiB by default. */
  readonly buffer?: { readonly seconds: number; readonly mebibytes: number };
  /** Whether rows are kept as they were before the transformation, too; not by default. */
  readonly sourceBackup?: boolean;
  /** What decides in which partition an event lies; its arrival by default. An event type may say it for itself. */
  readonly partitionBy?: PartitionBy | undefined;
  /** Event pollers of one's own for each event type; Lambda's shared ones by default. */
  readonly pollers?: Pollers;
  /** Most invocations of a produce function at the same time; 10 by default. */
  readonly produceConcurrency?: number;
  /** The secret that hashes personal data; needed where a schema says `"pii": "hash"`. */
  readonly piiKeySecretArn?: string | undefined;
  /** Who is told of alarms, by e-mail; whoever subscribes to the topic by default. */
  readonly alarmEmail?: string | undefined;
  /** USD a month above which there is an alarm; none by default. */
  readonly monthlyBudget?: number | undefined;
  /** Bundled from the sources by default. */
  readonly codeOf?: CodeOf;
}

/** How CDK is to behave below a pipeline, so that every app gets the same templates of it, whatever its own cdk.json says. */
const CDK_FLAGS = [
  '@aws-cdk/aws-iam:minimizePolicies',
  // An access log by policy: a bucket whose owner owns everything in it takes no ACL.
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy',
  '@aws-cdk/core:checkSecretUsage',
];

/** What all event types of a pipeline share. Each `EventType` then adds a stack of its own. */
export class Pipeline extends Construct {
  readonly shared: Shared;
  /** Of the API, with a slash at its end. */
  readonly url: string;
  readonly bucketName: string;
  private readonly eventTypes: string[] = [];

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const { stage, removalPolicy = RemovalPolicy.RETAIN, logRetention = logs.RetentionDays.THREE_MONTHS } = props;
    if (!/^[a-z][a-z0-9-]{0,11}$/.test(stage)) {
      throw new RangeError(`a stage is up to 12 lower case letters, digits and dashes, not "${stage}"`);
    }
    for (const flag of CDK_FLAGS) this.node.setContext(flag, true);
    const codeOf = props.codeOf ?? ((name) => lambda.Code.fromAsset(bundledFolder(name)));
    const key = encryptionKey(this, 'Key', `alias/sluice-${stage}`, removalPolicy);
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
      throttle: props.throttle,
    });
    acknowledge(api, {
      'AwsSolutions-APIG2':
        'Bodies are checked by the models of the methods; which parameters are wrong, problems tell',
      'AwsSolutions-IAM4[Policy::arn:<>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        'The policy is made by AWS for this one use: an API that writes its logs',
    });
    const monitoring = new SharedMonitoring(this, 'Monitoring', {
      stage,
      encryptionKey: key,
      alarmEmail: props.alarmEmail,
      monthlyBudget: props.monthlyBudget,
    });
    const contractRemoval = props.contractRemoval ?? 'retain';
    const token = contractToken(this, { stage, kafka, codeOf, encryptionKey: key, logRetention, contractRemoval });
    const stack = Stack.of(this);
    this.url = `https://${api.api.restApiId}.execute-api.${stack.region}.${stack.urlSuffix}/${api.stageName}/`;
    this.bucketName = bucket.bucketName;
    this.shared = {
      stage,
      key,
      bucket,
      database: databaseName(stage),
      registryName: registryName(stage),
      kafka,
      api,
      alarmTopic: monitoring.topic,
      contractToken: token,
      contractRemoval,
      codeOf,
      logRetention,
      removalPolicy,
      pollers: props.pollers,
      piiKeySecretArn: props.piiKeySecretArn,
      produceConcurrency: props.produceConcurrency ?? 10,
      buffer: props.buffer ?? { seconds: 60, mebibytes: 64 },
      isBackedUp: props.sourceBackup ?? false,
      partitionBy: props.partitionBy ?? 'arrival',
      foundations: [database, registry, ...(kafka.network instanceof Network ? [kafka.network] : [])],
      streamArn: (name) => Arn.format({ service: 'firehose', resource: 'deliverystream', resourceName: name }, stack),
    };
  }

  /**
   * Called by every event type of the pipeline.
   *
   * @throws SluiceError SLUICE_SCHEMA_INVALID where two of them would share a name.
   */
  admit(eventType: string): void {
    refuseSharedNames([...this.eventTypes, eventType]);
    this.eventTypes.push(eventType);
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
    const log = serviceLog(this, 'BrokerLog', { encryptionKey: key, retention: logRetention });
    return new MskProvisioned(this, 'Kafka', {
      ...cluster,
      clusterName,
      network,
      encryptionKey: key,
      logGroupName: log.logGroupName,
      removalPolicy,
    });
  }
}
