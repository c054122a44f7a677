import type { TableColumn } from '../../derive/table-columns.ts';

/**
 * How DuckDB reads a column, in two steps that mirror Athena's: the table gives typed values and the view decodes them.
 * A pure function each, so that another engine's dialect can stand beside this one.
 */

/** A name as an SQL identifier, whatever it is: fields may be called `select` or `order`. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

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

/** The value as the event had it, given the table's column. Never fails: what cannot be decoded is NULL. */
export function viewExpression({ name, form }: Pick<TableColumn, 'name' | 'form'>): string {
  const column = identifier(name);
  switch (form) {
    case 'text':
      // ESC itself comes last, or an ESC that stood before an "n" would turn into a line feed.
      return `replace(replace(replace(${column}, chr(27) || 'n', chr(10)), chr(27) || 'r', chr(13)), chr(27) || 'e', chr(27))`;
    case 'base64':
      return `TRY(from_base64(${column}))`;
    case 'time-millis':
      return within(column, 0, 86_399_999, `make_timestamp(${column}::BIGINT * 1000)::TIME`);
    case 'time-micros':
      return within(column, 0, 86_399_999_999, `make_timestamp(${column})::TIME`);
    case 'timestamp-micros':
      // The years 0001 to 9999, which is what the codec takes.
      return within(column, -62_135_596_800_000_000n, 253_402_300_799_999_999n, `make_timestamp(${column})`);
    case 'timestamp-nanos':
      // Outside of these, a day from either end of 64 bits, DuckDB makes values that fail when they are read.
      return within(column, -9_223_286_400_000_000_000n, 9_223_372_036_854_775_806n, `make_timestamp_ns(${column})`);
    default:
      return column;
  }
}

function within(column: string, least: number | bigint, most: number | bigint, expression: string): string {
  return `CASE WHEN ${column} BETWEEN ${least} AND ${most} THEN ${expression} END`;
}
