import type { BrokerAccess } from '../adapters/aws/bootstrap-brokers.ts';
import type { Framing } from '../codec/framing.ts';
import { PARTITION_BY, type PartitionBy } from '../derive/partition.ts';
import { SluiceError } from '../errors.ts';
import { isEventType } from '../schema/history.ts';

/**
 * What functions are told by environment variables: every one of them is read and checked here. All that is read throws
 * SluiceError SLUICE_CONFIGURATION, which names the variable, what it must hold, and how to set it.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a function of one event type knows of it. */
export interface TypeEnvironment {
  readonly eventType: string;
  /** Deployment, such as `dev` or `prod`. */
  readonly stage: string;
  /** Address of the schema registry: see `openRegistry`. */
  readonly registry: string;
  /** The registry's own by default. */
  readonly framing: Framing | undefined;
  /** Digest of the contract that the function was deployed with; undefined where nobody said it. */
  readonly contract: string | undefined;
}

export function typeEnvironment(env: Environment): TypeEnvironment {
  const eventType = required(env, 'SLUICE_EVENT_TYPE', 'the event type that the function serves');
  if (!isEventType(eventType)) throw wrong('SLUICE_EVENT_TYPE', 'an event type, such as "seismic.earthquake"');
  return {
    eventType,
    stage: required(env, 'SLUICE_STAGE', 'the stage of the deployment, such as "prod"'),
    registry: required(env, 'SLUICE_REGISTRY', 'the address of the schema registry, such as "glue://sluice-prod"'),
    framing: framingOf(env.SLUICE_FRAMING || undefined),
    contract: env.SLUICE_CONTRACT || undefined,
  };
}

export function queueUrl(env: Environment): string {
  const url = required(env, 'SLUICE_QUEUE_URL', 'the URL of the queue in SQS');
  if (!URL.canParse(url)) throw wrong('SLUICE_QUEUE_URL', 'a URL, as SQS names its queues');
  return url;
}

export function streamName(env: Environment): string {
  return required(env, 'SLUICE_DELIVERY_STREAM', 'the name of the Firehose stream');
}

export function bucketName(env: Environment): string {
  return required(env, 'SLUICE_BUCKET', 'the name of the bucket that failed events are kept in');
}

/**
 * What the event source mapping of a topic takes for an answer: failures by partition, or nothing. Where it takes
 * nothing, an answer of failures would count as success; so that is the default.
 */
export function batchResponses(env: Environment): 'partial' | 'whole' {
  const { SLUICE_BATCH_RESPONSES: responses = '' } = env;
  if (responses === '' || responses === 'whole') return 'whole';
  if (responses === 'partial') return responses;
  throw wrong('SLUICE_BATCH_RESPONSES', '"partial" or "whole", or not be set');
}

/** What decides where rows lie below the event type's prefix: the same for who packs them and who says where they go. */
export function partitioning(env: Environment): PartitionBy {
  const { SLUICE_PARTITION_BY: by = '' } = env;
  if (by === '') return 'arrival';
  const known = PARTITION_BY.find((one) => one === by);
  if (known === undefined) throw wrong('SLUICE_PARTITION_BY', '"arrival" or "event-time", or not be set');
  return known;
}

/** Where Kafka is, and how to get in. */
export interface KafkaEnvironment {
  /** `host:port` each, or the MSK cluster to ask for them. */
  readonly cluster: readonly string[] | { readonly arn: string };
  readonly access: BrokerAccess;
  /** The secret with the user's name and password; for `scram` only. */
  readonly secret: string | undefined;
  /** For `iam` only. */
  readonly region: string | undefined;
}

export function kafkaEnvironment(env: Environment): KafkaEnvironment {
  const { SLUICE_BROKERS: brokers = '', SLUICE_CLUSTER_ARN: arn = '', SLUICE_KAFKA_AUTH: auth = '' } = env;
  if (brokers === '' && arn === '') {
    const way =
      'neither SLUICE_BROKERS nor SLUICE_CLUSTER_ARN is set: give "host:port,host:port", or the ARN of a cluster';
    throw configurationError(way);
  }
  const addresses = brokers.split(',').map((address) => address.trim());
  if (brokers !== '' && !addresses.every((address) => /^[^\s:/]+:\d{1,5}$/.test(address))) {
    throw wrong('SLUICE_BROKERS', 'addresses as "host:port", joined by commas');
  }
  const [, access, secret] = /^(iam|none|scram)(?::(.+))?$/.exec(auth) ?? [];
  if (access === undefined || (access === 'scram') !== (secret !== undefined)) {
    throw wrong('SLUICE_KAFKA_AUTH', '"iam", "none", or "scram:" and the ARN of a secret');
  }
  return {
    cluster: brokers === '' ? { arn } : addresses,
    access: access as BrokerAccess,
    secret,
    region: access === 'iam' ? required(env, 'AWS_REGION', 'the region of the cluster') : undefined,
  };
}

function framingOf(text: string | undefined): Framing | undefined {
  if (text === undefined || text === 'confluent' || text === 'glue') return text;
  throw wrong('SLUICE_FRAMING', '"confluent" or "glue", or not be set');
}

function required(env: Environment, name: string, what: string): string {
  const value = env[name];
  if (value) return value;
  throw configurationError(`${name} is not set: it is ${what}; set it in the function's environment`);
}

/** Without the value: one put into the wrong variable may be a secret. */
function wrong(name: string, what: string): SluiceError {
  return configurationError(`${name} must be ${what}; correct it in the function's environment`);
}

function configurationError(message: string): SluiceError {
  return new SluiceError('SLUICE_CONFIGURATION', message);
}
