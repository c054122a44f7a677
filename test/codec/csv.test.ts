import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BodySample } from '../../contracts/arbitraries/bodies.ts';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { type CsvColumn, compileRowWriter, csvColumns } from '../../src/codec/csv.ts';
import { compileRowDecoder } from '../../src/codec/decode.ts';
import { compileEncoder, EncodeContext } from '../../src/codec/encode.ts';
import { parseBody } from '../../src/codec/json-body.ts';
import { type CellForm, deriveLayout, pathKey } from '../../src/derive/layout.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { SYSTEM_COLUMNS } from '../../src/schema/system-columns.ts';
import { everyScalar, HOSTILE_TEXTS, text } from '../support/avro-arbitraries.ts';

let dir: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-csv-'));
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});

afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(dir, { recursive: true, force: true });
});

/** Reads rows back the way the tables are read: everything text, null where the cell is a bare \N. */
async function readBack(csv: string, names: readonly string[], select: string): Promise<Record<string, unknown>[]> {
  const file = join(dir, 'rows.csv');
  await writeFile(file, csv);
  const columns = names.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  const reader = await connection.runAndReadAll(
    `SELECT ${select} FROM read_csv('${file}', auto_detect=false, header=false, delim=',', quote='', escape='\\',
      nullstr='\\N', strict_mode=false, null_padding=true, new_line='\\n', max_line_size=16000000,
      columns={${columns}})`,
  );
  return reader.getRowObjectsJS() as Record<string, unknown>[];
}

/** The inner layer undone, as bytes: the binding drops a byte-order mark at the start of a text. */
const unescaped = (column: string) =>
  `hex(encode(replace(replace(replace(${column}, chr(27) || 'n', chr(10)), chr(27) || 'r', chr(13)), chr(27) || 'e', chr(27))))`;

const hexOf = (value: unknown) =>
  value === null
    ? null
    : Buffer.from(value as string)
        .toString('hex')
        .toUpperCase();

/**
 * LazySimpleSerDe as Trino reads it: LF, CRLF and a bare CR end a row, a backslash keeps the next character within the
 * cell and is dropped, null is decided before.
 */
function serdeRows(csv: string): (string | null)[][] {
  const rows = csv.split(/\r\n|\r|\n/);
  expect(rows.pop()).toBe('');
  return rows.map((row) => {
    const cells: string[] = [];
    let cell = '';
    for (let i = 0; i < row.length; i += 1) {
      if (row[i] === ',') {
        cells.push(cell);
        cell = '';
        continue;
      }
      cell += row[i];
      if (row[i] === '\\') {
        i += 1;
        cell += row[i] ?? '';
      }
    }
    return [...cells, cell].map((raw) => (raw === '\\N' ? null : raw.replace(/\\(.)/gsu, '$1')));
  });
}

const innerUndone = (value: string | null): string | null =>
  value === null ? null : value.replaceAll('\x1bn', '\n').replaceAll('\x1br', '\r').replaceAll('\x1be', '\x1b');

const COLUMNS: readonly CsvColumn[] = [
  { name: 'a', form: 'text' },
  { name: 'gone', form: undefined },
  { name: 'j', form: 'json' },
  { name: 'b', form: 'text' },
];

describe('text of any kind', () => {
  // A byte-order mark at the start of a file is stripped, which is why system data comes first.
  const columns: readonly CsvColumn[] = [{ name: 'id', form: 'integer' }, ...COLUMNS];
  const write = compileRowWriter(columns);
  const cell = fc.oneof({ arbitrary: text, weight: 9 }, fc.constant(null));
  const generated = fc.array(
    fc
      .tuple(cell, cell, cell)
      .map(([a, j, b]) => ({ id: 1, a, gone: 'x', j: j === null ? null : JSON.stringify([j]), b })),
    { minLength: 50, maxLength: 200 },
  );
  const everyPair = HOSTILE_TEXTS.flatMap((a) =>
    [...HOSTILE_TEXTS, null].map((b) => ({ id: 1, a, gone: 'x', j: JSON.stringify({ [a]: b }), b })),
  );

  test('is read back by DuckDB, byte by byte, null and empty and \\N apart', async () => {
    const names = columns.map(({ name }) => name);
    const select = `${unescaped('a')} AS a, gone, hex(encode(j)) AS j, ${unescaped('b')} AS b`;
    await fc.assert(
      fc.asyncProperty(generated, async (rows) => {
        const read = await readBack(rows.map(write).join(''), names, select);
        expect(read).toEqual(rows.map(({ a, j, b }) => ({ a: hexOf(a), gone: null, j: hexOf(j), b: hexOf(b) })));
      }),
      { numRuns: 5, examples: [[everyPair]] },
    );
  });

  test('is read back by the rules of LazySimpleSerDe', () => {
    fc.assert(
      fc.property(generated, (rows) => {
        const read = serdeRows(rows.map(write).join('')).map(([, a, gone, j, b]) => [
          innerUndone(a!),
          gone,
          j,
          innerUndone(b!),
        ]);
        expect(read).toEqual(rows.map(({ a, j, b }) => [a, null, j, b]));
      }),
      { numRuns: 10, examples: [[everyPair]] },
    );
  });
});

describe('a row', () => {
  const write = compileRowWriter(COLUMNS);

  test('holds no raw line break but its end, whatever it says', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(write({ a, b, j: JSON.stringify(a) })).toMatch(/^[^\r\n]*\n$/);
      }),
    );
  });

  test('has a cell for every column: null where the member is null or absent', () => {
    expect(write({})).toBe('\\N,\\N,\\N,\\N\n');
    expect(write({ a: null, gone: 1, j: undefined, b: '' })).toBe('\\N,\\N,\\N,\n');
    expect(write({ a: '', b: '\\N', j: '' })).toBe(',\\N,,\\\\N\n');
  });

  test('escapes text twice and JSON once', () => {
    expect(write({ a: 'a,b\\\n\r\x1b', j: '{"a":"x,\\n"}', b: '' })).toBe(
      'a\\,b\\\\\x1bn\x1br\x1be,\\N,{"a":"x\\,\\\\n"},\n',
    );
  });

  test.each<[CellForm, unknown, string]>([
    ['boolean', false, 'false'],
    ['integer', -7, '-7'],
    ['integer', '9223372036854775807', '9223372036854775807'],
    ['double', -0, '-0.0'],
    ['double', 0, '0'],
    ['double', 1e21, '1e+21'],
    ['double', 'NaN', 'NaN'],
    ['float', '-Infinity', '-Infinity'],
    ['decimal', '-0.50', '-0.50'],
    ['base64', '+/A=', '+/A='],
    ['date', '2024-02-29', '2024-02-29'],
    ['timestamp-millis', '2024-02-29 23:59:58.123', '2024-02-29 23:59:58.123'],
    ['timestamp-micros', 1, '1'],
    ['timestamp-nanos', '1709251198123456789', '1709251198123456789'],
    ['time-millis', 0, '0'],
    ['time-micros', 5, '5'],
  ])('writes %s %j as %s', (form, value, expected) => {
    expect(compileRowWriter([{ name: 'v', form }])({ v: value })).toBe(`${expected}\n`);
  });
});

test('the columns of a table are the system columns and then those of its layout', () => {
  const record = (fields: unknown[]) => ({ type: 'record', name: 'R', fields });
  const versions = [record([{ name: 'A', type: 'int' }]), record([{ name: 'b', type: 'string', default: '' }])];
  const layout = deriveLayout(
    schemaHistory(
      't',
      versions.map((schema, index) => schemaVersion('t', index + 1, schema)),
    ),
  );
  expect(csvColumns(layout)).toEqual([
    ...SYSTEM_COLUMNS.map(({ name, form }) => ({ name, form })),
    { name: 'a', form: undefined },
    { name: 'b', form: 'text' },
  ]);
});

test('a value of every type, sent as JSON, is in DuckDB what avsc holds', async () => {
  const history = schemaHistory('every', [schemaVersion('every', 1, everyScalar.schema)]);
  const { root } = history.newest;
  const layout = deriveLayout(history);
  const byPath = new Map(layout.columns.map((column) => [pathKey(column.source!), column]));
  const decode = compileRowDecoder(root, root, (path) => ({
    name: byPath.get(path)!.name,
    json: byPath.get(path)!.form === 'json',
  }));
  const encode = compileEncoder(root);
  const write = compileRowWriter(csvColumns(layout));
  const rowOf = ({ text: sent }: BodySample): string => {
    const context = new EncodeContext();
    const body = parseBody(Buffer.from(sent));
    if (!body.ok) throw new Error(body.faults[0]!.advice);
    encode(body.value, context);
    expect(context.faults).toEqual([]);
    const members = decode(new AvroSource(context.sink.copyFrom(0), 0));
    return write(JSON.parse(`{"_event_id":"a,b"${members}}`));
  };
  // How SQL reads a cell of each form, to be compared with the value that avsc has, or with the canonical JSON.
  const reading: Readonly<Record<CellForm, [sql: (cell: string) => string, expected: (sample: Guises) => unknown]>> = {
    boolean: [(cell) => `CAST(${cell} AS BOOLEAN)`, ({ avro }) => avro],
    integer: [(cell) => `CAST(${cell} AS BIGINT)`, ({ avro }) => BigInt(avro as bigint)],
    float: [(cell) => `CAST(CAST(${cell} AS FLOAT) AS DOUBLE)`, ({ avro }) => avro],
    double: [(cell) => `CAST(${cell} AS DOUBLE)`, ({ avro }) => avro],
    decimal: [(cell) => cell, ({ back }) => back],
    text: [(cell) => unescaped(cell), ({ avro }) => hexOf(avro)],
    base64: [(cell) => `hex(from_base64(${cell}))`, ({ avro }) => (avro as Buffer).toString('hex').toUpperCase()],
    date: [(cell) => `CAST(CAST(${cell} AS DATE) - DATE '1970-01-01' AS INTEGER)`, ({ avro }) => avro],
    'time-millis': [(cell) => `CAST(${cell} AS INTEGER)`, ({ avro }) => avro],
    'time-micros': [(cell) => `CAST(${cell} AS BIGINT)`, ({ avro }) => avro],
    'timestamp-millis': [(cell) => `epoch_ms(CAST(${cell} AS TIMESTAMP))`, ({ avro }) => avro],
    'timestamp-micros': [(cell) => `CAST(${cell} AS BIGINT)`, ({ avro }) => avro],
    'timestamp-nanos': [(cell) => `CAST(${cell} AS BIGINT)`, ({ avro }) => avro],
    json: [(cell) => cell, ({ avro }) => avro],
  };
  const names = csvColumns(layout).map(({ name }) => name);
  const select = layout.columns.map(({ name, form }) => `${reading[form][0](`"${name}"`)} AS "${name}"`).join(', ');
  // The types of the table hold the decimals too. DuckDB prints no zero before the point where no digit is there.
  const typed = layout.columns
    .filter(({ type }) => type.startsWith('decimal'))
    .map(({ name, type }) => `CAST(CAST("${name}" AS ${type}) AS DECIMAL(38,${type.slice(-2, -1)})) = "${name}"`);
  expect(typed.length).toBeGreaterThan(1);
  await fc.assert(
    fc.asyncProperty(fc.array(everyScalar.sample, { minLength: 40, maxLength: 80 }), async (samples) => {
      const csv = samples.map(rowOf).join('');
      const read = await readBack(csv, names, select);
      expect(read).toHaveLength(samples.length);
      for (const [index, sample] of samples.entries()) {
        const expected = layout.columns.map(({ name, form, source }) => [
          name,
          reading[form][1](guisesOf(sample, source![0]!)),
        ]);
        expect(read[index]).toEqual(Object.fromEntries(expected));
      }
      expect(await readBack(csv, names, `bool_and(${typed.join(' AND ')}) AS exact`)).toEqual([{ exact: true }]);
    }),
    { numRuns: 5 },
  );
});

interface Guises {
  readonly avro: unknown;
  readonly back: unknown;
}

function guisesOf(sample: BodySample, name: string): Guises {
  const { avro, back } = sample as { avro: Record<string, unknown>; back: Record<string, unknown> };
  return { avro: avro[name], back: back[name] };
}
