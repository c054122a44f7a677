import { Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';
import './request-queue.ts';

/** Receives what the Kafka client has to say, one line at a time. */
export type KafkaLog = (level: 'warn' | 'error', message: string) => void;

export interface KafkaClientOptions {
  /** Bootstrap addresses, `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  /** Real warnings and errors of the client; swallowed by default. */
  readonly log?: KafkaLog;
  /** TLS, when the cluster wants it. */
  readonly ssl?: NonNullable<KafkaConfig['ssl']>;
  /** Authentication, when the cluster wants it. */
  readonly sasl?: NonNullable<KafkaConfig['sasl']>;
  /** How often and how long a single request is retried; about 2.5 s in total by default. */
  readonly retry?: RetryOptions;
}

/**
 * Retries of one request: 100 ms, doubled each time, at most 1 s apart, about 2.5 s in all. Short on purpose: whoever
 * calls (a queue, a subscription) knows better how to wait out an outage than a request does.
 */
const RETRY: RetryOptions = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 1_000, retries: 5 };

/**
 * What kafkajs reports as an error or a warning although it is the protocol at work: coordinators that load after a
 * start, groups that rebalance, connections that are opened again, and retries that are bounded on purpose.
 */
const NOISE = [
  /coordinator is (loading|not available)/i,
  /COORDINATOR_(LOAD_IN_PROGRESS|NOT_AVAILABLE)|NOT_COORDINATOR/,
  /not the (correct )?coordinator/i,
  /group is rebalancing|rebalance is in progress/i,
  /coordinator is not aware of this member/i,
  /Limiting retries for the idempotent producer/,
  /no leader for this topic-partition|not the leader for that topic-partition/i,
];

/** A kafkajs client with bounded retries and a quiet log. Nothing is connected yet. */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, clientId = 'sluice', log = () => {}, ssl, sasl, retry } = options;
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { ...RETRY, ...retry },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => forward(entry, log),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  });
}

function forward({ level, namespace, log: { message, error, broker } }: LogEntry, log: KafkaLog): void {
  const line = [namespace && `[${namespace}]`, message, error, broker && `(${broker})`].filter(Boolean).join(' ');
  if (NOISE.some((pattern) => pattern.test(line))) return;
  log(level === logLevel.ERROR ? 'error' : 'warn', line);
}
