import { identifier } from '../../derive/sql-text.ts';
import type { TableColumn } from '../../derive/table-columns.ts';
import { type ViewDialect, within } from '../../derive/views.ts';

/** How DuckDB reads a column, in two steps that mirror Athena's: the table gives typed values and the view decodes them. */

const TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  int: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

/** DuckDB's name of a Glue type. */
export function sqlType(glueType: string): string {
  // A decimal is written alike in both: decimal(12,2).
  return TYPES[glueType] ?? glueType.toUpperCase();
}

/**
 * The value of a table's column, given the column as text without the outer layer: typed, and NULL where the text is
 * not of the type, as it is in Athena.
 */
export function tableExpression({ name, type }: Pick<TableColumn, 'name' | 'type'>): string {
  const column = identifier(name);
  return type === 'string' ? column : `TRY_CAST(${column} AS ${sqlType(type)})`;
}

/** DuckDB's words for the views. */
export const DUCKDB: ViewDialect = {
  base64: (column) => `TRY(from_base64(${column}))`,
  'time-millis': (column) => `make_timestamp(${column}::BIGINT * 1000)::TIME`,
  'time-micros': (column) => `make_timestamp(${column})::TIME`,
  'timestamp-micros': (column) => `make_timestamp(${column})`,
  'timestamp-nanos': (column) =>
    // Outside of these, a day from either end of 64 bits, DuckDB makes values that fail when they are read.
    within(column, -9_223_286_400_000_000_000n, 9_223_372_036_854_775_806n, `make_timestamp_ns(${column})`),
};
