import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../errors.ts';

/** Milliseconds a connection waits for another one's transaction. */
const BUSY_MS = 10_000;

/**
 * Opens a database that survives power cuts: write-ahead log, and every commit is on the disk when it returns.
 *
 * @param schema statements that create what is missing.
 * @throws SluiceError SLUICE_STORAGE
 */
export function openDatabase(file: string, schema: string): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file, { timeout: BUSY_MS });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(schema);
    return database;
  } catch (cause) {
    throw new SluiceError('SLUICE_STORAGE', `${file}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Runs `work` in one transaction; what it returns is durable then.
 *
 * @throws SluiceError SLUICE_STORAGE when it could not be committed: then nothing of it was written. A SluiceError that
 *   `work` throws is passed on.
 */
export function transact<T>(database: DatabaseSync, work: () => T): T {
  try {
    // Immediate: a transaction that reads first and writes later could fail half-way, however long it waited.
    database.exec('BEGIN IMMEDIATE');
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
    if (cause instanceof SluiceError) throw cause;
    throw new SluiceError('SLUICE_STORAGE', (cause as Error).message, { cause });
  }
}
