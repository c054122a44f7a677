import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Running } from '../../src/local/data-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The command, as people start it. */
const SLUICE = 'bin/sluice.js';
/** The same pipeline with a crash point in it. */
const CRASH_HOST = 'test/support/crash-host.ts';

export interface ProcessOptions {
  readonly schemasDir: string;
  readonly dataDir: string;
  /** Bootstrap address of the cluster to use; the pipeline starts a broker of its own where there is none. */
  readonly brokers?: string;
  /** Where the process shall kill itself; the usual command where it shall not. */
  readonly plan?: object;
  /** Leaves out `--json`, so that standard error tells of the progress. */
  readonly chatty?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `sluice up` in a process of its own. */
export interface UpProcess {
  readonly pid: number;
  /** Resolves with how to reach it. Rejects with all it said when it ends before. */
  readonly ready: Promise<Running>;
  readonly ended: Promise<Ended>;
  /** What it has said so far: standard output and standard error. */
  readonly said: { out: string; err: string };
  /** Resolves when a line of standard error matches. Rejects when it ends before. */
  until(line: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

export function startUp({ schemasDir, dataDir, brokers, plan, chatty = false }: ProcessOptions): UpProcess {
  const args = plan === undefined ? [SLUICE, 'up', '--port', '0', ...(chatty ? [] : ['--json'])] : [CRASH_HOST];
  const { SLUICE_KAFKA_BROKERS: _, ...environment } = process.env;
  const child = spawn(process.execPath, [...args, '--schemas', schemasDir, '--data', dataDir], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      ...(brokers === undefined ? {} : { SLUICE_KAFKA_BROKERS: brokers }),
      ...(plan === undefined ? {} : { CRASH_PLAN: JSON.stringify(plan) }),
    },
  });
  const said = { out: '', err: '' };
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const early = ended.then(({ code, signal }) => {
    throw new Error(`it ended with ${signal ?? code} and had said:\n${said.out}${said.err}`);
  });
  early.catch(() => {});
  const ready = Promise.race([
    early,
    new Promise<Running>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        said.out += `${line}\n`;
        if (line.startsWith('{"url"')) resolve(JSON.parse(line) as Running);
      });
    }),
  ]);
  ready.catch(() => {});
  const errors = createInterface({ input: child.stderr });
  errors.on('line', (line) => {
    said.err += `${line}\n`;
  });
  return {
    pid: child.pid!,
    ready,
    ended,
    said,
    until(pattern) {
      const found = new Promise<void>((resolve) => {
        const look = (): void => {
          if (pattern.test(said.err)) resolve();
        };
        errors.on('line', look);
        look();
      });
      return Promise.race([early, found]);
    },
    signal: (name) => void child.kill(name),
  };
}

/** Runs a verb of the command line to its end. */
export async function runSluice(
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [SLUICE, ...args], {
      cwd: ROOT,
      maxBuffer: 256 * 1024 * 1024,
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** The processes of this machine that are not zombies. */
export async function processes(): Promise<ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return state === undefined || state.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }];
  });
}

/** A process and all that it started, directly or not, as of now. */
export async function family(pid: number): Promise<ProcessEntry[]> {
  const all = await processes();
  const members = new Set([pid]);
  for (let size = 0; size < members.size; ) {
    size = members.size;
    for (const entry of all) if (members.has(entry.parent)) members.add(entry.pid);
  }
  return all.filter((entry) => members.has(entry.pid));
}

/** The Kafka broker that a pipeline has started. */
export async function brokerOf({ pid }: Pick<UpProcess, 'pid'>): Promise<ProcessEntry> {
  // Its lifeline, a shell, has the same words in its command line.
  const broker = (await family(pid)).find(({ command }) => /^\S*java .*kafka\.Kafka/.test(command));
  if (broker === undefined) throw new Error(`process ${pid} has no Kafka broker`);
  return broker;
}
