import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createKafkaClient } from '../adapters/kafka/client.ts';
import { ensureTopics } from '../adapters/kafka/topics.ts';
import { type Account, type LedgerDatabase, openLedger } from '../adapters/local/ledger.ts';
import { createQueue } from '../adapters/local/queue.ts';
import { requireEventTime } from '../derive/partition.ts';
import { deriveTopic } from '../derive/topic.ts';
import { asSluiceError, SluiceError } from '../errors.ts';
import type { LiveEventTypes } from '../runtime/live-event-types.ts';
import { type ReadSecret, readPiiKey, requirePiiKey } from '../runtime/pii-key.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { createAccept } from '../stages/accept.ts';
import { dataFolder, lockDataFolder, type Running, writeRunning } from './data-folder.ts';
import { openEventTypes } from './event-types.ts';
import { HOST, portError, requireFreePort } from './http/port.ts';
import { createHttpServer } from './http/server.ts';
import { checkPrerequisites, installKafka } from './kafka/install.ts';
import { keepBroker } from './kafka/keep-broker.ts';
import type { Latency, PipelineOptions } from './pipeline.ts';
import { type PipelineThread, startPipelineThread } from './pipeline-thread.ts';
import { rememberRegistry, type SchemaSource } from './schema-source.ts';

/** Milliseconds that each part gets to stop: together with the broker's own six seconds they stay below ten. */
const STOP_MS = { http: 1_000, pipeline: 2_000 };

export interface RuntimeOptions
  extends Pick<PipelineOptions, 'dataDir' | 'byEventTime'>,
    Pick<SchemaSource, 'framing' | 'compression'> {
  /** Folder of schemas: `<event type>/v<N>.avsc`. */
  readonly schemasDir: string;
  /** Address of the registry that has the schemas instead; see `openRegistry`. */
  readonly registry?: string | undefined;
  /** Port of the HTTP server on the loopback interface; 0 takes any free one. */
  readonly port: number;
  /** Bootstrap addresses of a Kafka cluster to use; a local broker is started where there are none. */
  readonly brokers?: readonly string[] | undefined;
  /** Milliseconds and bytes after which a delivery stream writes an object; 1 s and 4 MiB by default. */
  readonly flushMs?: number;
  readonly flushBytes?: number;
  /** What goes on, a line at a time, for a person to read. */
  readonly onProgress?: (line: string) => void;
  /** What went wrong and is dealt with. */
  readonly log?: (line: string) => void;
  /** Gives up starting. */
  readonly signal?: AbortSignal | undefined;
  /** Module of the pipeline's thread, where it is not the usual one. */
  readonly pipelineEntry?: URL;
}

export interface Runtime extends Running {
  readonly histories: readonly SchemaHistory[];
  /** The durable accounts of every event type. */
  accounts(): Account[];
  /** Latencies from the edge to the table since the last reset, per event type. */
  latencies(reset: boolean): Promise<Record<string, Latency>>;
  /** Resolves with what ended the pipeline where nobody had asked for it. */
  readonly crashed: Promise<SluiceError>;
  /** Stops taking events, ends what is under way, and leaves no process behind. */
  stop(): Promise<void>;
}

/**
 * Brings the whole pipeline up on this machine: Kafka, topics, the stages, HTTP.
 *
 * @throws SluiceError what keeps it from running; nothing that was started is left then.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { onProgress = () => {}, log = () => {}, signal } = options;
  const folder = dataFolder(options.dataDir);
  const { registry, framing, compression, byEventTime = [] } = options;
  const schemas = { address: registry ?? options.schemasDir, keptDir: folder.schemas, framing, compression };
  const piiKey = await readPiiKey(readSecret, process.env);
  const eventTypes = await openEventTypes(schemas, piiKey, log);
  const histories = eventTypes.histories();
  if (histories.length === 0) {
    eventTypes.close();
    const hint =
      registry === undefined
        ? `add <event type>/v1.avsc to ${options.schemasDir}`
        : `publish one with "sluice schema publish --to ${registry}"`;
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `there is no event type yet: ${hint}`);
  }
  if (options.brokers === undefined) await checkPrerequisites();

  // What was started, to be stopped in the reverse order.
  const started: (() => unknown)[] = [() => eventTypes.close()];
  const stop = async (): Promise<void> => {
    for (let end = started.pop(); end !== undefined; end = started.pop()) {
      try {
        await end();
      } catch (error) {
        // Whatever does not end well, the others still have to.
        log(`stopping: ${asSluiceError(error).message}`);
      }
    }
  };
  try {
    requirePiiKey(histories, piiKey);
    requireEventTimes(histories, byEventTime);
    const unlock = await lockDataFolder(folder);
    started.push(unlock);
    await rememberRegistry(folder, registry);
    await requireFreePort(options.port);

    let brokers = options.brokers;
    if (brokers === undefined) {
      const giveUp = signal === undefined ? {} : { signal };
      const libs = await installKafka({ onProgress, ...giveUp });
      const kept = await keepBroker({ dataDir: folder.kafka, libs, onProgress, log, ...giveUp });
      started.push(kept.stop);
      brokers = [kept.brokers];
    }
    signal?.throwIfAborted();
    onProgress(`preparing the topics of ${histories.length} event types`);
    const topics = await ensureTopics(createKafkaClient({ brokers }), histories.map(deriveTopic));
    for (const { name, partitions, wanted } of topics) {
      if (partitions !== wanted) log(`topic ${name} has ${partitions} partitions; its schema asks for ${wanted}`);
    }

    const ledger = openLedger(folder.ledgerFile);
    started.push(() => ledger.close());
    const pipeline = await startPipelineThread(
      {
        schemas,
        piiKey,
        dataDir: options.dataDir,
        brokers,
        flushMs: options.flushMs ?? 1_000,
        flushBytes: options.flushBytes ?? 4 * 1024 * 1024,
        maxReceives: 10,
        byEventTime,
      },
      { log, signal, entry: options.pipelineEntry },
    );
    started.push(() => pipeline.stop(STOP_MS.pipeline));

    signal?.throwIfAborted();
    const { server, url } = await listen(eventTypes, ledger, options.port, log);
    started.push(() => closeWithin(server, STOP_MS.http));
    const running: Running = { url, brokers: brokers.join(','), pid: process.pid };
    await writeRunning(folder, running);
    started.push(() => writeRunning(folder, undefined));
    return runtimeOf(running, histories, ledger, pipeline, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws SluiceError SLUICE_USAGE for an event type that there is none of, or that says no event time. */
function requireEventTimes(histories: readonly SchemaHistory[], eventTypes: readonly string[]): void {
  for (const eventType of eventTypes) {
    const history = histories.find((one) => one.eventType === eventType);
    if (history === undefined) {
      const known = histories.map((one) => one.eventType).join(', ');
      throw new SluiceError('SLUICE_USAGE', `there is no event type "${eventType}" to partition; there are ${known}`);
    }
    requireEventTime(history);
  }
}

function runtimeOf(
  running: Running,
  histories: readonly SchemaHistory[],
  ledger: LedgerDatabase,
  pipeline: PipelineThread,
  stop: () => Promise<void>,
): Runtime {
  return {
    ...running,
    histories,
    accounts: ledger.accounts,
    latencies: pipeline.latencies,
    crashed: pipeline.crashed,
    stop,
  };
}

/** Most pipelines do without, and the client takes longer to load than all the rest. */
const readSecret: ReadSecret = async (...args) =>
  (await import('../adapters/secrets/secrets-manager.ts')).readSecret(...args);

async function listen(
  { registry, codecOf, learn, histories }: LiveEventTypes,
  ledger: LedgerDatabase,
  port: number,
  log: (line: string) => void,
): Promise<{ server: FastifyInstance; url: string }> {
  const clock = { now: Date.now };
  const queue = createQueue({ ledger, clock });
  const accept = createAccept({ codecOf, learn, queue, clock, newEventId: randomUUID });
  const server = createHttpServer({ accept, histories, registry, log });
  try {
    await server.listen({ host: HOST, port });
  } catch (cause) {
    throw portError(port, cause);
  }
  return { server, url: `http://${HOST}:${(server.server.address() as AddressInfo).port}` };
}

async function closeWithin(server: FastifyInstance, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), milliseconds);
  await server.close();
  clearTimeout(timer);
}
