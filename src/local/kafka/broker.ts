import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join, resolve as resolvePath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createKafkaClient } from '../../adapters/kafka/client.ts';
import { SluiceError } from '../../errors.ts';
import { javaCommand } from './install.ts';

/** Milliseconds a broker gets to start and answer. */
const START_TIMEOUT_MS = 60_000;
/** Milliseconds a broker gets to stop by itself, once asked; then it is killed. */
const STOP_TIMEOUT_MS = 6_000;
/** Milliseconds a broker whose parent has died gets to end before it is killed. */
const ORPHAN_TIMEOUT_MS = 15_000;
/** Largest record batch the broker takes: an 8 MiB record and what surrounds it. Topics may allow less. */
const MESSAGE_MAX_BYTES = 9 * 1024 * 1024;

export interface BrokerOptions {
  /** Holds everything the broker writes: records, logs, configuration, pid file. Created when missing. */
  readonly dataDir: string;
  /** Folder of the broker's jars, as `installKafka` returns it. */
  readonly libs: string;
  /** Ports to listen on; free ones are chosen when left out. */
  readonly ports?: { readonly client: number; readonly controller: number };
  /** Called with one line for a person to read. */
  readonly onProgress?: (line: string) => void;
  /** Gives up starting; a broker that has already been started is ended. */
  readonly signal?: AbortSignal;
}

/** How a broker ended. */
export interface BrokerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether `stop` had been called. */
  readonly expected: boolean;
}

export interface Broker {
  /** Bootstrap address, `127.0.0.1:port`. */
  readonly brokers: string;
  readonly ports: { readonly client: number; readonly controller: number };
  /** Process id of the Java process. */
  readonly pid: number;
  /** Path of the broker's own log. */
  readonly logFile: string;
  /** Resolves when the process has ended, asked to or not; never rejects. */
  readonly exited: Promise<BrokerExit>;
  /** Ends the broker and resolves when its process is gone: 6 s for an orderly end, then it is killed. */
  stop(): Promise<void>;
}

/**
 * Starts a single Kafka node (KRaft) on the loopback interface and resolves when it answers requests. The node ends
 * with this process, however this process ends, and is shielded from the terminal's Ctrl-C, so that the pipeline can
 * drain before its broker goes.
 * @throws SluiceError SLUICE_BROKER_START with the end of the broker's log and its path;
 *   SLUICE_ALREADY_RUNNING when another live process runs a broker on this data. An aborted `signal` throws its reason.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { onProgress = () => {}, signal } = options;
  const layout = layoutOf(resolvePath(options.dataDir));
  await mkdir(layout.logs, { recursive: true });
  await outliveOrphan(layout, onProgress);
  await writeFile(layout.log4j, log4jConfiguration());
  if (!existsSync(join(layout.storage, 'meta.properties'))) {
    onProgress('preparing storage for the Kafka broker (once)');
    await formatStorage(layout, options.libs, signal);
  }
  onProgress('starting the Kafka broker');
  // A port that was free a moment ago may be taken by now; only ports of our own choosing are chosen again.
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const ports = options.ports ?? (await freePorts());
    const broker = await launch(layout, options.libs, ports);
    try {
      await untilReady(broker, signal);
      onProgress(`the Kafka broker answers at ${broker.brokers}`);
      return broker;
    } catch (error) {
      await broker.stop();
      const tail = await logTail(layout);
      if (signal?.aborted) throw signal.reason;
      const portTaken = /BindException|Address already in use/.test(tail);
      if (portTaken && options.ports === undefined && attempt < 3) continue;
      throw new SluiceError(
        'SLUICE_BROKER_START',
        `${(error as Error).message}. Its log is ${layout.log}; the end of it:\n${tail}`,
        { cause: error },
      );
    }
  }
}

/** Where things are in the data folder. */
interface Layout {
  readonly dataDir: string;
  readonly storage: string;
  readonly properties: string;
  readonly log4j: string;
  readonly logs: string;
  readonly log: string;
  readonly output: string;
  readonly pidFile: string;
}

function layoutOf(dataDir: string): Layout {
  const logs = join(dataDir, 'logs');
  return {
    dataDir,
    storage: join(dataDir, STORAGE),
    properties: join(dataDir, 'server.properties'),
    log4j: join(dataDir, 'log4j2.properties'),
    logs,
    log: join(logs, 'broker.log'),
    output: join(logs, 'broker.out'),
    pidFile: join(dataDir, 'broker.json'),
  };
}

/** Name of the folder with the records. */
const STORAGE = 'storage';

type Ports = Broker['ports'];

/**
 * The node's settings. `log.dirs` is a comma-separated list in an escaped file, so it is given relative to the
 * process's working folder: any path of the data folder will do then, and the folder may be moved.
 */
function serverProperties(ports: Ports, logDirs = STORAGE): string {
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.client}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': logDirs,
    // One node cannot replicate.
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // The defaults are 50 partitions each, which cost start-up and shutdown time.
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.num.partitions': 4,
    'auto.create.topics.enable': false,
    // Committed offsets of a laptop that was closed for the holidays are still wanted afterwards: 90 days.
    'offsets.retention.minutes': 129_600,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'message.max.bytes': MESSAGE_MAX_BYTES,
    'replica.fetch.max.bytes': MESSAGE_MAX_BYTES,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** The broker's log: a file of at most 5 MB and three older ones. */
function log4jConfiguration(): string {
  return [
    'status=error',
    'appender.file.type=RollingFile',
    'appender.file.name=file',
    'appender.file.fileName=logs/broker.log',
    'appender.file.filePattern=logs/broker.log.%i',
    'appender.file.layout.type=PatternLayout',
    'appender.file.layout.pattern=%d{ISO8601} %-5p %m (%c{1})%n',
    'appender.file.policies.type=Policies',
    'appender.file.policies.size.type=SizeBasedTriggeringPolicy',
    'appender.file.policies.size.size=5MB',
    'appender.file.strategy.type=DefaultRolloverStrategy',
    'appender.file.strategy.max=3',
    'rootLogger.level=info',
    'rootLogger.appenderRef.file.ref=file',
    '',
  ].join('\n');
}

/**
 * Gives the data folder its cluster id. Storage is formatted under another name and renamed, so that it is either
 * complete or not there at all.
 */
async function formatStorage(layout: Layout, libs: string, signal: AbortSignal | undefined): Promise<void> {
  const fresh = `${STORAGE}.new`;
  const properties = join(layout.dataDir, 'format.properties');
  await rm(join(layout.dataDir, fresh), { recursive: true, force: true });
  await rm(layout.storage, { recursive: true, force: true });
  // Formatting opens no port; the configuration only has to name some.
  await writeFile(properties, serverProperties({ client: 9092, controller: 9093 }, fresh));
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  const args = ['-Xshare:auto', '-XX:TieredStopAtLevel=1', ...logging(layout), '-cp', join(libs, '*')];
  try {
    await promisify(execFile)(
      javaCommand(),
      [...args, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties],
      { cwd: layout.dataDir, timeout: START_TIMEOUT_MS, ...(signal ? { signal } : {}) },
    );
    await rename(join(layout.dataDir, fresh), layout.storage);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new SluiceError(
      'SLUICE_BROKER_START',
      `Kafka's storage could not be prepared in ${layout.dataDir}: ${(stderr + stdout).trim() || message}`,
      { cause: error },
    );
  } finally {
    await rm(properties, { force: true });
  }
}

function logging(layout: Layout): string[] {
  return [`-Dlog4j2.configurationFile=${layout.log4j}`, '-Djava.awt.headless=true'];
}

/**
 * The lifeline. Descriptor 3 is a pipe whose other end only the parent holds. The shell turns into Java itself, so
 * that Java's process id and exit status are the child's own; a watcher it leaves behind reads the pipe. End of file
 * means that the parent is gone, by whatever signal, and ends Java. A line means that Java has ended and nobody is
 * to be signalled any more, because its process id may belong to somebody else by then.
 */
const LIFELINE = `
(
  if read -r _; then exit; fi
  kill -TERM $$
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    sleep 0.5
    kill -0 $$ || exit
  done
  kill -KILL $$
) <&3 >/dev/null 2>&1 &
exec 3<&-
exec "$@"
`;

/** Starts the process; it does not answer yet. */
async function launch(layout: Layout, libs: string, ports: Ports): Promise<Broker> {
  await writeFile(layout.properties, serverProperties(ports));
  const output = await open(layout.output, 'w');
  let child: ChildProcess;
  try {
    child = spawn(
      'sh',
      [
        ...['-c', LIFELINE, 'sluice-broker', javaCommand(), '-Xms256m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError'],
        ...[...logging(layout), '-cp', join(libs, '*'), 'kafka.Kafka', layout.properties],
      ],
      // Its own process group: Ctrl-C in the terminal reaches this process, which ends its broker last.
      { cwd: layout.dataDir, detached: true, stdio: ['ignore', output.fd, output.fd, 'pipe'] },
    );
  } finally {
    await output.close();
  }
  let stopping = false;
  const lifeline = child.stdio[3] as NodeJS.WritableStream;
  lifeline.on('error', () => {});
  const exited = new Promise<BrokerExit>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null, expected: stopping }));
    child.once('exit', (code, signal) => {
      lifeline.end('ended\n');
      resolve({ code, signal, expected: stopping });
    });
  });
  const pid = child.pid;
  if (pid === undefined) throw new SluiceError('SLUICE_BROKER_START', 'No process could be started for the broker');
  await writeFile(layout.pidFile, JSON.stringify({ pid, parent: process.pid } satisfies PidFile));
  const stop = async (): Promise<void> => {
    stopping = true;
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(killer);
    // A later broker of the same data may have written its own by now.
    if ((await readPidFile(layout))?.pid === pid) await rm(layout.pidFile, { force: true });
  };
  return { brokers: `127.0.0.1:${ports.client}`, ports, pid, logFile: layout.log, exited, stop };
}

/** Resolves when the node answers a request about its cluster and counts itself in. */
async function untilReady(broker: Broker, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const ended = broker.exited.then(({ code, signal: by }) => {
    throw new Error(`The Kafka broker ended while starting (${by ?? `exit code ${code}`})`);
  });
  ended.catch(() => {});
  const answered = async (): Promise<void> => {
    // A refused connection is cheaper than a client that retries: ask Kafka only when somebody listens.
    while (!(await accepts(broker.ports.client))) await pause();
    const admin = createKafkaClient({ brokers: [broker.brokers], retry: { retries: 0 } }).admin();
    try {
      for (;;) {
        try {
          await admin.connect();
          if ((await admin.describeCluster()).brokers.length > 0) return;
        } catch {
          // Not yet.
        }
        await pause();
      }
    } finally {
      await admin.disconnect().catch(() => {});
    }
  };
  let over = false;
  const pause = async (): Promise<void> => {
    await sleep(50);
    signal?.throwIfAborted();
    if (over) throw new Error('The Kafka broker is not waited for any more');
    if (Date.now() > deadline) throw new Error(`The Kafka broker did not answer within ${START_TIMEOUT_MS / 1000} s`);
  };
  try {
    await Promise.race([ended, answered()]);
  } finally {
    over = true;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}

/** Two ports that were free at the same time. */
async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer()];
  const [client = 0, controller = 0] = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { client, controller };
}

interface PidFile {
  readonly pid: number;
  /** The process that started it, and holds its lifeline. */
  readonly parent: number;
}

async function readPidFile(layout: Layout): Promise<PidFile | undefined> {
  try {
    const { pid, parent } = JSON.parse(await readFile(layout.pidFile, 'utf8')) as PidFile;
    return Number.isInteger(pid) && pid > 1 ? { pid, parent } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Waits for an earlier broker of this data whose parent was killed a moment ago: its lifeline is ending it. One that
 * hangs is killed, once its command line has proved that it is the broker of this very data folder.
 */
async function outliveOrphan(layout: Layout, onProgress: (line: string) => void): Promise<void> {
  const earlier = await readPidFile(layout);
  if (earlier === undefined || !(await isOurBroker(earlier.pid, layout))) return;
  if (isAlive(earlier.parent)) {
    throw new SluiceError(
      'SLUICE_ALREADY_RUNNING',
      `Process ${earlier.parent} runs a Kafka broker (process ${earlier.pid}) on ${layout.dataDir}; stop it first.`,
    );
  }
  onProgress('waiting for the Kafka broker of an earlier run to end');
  const deadline = Date.now() + ORPHAN_TIMEOUT_MS;
  while (await isOurBroker(earlier.pid, layout)) {
    if (Date.now() > deadline) {
      process.kill(earlier.pid, 'SIGKILL');
      while (await isOurBroker(earlier.pid, layout)) await sleep(50);
      return;
    }
    await sleep(100);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a process is a Kafka broker started on this data folder. A process that ended, reaped or not, is none. */
async function isOurBroker(pid: number, layout: Layout): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await commandLine(pid);
  return command.includes('kafka.Kafka') && command.includes(layout.properties);
}

async function commandLine(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch {
    // No /proc: macOS.
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout;
  }
}

/** The last lines the broker wrote, to its log and past it. */
async function logTail(layout: Layout): Promise<string> {
  const texts = await Promise.all([layout.log, layout.output].map((path) => readFile(path, 'utf8').catch(() => '')));
  return texts
    .map((text) => text.trimEnd().split('\n').slice(-15).join('\n'))
    .join('\n')
    .trim();
}
