import { FAILED_EVENT_COLUMNS } from '../../derive/failed-events-table.ts';
import { deriveLayout } from '../../derive/layout.ts';
import {
  allRowsViewName,
  FAILED_EVENTS,
  failedEventsPrefix,
  objectPrefix,
  rawTableName,
  viewName,
} from '../../derive/names.ts';
import { type TableColumn, tableColumns } from '../../derive/table-columns.ts';
import type { SchemaHistory } from '../../schema/history.ts';
import { PARTITION_KEYS } from '../../schema/system-columns.ts';
import { identifier, literal, sqlType, tableExpression, viewExpression } from './expressions.ts';

/** A table over CSV objects and the views upon it. */
export interface SqlTable {
  /** The event type, or what stands for one. */
  readonly name: string;
  /** Prefix of its objects, with a slash at its end. */
  readonly prefix: string;
  readonly columns: readonly TableColumn[];
  /** The column that is unique in the de-duplicated view. */
  readonly identity: string;
  /** Of the rows with one identity, the first by these columns is kept. */
  readonly precedence: readonly string[];
}

export function eventTable(history: SchemaHistory): SqlTable {
  return {
    name: history.eventType,
    prefix: objectPrefix(history.eventType),
    columns: tableColumns(deriveLayout(history)),
    identity: '_event_id',
    precedence: ['_ingested_at', '_kafka_partition', '_kafka_offset'],
  };
}

export const FAILED_EVENTS_TABLE: SqlTable = {
  name: FAILED_EVENTS,
  prefix: failedEventsPrefix(),
  columns: FAILED_EVENT_COLUMNS,
  identity: 'id',
  // Sorted behind everything else, a null says that nobody has sent it again.
  precedence: ['recovered_at', 'failed_at'],
};

/** Longest row that is read, in bytes: an event of 1 MiB cannot make a longer one. */
const MAX_ROW_BYTES = 16_000_000;

/** The object that a row lies in, called as Athena calls it. */
const PATH = { name: '$path', type: 'string' } as const;

/**
 * The statement that makes the raw table, as a view over the objects.
 *
 * @param glob pattern of the objects' files; undefined where there is none yet, which DuckDB's reader refuses.
 */
export function rawTableStatement({ name, columns }: SqlTable, glob: string | undefined): string {
  const create = `CREATE OR REPLACE VIEW ${identifier(rawTableName(name))} AS SELECT`;
  if (glob === undefined) {
    const nulls = [...columns, ...PARTITION_KEYS, PATH].map(
      (column) => `NULL::${sqlType(column.type)} AS ${identifier(column.name)}`,
    );
    return `${create} ${nulls.join(', ')} WHERE false`;
  }
  const values = columns.map((column) => `${tableExpression(column)} AS ${identifier(column.name)}`);
  const keys = PARTITION_KEYS.map((key) => identifier(key.name));
  return `${create} ${[...values, ...keys, identifier(PATH.name)].join(', ')} FROM read_csv(${literal(glob)}, ${readerOptions(columns)})`;
}

/** The statements that make the views upon the raw table: decoded, and de-duplicated. */
export function viewStatements({ name, columns, identity, precedence }: SqlTable): string[] {
  const values = columns.map((column) => `${viewExpression(column)} AS ${identifier(column.name)}`);
  const keys = PARTITION_KEYS.map((key) => identifier(key.name));
  const all = identifier(allRowsViewName(name));
  return [
    `CREATE VIEW ${all} AS SELECT ${[...values, ...keys].join(', ')} FROM ${identifier(rawTableName(name))}`,
    `CREATE VIEW ${identifier(viewName(name))} AS SELECT * FROM ${all} QUALIFY row_number() OVER (
      PARTITION BY ${identifier(identity)} ORDER BY ${precedence.map(identifier).join(', ')}
    ) = 1`,
  ];
}

/**
 * LazySimpleSerDe's reading, said to DuckDB: it takes `\N` for null and unescapes only in this mode and with columns of
 * text; rows of older objects are shorter, rows of newer ones may be longer.
 */
function readerOptions(columns: readonly TableColumn[]): string {
  const texts = columns.map(({ name }) => `${literal(name)}: 'VARCHAR'`);
  const keys = PARTITION_KEYS.map(({ name, type }) => `${literal(name)}: ${sqlType(type)}`);
  return [
    'auto_detect = false',
    // Said, since DuckDB would look for it at the end of the path and is led astray by a `?` in a folder's name.
    "compression = 'gzip'",
    'header = false',
    "delim = ','",
    "quote = ''",
    "escape = '\\'",
    "nullstr = '\\N'",
    "new_line = '\\n'",
    'strict_mode = false',
    'null_padding = true',
    `max_line_size = ${MAX_ROW_BYTES}`,
    // DuckDB would take sixteen times the longest line for every file that it reads.
    `buffer_size = ${MAX_ROW_BYTES + 1}`,
    `filename = ${literal(PATH.name)}`,
    'hive_partitioning = true',
    `hive_types = {${keys.join(', ')}}`,
    `columns = {${texts.join(', ')}}`,
  ].join(', ');
}
