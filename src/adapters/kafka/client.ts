import { Kafka, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';
import { authenticationConfig, type KafkaAuthentication } from './authentication.ts';
import './request-queue.ts';

/** A client, for those who pass it on. */
export type KafkaClient = Kafka;

/** Receives what happened and is dealt with, one line at a time. */
export type KafkaLog = (level: 'warn' | 'error', message: string) => void;

export interface KafkaClientOptions {
  /** Bootstrap addresses, `host:port`. */
  readonly brokers: readonly string[];
  /** How the client proves who it is; not at all, and without TLS, by default. */
  readonly authentication?: KafkaAuthentication | undefined;
  /** What the client has to say beside the errors it throws; swallowed by default. */
  readonly log?: KafkaLog;
  /** How often and how long a single request is retried; about 2.5 s in total by default. */
  readonly retry?: RetryOptions;
}

/**
 * Retries of one request: 100 ms, doubled each time, at most 1 s apart, about 2.5 s in all. Short on purpose: whoever
 * calls (a queue, a subscription) knows better how to wait out an outage than a request does.
 */
const RETRY: RetryOptions = { initialRetryTime: 100, multiplier: 2, maxRetryTime: 1_000, retries: 5 };

/**
 * The part of kafkajs whose log is passed on. Everything else that it reports as an error it also throws or tries
 * again, and whoever called it says so once, with more sense; loading coordinators and rebalancing groups are no
 * errors at all. Only a consumer group skips records that are gone, or is assigned foreign topics, without an error.
 */
const HEARD = 'ConsumerGroup';

/** A kafkajs client with bounded retries and a quiet log. Nothing is connected yet. */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, authentication = { mechanism: 'none' }, log = () => {}, retry } = options;
  return new Kafka({
    brokers: [...brokers],
    ...authenticationConfig(authentication),
    clientId: 'sluice',
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { ...RETRY, ...retry },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => forward(entry, log),
  });
}

function forward({ level, namespace, log: { message, topic, partition } }: LogEntry, log: KafkaLog): void {
  if (namespace !== HEARD) return;
  const place = topic === undefined ? '' : ` (${topic}${partition === undefined ? '' : `/${partition}`})`;
  log(level === logLevel.ERROR ? 'error' : 'warn', message + place);
}
