import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TimedFlightRow } from '../../samples/flights.ts';
import { earthquakes, flights, SAMPLES } from '../../samples/index.ts';
import { dataRelease, readDataFile } from '../../samples/packages.ts';
import { allRowsViewName, viewName } from '../../src/derive/names.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import { openSql, type QueryResult } from '../../src/local/sql/sql.ts';
import { type CliResult, eventually, sluice, startSluice } from '../support/cli.ts';
import { type ExpectedRow, expectedRows } from '../support/expected-rows.ts';
import { differences } from '../support/row-differences.ts';
import { HISTORIES, historyOf, SCHEMAS } from '../support/schemas.ts';

// The main job, by its own command and on real data: 31,707 events over HTTP, and every value of them back in SQL.
// Of the larger set of flights every tenth goes the same way; all 200,000 are what the benchmark is for.

type Rows = QueryResult['rows'];

/** What `up --once --json` says of one event type. */
interface Outcome {
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  readonly delivered: number;
  readonly failed: number;
  readonly in_flight: number;
  readonly rows: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

const COUNTS = SAMPLES.map(({ eventType, count }) => [eventType, count] as const);

let data = '';
let once: CliResult;
const ran = { from: 0, to: 0 };
/** The de-duplicated views as they were after the run. */
let views: ReadonlyMap<string, Rows>;
let strongEarthquakes: CliResult;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
  ran.from = Date.now();
  once = await sluice(['up', '--once', '--json', '--schemas', SCHEMAS, '--data', data]);
  ran.to = Date.now();
  views = await readViews(COUNTS.map(([eventType]) => viewName(eventType)));
  strongEarthquakes = await sluice([
    ...['query', 'SELECT count(*) AS n FROM seismic_earthquake WHERE magnitude >= 5', '--json'],
    ...['--schemas', SCHEMAS, '--data', data],
  ]);
});

afterAll(async () => {
  await rm(data, { recursive: true, force: true });
});

describe('sluice up --once --json', () => {
  test('ends well, and shows every event of every sample sent, accepted, delivered and in the table', () => {
    expect(once).toMatchObject({ exitCode: 0, stderr: '' });
    const { types, conserved } = once.json<{ types: Record<string, Outcome>; conserved: boolean }>();
    expect(conserved).toBe(true);
    const latency = { p50_ms: expect.any(Number), p99_ms: expect.any(Number) };
    expect(types).toEqual(
      Object.fromEntries(
        COUNTS.map(([eventType, n]) => [
          eventType,
          { sent: n, accepted: n, refused: 0, delivered: n, failed: 0, in_flight: 0, rows: n, ...latency },
        ]),
      ),
    );
    expect(Object.values(types).reduce((sum, { delivered }) => sum + delivered, 0)).toBe(31_707);
  });

  test('answers one telling question for each sample', () => {
    const { answers } = once.json<{ answers: { title: string; sql: string; rows: unknown[] }[] }>();
    expect(answers.map(({ rows }) => rows.length)).toEqual([3, 3, 3]);
  });

  test('counts as many earthquakes of magnitude 5 and more as the source file has', () => {
    const { features } = JSON.parse(readDataFile('earthquakes.json'));
    const strong = features.filter((feature: { properties: { mag: number } }) => feature.properties.mag >= 5);
    expect(strongEarthquakes.json()).toEqual([{ n: strong.length }]);
    expect(strong.length).toBeGreaterThan(0);
  });
});

describe.each(COUNTS)('%s read back by SQL', (eventType, count) => {
  test('equals its source in every value of every column of every event', () => {
    const expected = expectedRows(eventType);
    expect(expected.size).toBe(count);
    expect(differences(eventType, views.get(viewName(eventType))!, expected)).toEqual([]);
  });

  test('has system columns that say which schema, when, and where in Kafka', () => {
    const rows = views.get(viewName(eventType))!;
    const { newest } = historyOf(eventType);
    const wrong = rows.filter((row) => {
      const ingested = utcMillis(row._ingested_at);
      const delivered = utcMillis(`${row.dt} ${String(row.hour).padStart(2, '0')}:59:59.999`);
      return !(
        row._event_id === row.id &&
        row._schema_version === newest.version &&
        row._replay_id === null &&
        ran.from <= ingested &&
        ingested <= ran.to &&
        ingested <= delivered &&
        (row._kafka_partition as number) < newest.settings.partitions
      );
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(new Set(rows.map((row) => `${row._kafka_partition}/${row._kafka_offset}`)).size).toBe(count);
    expect(new Set(rows.map((row) => row._kafka_partition)).size).toBe(newest.settings.partitions);
  });
});

describe('a second start on the same data', () => {
  const LARGE = everyTenth(flights.rows({ large: true })) as TimedFlightRow[];
  const EVENTS = {
    'seismic.earthquake': [...earthquakes.events()],
    'aviation.flight': everyTenth([...flights.events({ large: true })]),
  };
  const sent: Record<string, CliResult> = {};
  let status: CliResult;
  let stopped: CliResult;
  let later: ReadonlyMap<string, Rows>;

  beforeAll(async () => {
    const flags = ['--schemas', SCHEMAS, '--data', data];
    const up = startSluice(['up', '--port', '0', '--json', ...flags]);
    await up.firstLine();
    for (const [eventType, events] of Object.entries(EVENTS)) {
      const file = join(data, `${eventType}.ndjson`);
      await writeFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      sent[eventType] = await sluice(['send', eventType, file, '--json', ...flags]);
    }
    status = await eventually(async () => {
      const now = await sluice(['status', '--json', ...flags]);
      const { types } = now.json<{ types: Record<string, { in_flight: number }> }>();
      return Object.values(types).some(({ in_flight }) => in_flight > 0) ? undefined : now;
    });
    up.interrupt();
    stopped = await up.ended;
    later = await readViews(COUNTS.flatMap(([eventType]) => [viewName(eventType), allRowsViewName(eventType)]));
  });

  test('takes the same events again, and counts them as accepted once more', () => {
    expect(sent['seismic.earthquake']!.json()).toMatchObject({ sent: 1_707, accepted: 1_707, refused: 0 });
    const { types, conserved } = status.json<{ types: Record<string, object>; conserved: boolean }>();
    expect(status.exitCode).toBe(0);
    expect(conserved).toBe(true);
    expect(types['seismic.earthquake']).toMatchObject({ accepted: 3_414, delivered: 3_414, failed: 0, in_flight: 0 });
    expect(types['aviation.birdstrike']).toMatchObject({
      accepted: 10_000,
      delivered: 10_000,
      failed: 0,
      in_flight: 0,
    });
    expect(types['aviation.flight']).toMatchObject({ accepted: 40_000, delivered: 40_000, failed: 0, in_flight: 0 });
  });

  test('shows events that were sent twice as one row, the first, and keeps the repeats beside it', () => {
    const byId = (rows: Rows) => new Map(rows.map((row) => [row.id, row]));
    expect(byId(later.get('seismic_earthquake')!)).toEqual(byId(views.get('seismic_earthquake')!));
    expect(later.get('seismic_earthquake')).toHaveLength(1_707);
    const places = later.get('all_seismic_earthquake')!.map((row) => `${row._kafka_partition}/${row._kafka_offset}`);
    expect(places).toHaveLength(3_414);
    expect(new Set(places).size).toBe(3_414);
    expect(later.get('all_aviation_birdstrike')).toHaveLength(10_000);
  });

  test('leaves no value of the earlier events changed by the later ones', () => {
    const earlier = later.get('aviation_flight')!.filter(({ departure_time }) => departure_time === null);
    expect(differences('aviation.flight', earlier, expectedRows('aviation.flight'))).toEqual([]);
  });

  test('reads every tenth flight of the larger set back, equal to its source', () => {
    const large = later.get('aviation_flight')!.filter(({ departure_time }) => departure_time !== null);
    const expected = new Map(
      LARGE.map((row, index) => {
        const minutes = Math.round(row.time * 60);
        const time = new Date(minutes * 60_000).toISOString().slice(11, 19);
        const { id } = EVENTS['aviation.flight'][index]!;
        return [id, flightRow(id, time, row)];
      }),
    );
    expect(expected.size).toBe(20_000);
    expect(differences('aviation.flight', large, expected)).toEqual([]);
  });

  test('ends at Ctrl-C with 0', () => {
    expect(stopped).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

function flightRow(id: string, departure_time: string, { delay, distance }: TimedFlightRow): ExpectedRow {
  return {
    id,
    departed_at: null,
    departure_time,
    origin: null,
    destination: null,
    delay_minutes: delay,
    distance_miles: distance,
    attributes: { dataset: 'flights-200k', release: dataRelease() },
  };
}

/** Rows of tables or views of the test's data folder. */
async function readViews(names: readonly string[]): Promise<Map<string, Rows>> {
  const sql = await openSql({ objectsDir: dataFolder(data).objects, histories: HISTORIES });
  try {
    const rows = new Map<string, Rows>();
    for (const name of names) rows.set(name, (await sql.query(`SELECT * FROM ${name}`)).rows);
    return rows;
  } finally {
    await sql.close();
  }
}

function everyTenth<T>(items: readonly T[]): T[] {
  return items.filter((_, index) => index % 10 === 0);
}

function utcMillis(text: unknown): number {
  return Date.parse(`${String(text).replace(' ', 'T')}Z`);
}
