import { SluiceError } from '../errors.ts';

/** One number that the figures rest on and that nobody measured for this pipeline: anybody may give a better one. */
export interface Assumption {
  readonly value: number;
  readonly unit: string;
  /** What it is, and where it is from. */
  readonly what: string;
}

/** Bytes of a kibibyte, a mebibyte and a gibibyte: AWS's KB, MB and GB. */
export const KB = 1024;
export const MB = 1024 * KB;
export const GB = 1024 * MB;

const assumption = (value: number, unit: string, what: string): Assumption => ({ value, unit, what });

/** Everything that is assumed, by name, with the value that holds where none is given. */
export const ASSUMPTIONS = {
  eventsPerRequest: assumption(100, 'events', 'events that a sender puts into one request of the batch route'),
  responseBytes: assumption(600, 'bytes', 'an answer with its HTTP headers; goes to the internet'),
  batchAnswerBytes: assumption(70, 'bytes', "one event's share of the batch route's answer"),
  avroShare: assumption(0.45, 'of JSON', 'size of the Avro value; the samples have 0.41'),
  rowFixedBytes: assumption(180, 'bytes', 'system columns and punctuation of a row on its way to Firehose'),
  rowShare: assumption(1.1, 'of JSON', 'the rest of such a row'),
  csvFixedBytes: assumption(70, 'bytes', 'system columns of a CSV row'),
  csvShare: assumption(0.52, 'of JSON', 'the rest of a CSV row'),
  gzipShare: assumption(0.2, 'of CSV', 'what compression leaves; the samples have 0.2'),
  messageFixedBytes: assumption(200, 'bytes', 'attributes of a queue message'),
  recordFixedBytes: assumption(180, 'bytes', "headers, key and Kafka's own fields of a record"),
  sqsPollers: assumption(5, 'pollers', "Lambda's pollers of one queue that is idle; each asks every 20 s"),
  produceBatch: assumption(500, 'events', 'largest batch from the queue'),
  produceWindow: assumption(1, 's', 'how long a batch from the queue is waited for'),
  consumeBatch: assumption(1000, 'events', 'largest batch from Kafka'),
  consumeWindow: assumption(1, 's', 'how long a batch from Kafka is waited for'),
  transformBuffer: assumption(1, 'MB', "Firehose's buffer in front of the transformation"),
  objectBuffer: assumption(64, 'MB', 'CSV that makes an object full'),
  objectWindow: assumption(60, 's', 'after which an object is written all the same'),
  acceptMemory: assumption(1024, 'MB', "memory of the batch route's function"),
  produceMemory: assumption(1024, 'MB', 'memory of the produce function'),
  consumeMemory: assumption(1024, 'MB', 'memory of the consume function'),
  transformMemory: assumption(1024, 'MB', 'memory of the transformation'),
  acceptCall: assumption(40, 'ms', 'of a batch request, beside its events: SendMessageBatch'),
  produceCall: assumption(40, 'ms', 'of a produce invocation, beside its events: acks of Kafka'),
  consumeCall: assumption(60, 'ms', 'of a consume invocation, beside its events: PutRecordBatch'),
  transformCall: assumption(20, 'ms', 'of a transformation, beside its events'),
  eventWork: assumption(0.1, 'ms', 'of any function for one event; 0.04 on a whole core, and 1,024 MB is half of one'),
  kafkaRetention: assumption(168, 'hours', "how long Kafka keeps records; MSK Serverless's default"),
  consumerGroups: assumption(1, 'groups', 'that read every record out of Kafka'),
  partitions: assumption(4, 'partitions', 'of a topic whose schema is not at hand'),
  logBytesPerRequest: assumption(400, 'bytes', "API Gateway's access log"),
  logBytesPerInvocation: assumption(900, 'bytes', 'START, END, REPORT and the metrics of an invocation'),
  logRetention: assumption(3, 'months', 'how long logs are kept'),
  metricsPerType: assumption(6, 'metrics', 'of an event type, by embedded metric format'),
  alarmsPerType: assumption(8, 'alarms', 'of an event type'),
  dashboardsPerType: assumption(1, 'dashboards', 'of an event type'),
  sharedDashboards: assumption(1, 'dashboards', 'of the whole pipeline'),
  sharedAlarms: assumption(2, 'alarms', 'of the whole pipeline'),
  endpoints: assumption(4, 'endpoints', 'of the VPC: Glue, Lambda, Secrets Manager, STS; the one for S3 is free'),
  zones: assumption(3, 'zones', 'that they are in'),
  natGateways: assumption(0, 'gateways', 'endpoints make them unnecessary'),
  secrets: assumption(1, 'secrets', 'the key that personal data is hashed with'),
  kmsReuse: assumption(300, 's', 'how long SQS uses a data key again'),
  queriesPerDay: assumption(10, 'queries', 'of each event type'),
  daysPerQuery: assumption(1, 'days', 'of data that a query reads'),
  wafRules: assumption(0, 'rules', 'of a web ACL; none means no web ACL'),
} as const satisfies Record<string, Assumption>;

export type AssumptionId = keyof typeof ASSUMPTIONS;

/** The numbers that a calculation uses. */
export type Assumed = Readonly<Record<AssumptionId, number>>;

/**
 * The assumptions, some of them replaced.
 *
 * @param own `name=number`, as on the command line.
 * @throws SluiceError SLUICE_USAGE, naming what is wrong.
 */
export function assume(own: readonly string[] = []): Assumed {
  const values: Record<string, number> = Object.fromEntries(
    Object.entries(ASSUMPTIONS).map(([name, { value }]) => [name, value]),
  );
  for (const text of own) {
    const [, name, number] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || number === undefined) {
      throw new SluiceError('SLUICE_USAGE', `--assume "${text}": it must be NAME=NUMBER, such as endpoints=3`);
    }
    if (!Object.hasOwn(values, name)) {
      const known = Object.keys(values).join(', ');
      throw new SluiceError('SLUICE_USAGE', `--assume "${name}": nothing of that name is assumed; there are ${known}`);
    }
    const value = Number(number);
    if (!(value >= 0 && Number.isFinite(value)) || (value === 0 && !MAY_BE_NONE.has(name))) {
      const least = MAY_BE_NONE.has(name) ? 'of at least 0' : 'above 0';
      throw new SluiceError('SLUICE_USAGE', `--assume "${text}": ${name} must be a number ${least}`);
    }
    values[name] = value;
  }
  return values as Assumed;
}

/** What a pipeline can do without, or a figure leave out; the rest is divided by, or nothing would go on. */
const MAY_BE_NONE: ReadonlySet<string> = new Set<AssumptionId>([
  'responseBytes',
  'batchAnswerBytes',
  'rowFixedBytes',
  'csvFixedBytes',
  'messageFixedBytes',
  'recordFixedBytes',
  'logBytesPerRequest',
  'logBytesPerInvocation',
  'logRetention',
  'metricsPerType',
  'alarmsPerType',
  'dashboardsPerType',
  'sharedDashboards',
  'sharedAlarms',
  'endpoints',
  'natGateways',
  'secrets',
  'queriesPerDay',
  'daysPerQuery',
  'wafRules',
]);
