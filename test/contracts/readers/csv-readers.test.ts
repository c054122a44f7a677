import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openReaders } from '../../../contracts/readers/readers.ts';
import type { CsvReader } from '../../../contracts/readers/shapes.ts';
import type { TableColumn } from '../../../src/derive/table-columns.ts';
import { CELLS, DIFFERENCES } from './csv-cases.ts';

const STARTING_MS = 300_000;

const readers = openReaders();
let trino: CsvReader;
let duckdb: CsvReader;
beforeAll(async () => {
  [trino, duckdb] = await Promise.all([readers.trino(), readers.duckdb()]);
}, STARTING_MS);
afterAll(() => readers.close());

const columns = (...types: readonly string[]): TableColumn[] =>
  types.map((type, index) => ({ name: `c${index}`, type, form: 'text', doc: undefined }));

/** The texts of an object's rows. */
async function rowsOf(reader: CsvReader, csv: string, ...types: readonly string[]): Promise<(string | null)[][]> {
  const rows = await reader.read(Buffer.from(csv), columns(...types));
  return rows.map((row) => row.map((cell) => (cell === null ? null : cell.text)));
}

/** What each cell is read as, in front of and behind others, all in one object. */
async function cellsOf(
  reader: CsvReader,
  cells: readonly { readonly type: string; readonly cell: string }[],
): Promise<(string | null)[]> {
  const types = [...new Set(cells.map(({ type }) => type))];
  const csv = cells.map((one) => `<,${types.map((type) => (type === one.type ? one.cell : '\\N')).join(',')},>\n`);
  const rows = await rowsOf(reader, csv.join(''), 'string', ...types, 'string');
  expect(rows.map(([first]) => first)).toEqual(cells.map(() => '<'));
  expect(rows.map((row) => row.at(-1))).toEqual(cells.map(() => '>'));
  return rows.map((row, index) => row[1 + types.indexOf(cells[index]!.type)]!);
}

describe.each<[string, () => CsvReader]>([
  ['Trino', () => trino],
  ['DuckDB', () => duckdb],
])("%s's reader of CSV", (_name, reader) => {
  test('reads every cell as the rules of the format say', async () => {
    const read = await cellsOf(reader(), CELLS);
    expect(CELLS.map((one, index) => ({ ...one, read: read[index] }))).toEqual(CELLS);
  });

  test('gives null for columns that a row ends before, and leaves out what comes behind the last', async () => {
    const rows = await rowsOf(reader(), '1\n1,a\n1,,\n1,\\N,5,extra,\\N\n', 'int', 'string', 'bigint');
    expect(rows).toEqual([
      ['1', null, null],
      ['1', 'a', null],
      ['1', '', null],
      ['1', null, '5'],
    ]);
  });

  test('ends a row at LF, CR LF and CR', async () => {
    expect(await rowsOf(reader(), '1,a\n2,b\r\n3,c\r4,d', 'int', 'string')).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'c'],
      ['4', 'd'],
    ]);
  });

  test('drops a byte-order mark that an object begins with: so no column that may hold one is the first', async () => {
    expect(await rowsOf(reader(), '\ufeffa,\ufeffb\n\ufeffc,d\n', 'string', 'string')).toEqual([
      ['a', '\ufeffb'],
      ['\ufeffc', 'd'],
    ]);
  });

  test('finds nothing in an object without a row', async () => {
    expect(await rowsOf(reader(), '', 'string')).toEqual([]);
  });

  test('reads columns whatever they are called', async () => {
    const names = ['select', 'Größe "x"', "it's", 'a,b'];
    const read = await reader().read(
      Buffer.from('1,2,3,4\n'),
      names.map((name) => ({ name, type: 'int', form: 'integer', doc: undefined })),
    );
    expect(read).toEqual([['1', '2', '3', '4'].map((text) => ({ text }))]);
  });

  test('keeps objects apart that are asked for at the same time, and rows in their order', async () => {
    const numbers = Array.from({ length: 5_000 }, (_, index) => String(index));
    const objects = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        rowsOf(reader(), numbers.map((n) => `${name},${n}\n`).join(''), 'string', 'bigint'),
      ),
    );
    expect(objects).toEqual(['a', 'b', 'c'].map((name) => numbers.map((n) => [name, n])));
  });
});

describe('Trino and DuckDB differ', () => {
  test('in what is no value of a type, and nowhere else that is known', async () => {
    const [byTrino, byDuckDb] = [await cellsOf(trino, DIFFERENCES), await cellsOf(duckdb, DIFFERENCES)];
    const found = DIFFERENCES.map(({ type, cell }, index) => {
      return { type, cell, trino: byTrino[index], duckdb: byDuckDb[index] };
    });
    expect(found).toEqual(DIFFERENCES);
  });

  test('in an empty line, which is a row to Trino, and in an escape at the end of one, which joins two in DuckDB', async () => {
    expect(await rowsOf(trino, '\n', 'string')).toEqual([['']]);
    expect(await rowsOf(duckdb, '\n', 'string')).toEqual([]);
    expect(await rowsOf(trino, 'a\\\nb\n', 'string')).toEqual([['a\\'], ['b']]);
    expect(await rowsOf(duckdb, 'a\\\nb\n', 'string')).toEqual([['a\nb']]);
  });
});

test('what Trino does not take is refused, and does not end it', async () => {
  await expect(rowsOf(trino, '1\n', 'uniontype<int>')).rejects.toThrow('no such type: uniontype<int>');
  expect(await rowsOf(trino, '1\n', 'int')).toEqual([['1']]);
});
