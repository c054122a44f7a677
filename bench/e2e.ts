/**
 * The whole way under load: HTTP, queue, Kafka, delivery, objects, with everything on this machine. Run it with
 * `npm run bench:e2e`, with `-- --json` for one JSON document, with `-- --save` to keep that under bench/results.
 *
 * Figures of one machine say little about another; `ratio_to_floor` does. The floor is the same HTTP server doing
 * nothing but putting the body durably into the queue, driven to its limit in the same run, in turns with the pipeline.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openLedger } from '../src/adapters/local/ledger.ts';
import { createQueue } from '../src/adapters/local/queue.ts';
import { createHttpServer } from '../src/local/http/server.ts';
import { type Runtime, startRuntime } from '../src/local/runtime.ts';
import { openSql } from '../src/local/sql/sql.ts';
import type { LoadOptions, LoadResult } from './load.ts';

const EVENT_TYPE = 'aviation.flight';
/** What must hold, as docs/performance.md says it. */
const TARGETS = { events_per_s: 5_000, batch_events_per_s: 10_000, p99_ms: 3_000, rss_growth: 0.1 };
const DRAIN_MS = 120_000;

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    rate: { type: 'string', default: '6000' },
    seconds: { type: 'string', default: '240' },
    'batch-rate': { type: 'string', default: '12000' },
    'batch-seconds': { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
  },
});
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const root = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
/** Load generators that run. */
const loads = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const load of loads) load.kill('SIGKILL');
    // The broker ends with this process; what it would still write has no folder any more.
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    process.exit(130);
  });
}
try {
  const result = await measure(root);
  const document = JSON.stringify(result, null, 2);
  if (flags.save) {
    const folder = join(import.meta.dirname, 'results');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'e2e.json'), `${document}\n`);
  }
  if (flags.json) process.stdout.write(`${document}\n`);
  else for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(24)} ${value}\n`);
  const missed = missedTargets(result);
  for (const miss of missed) say(`missed: ${miss}`);
  if (missed.length > 0) process.exitCode = 1;
} finally {
  await rm(root, { recursive: true, force: true });
}

interface Result {
  /** One event a request, open loop: delivered events over the time it took to send them. */
  readonly events_per_s: number;
  /** From the edge to the table. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** Until the 202. */
  readonly accept_p50_ms: number;
  readonly accept_p99_ms: number;
  /** Resident memory of the process that does it all, mean over its second and over its last minute. */
  readonly rss_mb_minute2: number;
  readonly rss_mb_last: number;
  readonly batch_events_per_s: number;
  readonly batch_p99_ms: number;
  /** Closed loop: the most that gets through, until the last event is in the table. */
  readonly saturated_events_per_s: number;
  readonly floor_events_per_s: number;
  /** Median over the rounds of saturated over floor. */
  readonly ratio_to_floor: number;
  readonly seconds: number;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
}

async function measure(folder: string): Promise<Result> {
  const schemasDir = join(import.meta.dirname, '..', 'schemas');
  const dataDir = join(folder, 'data');
  const runtime = await startRuntime({ schemasDir, dataDir, port: 0, onProgress: say, log: say });
  try {
    // To the limit, so that the heaps have grown to what they will need before memory is watched.
    say('warming up');
    await run(runtime.url, { mode: 'closed', seconds: 20 });
    await drained(runtime);
    await runtime.latencies(true);

    const seconds = Number(flags.seconds);
    say(`one event a request: ${flags.rate} events/s for ${seconds} s`);
    const rss = sampleMemory();
    const single = await run(runtime.url, { mode: 'open', rate: Number(flags.rate), seconds });
    const memory = rss.stop();
    await drained(runtime);
    const way = (await runtime.latencies(true))[EVENT_TYPE];

    say(`batches of 100: ${flags['batch-rate']} events/s for ${flags['batch-seconds']} s`);
    const batchSeconds = Number(flags['batch-seconds']);
    const batch = await run(runtime.url, {
      mode: 'open',
      rate: Number(flags['batch-rate']),
      seconds: batchSeconds,
      batch: 100,
    });
    await drained(runtime);
    const batchWay = (await runtime.latencies(true))[EVENT_TYPE];

    const floor = await startFloor(join(folder, 'floor'), runtime);
    const rounds: { saturated: number; floor: number }[] = [];
    for (let round = 1; round <= Number(flags.rounds); round += 1) {
      say(`limits, round ${round}: the floor, then the pipeline`);
      const bare = await run(floor.url, { mode: 'closed', seconds: 15 });
      const start = performance.now();
      const full = await run(runtime.url, { mode: 'closed', seconds: 15 });
      await drained(runtime);
      const elapsed = (performance.now() - start) / 1_000;
      rounds.push({ floor: bare.accepted / bare.seconds, saturated: full.accepted / elapsed });
    }
    await floor.stop();

    await checkRows(runtime, dataDir, schemasDir);
    return {
      events_per_s: Math.round(single.accepted / single.seconds),
      p50_ms: way?.p50 ?? Number.NaN,
      p99_ms: way?.p99 ?? Number.NaN,
      accept_p50_ms: single.p50_ms,
      accept_p99_ms: single.p99_ms,
      rss_mb_minute2: memory.minute2,
      rss_mb_last: memory.last,
      batch_events_per_s: Math.round(batch.accepted / batch.seconds),
      batch_p99_ms: batchWay?.p99 ?? Number.NaN,
      saturated_events_per_s: Math.round(median(rounds.map(({ saturated }) => saturated))),
      floor_events_per_s: Math.round(median(rounds.map((round) => round.floor))),
      ratio_to_floor: Math.round(median(rounds.map((round) => round.saturated / round.floor)) * 1_000) / 1_000,
      seconds,
      commit: commitOfTree(),
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} cores, Node ${process.versions.node}`,
    };
  } finally {
    await runtime.stop();
  }
}

/** Runs the load generator in a process of its own. */
function run(url: string, options: Pick<LoadOptions, 'mode' | 'seconds'> & Partial<LoadOptions>): Promise<LoadResult> {
  const load: LoadOptions = { rate: 0, connections: 64, batch: 1, run: randomUUID().slice(0, 8), url, ...options };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load.ts'), JSON.stringify(load)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  loads.add(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      loads.delete(child);
      if (code !== 0) reject(new Error(`the load generator ended with exit code ${code}`));
      else resolve(JSON.parse(output) as LoadResult);
    });
  });
}

/** Waits until every accepted event is in the table. */
async function drained(runtime: Runtime): Promise<void> {
  const deadline = Date.now() + DRAIN_MS;
  while (runtime.accounts().some(({ inFlight }) => inFlight > 0)) {
    if (Date.now() > deadline) throw new Error(`not drained within ${DRAIN_MS / 1_000} s`);
    await sleep(50);
  }
}

/** What the ledger says is delivered must be there to be asked for, every event once. */
async function checkRows(runtime: Runtime, dataDir: string, schemasDir: string): Promise<void> {
  const [account] = runtime.accounts().filter(({ eventType }) => eventType === EVENT_TYPE);
  const sql = await openSql({ objectsDir: join(dataDir, 'objects'), histories: runtime.histories });
  const { rows } = await sql.query('SELECT count(DISTINCT _event_id) AS events FROM all_aviation_flight');
  await sql.close();
  if (account === undefined || account.failed > 0 || rows[0]?.events !== account.accepted) {
    throw new Error(`${schemasDir}: ${JSON.stringify(account)}, but the table has ${rows[0]?.events} events`);
  }
}

/** The HTTP server without a pipeline: it takes any body, and answers when the queue has it on the disk. */
async function startFloor(folder: string, runtime: Runtime): Promise<{ url: string; stop(): Promise<void> }> {
  const ledger = openLedger(join(folder, 'ledger.db'));
  const queue = createQueue({ ledger, clock: { now: Date.now } });
  let events = 0;
  const server = createHttpServer({
    histories: () => runtime.histories,
    log: say,
    accept: {
      async event(eventType, body) {
        events += 1;
        const eventId = `floor-${events}`;
        await queue.send([{ eventType, eventId, acceptedAt: Date.now(), body }]);
        return { ok: true, eventId };
      },
      async batch() {
        return [];
      },
    },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    async stop() {
      await server.close();
      ledger.close();
    },
  };
}

/** Resident memory once a second, in MB. */
function sampleMemory(): { stop(): { minute2: number; last: number } } {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(process.memoryUsage.rss() / 1e6), 1_000);
  const mean = (part: readonly number[]): number => Math.round(part.reduce((sum, mb) => sum + mb, 0) / part.length);
  return {
    stop() {
      clearInterval(timer);
      return { minute2: mean(samples.slice(60, 120)), last: mean(samples.slice(-60)) };
    },
  };
}

function missedTargets(result: Result): string[] {
  const missed: string[] = [];
  if (result.events_per_s < TARGETS.events_per_s) missed.push(`events_per_s below ${TARGETS.events_per_s}`);
  if (result.batch_events_per_s < TARGETS.batch_events_per_s) {
    missed.push(`batch_events_per_s below ${TARGETS.batch_events_per_s}`);
  }
  if (!(result.p99_ms < TARGETS.p99_ms)) missed.push(`p99_ms not below ${TARGETS.p99_ms}`);
  // Compared only where the run was long enough to have both minutes apart.
  if (result.seconds >= 180 && Math.abs(result.rss_mb_last / result.rss_mb_minute2 - 1) > TARGETS.rss_growth) {
    missed.push(`rss_mb_last is more than ${TARGETS.rss_growth * 100} % away from rss_mb_minute2`);
  }
  return missed;
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function commitOfTree(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  return (
    git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', '../src') === '' ? '' : ' with changes')
  );
}
