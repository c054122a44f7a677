import type { CellForm, Layout } from '../derive/layout.ts';
import { SYSTEM_COLUMNS } from '../schema/system-columns.ts';

/**
 * The CSV dialect of Hive's LazySimpleSerDe as Trino (Athena) reads it: fields split at commas, `\` escapes the next
 * byte, no quotes, no header, LF ends a row, and a bare `\N` is null. LF and CR cannot be escaped there at all, so text
 * is escaped once more on the inside (ESC n, ESC r, ESC e) and a view undoes that.
 * Source: Trino, lib/trino-hive-formats, `line/simple`.
 */
export const NULL_CELL = '\\N';

/** Writes one row, given its members by column name; ends with LF. Absent members are null. */
export type RowWriter = (row: Readonly<Record<string, unknown>>) => string;

/** A column as the dialect sees it; without a form it is a column whose field is gone, and always null. */
export interface CsvColumn {
  readonly name: string;
  readonly form: CellForm | undefined;
}

/** The columns of a layout's objects: the system columns, then the columns in their fixed positions. */
export function csvColumns(layout: Layout): CsvColumn[] {
  return [
    ...SYSTEM_COLUMNS.map(({ name, form }) => ({ name, form })),
    ...layout.columns.map(({ name, form, source }) => ({ name, form: source === null ? undefined : form })),
  ];
}

/** Compiles the writer of rows with the given columns. */
export function compileRowWriter(columns: readonly CsvColumn[]): RowWriter {
  const cells = columns.map(({ name, form }) => ({ name, write: form === undefined ? nullCell : CELLS[form] }));
  return (row) => {
    let text = '';
    let separator = '';
    for (const { name, write } of cells) {
      const value = row[name];
      text += separator + (value === null || value === undefined ? NULL_CELL : write(value));
      separator = ',';
    }
    return `${text}\n`;
  };
}

type CellWriter = (value: unknown) => string;

const nullCell: CellWriter = () => NULL_CELL;
const plainCell: CellWriter = (value) => String(value);

/** A removed `-` would turn minus zero into zero: `String(-0)` is "0". */
const floatingCell: CellWriter = (value) => (Object.is(value, -0) ? '-0.0' : String(value));

const textCell: CellWriter = (value) => escapeCell(escapeText(String(value)));

/** JSON text has no raw LF, CR or ESC, so the outer layer is enough. */
const jsonCell: CellWriter = (value) => escapeCell(String(value));

const CELLS: Readonly<Record<CellForm, CellWriter>> = {
  boolean: plainCell,
  integer: plainCell,
  float: floatingCell,
  double: floatingCell,
  decimal: plainCell,
  text: textCell,
  base64: plainCell,
  date: plainCell,
  'time-millis': plainCell,
  'time-micros': plainCell,
  'timestamp-millis': plainCell,
  'timestamp-micros': plainCell,
  'timestamp-nanos': plainCell,
  json: jsonCell,
};

const INNER: Readonly<Record<string, string>> = { '\x1b': '\x1be', '\n': '\x1bn', '\r': '\x1br' };

/** The inner layer, for text: no row may hold a raw LF or CR. */
function escapeText(text: string): string {
  return /[\x1b\n\r]/.test(text) ? text.replace(/[\x1b\n\r]/g, (character) => INNER[character]!) : text;
}

/** The outer layer, for every cell that may hold a comma or a backslash. */
function escapeCell(text: string): string {
  return /[\\,]/.test(text) ? text.replace(/[\\,]/g, '\\$&') : text;
}
