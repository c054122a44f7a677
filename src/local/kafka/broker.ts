import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaClient } from '../../adapters/kafka/client.ts';
import { SluiceError } from '../../errors.ts';
import { log4jProperties } from './configuration.ts';
import { type Layout, layoutOf } from './layout.ts';
import { outliveOrphan } from './orphan.ts';
import { accepts, freePorts, type Ports } from './ports.ts';
import { type BrokerProcess, launch } from './process.ts';
import { clusterIdOf, formatStorage, isFormatted } from './storage.ts';

export type { BrokerExit } from './process.ts';

/** Milliseconds a broker gets to start and answer. */
const START_TIMEOUT_MS = 60_000;

export interface BrokerOptions {
  /** Holds everything the broker writes: records, logs, configuration, pid file. Created when missing. */
  readonly dataDir: string;
  /** Folder of the broker's jars, as `installKafka` returns it. */
  readonly libs: string;
  /** Ports to listen on; free ones are chosen when left out. */
  readonly ports?: Ports;
  /** Called with one line for a person to read. */
  readonly onProgress?: (line: string) => void;
  /** Gives up starting; a broker that has already been started is ended. */
  readonly signal?: AbortSignal;
}

/** A broker that answers. */
export interface Broker extends BrokerProcess {
  /** Bootstrap address, `127.0.0.1:port`. */
  readonly brokers: string;
  readonly ports: Ports;
}

/**
 * Starts a single Kafka node (KRaft) on the loopback interface and resolves when it answers requests. The node ends
 * with this process, however this process ends, and is shielded from the terminal's Ctrl-C, so that the pipeline can
 * drain before its broker goes. A data folder is to be started by one process at a time.
 * @throws SluiceError SLUICE_BROKER_START with what the broker's log says and its path;
 *   SLUICE_ALREADY_RUNNING when another live process runs a broker on this data. An aborted `signal` throws its reason.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { libs, onProgress = () => {}, signal } = options;
  const layout = layoutOf(resolve(options.dataDir));
  await mkdir(layout.logs, { recursive: true });
  await outliveOrphan(layout, onProgress);
  await writeFile(layout.log4jProperties, log4jProperties());
  if (!isFormatted(layout)) {
    onProgress('preparing storage for the Kafka broker (once)');
    await formatStorage(layout, libs, signal);
  }
  onProgress('starting the Kafka broker');
  // A port that was free a moment ago may be taken by now; only ports of our own choosing are chosen again.
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const ports = options.ports ?? (await freePorts());
    const process = await launch(layout, libs, ports);
    const brokers = `127.0.0.1:${ports.client}`;
    try {
      await untilReady(process, ports, await clusterIdOf(layout), signal);
      onProgress(`the Kafka broker answers at ${brokers}`);
      return { ...process, brokers, ports };
    } catch (error) {
      await process.stop();
      signal?.throwIfAborted();
      const said = await lastWords(layout);
      const portTaken = /BindException|Address already in use/.test(said);
      if (portTaken && options.ports === undefined && attempt < 3) continue;
      throw new SluiceError(
        'SLUICE_BROKER_START',
        `${(error as Error).message}. From its log, ${layout.log}:\n${said}`,
        { cause: error },
      );
    }
  }
}

/** Resolves when the node answers a request about its cluster and counts itself in; rejects when it ends before. */
async function untilReady(
  { exited }: BrokerProcess,
  ports: Ports,
  clusterId: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const settled = new AbortController();
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  const over = AbortSignal.any([settled.signal, timeout, ...(signal ? [signal] : [])]);
  const ended = exited.then(({ code, signal: by }) => {
    throw new Error(`The Kafka broker ended while starting (${by ?? `exit code ${code}`})`);
  });
  try {
    await Promise.race([ended, answered(ports, clusterId, over)]);
  } catch (error) {
    if (timeout.aborted) throw new Error(`The Kafka broker did not answer within ${START_TIMEOUT_MS / 1000} s`);
    throw error;
  } finally {
    settled.abort();
  }
}

/** Asks until a node of the given cluster answers. */
async function answered(ports: Ports, clusterId: string | undefined, over: AbortSignal): Promise<void> {
  const pause = (): Promise<void> => sleep(50, undefined, { signal: over });
  // A refused connection is cheaper than a client that retries: ask Kafka only when somebody listens.
  while (!(await accepts(ports.client))) await pause();
  const admin = createKafkaClient({ brokers: [`127.0.0.1:${ports.client}`], retry: { retries: 0 } }).admin();
  try {
    for (;;) {
      const cluster = await admin
        .connect()
        .then(() => admin.describeCluster())
        .catch(() => undefined);
      // The port may be another broker's, until ours finds out and ends.
      if (cluster !== undefined && cluster.clusterId === clusterId && cluster.brokers.length > 0) return;
      await pause();
    }
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** What went wrong, as the broker's log has it, or else its last lines; and what the process printed at its end. */
async function lastWords(layout: Layout): Promise<string> {
  const [log = [], output = []] = await Promise.all(
    [layout.log, layout.output].map(async (path) => {
      const text = await readFile(path, 'utf8').catch(() => '');
      return text.split('\n').filter((line) => line.trim() !== '');
    }),
  );
  const wrong = [...new Set(log.filter((line) => / (ERROR|FATAL) |^Caused by: /.test(line)))];
  return [...(wrong.length > 0 ? wrong : log).slice(-15), ...output.slice(-15)].join('\n');
}
