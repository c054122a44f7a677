import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asSluiceError, SluiceError } from '../errors.ts';

/** Where everything of one pipeline on this machine is. */
export interface DataFolder {
  readonly root: string;
  /** Queue and ledger. */
  readonly ledgerFile: string;
  /** Buffer of the delivery stream. */
  readonly streamFile: string;
  /** The object store. */
  readonly objects: string;
  /** The local Kafka broker's records and logs. */
  readonly kafka: string;
  /** What the running pipeline says of itself. */
  readonly runningFile: string;
  readonly lockFile: string;
  /** Which registry the schemas are from, where they are no folder's. */
  readonly registryFile: string;
  /** What registries said, for when they are away. */
  readonly schemas: string;
}

export function dataFolder(path: string): DataFolder {
  const root = resolve(path);
  return {
    root,
    ledgerFile: join(root, 'ledger.db'),
    streamFile: join(root, 'delivery-stream.db'),
    objects: join(root, 'objects'),
    kafka: join(root, 'kafka'),
    runningFile: join(root, 'running.json'),
    lockFile: join(root, 'lock.db'),
    registryFile: join(root, 'registry.json'),
    schemas: join(root, 'schemas'),
  };
}

/** How to reach a running pipeline. */
export interface Running {
  /** Where events are sent. */
  readonly url: string;
  /** Bootstrap addresses of its Kafka cluster, comma-separated. */
  readonly brokers: string;
  readonly pid: number;
}

/**
 * Takes a data folder for this process alone. The lock is a database's: the system lets go of it when the process
 * ends, however it ends.
 *
 * @returns what lets go of it.
 * @throws SluiceError SLUICE_ALREADY_RUNNING; SLUICE_STORAGE when the folder cannot be written.
 */
export async function lockDataFolder(folder: DataFolder): Promise<() => void> {
  let lock: DatabaseSync | undefined;
  try {
    await mkdir(folder.root, { recursive: true });
    // Little patience: whoever holds the lock for longer than a look takes keeps it for as long as it runs.
    lock = new DatabaseSync(folder.lockFile, { timeout: 500 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw asSluiceError(cause, 'SLUICE_STORAGE');
    const running = await readRunning(folder);
    const who = running === undefined ? 'Another process' : `Process ${running.pid} (${running.url})`;
    throw new SluiceError(
      'SLUICE_ALREADY_RUNNING',
      `${who} uses the data folder ${folder.root}; stop it, or choose another folder with --data`,
      { cause },
    );
  }
  return () => lock.close();
}

/** SQLite's result code for a lock that another connection holds. */
const SQLITE_BUSY = 5;

/** Says how to reach this process, or, with undefined, that it is gone. */
export async function writeRunning({ runningFile }: DataFolder, running: Running | undefined): Promise<void> {
  if (running === undefined) {
    await rm(runningFile, { force: true });
    return;
  }
  const fresh = `${runningFile}.${process.pid}`;
  await writeFile(fresh, JSON.stringify(running));
  await rename(fresh, runningFile);
}

/**
 * The pipeline that runs on a data folder, or undefined where none does. A killed one leaves its file behind, and its
 * process id may be somebody else's by now; the lock tells.
 */
export async function readRunning(folder: DataFolder): Promise<Running | undefined> {
  try {
    const running = JSON.parse(await readFile(folder.runningFile, 'utf8')) as Running;
    return typeof running.url === 'string' && isLocked(folder) ? running : undefined;
  } catch {
    return undefined;
  }
}

function isLocked({ lockFile }: DataFolder): boolean {
  if (!existsSync(lockFile)) return false;
  const look = new DatabaseSync(lockFile, { readOnly: true, timeout: 0 });
  try {
    look.exec('SELECT count(*) FROM sqlite_schema');
    return false;
  } catch (error) {
    return (error as { errcode?: number }).errcode === SQLITE_BUSY;
  } finally {
    look.close();
  }
}
