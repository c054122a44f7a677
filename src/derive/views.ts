import { PARTITION_KEYS } from '../schema/system-columns.ts';
import type { CellForm } from './layout.ts';
import { allRowsViewName, rawTableName } from './names.ts';
import type { SqlTable } from './sql-table.ts';
import { identifier } from './sql-text.ts';
import type { TableColumn } from './table-columns.ts';

/**
 * The views upon a raw table, which decode what its columns hold. They are said once for every engine; an engine adds
 * how it spells what it has no common word for.
 */

/** Forms of cells that each engine decodes in words of its own. */
export type DialectForm = Extract<
  CellForm,
  'base64' | 'time-millis' | 'time-micros' | 'timestamp-micros' | 'timestamp-nanos'
>;

/** For each such form, the expression of the value, given the column as an SQL identifier. */
export type ViewDialect = Readonly<Record<DialectForm, (column: string) => string>>;

/** The queries of the two views. */
export interface ViewQueries {
  /** Every delivered row, decoded. */
  readonly all: string;
  /** One row for each identity, of those that the view of all rows has. */
  readonly deduplicated: string;
}

/** The column that numbers the rows of one identity: no field can be called so. */
const NUMBER = identifier('#');

export function viewQueries(table: SqlTable, dialect: ViewDialect): ViewQueries {
  const { name, columns, identity, precedence } = table;
  // The keys of the partitions stay columns, so that a query can say which objects it needs.
  const keys = PARTITION_KEYS.map((key) => identifier(key.name));
  const values = columns.map((column) => `${viewExpression(column, dialect)} AS ${identifier(column.name)}`);
  const names = [...columns.map((column) => identifier(column.name)), ...keys].join(', ');
  const order = precedence.map((column) => `${identifier(column)} NULLS LAST`).join(', ');
  const numbered = `row_number() OVER (PARTITION BY ${identifier(identity)} ORDER BY ${order}) AS ${NUMBER}`;
  return {
    all: `SELECT ${[...values, ...keys].join(', ')} FROM ${identifier(rawTableName(name))}`,
    deduplicated: `SELECT ${names} FROM (SELECT *, ${numbered} FROM ${identifier(allRowsViewName(name))}) WHERE ${NUMBER} = 1`,
  };
}

/** The value as the event had it, given the table's column. Never fails: what cannot be decoded is NULL. */
export function viewExpression({ name, form }: Pick<TableColumn, 'name' | 'form'>, dialect: ViewDialect): string {
  const column = identifier(name);
  switch (form) {
    case 'text':
      // ESC itself comes last, or an ESC that stood before an "n" would turn into a line feed.
      return `replace(replace(replace(${column}, chr(27) || 'n', chr(10)), chr(27) || 'r', chr(13)), chr(27) || 'e', chr(27))`;
    case 'time-millis':
      return within(column, 0, 86_399_999, dialect[form](column));
    case 'time-micros':
      return within(column, 0, 86_399_999_999, dialect[form](column));
    case 'timestamp-micros':
      // The years 0001 to 9999, which is what the codec takes.
      return within(column, -62_135_596_800_000_000n, 253_402_300_799_999_999n, dialect[form](column));
    case 'base64':
    case 'timestamp-nanos':
      return dialect[form](column);
    default:
      return column;
  }
}

/** An expression where the column's number is in a range that it knows how to take; else NULL. */
export function within(column: string, least: number | bigint, most: number | bigint, expression: string): string {
  return `CASE WHEN ${column} BETWEEN ${least} AND ${most} THEN ${expression} END`;
}
