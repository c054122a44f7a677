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
      return timeOfDay(column, `${column}::BIGINT * 1000`, 86_400_000);
    case 'time-micros':
      return timeOfDay(column, column, 86_400_000_000);
    case 'timestamp-micros':
      return `TRY(make_timestamp(${column}))`;
    case 'timestamp-nanos':
      // Outside of these DuckDB makes a value that fails only when it is read.
      return `CASE WHEN ${column} BETWEEN -9223286400000000000 AND 9223372036854775806 THEN make_timestamp_ns(${column}) END`;
    default:
      return column;
  }
}

function timeOfDay(column: string, micros: string, unitsOfDay: number): string {
  return `CASE WHEN ${column} BETWEEN 0 AND ${unitsOfDay - 1} THEN make_timestamp(${micros})::TIME END`;
}
