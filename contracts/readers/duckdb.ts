import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { rawTableName } from '../../src/derive/names.ts';
import { identifier } from '../../src/derive/sql-text.ts';
import { keepLeadingByteOrderMarks } from '../../src/local/sql/byte-order-mark.ts';
import { rawTableStatement } from '../../src/local/sql/tables.ts';
import { dateCell, decimalCell, doubleCell, floatCell, timestampCell } from './cell-text.ts';
import type { Cell, Closing, CsvReader } from './shapes.ts';

const NAME = 'contract';

const LIMITS = { threads: '1', memory_limit: '1GB', temp_directory: '' };

/** Opens DuckDB with the very statement by which `sluice sql` makes a raw table. */
export async function openDuckDb(): Promise<Closing<CsvReader>> {
  keepLeadingByteOrderMarks();
  const engine = await DuckDBInstance.create(':memory:', LIMITS);
  const connection = await engine.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");

  const read: CsvReader['read'] = async (csv, columns) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-duckdb-'));
    try {
      // The folders of a partition, since the statement reads them.
      const object = join(folder, 'dt=2024-01-01', 'hour=00', 'object.csv.gz');
      await mkdir(dirname(object), { recursive: true });
      await writeFile(object, await promisify(gzip)(csv, { level: 1 }));
      const table = { name: NAME, prefix: '', columns, identity: '', precedence: [] };
      await connection.run(rawTableStatement(table, object));
      const names = columns.map(({ name }) => identifier(name)).join(', ');
      const reader = await connection.runAndReadAll(`SELECT ${names} FROM ${identifier(rawTableName(NAME))}`);
      return reader.getRows().map((row) => row.map((value, index) => cellOf(value, columns[index]!.type)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  // One after the other: there is one table.
  let last: Promise<unknown> = Promise.resolve();
  return {
    read(csv, columns) {
      const rows = last.then(() => read(csv, columns));
      last = rows.catch(() => {});
      return rows;
    },
    async close() {
      await last;
      connection.closeSync();
      engine.closeSync();
    },
  };
}

function cellOf(value: DuckDBValue, type: string): Cell {
  if (value === null) return null;
  if (typeof value === 'number' && type === 'float') return { text: floatCell(value) };
  if (typeof value === 'number' && type === 'double') return { text: doubleCell(value) };
  if (value instanceof DuckDBDecimalValue) return { text: decimalCell(value.value, value.scale) };
  if (value instanceof DuckDBDateValue) return { text: infinite(value) ?? dateCell(BigInt(value.days)) };
  if (value instanceof DuckDBTimestampValue) return { text: infinite(value) ?? timestampCell(value.micros) };
  return { text: String(value) };
}

/** DuckDB has two dates, and two timestamps, that are none. */
function infinite(value: DuckDBDateValue | DuckDBTimestampValue): string | undefined {
  if (value.isFinite) return undefined;
  const size = value instanceof DuckDBDateValue ? value.days : value.micros;
  return size < 0 ? '-infinity' : 'infinity';
}
