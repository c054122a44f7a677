import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BodySample, bodiesOf } from '../../../contracts/arbitraries/bodies.ts';
import { codecOf, encoded, framed } from '../../../contracts/codec.ts';
import { holdsInView, valueAt } from '../../../contracts/expected-cells.ts';
import type { Subject } from '../../../contracts/law.ts';
import { linesOf, withoutLast } from '../../../contracts/objects.ts';
import { queryObjects } from '../../../contracts/views.ts';
import { deriveAthenaViews, failedEventsAthenaViews, viewDefinition } from '../../../src/derive/athena-views.ts';
import { deriveLayout } from '../../../src/derive/layout.ts';
import {
  allRowsViewName,
  FAILED_EVENTS,
  failedEventsPrefix,
  objectPrefix,
  viewName,
} from '../../../src/derive/names.ts';
import { FIRST_DAY, type PartitionBy } from '../../../src/derive/partition.ts';
import { identifier } from '../../../src/derive/sql-text.ts';
import { deriveTable, failedEventsTable, type TableInput } from '../../../src/derive/table.ts';
import { type TableColumn, tableColumns } from '../../../src/derive/table-columns.ts';
import { SYSTEM_COLUMNS } from '../../../src/schema/system-columns.ts';
import { type Athena, startAthena } from '../../oracles/athena.ts';
import { REAL_SUBJECTS, ZOO_SUBJECTS } from '../../support/contract-subjects.ts';
import { historyOfFields } from '../../support/histories.ts';
import { type Moto, startMoto } from '../../support/moto.ts';
import { BUCKET_URI, type Catalog, DATABASE, openCatalog } from './catalog.ts';

/** Minutes, where nothing was fetched or compiled before. */
const STARTING_MS = 600_000;

const SEED = randomInt(2 ** 31);
const BODIES = 12;

let moto: Moto;
let catalog: Catalog;
let athena: Athena;
beforeAll(async () => {
  moto = await startMoto();
  catalog = await openCatalog(moto.endpoint);
  athena = await startAthena(moto.endpoint);
}, STARTING_MS);
afterAll(async () => {
  await athena?.close();
  catalog?.close();
  await moto?.stop();
});

const of = (view: string): string => `${DATABASE}.${identifier(view)}`;

/** What Trino says of a column, in the JSON that `sluice query` has for it. */
function shown(text: string | null, { form }: Pick<TableColumn, 'form'>): unknown {
  if (text === null || form !== 'integer') return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** An object of samples, and what each of its columns must show: rows of older objects end before the last columns. */
function delivered({ history }: Subject, samples: readonly BodySample[], missing: (index: number) => number) {
  const codec = codecOf(history);
  const values = samples.map((sample, index) => framed(encoded(codec, sample, history.newest.version), index));
  const lines = linesOf(codec, values).map((line, index) => withoutLast(line, missing(index)));
  const { columns } = codec.layout;
  const expected = samples.map((sample, index) =>
    columns.map(({ source }, at) => (at < columns.length - missing(index) ? valueAt(sample.back, source) : null)),
  );
  return { layout: codec.layout, lines, expected };
}

async function deploy({ history }: Subject): Promise<void> {
  const { layout } = codecOf(history);
  const { all, deduplicated } = deriveAthenaViews(layout, { database: DATABASE });
  await catalog.create(deriveTable(layout, { bucketUri: BUCKET_URI }), all, deduplicated);
}

describe(`a view of all rows, in Trino (seed ${SEED}),`, () => {
  test.each([...REAL_SUBJECTS, ...ZOO_SUBJECTS].map((subject) => [subject.eventType, subject] as const))(
    'shows what was sent of %s, and what DuckDB shows',
    async (eventType, subject) => {
      const { newest } = subject.history;
      const samples = fc.sample(bodiesOf(newest.root, newest.settings), { numRuns: BODIES, seed: SEED });
      // Every third row is of an older object.
      const { layout, lines, expected } = delivered(subject, samples, (index) => (index % 3 === 2 ? 1 : 0));
      const csv = Buffer.concat(lines);
      await deploy(subject);
      await catalog.put(objectPrefix(eventType), '2026-01-01', 3, csv);

      const names = tableColumns(layout)
        .map(({ name }) => identifier(name))
        .join(', ');
      const sql = (view: string) => `SELECT ${names} FROM ${view} WHERE dt = DATE '2026-01-01' ORDER BY _kafka_offset`;
      const { rows } = await athena.query(sql(of(allRowsViewName(eventType))));
      const local = await queryObjects(subject.history, [csv], sql(allRowsViewName(eventType)));

      expect(rows.length).toBe(samples.length);
      expect(local.length).toBe(samples.length);
      for (const [index, row] of rows.entries()) {
        for (const [at, column] of layout.columns.entries()) {
          const [byTrino, byDuckDb] = [shown(row[SYSTEM_COLUMNS.length + at]!, column), local[index]![column.name]];
          const value = expected[index]![at];
          const what = { column: column.name, body: samples[index]!.text, value, byTrino, byDuckDb };
          expect({ ...what, holds: holdsInView(byTrino, column.form, value) }).toEqual({ ...what, holds: true });
          expect({ ...what, holds: holdsInView(byDuckDb, column.form, value) }).toEqual({ ...what, holds: true });
        }
      }
    },
  );
});

const ORDER = historyOfFields('shop.order', [
  [
    { name: 'id', type: 'string' },
    { name: 'total', type: 'int' },
  ],
]);
const ORDER_LAYOUT = deriveLayout(ORDER);

const day = (number: number): string => `2026-02-${String(number).padStart(2, '0')}`;

/** A line of the order's table. */
const line = (eventId: string, ingestedAt: string, offset: number, total: number): string =>
  `${eventId},1,${ingestedAt},0,${offset},\\N,${eventId},${total}\n`;

describe('the views of a table with many objects, in Trino,', () => {
  const objects = [
    line('a', '2026-02-01 03:00:00.000', 1, 10) + line('b', '2026-02-01 03:00:00.001', 2, 20),
    // "a" once more, later and on another day; "b" once more, accepted at the same time.
    line('a', '2026-02-02 00:00:00.000', 3, 11) + line('b', '2026-02-01 03:00:00.001', 4, 21),
    line('c', '2026-02-03 00:00:00.000', 5, 30),
  ];
  beforeAll(async () => {
    const { all, deduplicated } = deriveAthenaViews(ORDER_LAYOUT, { database: DATABASE });
    await catalog.create(inDays(deriveTable(ORDER_LAYOUT, { bucketUri: BUCKET_URI }), 1, 4), all, deduplicated);
    for (const [index, text] of objects.entries()) {
      await catalog.put(objectPrefix('shop.order'), day(index + 1), index, Buffer.from(text));
    }
  });

  test('have an event once, as it was first accepted, wherever it was delivered again; so does DuckDB', async () => {
    const sql = (view: string) => `SELECT id, total FROM ${view} ORDER BY id`;
    const { rows } = await athena.query(sql(of(viewName('shop.order'))));
    expect(rows).toEqual([
      ['a', '10'],
      ['b', '20'],
      ['c', '30'],
    ]);
    const local = await queryObjects(
      ORDER,
      objects.map((text) => Buffer.from(text)),
      sql(viewName('shop.order')),
    );
    expect(local.map(({ id, total }) => [id, String(total)])).toEqual(rows);
  });

  test('have an event as often as it was delivered, where the view is of all rows', async () => {
    const { rows } = await athena.query(`SELECT count(*), sum(total) FROM ${of(allRowsViewName('shop.order'))}`);
    expect(rows).toEqual([['5', '92']]);
  });

  test('say the day and the hour of delivery', async () => {
    const view = of(allRowsViewName('shop.order'));
    const { types, rows } = await athena.query(`SELECT DISTINCT dt, hour FROM ${view} ORDER BY dt`);
    expect(types).toEqual(['date', 'integer']);
    expect(rows).toEqual([1, 2, 3].map((number) => [day(number), String(number - 1)]));
  });

  test('are refused where they say other types than their query gives', async () => {
    const { all } = deriveAthenaViews(ORDER_LAYOUT, { database: DATABASE });
    const definition = viewDefinition(all.ViewOriginalText);
    const columns = definition.columns.map(({ name, type }) => ({ name, type: name === 'total' ? 'varbinary' : type }));
    const text = Buffer.from(JSON.stringify({ ...definition, columns })).toString('base64');
    await catalog.create({ ...all, Name: 'stale', ViewOriginalText: `/* Presto View: ${text} */` });
    await expect(athena.query(`SELECT id FROM ${of('stale')} WHERE dt = DATE '${day(1)}'`)).rejects.toThrow(/stale/);
  });
});

test('a query of all rows reads the objects of the days and hours that it asks for, and no others, in Trino', async () => {
  const history = historyOfFields('shop.refund', [[{ name: 'id', type: 'string' }]]);
  const layout = deriveLayout(history);
  const { all } = deriveAthenaViews(layout, { database: DATABASE });
  await catalog.create(inDays(deriveTable(layout, { bucketUri: BUCKET_URI }), 1, 2), all);
  await catalog.put(objectPrefix('shop.refund'), day(1), 6, Buffer.from(line('a', '2026-02-01 06:00:00.000', 1, 0)));
  // Whoever opens it fails.
  await catalog.putBroken(objectPrefix('shop.refund'), day(1), 7);
  const count = (where: string) => athena.query(`SELECT count(id) FROM ${of(all.Name)} WHERE ${where}`);
  await expect(count(`dt = DATE '${day(1)}'`)).rejects.toThrow(/hour=07/);
  expect((await count(`dt = DATE '${day(1)}' AND hour BETWEEN 0 AND 6`)).rows).toEqual([['1']]);
  expect((await count(`dt > DATE '${day(1)}'`)).rows).toEqual([['0']]);
});

test('a table by event time shows events of a day ahead as well, which one by arrival cannot have, in Trino', async () => {
  const dayFromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const shownBy = async (eventType: string, partitionBy: PartitionBy): Promise<string[]> => {
    const layout = deriveLayout(historyOfFields(eventType, [[{ name: 'id', type: 'string' }]]));
    const options = { bucketUri: BUCKET_URI, database: DATABASE, partitionBy };
    const { all } = deriveAthenaViews(layout, options);
    await catalog.create(deriveTable(layout, options), all);
    const days = [FIRST_DAY, dayFromNow(0), dayFromNow(1), dayFromNow(3)];
    for (const dt of days) {
      await catalog.put(objectPrefix(eventType), dt, 7, Buffer.from(line(dt, `${dt} 07:00:00.000`, 1, 0)));
    }
    const asked = days.map((dt) => `DATE '${dt}'`).join(', ');
    const sql = `SELECT _event_id FROM ${of(all.Name)} WHERE dt IN (${asked}) AND hour = 7 ORDER BY dt`;
    return (await athena.query(sql)).rows.map(([id]) => id!);
  };
  expect(await shownBy('shop.visit', 'event-time')).toEqual([FIRST_DAY, dayFromNow(0), dayFromNow(1)]);
  expect(await shownBy('shop.call', 'arrival')).toEqual([FIRST_DAY, dayFromNow(0)]);
});

/** The table with fewer days: to list the hours of years one by one takes minutes here. */
function inDays(table: TableInput, first: number, last: number): TableInput {
  const Parameters = { ...table.Parameters, 'projection.dt.range': `${day(first)},${day(last)}` };
  return { ...table, Parameters };
}

test('the views of failed events decode them, and show one that was sent again as recovered, in Trino', async () => {
  const { all, deduplicated } = failedEventsAthenaViews({ database: DATABASE });
  await catalog.create(inDays(failedEventsTable({ bucketUri: BUCKET_URI }), 1, 2), all, deduplicated);
  const failed = (recoveredAt: string): string =>
    [
      ...['f1', '2026-02-01 00:00:00.000', 'produce', 'SLUICE_VALUE', '$.total', 'two\x1bnlines\\, and a comma'],
      ...['shop.order', '\\N', 'a', '{"total": "x\x1be"}', 'utf8', recoveredAt],
    ].join(',');
  await catalog.put(failedEventsPrefix(), day(1), 0, Buffer.from(`${failed('\\N')}\n`));
  await catalog.put(failedEventsPrefix(), day(2), 0, Buffer.from(`${failed('2026-02-02 00:00:00.000')}\n`));
  const { rows } = await athena.query(
    `SELECT id, reason, version, payload, recovered_at, dt FROM ${of(viewName(FAILED_EVENTS))}`,
  );
  const reason = 'two\nlines, and a comma';
  expect(rows).toEqual([['f1', reason, null, '{"total": "x\x1b"}', '2026-02-02 00:00:00.000', day(2)]]);
  expect((await athena.query(`SELECT id FROM ${of(allRowsViewName(FAILED_EVENTS))}`)).rows).toEqual([['f1'], ['f1']]);
});
