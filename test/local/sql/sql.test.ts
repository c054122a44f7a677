import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../../src/errors.ts';
import { type Cell, field, historyOf, json, objectsFolder, raw, sqlOver, system, writeObject } from './objects.ts';

const KEY = 'events/probe/dt=2026-11-24/hour=03/a.csv.gz';

const logical = (type: string, logicalType: string, more = {}) => ({ type, logicalType, ...more });

/** For each form: a field's type, its cell, and the value in the raw table and in the view. */
const FORMS: {
  name: string;
  type: unknown;
  cell: Cell;
  sqlType: string;
  raw: unknown;
  value: unknown;
  viewType?: string;
}[] = [
  { name: 'boolean', type: 'boolean', cell: raw('true'), sqlType: 'BOOLEAN', raw: true, value: true },
  { name: 'int', type: 'int', cell: raw('-2147483648'), sqlType: 'INTEGER', raw: -2147483648, value: -2147483648 },
  {
    name: 'long',
    type: 'long',
    cell: raw('-9223372036854775808'),
    sqlType: 'BIGINT',
    raw: '-9223372036854775808',
    value: '-9223372036854775808',
  },
  { name: 'float', type: 'float', cell: raw('0.1'), sqlType: 'FLOAT', raw: 0.1, value: 0.1 },
  { name: 'double', type: 'double', cell: raw('4.9e-324'), sqlType: 'DOUBLE', raw: 5e-324, value: 5e-324 },
  {
    name: 'decimal',
    type: logical('bytes', 'decimal', { precision: 38, scale: 2 }),
    cell: raw('-123456789012345678901234567890123456.70'),
    sqlType: 'DECIMAL(38,2)',
    raw: '-123456789012345678901234567890123456.70',
    value: '-123456789012345678901234567890123456.70',
  },
  {
    name: 'long_decimal',
    type: logical('bytes', 'decimal', { precision: 40, scale: 1 }),
    cell: raw('123456789012345678901234567890123456789.5'),
    sqlType: 'VARCHAR',
    raw: '123456789012345678901234567890123456789.5',
    value: '123456789012345678901234567890123456789.5',
  },
  { name: 'text', type: 'string', cell: 'a\nb', sqlType: 'VARCHAR', raw: 'a\x1bnb', value: 'a\nb' },
  {
    name: 'base64',
    type: 'bytes',
    cell: raw('AP8='),
    sqlType: 'VARCHAR',
    raw: 'AP8=',
    value: 'AP8=',
    viewType: 'BLOB',
  },
  {
    name: 'day',
    type: logical('int', 'date'),
    cell: raw('0001-01-01'),
    sqlType: 'DATE',
    raw: '0001-01-01',
    value: '0001-01-01',
  },
  {
    name: 'time_millis',
    type: logical('int', 'time-millis'),
    cell: raw('86399999'),
    sqlType: 'INTEGER',
    raw: 86399999,
    value: '23:59:59.999',
    viewType: 'TIME',
  },
  {
    name: 'time_micros',
    type: logical('long', 'time-micros'),
    cell: raw('86399999999'),
    sqlType: 'BIGINT',
    raw: 86399999999,
    value: '23:59:59.999999',
    viewType: 'TIME',
  },
  {
    name: 'millis',
    type: logical('long', 'timestamp-millis'),
    cell: raw('9999-12-31 23:59:59.900'),
    sqlType: 'TIMESTAMP',
    raw: '9999-12-31 23:59:59.900',
    value: '9999-12-31 23:59:59.900',
  },
  {
    name: 'micros',
    type: logical('long', 'timestamp-micros'),
    cell: raw('-62135596799999990'),
    sqlType: 'BIGINT',
    raw: '-62135596799999990',
    value: '0001-01-01 00:00:00.000010',
    viewType: 'TIMESTAMP',
  },
  {
    name: 'nanos',
    type: logical('long', 'timestamp-nanos'),
    cell: raw('1500000000123456780'),
    sqlType: 'BIGINT',
    raw: '1500000000123456780',
    value: '2017-07-14 02:40:00.123456780',
    viewType: 'TIMESTAMP_NS',
  },
  {
    name: 'jason',
    type: { type: 'array', items: 'string' },
    cell: json(['a,b', 'c\\d\n']),
    sqlType: 'VARCHAR',
    raw: '["a,b","c\\\\d\\n"]',
    value: '["a,b","c\\\\d\\n"]',
  },
];

const PROBE = historyOf(
  'probe',
  FORMS.map(({ name, type }) => field(name, type)),
);

describe('the tables and views of an event type', () => {
  it.each(FORMS)('read the form $name typed in the raw table and decoded in the view', async (form) => {
    const folder = objectsFolder();
    writeObject(folder, KEY, [[...system('e1'), ...FORMS.map(({ cell }) => cell)]]);
    const sql = await sqlOver(folder, PROBE);

    const table = await sql.query(`SELECT "${form.name}" AS v FROM raw_probe`);
    const view = await sql.query(`SELECT "${form.name}" AS v FROM probe`);

    expect(table).toEqual({ columns: [{ name: 'v', type: form.sqlType }], rows: [{ v: form.raw }] });
    expect(view).toEqual({ columns: [{ name: 'v', type: form.viewType ?? form.sqlType }], rows: [{ v: form.value }] });
  });

  it('have the system columns first, then the layout, then the partitions', async () => {
    const folder = objectsFolder();
    writeObject(folder, KEY, [system('e1', { at: '2026-11-24 12:00:00.120', partition: 3, offset: 42, version: 2 })]);
    const sql = await sqlOver(folder, historyOf('probe', [field('a', 'string')]));

    const { columns, rows } = await sql.query('SELECT * FROM probe');

    expect(columns).toEqual([
      { name: '_event_id', type: 'VARCHAR' },
      { name: '_schema_version', type: 'INTEGER' },
      { name: '_ingested_at', type: 'TIMESTAMP' },
      { name: '_kafka_partition', type: 'INTEGER' },
      { name: '_kafka_offset', type: 'BIGINT' },
      { name: '_replay_id', type: 'VARCHAR' },
      { name: 'a', type: 'VARCHAR' },
      { name: 'dt', type: 'DATE' },
      { name: 'hour', type: 'INTEGER' },
    ]);
    expect(rows).toEqual([
      {
        _event_id: 'e1',
        _schema_version: 2,
        _ingested_at: '2026-11-24 12:00:00.120',
        _kafka_partition: 3,
        _kafka_offset: 42,
        _replay_id: null,
        a: null,
        dt: '2026-11-24',
        hour: 3,
      },
    ]);
  });

  it('are empty and have the same types while there is no object, and fill when one comes', async () => {
    const folder = objectsFolder();
    const sql = await sqlOver(folder, PROBE);
    for (const name of ['raw_probe', 'all_probe', 'probe']) {
      const before = await sql.query(`SELECT * FROM ${name}`);
      expect(before.rows).toEqual([]);

      writeObject(folder, KEY, [[...system('e1'), ...FORMS.map(({ cell }) => cell)]]);
      const after = await sql.query(`SELECT * FROM ${name}`);
      expect(after.rows).toHaveLength(1);
      expect(after.columns).toEqual(before.columns);

      rmSync(join(folder, 'events'), { recursive: true });
    }
    expect(await sql.query('SELECT count(*) AS n FROM probe')).toMatchObject({ rows: [{ n: 0 }] });
  });

  it('tell null, empty text and the text of a null apart', async () => {
    const folder = objectsFolder();
    writeObject(folder, KEY, [
      [...system('null'), null],
      [...system('empty'), ''],
      [...system('text'), '\\N'],
      [...system('word'), 'null'],
    ]);
    const sql = await sqlOver(folder, historyOf('probe', [field('a', 'string')]));

    const { rows } = await sql.query('SELECT _event_id AS id, a FROM probe ORDER BY id');

    expect(rows).toEqual([
      { id: 'empty', a: '' },
      { id: 'null', a: null },
      { id: 'text', a: '\\N' },
      { id: 'word', a: 'null' },
    ]);
  });

  it('read a missing trailing column as null and ignore one too many', async () => {
    const folder = objectsFolder();
    writeObject(folder, KEY, [
      [...system('old'), 'x'],
      [...system('new'), 'x', raw('7'), 'later'],
    ]);
    const sql = await sqlOver(folder, historyOf('probe', [field('a', 'string'), field('b', 'int')]));

    const { rows } = await sql.query('SELECT _event_id AS id, a, b FROM probe ORDER BY id');

    expect(rows).toEqual([
      { id: 'new', a: 'x', b: 7 },
      { id: 'old', a: 'x', b: null },
    ]);
  });

  it('read what is not of its type as null, not as an error', async () => {
    const folder = objectsFolder();
    writeObject(folder, KEY, [[...system('e1'), ...FORMS.map(() => raw('#'))]]);
    const sql = await sqlOver(folder, PROBE);

    const { rows } = await sql.query("SELECT COLUMNS(c -> c NOT LIKE '\\_%' ESCAPE '\\') FROM probe");

    expect(rows).toEqual([
      {
        ...Object.fromEntries(
          FORMS.map(({ name, sqlType }) => [name, sqlType === 'VARCHAR' && name !== 'base64' ? '#' : null]),
        ),
        dt: '2026-11-24',
        hour: 3,
      },
    ]);
  });

  it('read counts that no date can hold as null', async () => {
    const folder = objectsFolder();
    const wild = ['-9223372036854775808', '9223372036854775807', '-1'];
    writeObject(
      folder,
      KEY,
      wild.map((count, index) => [...system(`e${index}`), raw(count), raw(count), raw(count)]),
    );
    const history = historyOf('probe', [
      field('a', logical('long', 'timestamp-micros')),
      field('b', logical('long', 'timestamp-nanos')),
      field('c', logical('long', 'time-micros')),
    ]);
    const sql = await sqlOver(folder, history);

    const { rows } = await sql.query('SELECT a, b, c FROM probe ORDER BY _event_id');

    expect(rows).toEqual([
      { a: null, b: null, c: null },
      { a: null, b: null, c: null },
      { a: '1969-12-31 23:59:59.999999', b: '1969-12-31 23:59:59.999999999', c: null },
    ]);
  });

  it('keep numbers that are no numbers, and minus zero', async () => {
    const folder = objectsFolder();
    const texts = ['NaN', 'Infinity', '-Infinity', '-0.0', '1.7976931348623157e308'];
    writeObject(
      folder,
      KEY,
      texts.map((text, index) => [
        ...system(`e${index}`),
        raw(text),
        raw(text === '1.7976931348623157e308' ? '3.4028235e38' : text),
      ]),
    );
    const sql = await sqlOver(folder, historyOf('probe', [field('d', 'double'), field('f', 'float')]));

    const { rows } = await sql.query('SELECT d, f FROM probe ORDER BY _event_id');

    expect(rows).toEqual([
      { d: 'NaN', f: 'NaN' },
      { d: 'Infinity', f: 'Infinity' },
      { d: '-Infinity', f: '-Infinity' },
      { d: -0, f: -0 },
      { d: Number.MAX_VALUE, f: 3.4028235e38 },
    ]);
  });

  it('de-duplicate by event id and keep what was ingested first, then the lowest partition and offset', async () => {
    const folder = objectsFolder();
    const row = (id: string, mark: string, order: Parameters<typeof system>[1]) => [...system(id, order), mark];
    writeObject(folder, KEY, [
      row('a', 'later', { at: '2026-11-24 12:00:00.001', partition: 0, offset: 0 }),
      row('b', 'higher partition', { partition: 1, offset: 0 }),
      row('c', 'higher offset', { offset: 10 }),
    ]);
    writeObject(folder, KEY.replace('a.csv', 'b.csv').replace('hour=03', 'hour=04'), [
      row('a', 'first', { at: '2026-11-24 12:00:00.000', partition: 9, offset: 9 }),
      row('b', 'first', { partition: 0, offset: 99 }),
      row('c', 'first', { offset: 9 }),
    ]);
    const sql = await sqlOver(folder, historyOf('probe', [field('mark', 'string')]));

    const { rows } = await sql.query('SELECT _event_id AS id, mark FROM probe ORDER BY id');
    const counts = await sql.query(
      'SELECT (SELECT count(*) FROM all_probe) AS a, (SELECT count(*) FROM raw_probe) AS r',
    );

    expect(rows).toEqual([
      { id: 'a', mark: 'first' },
      { id: 'b', mark: 'first' },
      { id: 'c', mark: 'first' },
    ]);
    expect(counts.rows).toEqual([{ a: 6, r: 6 }]);
  });

  it('have columns called like words of SQL', async () => {
    const words = ['select', 'order', 'group', 'filename', 'table', 'null', 'true', 'end'];
    const folder = objectsFolder();
    writeObject(folder, KEY, [[...system('e1'), ...words]]);
    const sql = await sqlOver(
      folder,
      historyOf(
        'probe',
        words.map((word) => field(word, 'string')),
      ),
    );

    const { rows } = await sql.query(`SELECT ${words.map((word) => `"${word}"`).join(', ')} FROM probe`);

    expect(rows).toEqual([Object.fromEntries(words.map((word) => [word, word]))]);
  });

  it('say in the raw table which object a row lies in', async () => {
    const folder = objectsFolder();
    writeObject(folder, KEY, [system('e1')]);
    const sql = await sqlOver(folder, historyOf('probe', []));
    const { rows } = await sql.query('SELECT "$path" AS path FROM raw_probe');
    expect(rows).toEqual([{ path: join(folder, KEY) }]);
  });

  it('take a folder whose name has quotes, spaces and wildcards', async () => {
    const folder = objectsFolder("it's [a] *?");
    writeObject(folder, KEY, [system('e1')]);
    const sql = await sqlOver(folder, historyOf('probe', []));

    expect(await sql.query('SELECT count(*) AS n FROM probe')).toMatchObject({ rows: [{ n: 1 }] });
  });

  it('leave out files that are still being written', async () => {
    const folder = objectsFolder();
    writeObject(folder, KEY.replace('.csv.gz', '.csv.gz.tmp'), [system('half')]);
    const sql = await sqlOver(folder, historyOf('probe', []));
    expect(await sql.query('SELECT count(*) AS n FROM probe')).toMatchObject({ rows: [{ n: 0 }] });

    renameSync(join(folder, KEY.replace('.csv.gz', '.csv.gz.tmp')), join(folder, KEY));
    expect(await sql.query('SELECT count(*) AS n FROM probe')).toMatchObject({ rows: [{ n: 1 }] });
  });

  const HOSTILE = [
    ...[',', '"', '\\', '\n', '\r', '\r\n', '\x1b', '\t', "'", '&', '%', '\0', '\u0085', '\u2028', '\ufeff', ' '],
    ...[
      '\\N',
      '\\\\N',
      '\\n',
      '\x1bn',
      '\x1b\x1bn',
      '\x1be\n',
      '"a","b"',
      '=cmd()',
      ' x ',
      'x\\',
      '\ufeffx',
      'x\ufeff',
    ],
    ...['👩‍👩‍👧', 'שלום', '\u202e', '#', 'NULL', ',,,', '😀'],
  ];

  const readBack = async (texts: readonly string[]): Promise<void> => {
    const folder = objectsFolder();
    const idOf = (index: number) => `e${String(index).padStart(4, '0')}`;
    writeObject(
      folder,
      KEY,
      texts.map((text, index) => [...system(idOf(index)), text, json([text])]),
    );
    const history = historyOf('probe', [field('a', 'string'), field('j', { type: 'array', items: 'string' })]);
    const sql = await sqlOver(folder, history);

    const { rows } = await sql.query('SELECT a, j FROM probe ORDER BY _event_id');

    expect(rows).toEqual(texts.map((text) => ({ a: text, j: JSON.stringify([text]) })));
  };

  it('read hostile texts back as they were', async () => {
    await readBack([...HOSTILE, 'a'.repeat(500_000)]);
  });

  it('read any text back as it was', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed()),
      fc.array(fc.constantFrom(...HOSTILE)).map((parts) => parts.join('')),
    );
    await fc.assert(fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 200 }), readBack), { numRuns: 20 });
  });

  it('read a row of eight million bytes', async () => {
    const folder = objectsFolder();
    const long = '\\'.repeat(4_000_000);
    writeObject(folder, KEY, [[...system('e1'), long]]);
    const sql = await sqlOver(folder, historyOf('probe', [field('a', 'string')]));

    const { rows } = await sql.query('SELECT a FROM probe');

    expect(rows[0]?.a === long).toBe(true);
  });

  it('are kept apart from those of other event types', async () => {
    const folder = objectsFolder();
    writeObject(folder, 'events/a.b/dt=2026-11-24/hour=03/a.csv.gz', [[...system('e1'), 'x']]);
    const sql = await sqlOver(folder, historyOf('a.b', [field('x', 'string')]), historyOf('a', [field('y', 'int')]));

    expect((await sql.query('SELECT x FROM a_b')).rows).toEqual([{ x: 'x' }]);
    expect((await sql.query('SELECT y FROM a')).rows).toEqual([]);
    await expect(sqlOver(folder, historyOf('a.b', []), historyOf('a-b', []))).rejects.toMatchObject({
      code: 'SLUICE_SCHEMA_INVALID',
    });
  });
});

describe('the table of failed events', () => {
  it('shows each failure once, with its payload as it was', async () => {
    const folder = objectsFolder();
    const failure = (id: string, payload: string) => [
      ...[id, raw('2026-11-24 12:00:00.500'), 'produce', 'SLUICE_TYPE', '$.a', 'line 1\nline 2', 'probe', raw('2')],
      ...[null, payload, 'utf8'],
    ];
    writeObject(folder, 'failed/dt=2026-11-24/hour=03/a.csv.gz', [
      failure('f1', '{"a":"\\N,\r\n"}'),
      failure('f2', ''),
    ]);
    writeObject(folder, 'failed/dt=2026-11-24/hour=03/b.csv.gz', [failure('f1', '{"a":"\\N,\r\n"}')]);
    const sql = await sqlOver(folder);

    const { rows } = await sql.query('SELECT * FROM failed_events ORDER BY id');

    expect(rows[0]).toEqual({
      id: 'f1',
      failed_at: '2026-11-24 12:00:00.500',
      stage: 'produce',
      code: 'SLUICE_TYPE',
      path: '$.a',
      reason: 'line 1\nline 2',
      event_type: 'probe',
      version: 2,
      event_id: null,
      payload: '{"a":"\\N,\r\n"}',
      payload_encoding: 'utf8',
      recovered_at: null,
      dt: '2026-11-24',
      hour: 3,
    });
    expect(rows.map(({ id }) => id)).toEqual(['f1', 'f2']);
  });

  it('is there before anything has failed', async () => {
    const sql = await sqlOver(objectsFolder());
    expect(await sql.query('SELECT count(*) AS n FROM failed_events')).toMatchObject({ rows: [{ n: 0 }] });
  });
});

describe('a query', () => {
  it.each([
    ['selec 1', /syntax error at or near "selec"/],
    ['SELECT nothing FROM nowhere', /nowhere does not exist/],
    ['', /the query is empty/],
    ['-- nothing', /the query is empty/],
    ['SELECT 1; SELECT 2', /one statement/],
    ['SELECT $1', /parameter/],
    ["SELECT 'x'::INTEGER", /Could not convert string 'x' to INT32/],
  ])('that is wrong is refused with what is wrong: %s', async (text, message) => {
    const sql = await sqlOver(objectsFolder());
    const error = await sql.query(text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SluiceError);
    expect(error).toMatchObject({ code: 'SLUICE_QUERY', message: expect.stringMatching(message) });
  });

  it.each([
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM '/etc/hostname'",
    "COPY (SELECT 1) TO 'OBJECTS/stolen.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'OBJECTS/stolen.csv'",
    'CREATE TABLE t AS SELECT 1',
    'DROP VIEW failed_events',
    'SET threads = 8',
    'SET enable_external_access = true',
    "ATTACH 'OBJECTS/x.db'",
    'INSTALL httpfs',
    'PRAGMA enable_profiling',
    'CALL pragma_version()',
  ])('that wants more than the tables is refused: %s', async (text) => {
    const folder = objectsFolder();
    const sql = await sqlOver(folder);
    await expect(sql.query(text.replace('OBJECTS', folder))).rejects.toMatchObject({ code: 'SLUICE_QUERY' });
    expect(await sql.query('SELECT count(*) AS n FROM failed_events')).toMatchObject({ rows: [{ n: 0 }] });
  });

  it.each(['DESCRIBE failed_events', 'SHOW TABLES', 'SUMMARIZE failed_events', 'FROM failed_events', 'VALUES (1)'])(
    'may be any that only reads: %s',
    async (text) => {
      const sql = await sqlOver(objectsFolder());
      expect((await sql.query(text)).columns).not.toEqual([]);
    },
  );

  it('has values that JSON can hold, whatever their type', async () => {
    const sql = await sqlOver(objectsFolder());
    const { columns, rows } = await sql.query(`SELECT
      9007199254740991::BIGINT AS safe, 9007199254740992::BIGINT AS unsafe, 170141183460469231731687303715884105727 AS huge,
      sum(7::INTEGER) AS total, 12.50::DECIMAL(12,2) AS money, 5::DECIMAL(5,0) AS whole, 'NaN'::DOUBLE AS nan,
      DATE '2026-01-31' AS day, TIME '10:00:00.5' AS time, TIMESTAMP '2026-01-31 10:00:00' AS second,
      TIMESTAMP '2026-01-31 10:00:00.000010' AS micro, TIMESTAMPTZ '2026-01-31 10:00:00+02' AS zoned,
      'infinity'::TIMESTAMP AS never, TIMESTAMP_MS '2026-01-31 10:00:00.5' AS milli, 'ab'::BLOB AS bytes, INTERVAL 3 DAY AS span,
      [1::BIGINT, NULL] AS list, {'a': DATE '2026-01-31', 'b': [0.1::FLOAT]} AS struct, MAP {'k': 1.5::DECIMAL(3,2)} AS map,
      MAP {1: 'x'} AS numbered, 'a'::ENUM ('a', 'b') AS enum, NULL AS nothing, true AS yes, '\ufeffx' AS mark, ['\ufeff'] AS marks,
      1 AS twice, 2 AS twice`);

    expect(rows).toEqual([
      {
        safe: 9007199254740991,
        unsafe: '9007199254740992',
        huge: '170141183460469231731687303715884105727',
        total: 7,
        money: '12.50',
        whole: '5',
        nan: 'NaN',
        day: '2026-01-31',
        time: '10:00:00.5',
        second: '2026-01-31 10:00:00.000',
        micro: '2026-01-31 10:00:00.000010',
        zoned: '2026-01-31 08:00:00.000+00',
        never: 'infinity',
        milli: '2026-01-31 10:00:00.500',
        bytes: 'YWI=',
        span: '3 days',
        list: [1, null],
        struct: { a: '2026-01-31', b: [0.1] },
        map: { k: '1.50' },
        numbered: { 1: 'x' },
        enum: 'a',
        nothing: null,
        yes: true,
        mark: '\ufeffx',
        marks: ['\ufeff'],
        twice: 1,
        'twice:1': 2,
      },
    ]);
    expect(columns).toContainEqual({ name: 'money', type: 'DECIMAL(12,2)' });
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });

  it('tells the time in UTC', async () => {
    const sql = await sqlOver(objectsFolder());
    expect((await sql.query("SELECT current_setting('TimeZone') AS zone")).rows).toEqual([{ zone: 'UTC' }]);
  });

  const ENDLESS = 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range % 7 = 3';

  it('ends with the reason of its signal', async () => {
    const sql = await sqlOver(objectsFolder());
    const reason = new Error('enough');
    const before = AbortSignal.abort(reason);
    const during = new AbortController();

    await expect(sql.query('SELECT 1', { signal: before })).rejects.toBe(reason);
    const stopped = sql.query(ENDLESS, { signal: during.signal });
    setTimeout(() => during.abort(reason), 100);
    await expect(stopped).rejects.toBe(reason);
    expect((await sql.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('ends at whatever moment its signal comes', async () => {
    const sql = await sqlOver(objectsFolder());
    for (let turns = 0; turns < 120; turns += 1) {
      const controller = new AbortController();
      const stopped = expect(sql.query(ENDLESS, { signal: controller.signal })).rejects.toThrow('enough');
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      controller.abort(new Error('enough'));
      await stopped;
    }
  });

  it('is stopped when the engine closes, and refused after', async () => {
    const sql = await sqlOver(objectsFolder());
    const stopped = expect(sql.query(ENDLESS)).rejects.toMatchObject({ code: 'SLUICE_STOPPING' });
    await sql.close();
    await stopped;
    await expect(sql.query('SELECT 1')).rejects.toMatchObject({ code: 'SLUICE_STOPPING' });
  });

  it('can run beside others while objects come', async () => {
    const folder = objectsFolder();
    const sql = await sqlOver(folder, historyOf('probe', []), historyOf('other', []));
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        if (index === 5) writeObject(folder, KEY, [system('e1')]);
        if (index === 10) writeObject(folder, KEY.replace('probe', 'other'), [system('e1')]);
        return (await sql.query('SELECT (SELECT count(*) FROM probe) + (SELECT count(*) FROM other) AS n')).rows[0]?.n;
      }),
    );
    expect(answers.at(-1)).toBe(2);
  });
});
