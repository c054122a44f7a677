import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The processes that a process started and that are there, by their ids; but for the one that looks. */
export async function childrenOf(pid: number): Promise<number[]> {
  const looking = promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
  const { stdout } = await looking;
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return all
    .filter(([, parent, state]) => Number(parent) === pid && !state!.startsWith('Z'))
    .map(([child]) => Number(child))
    .filter((child) => child !== looking.child.pid);
}

export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when none of these processes is there; rejects where one stays, within 20 seconds. */
export async function allGone(pids: readonly number[]): Promise<void> {
  for (let look = 0; look < 400; look += 1) {
    if (!pids.some(isThere)) return;
    await sleep(50);
  }
  throw new Error(`still there: ${pids.filter(isThere).join(', ')}`);
}
