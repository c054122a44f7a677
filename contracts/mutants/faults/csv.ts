import type { Mutant } from '../mutant.ts';

const FILE = 'src/codec/csv.ts';

/** Faults in how rows become text. */
export const CSV_FAULTS: readonly Mutant[] = [
  {
    id: 'csv-backslash-bare',
    description: 'A backslash in a cell is not escaped, and takes the next character with it',
    file: FILE,
    find: String.raw`text.replace(/[\\,]/g, '\\$&')`,
    replace: String.raw`text.replace(/,/g, '\\$&')`,
  },
  {
    id: 'csv-comma-bare',
    description: 'A comma in a cell is not escaped, and begins another column',
    file: FILE,
    find: String.raw`text.replace(/[\\,]/g, '\\$&')`,
    replace: String.raw`text.replace(/\\/g, '\\$&')`,
  },
  {
    id: 'csv-null-is-empty',
    description: 'Null is written as nothing, and a text column reads it as the empty text',
    file: FILE,
    find: 'NULL_CELL : write(value)',
    replace: "'' : write(value)",
  },
  {
    id: 'csv-empty-is-null',
    description: 'The empty text is written as null',
    file: FILE,
    find: 'value === null || value === undefined ?',
    replace: "value === null || value === undefined || value === '' ?",
  },
  {
    id: 'csv-null-mark-bare',
    description: String.raw`The text \N is not escaped, and reads as null`,
    file: FILE,
    find: 'escapeCell(escapeText(String(value)))',
    replace: 'value === NULL_CELL ? NULL_CELL : escapeCell(escapeText(String(value)))',
  },
  {
    id: 'csv-lf-bare',
    description: 'A line feed within a text is not escaped, and ends the row',
    file: FILE,
    find: String.raw`text.replace(/[\x1b\n\r]/g,`,
    replace: String.raw`text.replace(/[\x1b\r]/g,`,
  },
  {
    id: 'csv-cr-bare',
    description: 'A carriage return within a text is not escaped, and ends the row',
    file: FILE,
    find: String.raw`text.replace(/[\x1b\n\r]/g,`,
    replace: String.raw`text.replace(/[\x1b\n]/g,`,
  },
  {
    id: 'csv-escape-bare',
    description: 'The escape character itself is not escaped, and ESC n in a text reads as a line feed',
    file: FILE,
    find: String.raw`text.replace(/[\x1b\n\r]/g,`,
    replace: String.raw`text.replace(/[\n\r]/g,`,
  },
  {
    id: 'csv-negative-zero',
    description: 'Minus zero loses its sign in the cell',
    file: FILE,
    find: "(Object.is(value, -0) ? '-0.0' : String(value))",
    replace: 'String(value)',
  },
  {
    id: 'csv-json-bare',
    description: 'The commas of a JSON cell are not escaped',
    file: FILE,
    find: 'const jsonCell: CellWriter = (value) => escapeCell(String(value));',
    replace: 'const jsonCell: CellWriter = (value) => String(value);',
  },
  {
    id: 'csv-json-twice',
    description: 'A JSON cell is escaped twice',
    file: FILE,
    find: 'const jsonCell: CellWriter = (value) => escapeCell(String(value));',
    replace: 'const jsonCell: CellWriter = (value) => escapeCell(escapeCell(String(value)));',
  },
  {
    id: 'csv-crlf',
    description: 'Rows end as Windows ends lines',
    file: FILE,
    find: 'return `${text}\\n`;',
    replace: 'return `${text}\\r\\n`;',
  },
  {
    id: 'csv-system-columns-turned',
    description: 'The system columns are written in another order than the table declares',
    file: FILE,
    find: '...SYSTEM_COLUMNS.map(',
    replace: '...SYSTEM_COLUMNS.toReversed().map(',
  },
  {
    id: 'csv-columns-by-name',
    description: 'The cells are sorted by the names of their columns, the table is not',
    file: FILE,
    find: '...layout.columns.map(',
    replace: '...layout.columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(',
  },
  {
    id: 'csv-removed-left-out',
    description: 'A column whose field was removed is left out of the row, and the ones after it move up',
    file: FILE,
    find: '...layout.columns.map(',
    replace: '...layout.columns.filter(({ source }) => source !== null).map(',
  },
];
