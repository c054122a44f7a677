import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaEventLog } from '../adapters/kafka/event-log.ts';
import { openDeliveryStream } from '../adapters/local/delivery-stream.ts';
import { createFailedEvents } from '../adapters/local/failed-events.ts';
import { openLedger } from '../adapters/local/ledger.ts';
import { openObjectStore } from '../adapters/local/object-store.ts';
import { createQueue } from '../adapters/local/queue.ts';
import { failedEventsPrefix, objectPrefix, topicName } from '../derive/names.ts';
import { folderOf, type PartitionBy, partitionFolder } from '../derive/partition.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { patiently } from '../runtime/patiently.ts';
import { createConsume } from '../stages/consume.ts';
import { failedRows } from '../stages/failed-rows.ts';
import { createProduce } from '../stages/produce.ts';
import { createTransformation } from '../stages/transform.ts';
import { consumerGroup } from './consumer-group.ts';
import { dataFolder } from './data-folder.ts';
import { openEventTypes } from './event-types.ts';
import { startPump } from './pump.ts';
import type { SchemaSource } from './schema-source.ts';

/** All of it is plain data, so that it can be handed to another thread. */
export interface PipelineOptions {
  readonly schemas: SchemaSource;
  /** Hashes personal data. */
  readonly piiKey?: Uint8Array | undefined;
  readonly dataDir: string;
  readonly brokers: readonly string[];
  /** Buffer hints of the delivery streams. */
  readonly flushMs: number;
  readonly flushBytes: number;
  /** Receives after which a message is kept as a failed event. */
  readonly maxReceives: number;
  /** Event types whose rows lie by event time; those of the others lie by their arrival. */
  readonly byEventTime?: readonly string[];
}

/** How long delivered events took from the edge to the table, in milliseconds. */
export interface Latency {
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
}

/** The ports that a test may stand in front of. */
export interface PipelinePorts {
  readonly eventLog: EventLog;
  readonly deliveryStream: DeliveryStream;
  readonly objectStore: ObjectStore;
}

export interface Pipeline {
  /** Latencies since the start, or since the last reset, per event type. */
  latencies(reset: boolean): Record<string, Latency>;
  /** Stops taking work, ends what is under way, and delivers what is buffered. */
  stop(): Promise<void>;
}

const clock: Clock = { now: Date.now };

/** Milliseconds that a cluster gets to let us in: a broker that has just started first loads its group coordinator. */
const JOIN_MS = 60_000;

/**
 * Runs the stages behind the queue: produce, consume, deliver, transform.
 *
 * @param wrap returns the ports to use in place of the given ones.
 * @throws SluiceError when the consumer group cannot be joined, or a schema or the data folder is not usable.
 */
export async function openPipeline(
  options: PipelineOptions,
  log: (line: string) => void,
  wrap: <Port extends keyof PipelinePorts>(name: Port, port: PipelinePorts[Port]) => PipelinePorts[Port] = (_, port) =>
    port,
): Promise<Pipeline> {
  const folder = dataFolder(options.dataDir);
  // Whoever answers HTTP looks at the same schemas, and says what comes of it.
  const eventTypes = await openEventTypes(options.schemas, options.piiKey, () => {});
  const { codecOf, learn } = eventTypes;
  const topics = new Map(eventTypes.histories().map(({ eventType }) => [topicName(eventType), eventType]));
  const typeOf = (topic: string): string => topics.get(topic) ?? topic;

  const timed = new Set(options.byEventTime);
  const partitionBy = (eventType: string): PartitionBy => (timed.has(eventType) ? 'event-time' : 'arrival');

  const ledger = openLedger(folder.ledgerFile);
  const objectStore = wrap('objectStore', await openObjectStore(folder.objects));
  const failedEvents = createFailedEvents({
    objectStore,
    ledger,
    rowsOf: failedRows,
    folderOf: (failedAt) => failedEventsPrefix() + partitionFolder(failedAt),
  });
  const histograms = new Map<string, RecordableHistogram>();
  const stream = openDeliveryStream({
    file: folder.streamFile,
    objectStore,
    failedEvents,
    ledger,
    transformationOf: (eventType) => {
      const codec = codecOf(eventType);
      return codec && createTransformation(codec, partitionBy(eventType));
    },
    folderOf: (eventType, arrivedAt, keys) =>
      objectPrefix(eventType) +
      (keys === undefined ? partitionFolder(arrivedAt) : folderOf({ dt: keys.dt!, hour: keys.hour! })),
    clock,
    flushMs: options.flushMs,
    flushBytes: options.flushBytes,
    onDelivered(eventType, { ingestedAt }) {
      let histogram = histograms.get(eventType);
      if (histogram === undefined) {
        histogram = createHistogram();
        histograms.set(eventType, histogram);
      }
      histogram.record(Math.max(1, Math.round(clock.now() - ingestedAt)));
    },
    log,
  });
  const eventLogOwner = createKafkaEventLog({
    cluster: options.brokers,
    log: (level, line) => log(`kafka ${level}: ${line}`),
  });
  const eventLog = wrap('eventLog', eventLogOwner);

  const queue = createQueue({ ledger, clock });
  // The data folder is this process's alone, so nobody works on what is hidden.
  queue.reclaim();
  const produce = createProduce({ codecOf, learn, eventLog, failedEvents, clock });
  const consume = createConsume({
    codecOf: (topic) => codecOf(typeOf(topic)),
    learn: (topic, schemaId) => learn(typeOf(topic), schemaId),
    deliveryStream: wrap('deliveryStream', stream),
    failedEvents,
    clock,
    partitionBy,
  });
  const group = consumerGroup(ledger.id);
  const end = clock.now() + JOIN_MS;
  await patiently(() => eventLog.subscribe({ group, topics: [...topics.keys()] }, consume), {
    mayTryAgain: ({ retryable }) => retryable && clock.now() <= end,
    pause: () => sleep(250),
  });
  const pump = startPump({ queue, produce, codecOf, failedEvents, clock, maxReceives: options.maxReceives, log });

  return {
    latencies(reset) {
      const latencies = Object.fromEntries(
        [...histograms].map(([eventType, histogram]) => [
          eventType,
          { events: histogram.count, p50: histogram.percentile(50), p99: histogram.percentile(99) },
        ]),
      );
      if (reset) histograms.clear();
      return latencies;
    },
    async stop() {
      eventTypes.close();
      await pump.stop();
      await eventLogOwner.close();
      await stream.close();
      ledger.close();
    },
  };
}
