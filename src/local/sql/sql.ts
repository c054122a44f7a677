import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import { deriveLayout } from '../../derive/layout.ts';
import { refuseSharedNames } from '../../derive/names.ts';
import { eventTable, FAILED_EVENTS_TABLE, type SqlTable } from '../../derive/sql-table.ts';
import { literal } from '../../derive/sql-text.ts';
import { SluiceError } from '../../errors.ts';
import type { SchemaHistory } from '../../schema/history.ts';
import { keepLeadingByteOrderMarks } from './byte-order-mark.ts';
import { rawTableStatement, viewStatements } from './tables.ts';
import { type JsonValue, jsonValue } from './values.ts';

/** SQL over the objects of a folder, as Athena gives it over those of a bucket. */
export interface Sql {
  /**
   * Runs one query. It sees every object that was whole when it began.
   *
   * @throws SluiceError SLUICE_QUERY with DuckDB's message; or the signal's reason once that is aborted.
   */
  query(sql: string, options?: { readonly signal?: AbortSignal }): Promise<QueryResult>;
  /** Stops what still runs and frees the engine. */
  close(): Promise<void>;
}

export interface QueryResult {
  /** Columns in the query's order; a name that comes again gets a number. Types as DuckDB calls them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, JsonValue>>[];
}

export interface SqlOptions {
  /** The object store's folder: objects lie under `events/<type>/dt=.../hour=.../` and `failed/dt=.../hour=.../`. */
  readonly objectsDir: string;
  readonly histories: readonly SchemaHistory[];
}

/** The engine shares a machine with the pipeline, so it takes part of it only. */
const LIMITS = { threads: '2', memory_limit: '1GB', temp_directory: '' };

/**
 * Opens an in-memory engine with, for each event type, the table `raw_<type>` and the views `all_<type>` and `<type>`;
 * likewise for failed events. Queries can read these and nothing else of the machine.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when two event types would share a name.
 */
export async function openSql({ objectsDir, histories }: SqlOptions): Promise<Sql> {
  refuseSharedNames(histories.map(({ eventType }) => eventType));
  keepLeadingByteOrderMarks();
  const root = resolve(objectsDir);
  const tables = [...histories.map((history) => eventTable(deriveLayout(history))), FAILED_EVENTS_TABLE];
  const engine = await DuckDBInstance.create(':memory:', LIMITS);
  const setup = await engine.connect();
  const withObjects = new Map<SqlTable, boolean>(tables.map((table) => [table, false]));
  for (const table of tables) {
    for (const statement of [rawTableStatement(table, undefined), ...viewStatements(table)]) await setup.run(statement);
  }
  for (const statement of sandbox(root)) await setup.run(statement);

  /** The reader refuses a pattern without a file, so a table turns to its objects when the first one is there. */
  const refresh = async (): Promise<void> => {
    for (const table of tables) {
      const hasObjects = await holdsObject(join(root, table.prefix));
      if (hasObjects === withObjects.get(table)) continue;
      await setup.run(rawTableStatement(table, hasObjects ? globOf(root, table) : undefined));
      withObjects.set(table, hasObjects);
    }
  };
  let refreshed = Promise.resolve();
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  const run = async (sql: string, signal: AbortSignal): Promise<QueryResult> => {
    // One after the other, so that an older look at the folder never undoes a newer one.
    refreshed = refreshed.catch(() => {}).then(refresh);
    await refreshed;
    const connection = await engine.connect();
    const stopInterrupting = interruptOnAbort(connection, signal);
    try {
      const prepared = await prepareQuery(connection, sql);
      signal.throwIfAborted();
      const reader = await prepared.runAndReadAll();
      const names = reader.deduplicatedColumnNames();
      const types = reader.columnTypes();
      return {
        columns: names.map((name, index) => ({ name, type: types[index]!.toString() })),
        rows: reader
          .getRows()
          .map((row) => Object.fromEntries(row.map((value, index) => [names[index]!, jsonValue(value, types[index])]))),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw asQueryError(error);
    } finally {
      stopInterrupting();
      connection.closeSync();
    }
  };

  return {
    async query(sql, { signal } = {}) {
      const either = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
      either.throwIfAborted();
      const result = run(sql, either);
      running.add(result);
      try {
        return await result;
      } finally {
        running.delete(result);
      }
    },

    async close() {
      if (closing.signal.aborted) return;
      closing.abort(new SluiceError('SLUICE_STOPPING', 'the SQL engine was closed'));
      await Promise.allSettled(running);
      setup.closeSync();
      engine.closeSync();
    },
  };
}

/** Statements that leave a query nothing but the tables, and the files under `root` that these are read from. */
function sandbox(root: string): string[] {
  return [
    "SET GLOBAL TimeZone = 'UTC'",
    // A pattern is checked as it stands, before it is matched to files.
    `SET allowed_directories = [${[root, escapeGlob(root)].map(literal).join(', ')}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}

/**
 * Prepares the one statement of a query.
 *
 * Only reading statements pass: what may be read may also be written as far as DuckDB is concerned, and COPY could
 * write among the objects.
 */
async function prepareQuery(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  if (statements.count > 1) throw new SluiceError('SLUICE_QUERY', 'send one statement at a time');
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT) {
    throw new SluiceError('SLUICE_QUERY', 'tables can be read only: send a SELECT, DESCRIBE, SUMMARIZE or SHOW');
  }
  return prepared;
}

/** How often an interrupt is repeated, in milliseconds. */
const INTERRUPT_EVERY_MS = 20;

/**
 * Interrupts the connection's query once the signal is aborted. An interrupt is lost when the query has not begun, so it
 * is repeated until the returned function is called.
 */
function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    timer = setTimeout(interrupt, INTERRUPT_EVERY_MS);
  };
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    signal.removeEventListener('abort', interrupt);
    clearTimeout(timer);
  };
}

function asQueryError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const message = (error as Error).message;
  // The client's own words for a text without a statement.
  const isEmpty = message === 'Error in native callback';
  return new SluiceError(
    'SLUICE_QUERY',
    isEmpty ? 'the query is empty' : message.replace(/^Failed to extract statements: /, ''),
    { cause: error },
  );
}

function globOf(root: string, { prefix }: SqlTable): string {
  return `${escapeGlob(root)}/${prefix}dt=*/hour=*/*${OBJECT_SUFFIX}`;
}

function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}

const OBJECT_SUFFIX = '.csv.gz';

/** True where a table's folder has at least one object. */
async function holdsObject(folder: string): Promise<boolean> {
  for (const day of await entries(folder, 'dt=')) {
    for (const hour of await entries(join(folder, day), 'hour=')) {
      const names = await entries(join(folder, day, hour), '');
      if (names.some((name) => name.endsWith(OBJECT_SUFFIX))) return true;
    }
  }
  return false;
}

/** Names in a folder that begin with `start`; none where there is no such folder. */
async function entries(folder: string, start: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.startsWith(start));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
