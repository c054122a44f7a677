import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../../samples/index.ts';
import { viewName } from '../derive/names.ts';
import { SluiceError } from '../errors.ts';
import { dataFolder } from '../local/data-folder.ts';
import { readEventTypes } from '../local/event-types.ts';
import type { Latency } from '../local/pipeline.ts';
import type { Runtime } from '../local/runtime.ts';
import { type AccountDocument, accountsByType, isConserved } from './accounts.ts';
import type { CommonOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { withSql } from './query.ts';
import { type Sent, sendEvents } from './send.ts';
import { paint, print, printJson, renderTable, tell, warn } from './terminal.ts';

/** Milliseconds that the last events may take once all are sent. */
const DRAIN_MS = 120_000;

/** What became of one event type's events in this run. */
interface Outcome extends AccountDocument {
  readonly sent: number;
  readonly refused: number;
  /** Rows of the de-duplicated view; those of earlier runs are among them. */
  readonly rows: number;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
}

/** What the samples can be asked, one question a data set. */
const QUESTIONS = [
  {
    of: 'seismic.earthquake',
    title: 'Where the strongest earthquakes were',
    sql: `SELECT magnitude, place, occurred_at, round(location_depth_km, 1) AS depth_km
FROM seismic_earthquake ORDER BY magnitude DESC, occurred_at LIMIT 3`,
  },
  {
    of: 'aviation.birdstrike',
    title: 'Which phase of flight costs most in bird strikes',
    sql: `SELECT flight_phase, count(*) AS strikes, sum(cost_repair) AS repair_usd
FROM aviation_birdstrike GROUP BY 1 ORDER BY repair_usd DESC NULLS LAST LIMIT 3`,
  },
  {
    of: 'aviation.flight',
    title: 'Which airports keep people waiting',
    sql: `SELECT origin, count(*) AS flights, round(avg(delay_minutes), 1) AS mean_delay
FROM aviation_flight GROUP BY 1 HAVING count(*) >= 100 ORDER BY mean_delay DESC, origin LIMIT 3`,
  },
];

/**
 * The samples whose event types have schemas.
 *
 * @throws SluiceError SLUICE_SAMPLES_MISSING, SLUICE_USAGE where no sample has a schema.
 */
export async function samplesFor({
  schemas,
  data,
  registry,
}: CommonOptions & { readonly registry?: string }): Promise<readonly Sample[]> {
  // Loaded here: the samples need packages that only a clone of the repository has.
  const { SAMPLES, dataRelease } = await import('../../samples/index.ts');
  dataRelease();
  const known = new Set(
    (await readEventTypes({ address: registry ?? schemas, keptDir: dataFolder(data).schemas })).map(
      ({ eventType }) => eventType,
    ),
  );
  const samples = SAMPLES.filter(({ eventType }) => known.has(eventType));
  if (samples.length > 0) return samples;
  const names = SAMPLES.map(({ eventType }) => eventType).join(', ');
  throw new SluiceError('SLUICE_USAGE', `--once sends events of ${names}; ${schemas} has a schema of none of them`);
}

/**
 * Sends the sample events over HTTP, waits until each is delivered or failed, and shows what became of them. Sets exit
 * code 1 where an event is not accounted for, was refused, or failed.
 */
export async function runOnce(
  runtime: Runtime,
  samples: readonly Sample[],
  options: CommonOptions,
  interrupted: AbortSignal,
): Promise<void> {
  const quiet = options.json === true;
  const before = accountsByType(
    samples.map(({ eventType }) => eventType),
    runtime.accounts(),
  );
  await runtime.latencies(true);

  const sent = new Map<string, Sent>();
  const progress = showProgress(
    samples.map(({ eventType, count }) => ({ name: eventType, total: count })),
    quiet,
  );
  try {
    for (const sample of samples) {
      const bodies = bodiesOf(sample.events());
      sent.set(sample.eventType, await sendEvents(runtime.url, sample.eventType, bodies, { progress, interrupted }));
    }
  } finally {
    progress.end();
  }
  if (!quiet) tell('waiting for the last of them');
  await drained(runtime, [...sent.keys()], interrupted);

  const rows = await countRows(options, [...sent.keys()]);
  const latencies = await runtime.latencies(false);
  const after = accountsByType([], runtime.accounts());
  const types = new Map<string, Outcome>();
  for (const [eventType, { sent: events, refused }] of sent) {
    types.set(eventType, {
      sent: events,
      refused,
      ...difference(after.get(eventType), before.get(eventType)),
      rows: rows.get(eventType) ?? 0,
      ...percentiles(latencies[eventType]),
    });
  }
  const conserved = [...types.values()].every((of) => of.sent === of.accepted + of.refused && isConserved(of));
  const isWell = conserved && [...types.values()].every((of) => of.sent === of.delivered && of.rows >= of.sent);
  const answers = await ask(options, [...sent.keys()]);
  if (quiet) printJson({ types: Object.fromEntries(types), conserved, answers });
  else show(types, answers);
  if (!isWell) {
    if (!quiet) warn('not every event is delivered: see "npx sluice status" and "npx sluice failed list"');
    process.exitCode = 1;
  }
}

function* bodiesOf(events: Iterable<object>): Generator<Uint8Array> {
  for (const event of events) yield Buffer.from(JSON.stringify(event));
}

/** Waits until nothing of the given types is in flight, for as long as `DRAIN_MS` and the user allow. */
async function drained(runtime: Runtime, eventTypes: readonly string[], interrupted: AbortSignal): Promise<void> {
  const deadline = Date.now() + DRAIN_MS;
  for (;;) {
    const open = runtime.accounts().filter(({ eventType, inFlight }) => eventTypes.includes(eventType) && inFlight > 0);
    if (open.length === 0 || Date.now() > deadline) return;
    await sleep(100, undefined, { signal: interrupted });
  }
}

async function countRows(options: CommonOptions, eventTypes: readonly string[]): Promise<Map<string, number>> {
  return withSql(options, async (sql) => {
    const counts = new Map<string, number>();
    for (const eventType of eventTypes) {
      const { rows } = await sql.query(`SELECT count(*) AS n FROM ${viewName(eventType)}`);
      counts.set(eventType, Number(rows[0]?.n));
    }
    return counts;
  });
}

function difference(after: AccountDocument | undefined, before: AccountDocument | undefined): AccountDocument {
  const of = (member: keyof AccountDocument) => (after?.[member] ?? 0) - (before?.[member] ?? 0);
  return { accepted: of('accepted'), delivered: of('delivered'), failed: of('failed'), in_flight: of('in_flight') };
}

function percentiles(latency: Latency | undefined): Pick<Outcome, 'p50_ms' | 'p99_ms'> {
  return { p50_ms: latency?.p50 ?? null, p99_ms: latency?.p99 ?? null };
}

interface Answer {
  readonly title: string;
  readonly sql: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

async function ask(options: CommonOptions, eventTypes: readonly string[]): Promise<Answer[]> {
  return withSql(options, async (sql) => {
    const answers: Answer[] = [];
    for (const { of, ...question } of QUESTIONS) {
      if (eventTypes.includes(of)) answers.push({ ...question, rows: (await sql.query(question.sql)).rows });
    }
    return answers;
  });
}

function show(types: ReadonlyMap<string, Outcome>, answers: readonly Answer[]): void {
  const columns = [
    'sent',
    'accepted',
    'refused',
    'delivered',
    'failed',
    'in_flight',
    'rows',
    'p50_ms',
    'p99_ms',
  ] as const;
  const heads = columns.map((name) => name.replace('_ms', ' ms').replace('_', ' '));
  const rows = [...types].map(([eventType, outcome]) => [eventType, ...columns.map((name) => outcome[name])]);
  const sums = columns.map((name) =>
    name.endsWith('_ms') ? '' : [...types.values()].reduce((sum, outcome) => sum + (outcome[name] ?? 0), 0),
  );
  print('');
  print(renderTable(['event type', ...heads], [...rows, ['all', ...sums]]));
  for (const { title, sql, rows: found } of answers) {
    const [first] = found;
    print(`\n${paint('bold', title, process.stdout)}`);
    print(paint('dim', sql, process.stdout));
    if (first !== undefined)
      print(
        renderTable(
          Object.keys(first),
          found.map((row) => Object.values(row)),
        ),
      );
  }
}
