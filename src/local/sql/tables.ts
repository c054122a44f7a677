import { allRowsViewName, rawTableName, viewName } from '../../derive/names.ts';
import type { SqlTable } from '../../derive/sql-table.ts';
import { identifier, literal } from '../../derive/sql-text.ts';
import type { TableColumn } from '../../derive/table-columns.ts';
import { viewQueries } from '../../derive/views.ts';
import { PARTITION_KEYS } from '../../schema/system-columns.ts';
import { DUCKDB, sqlType, tableExpression } from './expressions.ts';

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
export function viewStatements(table: SqlTable): string[] {
  const { all, deduplicated } = viewQueries(table, DUCKDB);
  return [
    `CREATE VIEW ${identifier(allRowsViewName(table.name))} AS ${all}`,
    `CREATE VIEW ${identifier(viewName(table.name))} AS ${deduplicated}`,
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
