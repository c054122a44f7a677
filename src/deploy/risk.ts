import type { Change } from './changes.ts';
import { type ContractProperties, contractRisks } from './contract-risk.ts';
import { tableRisks } from './table-risk.ts';
import { asList, asObject, asText, CONTRACT } from './template.ts';

/** Data that a change would lose or put out of reach, and how to do without. */
export interface Risk {
  readonly eventType: string | null;
  readonly path: string;
  /** What would be lost. */
  readonly loss: string;
  /** What to do instead. */
  readonly way: string;
}

/** What a resource of a type holds, and what to do before it may go. */
interface Holding {
  readonly what: string;
  readonly way: string;
}

/** Everything of a pipeline that holds data. A table holds none: it is how objects are read. */
const HOLDINGS: Readonly<Record<string, Holding>> = {
  'AWS::S3::Bucket': {
    what: 'every object: delivered rows and failed events',
    way: 'keep its name and settings that cannot change, or copy the objects first',
  },
  'AWS::MSK::ServerlessCluster': {
    what: 'all topics, with what no consumer has read',
    way: 'drain it into the bucket first',
  },
  'AWS::MSK::Cluster': { what: 'all topics, with what no consumer has read', way: 'drain it into the bucket first' },
  'AWS::MSK::Topic': { what: 'the records of the topic', way: 'drain it into the bucket first' },
  'AWS::SQS::Queue': {
    what: 'messages that were accepted and are not in Kafka yet',
    way: 'let nobody send, and deploy when the queue and its dead letters are empty',
  },
  'AWS::KinesisFirehose::DeliveryStream': {
    what: 'rows that are buffered for the next object',
    way: 'stop the consume function, and deploy when the stream has delivered what it holds',
  },
  'AWS::KMS::Key': {
    what: 'the key of everything that is encrypted by it',
    way: 'keep the key; rotation makes no new one',
  },
  'AWS::SecretsManager::Secret': {
    what: 'the key of hashed personal data: the same person would get another hash',
    way: 'keep the secret, or restore its value into the new one',
  },
  'AWS::Glue::Registry': { what: 'the schemas that records in Kafka were written with', way: 'keep the registry' },
  'AWS::Glue::Schema': { what: 'the schema that records in Kafka were written with', way: 'keep the schema' },
  'AWS::Glue::Database': { what: "the tables and views in it, people's own among them", way: 'keep its name' },
};

/** Data at risk by one change. */
export function risksOf(change: Change): Risk[] {
  const { type, action, before, after } = change;
  if (action === 'created') return [];
  const at = (loss: string, way: string): Risk => ({ eventType: change.eventType, path: change.path, loss, way });
  const found: Risk[] = [];
  const holding = HOLDINGS[type];
  if (holding !== undefined && (action === 'removed' || action === 'replaced')) {
    const because = action === 'replaced' ? ` (by ${change.properties.join(', ')})` : '';
    const policy = action === 'removed' ? before?.DeletionPolicy : after?.UpdateReplacePolicy;
    const kept = policy !== undefined && policy !== 'Delete';
    const fate = kept ? 'it is kept, but out of reach of the pipeline' : 'it is deleted';
    found.push(at(`${change.maybe ? 'may be ' : ''}${action}${because}, and ${fate}: ${holding.what}`, holding.way));
  }
  if (before !== undefined && after !== undefined) {
    if (type === 'AWS::S3::Bucket') {
      for (const prefix of KEPT) {
        const [old, next] = [expiry(before.Properties, prefix), expiry(after.Properties, prefix)];
        if (next >= old) continue;
        const since = old === Number.POSITIVE_INFINITY ? 'never did' : `did after ${old} days`;
        found.push(
          at(`objects below ${prefix} expire after ${next} days, and ${since}`, 'keep the old number of days'),
        );
      }
    }
    if (type === 'AWS::SQS::Queue') {
      const [old, next] = [retention(before.Properties), retention(after.Properties)];
      if (next < old) {
        const loss = `messages are kept ${next} s instead of ${old} s: older ones are lost`;
        found.push(at(loss, 'keep MessageRetentionPeriod, or deploy when the queue is empty'));
      }
    }
    if (type === 'AWS::Glue::Table') {
      for (const { loss, way } of tableRisks(before.Properties, after.Properties)) found.push(at(loss, way));
    }
  }
  if (type === 'AWS::Lambda::EventSourceMapping' && (action === 'replaced' || action === 'removed')) {
    // A mapping that begins anew where the topic ends passes over what was written in between.
    if (action === 'replaced' && after?.Properties.StartingPosition === 'LATEST') {
      const loss = `it is replaced (by ${change.properties.join(', ')}) and begins at the end of the topic`;
      found.push(at(loss, 'set StartingPosition to TRIM_HORIZON: events that come twice are one row in the view'));
    }
  }
  if (type === CONTRACT) {
    const properties = after?.Properties as ContractProperties | undefined;
    for (const { loss, way } of contractRisks(before!.Properties as ContractProperties, properties)) {
      found.push(at(loss, way));
    }
    // After a replacement CloudFormation asks the old one to go.
    if (action === 'replaced' && before?.Properties.RemovalPolicy === 'delete') {
      found.push(at('it is replaced, and the topic is deleted with the old one', 'set RemovalPolicy to retain first'));
    }
  }
  return found;
}

/** Where a bucket has what nobody can make again; results of queries are not among it. */
const KEPT = ['events/', 'failed/', 'delivery-errors/', 'consume-errors/'];

/** Days after which the first objects below a prefix expire; infinite where none do. */
function expiry(properties: Readonly<Record<string, unknown>>, prefix: string): number {
  const rules = asList(asObject(properties.LifecycleConfiguration)?.Rules).map(asObject);
  const days = rules
    .filter((rule) => rule?.Status === 'Enabled' && meets(asText(rule.Prefix) ?? '', prefix))
    .map((rule) => rule?.ExpirationInDays)
    .filter((value) => typeof value === 'number');
  return Math.min(Number.POSITIVE_INFINITY, ...days);
}

function meets(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** Seconds; four days where nothing is said. Source: `SetQueueAttributes`, Amazon SQS API Reference. */
function retention({ MessageRetentionPeriod: seconds }: Readonly<Record<string, unknown>>): number {
  return typeof seconds === 'number' ? seconds : 345_600;
}
