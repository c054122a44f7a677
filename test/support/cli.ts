import { type ChildProcess, type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BIN = join(ROOT, 'bin/sluice.js');

export interface CliOptions {
  /** Written to standard input; that is closed in any case. */
  readonly input?: string | Uint8Array;
  /** Variables to set or, with undefined, to leave out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Working folder; the project's own by default. */
  readonly cwd?: string;
  /** Closes standard output before anything comes, as `| head -0` does. */
  readonly readNothing?: boolean;
}

/** What a command that has ended left behind. */
export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** The one document on standard output. @throws where that holds anything else. */
  json<T = Record<string, unknown>>(): T;
}

const started = new Set<ChildProcess>();

/** Runs the real command line in a process of its own, to its end. */
export async function sluice(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startSluice(args, options).ended;
}

/** A command that runs. */
export interface RunningCli {
  readonly pid: number;
  /** Resolves with the first line of standard output. @throws where it ends without one. */
  firstLine(): Promise<string>;
  /** What Ctrl-C sends. */
  interrupt(): void;
  readonly ended: Promise<CliResult>;
}

/** Starts the real command line. Whatever still runs after the tests of the file is killed. */
export function startSluice(
  args: readonly string[],
  { input, env, cwd = ROOT, readNothing }: CliOptions = {},
): RunningCli {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
  });
  started.add(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  if (readNothing) child.stdout.destroy();
  // A command that does not read its input may end before all of it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = once(child, 'close').then(([exitCode]): CliResult => {
    started.delete(child);
    return { ...output, exitCode, json: () => parse(output) };
  });
  return {
    pid: child.pid!,
    async firstLine() {
      for (;;) {
        const end = output.stdout.indexOf('\n');
        if (end !== -1) return output.stdout.slice(0, end);
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output.stderr}`);
        await sleep(20);
      }
    },
    interrupt: () => void child.kill('SIGINT'),
    ended,
  };
}

afterAll(async () => {
  // An orderly end takes the broker along at once; who has it in hand reads the leftovers of a failed test.
  for (const child of started) child.kill('SIGTERM');
  await Promise.all([...started].map((child) => once(child, 'close')));
});

/** The environment without what would change a command's output or surroundings. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR, NO_COLOR, SLUICE_KAFKA_BROKERS, SLUICE_REGISTRY, NODE_OPTIONS, ...rest } = process.env;
  return rest;
}

function parse<T>({ stdout, stderr }: { stdout: string; stderr: string }): T {
  try {
    return JSON.parse(stdout) as T;
  } catch (cause) {
    throw new Error(`standard output is not one JSON document: ${stdout.slice(0, 500)}\n${stderr}`, { cause });
  }
}

/** Command lines of the processes whose command line names `text`; this process and its parents do not count. */
export function processesNaming(text: string): string[] {
  return execFileSync('ps', ['-ww', '-e', '-o', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text));
}

/** Asks again until the answer is not undefined. The test's own time limit ends it. */
export async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(50);
  }
}

const folders: string[] = [];

/** A new folder, removed after the tests of the file. Unlike `temporaryFolder`, tests that run side by side may ask. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
