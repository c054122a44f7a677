import { type ChildProcess, spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { SluiceError } from '../../errors.ts';
import { javaArguments, serverProperties, serverSettings } from './configuration.ts';
import type { Layout } from './layout.ts';
import { removePidFile, writePidFile } from './orphan.ts';
import type { Ports } from './ports.ts';
import { javaCommand, toolEnvironment } from './tools.ts';

/** Milliseconds a broker gets to stop by itself, once asked; then it is killed. */
const STOP_TIMEOUT_MS = 6_000;

/** How a broker ended. */
export interface BrokerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A broker's Java process, which may not answer yet. */
export interface BrokerProcess {
  readonly pid: number;
  /** Resolves when the process has ended, asked to or not; never rejects. */
  readonly exited: Promise<BrokerExit>;
  /** Ends the broker and resolves when its process is gone: 6 s for an orderly end, then it is killed. */
  stop(): Promise<void>;
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

/** Starts the process of a broker. */
export async function launch(layout: Layout, libs: string, ports: Ports): Promise<BrokerProcess> {
  await writeFile(layout.serverProperties, serverProperties(serverSettings(ports)));
  const output = await open(layout.output, 'w');
  let child: ChildProcess;
  try {
    child = spawn(
      'sh',
      [
        ...['-c', LIFELINE, 'sluice-broker', javaCommand(), '-Xms256m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError'],
        ...[...javaArguments(layout, libs), 'kafka.Kafka', layout.serverProperties],
      ],
      // Its own process group: Ctrl-C in the terminal reaches this process, which ends its broker last.
      { cwd: layout.dataDir, env: toolEnvironment(), detached: true, stdio: ['ignore', output.fd, output.fd, 'pipe'] },
    );
  } finally {
    await output.close();
  }
  const lifeline = child.stdio[3] as NodeJS.WritableStream;
  lifeline.on('error', () => {});
  const exited = new Promise<BrokerExit>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }));
    child.once('exit', (code, signal) => {
      lifeline.end('ended\n');
      resolve({ code, signal });
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new SluiceError('SLUICE_BROKER_START', 'No process could be started for the broker');
  await writePidFile(layout, pid);
  return {
    pid,
    exited,
    async stop() {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(killer);
      await removePidFile(layout, pid);
    },
  };
}
