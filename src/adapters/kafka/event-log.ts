import type { Kafka } from 'kafkajs';
import type { EventLog, Subscription } from '../../ports/event-log.ts';
import { createAppender } from './appender.ts';
import { createKafkaClient, type KafkaLog } from './client.ts';
import { openSubscription } from './subscription.ts';

export interface KafkaEventLogOptions {
  /** The cluster: a client, or bootstrap addresses (`host:port`). */
  readonly cluster: Kafka | readonly string[];
  /** Receives real warnings: outages, failed handlers. */
  readonly log?: KafkaLog;
  /** The topics' `max.message.bytes`; a record that does not fit alone is refused unsent. 8 MiB by default. */
  readonly maxMessageBytes?: number;
  /** Milliseconds after which a dead member's partitions go to others. 6000 by default. */
  readonly sessionTimeoutMs?: number;
  /** Milliseconds a stopping subscription waits for running handlers. 20000 by default. */
  readonly stopTimeoutMs?: number;
}

/** An event log that holds connections. */
export interface KafkaEventLog extends EventLog {
  /** Stops every subscription, waits for records under way, and disconnects. */
  close(): Promise<void>;
}

/** The event log of a Kafka cluster. Connects at the first use. */
export function createKafkaEventLog(options: KafkaEventLogOptions): KafkaEventLog {
  const { cluster, log = () => {}, maxMessageBytes = 8 * 1024 * 1024 } = options;
  const { sessionTimeoutMs = 6_000, stopTimeoutMs = 20_000 } = options;
  const kafka = 'producer' in cluster ? cluster : createKafkaClient({ brokers: cluster, log });
  const appender = createAppender({ kafka, maxMessageBytes });
  const subscriptions = new Set<Subscription>();
  return {
    append: appender.append,
    async subscribe(subscribeOptions, handler) {
      const settings = { sessionTimeoutMs, stopTimeoutMs, log };
      const { stop } = await openSubscription(kafka, subscribeOptions, handler, settings);
      const subscription: Subscription = {
        async stop() {
          await stop();
          subscriptions.delete(subscription);
        },
      };
      subscriptions.add(subscription);
      return subscription;
    },
    async close() {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await appender.close();
    },
  };
}
