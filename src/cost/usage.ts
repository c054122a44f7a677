import { type Assumed, GB, MB } from './assumptions.ts';
import type { Flow, FunctionLoad } from './flow.ts';
import type { PriceId } from './price-list.ts';

/** The parts of a bill, in the order in which events pass them; the last ones serve all of them. */
export const STAGES = [
  'API Gateway',
  'accept',
  'SQS',
  'produce',
  'MSK',
  'consume',
  'Firehose',
  'transform',
  'S3',
  'Athena',
  'CloudWatch',
  'KMS',
  'VPC',
  'other',
] as const;

export type Stage = (typeof STAGES)[number];

/** Something that is used in a month. */
export interface Usage {
  readonly stage: Stage;
  readonly price: PriceId;
  /** Units of that price a month. */
  readonly quantity: number;
  /** Whether it is paid for without any event, too. */
  readonly idle: boolean;
  /** The event type that it is for; null where all share it. */
  readonly eventType: string | null;
}

/** A month, as AWS counts it: 730 hours. */
export const HOURS = 730;
export const SECONDS = HOURS * 3600;
const DAY = 86_400;
/** What a query is billed for at least, in bytes. */
const LEAST_SCAN = 10 * MB;
const TB = 1024 * GB;
/** Seconds that a poller waits for messages. */
const LONG_POLL = 20;

/** What one event type uses in a month. @param daysKept how long its objects are kept; the bill is that of a full store. */
export function usageOf(flow: Flow, daysKept: number, assumed: Assumed): Usage[] {
  const { load } = flow;
  const used = (stage: Stage, price: PriceId, quantity: number): Usage => {
    return { stage, price, quantity, idle: false, eventType: load.eventType };
  };
  const kept = (stage: Stage, price: PriceId, quantity: number): Usage => {
    return { stage, price, quantity, idle: true, eventType: load.eventType };
  };
  const ran = (stage: Stage, { invocations, gbSeconds }: FunctionLoad): Usage[] => [
    used(stage, 'lambda.requests', invocations * SECONDS),
    used(stage, 'lambda.gbSeconds', gbSeconds * SECONDS),
  ];
  const invocations = [flow.accept, flow.produce, flow.consume, flow.transform].reduce(
    (sum, load) => sum + load.invocations,
    0,
  );
  const logGb =
    ((flow.requests * assumed.logBytesPerRequest + invocations * assumed.logBytesPerInvocation) * SECONDS) / GB;
  const polls = (assumed.sqsPollers * SECONDS) / LONG_POLL;
  const scanned = Math.max(LEAST_SCAN, flow.objectBytes * DAY * assumed.daysPerQuery);
  const queries = assumed.queriesPerDay * (HOURS / 24);
  return [
    used('API Gateway', 'apiGateway.requests', flow.requests * SECONDS),
    used('API Gateway', 'dataOut.gb', (flow.responseBytes * SECONDS) / GB),
    ...(assumed.wafRules > 0 ? [used('API Gateway', 'waf.requests', flow.requests * SECONDS)] : []),
    ...ran('accept', flow.accept),
    used('SQS', 'sqs.requests', (flow.sqsSends + flow.sqsReceives + flow.sqsDeletes) * SECONDS),
    kept('SQS', 'sqs.requests', polls),
    ...ran('produce', flow.produce),
    kept('MSK', 'mskServerless.partitionHours', load.partitions * HOURS),
    used('MSK', 'mskServerless.gbIn', (flow.kafkaBytesIn * SECONDS) / GB),
    used('MSK', 'mskServerless.gbOut', (flow.kafkaBytesOut * SECONDS) / GB),
    used('MSK', 'mskServerless.gbMonths', retainedGb(flow, assumed)),
    ...ran('consume', flow.consume),
    used('Firehose', 'firehose.gb', (flow.firehoseBilledBytes * SECONDS) / GB),
    ...ran('transform', flow.transform),
    used('S3', 's3.gbMonths', (flow.objectBytes * DAY * daysKept) / GB),
    used('S3', 's3.puts', flow.objects * SECONDS),
    used('S3', 's3.gets', flow.objects * DAY * assumed.daysPerQuery * queries),
    used('Athena', 'athena.tb', load.rate === 0 ? 0 : (scanned * queries) / TB),
    used('CloudWatch', 'cloudwatch.logGb', logGb),
    used('CloudWatch', 'cloudwatch.logGbMonths', logGb * assumed.logRetention),
    kept('CloudWatch', 'cloudwatch.metrics', assumed.metricsPerType),
    kept('CloudWatch', 'cloudwatch.alarms', assumed.alarmsPerType),
    kept('CloudWatch', 'cloudwatch.dashboards', assumed.dashboardsPerType),
    // Who sends and who receives each have a data key.
    kept('KMS', 'kms.requests', (2 * SECONDS) / assumed.kmsReuse),
    used('KMS', 'kms.requests', flow.objects * SECONDS),
    used('VPC', 'vpc.endpointGb', assumed.endpoints > 0 ? (flow.polledBytes * SECONDS) / GB : 0),
    used('VPC', 'nat.gb', assumed.natGateways > 0 ? (flow.polledBytes * SECONDS) / GB : 0),
  ];
}

/** What all event types share in a month. @param clusters MSK Serverless clusters. */
export function sharedUsage(clusters: number, assumed: Assumed): Usage[] {
  const kept = (stage: Stage, price: PriceId, quantity: number): Usage => {
    return { stage, price, quantity, idle: true, eventType: null };
  };
  return [
    kept('API Gateway', 'waf.aclMonths', assumed.wafRules > 0 ? 1 : 0),
    kept('API Gateway', 'waf.ruleMonths', assumed.wafRules),
    kept('MSK', 'mskServerless.clusterHours', clusters * HOURS),
    kept('CloudWatch', 'cloudwatch.dashboards', assumed.sharedDashboards),
    kept('CloudWatch', 'cloudwatch.alarms', assumed.sharedAlarms),
    kept('KMS', 'kms.keyMonths', 1),
    kept('VPC', 'vpc.endpointHours', assumed.endpoints * assumed.zones * HOURS),
    kept('VPC', 'nat.hours', assumed.natGateways * HOURS),
    kept('other', 'secrets.secretMonths', assumed.secrets),
  ];
}

/** GB of records that Kafka holds at any time. */
export function retainedGb(flow: Flow, assumed: Assumed): number {
  return (flow.kafkaBytesIn * assumed.kafkaRetention * 3600) / GB;
}
