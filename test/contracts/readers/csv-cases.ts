/**
 * Cells and what they are read as, written by hand: by the rules of LazySimpleSerDe, as Athena's documentation and Trino's
 * sources give them, and not by what Sluice makes of a value.
 */
export interface CellCase {
  readonly type: string;
  /** The raw cell. */
  readonly cell: string;
  /** The canonical text; null is null. */
  readonly read: string | null;
}

const of = (type: string, cells: Readonly<Record<string, string | null>>): CellCase[] =>
  Object.entries(cells).map(([cell, read]) => ({ type, cell, read }));

/** Cells that read back as the text that they are. */
const same = (type: string, cells: readonly string[]): CellCase[] => cells.map((cell) => ({ type, cell, read: cell }));

/** Read alike by Trino and DuckDB. */
export const CELLS: readonly CellCase[] = [
  // Null is the raw text alone; it is compared before anything is unescaped.
  ...of('string', { '\\N': null, '': '', '\\\\N': '\\N', '\\N ': 'N ', ' \\N': ' N', 'x\\N': 'xN' }),
  // An escape goes and the next byte stays, whatever it is.
  ...of('string', { 'a\\,b': 'a,b', 'a\\\\b': 'a\\b', '\\\\': '\\', '\\\\\\,': '\\,', 'a\\nb': 'anb' }),
  // The application's own escapes stay: the view undoes them.
  ...same('string', ['\x1bn\x1br\x1be', '\x1b']),
  // Nothing else means anything.
  ...same('string', ['"q"', '"', '"a', "'", 'null', 'NULL', ' ', ' x ', '\t', '\0', 'a\0b', '\u2028\u0085']),
  ...same('string', ['\ufeff', 'a\ufeff', '😀 مرحبا ÅÅ', 'é'.repeat(100_000)]),

  ...same('boolean', ['true', 'false']),
  ...same('int', ['0', '-2147483648', '2147483647']),
  ...same('bigint', ['-9223372036854775808', '9223372036854775807', '9007199254740993']),
  ...same('float', ['0.1', '3.4028235e+38', '1e-45', '-0.0', '0', '16777216', 'NaN', 'Infinity', '-Infinity']),
  ...same('double', ['0.1', '5e-324', '1.7976931348623157e+308', '2.2250738585072014e-308', '1e+21']),
  ...same('double', ['123456789012345680000', '-0.0', '0', 'NaN', 'Infinity', '-Infinity']),
  ...same('decimal(12,2)', ['12.30', '-0.05', '0.00', '9999999999.99', '-9999999999.99']),
  ...same('decimal(38,0)', ['99999999999999999999999999999999999999', '-99999999999999999999999999999999999999', '0']),
  ...same('decimal(38,38)', [`0.${'0'.repeat(37)}1`, `-0.${'9'.repeat(38)}`]),
  ...same('date', ['0001-01-01', '1582-10-10', '1969-12-31', '2024-02-29', '9999-12-31']),
  ...same('timestamp', ['0001-01-01 00:00:00.000', '1582-10-10 12:00:00.001', '1969-12-31 23:59:59.999']),
  ...same('timestamp', ['2024-02-29 00:00:00.000', '9999-12-31 23:59:59.999']),

  // An empty cell is a text only.
  ...['boolean', 'int', 'bigint', 'float', 'double', 'decimal(12,2)', 'date', 'timestamp'].flatMap((type) =>
    of(type, { '\\N': null, '': null }),
  ),

  // What must never be written is read as null, or as something else, without a word.
  ...of('int', { '2147483648': null, '"42"': null, '007': '7', '٣': null }),
  ...of('bigint', { '9223372036854775808': null }),
  ...of('double', { '1e400': 'Infinity', ' 1 ': '1' }),
  ...of('decimal(12,2)', { '12.345': '12.35', '-12.345': '-12.35', '99999999999.99': null, '-0.00': '0.00' }),
  ...of('date', { '0000-01-01': '0000-01-01', '10000-01-01': '+010000-01-01', '20240101': null }),
  ...of('timestamp', { '2024-01-01 24:00:00.000': '2024-01-02 00:00:00.000' }),
];

export interface Difference {
  readonly type: string;
  readonly cell: string;
  readonly trino: string | null;
  readonly duckdb: string | null;
}

const differ = (type: string, cells: Readonly<Record<string, readonly [string | null, string | null]>>): Difference[] =>
  Object.entries(cells).map(([cell, [trino, duckdb]]) => ({ type, cell, trino, duckdb }));

/**
 * Where the two differ, Trino first. No cell of Sluice is one of these: so SQL on the laptop gives what Athena gives, and
 * a cell that is one of these is found by either reader giving another text than it read.
 */
export const DIFFERENCES: readonly Difference[] = [
  // Days and times that there are not roll over in Trino.
  ...differ('date', { '2024-02-30': ['2024-03-01', null], '2024-13-01': ['2025-01-01', null] }),
  ...differ('timestamp', {
    '2024-02-30 00:00:00.000': ['2024-03-01 00:00:00.000', null],
    '2024-01-01 00:00:60': ['2024-01-01 00:01:00.000', null],
    '2024-01-01 00:00:00.0009': ['2024-01-01 00:00:00.001', '2024-01-01 00:00:00.000900'],
  }),
  // DuckDB knows more spellings.
  ...differ('timestamp', {
    '2024-01-01T00:00:00.000Z': [null, '2024-01-01 00:00:00.000'],
    '2024-01-01': [null, '2024-01-01 00:00:00.000'],
    infinity: [null, 'infinity'],
  }),
  ...differ('date', { '2024/01/01': [null, '2024-01-01'], '-infinity': [null, '-infinity'] }),
  ...differ('boolean', { '1': [null, 'true'], t: [null, 'true'], yes: [null, 'true'] }),
  ...differ('int', { '1.9': ['1', '2'], '1e3': [null, '1000'], ' 42': [null, '42'], '0x10': [null, '16'] }),
  ...differ('bigint', { '2.5': ['2', '3'], '1e3': [null, '1000'] }),
  ...differ('decimal(12,2)', { ' 1': [null, '1.00'] }),
  ...differ('double', { nan: [null, 'NaN'], inf: [null, 'Infinity'] }),
  // Trino has Java's.
  ...differ('double', { '1d': ['1', null], '0x1p3': ['8', null] }),
  ...differ('float', { '1f': ['1', null] }),
];
