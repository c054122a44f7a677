import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SluiceError } from '../../errors.ts';
import type { Layout } from './layout.ts';

/** Milliseconds a broker whose parent has died gets to end before it is killed. */
const ORPHAN_TIMEOUT_MS = 15_000;

interface PidFile {
  readonly pid: number;
  /** The process that started it, and holds its lifeline. */
  readonly parent: number;
}

/** Writes down that this process runs a broker on the data. */
export async function writePidFile(layout: Layout, pid: number): Promise<void> {
  await writeFile(layout.pidFile, JSON.stringify({ pid, parent: process.pid } satisfies PidFile));
}

/** Removes the note about a broker that has ended, unless a later one has written its own by now. */
export async function removePidFile(layout: Layout, pid: number): Promise<void> {
  if ((await readPidFile(layout))?.pid === pid) await rm(layout.pidFile, { force: true });
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
 * @throws SluiceError SLUICE_ALREADY_RUNNING when its parent lives.
 */
export async function outliveOrphan(layout: Layout, onProgress: (line: string) => void): Promise<void> {
  const earlier = await readPidFile(layout);
  if (earlier === undefined || !(await isOurBroker(earlier.pid, layout))) return;
  if ((await commandLine(earlier.parent)) !== '') {
    throw new SluiceError(
      'SLUICE_ALREADY_RUNNING',
      `Process ${earlier.parent} runs a Kafka broker (process ${earlier.pid}) on ${layout.dataDir}; stop it first.`,
    );
  }
  onProgress('waiting for the Kafka broker of an earlier run to end');
  const deadline = Date.now() + ORPHAN_TIMEOUT_MS;
  while (await isOurBroker(earlier.pid, layout)) {
    if (Date.now() > deadline) process.kill(earlier.pid, 'SIGKILL');
    await sleep(100);
  }
}

/** Whether a process is a Kafka broker started on this data folder. */
async function isOurBroker(pid: number, layout: Layout): Promise<boolean> {
  const command = await commandLine(pid);
  return command.includes('kafka.Kafka') && command.includes(layout.serverProperties);
}

/** How a process was called; empty for one that has ended, reaped or not. */
async function commandLine(pid: number): Promise<string> {
  if (existsSync('/proc/self')) {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return raw.replaceAll('\0', ' ');
  }
  // macOS has no /proc.
  const ps = promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]);
  return (await ps.catch(() => ({ stdout: '' }))).stdout.trim();
}
