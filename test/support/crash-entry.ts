import { writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { openLedger } from '../../src/adapters/local/ledger.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import type { PipelineOptions, PipelinePorts } from '../../src/local/pipeline.ts';
import { servePipeline } from '../../src/local/pipeline-thread.ts';
import type { CrashPlan, CrashReport } from './crash-plan.ts';

// The pipeline's thread with one point in it at which the whole process is killed.

const plan = JSON.parse(process.env.CRASH_PLAN!) as CrashPlan;
const { ledgerFile } = dataFolder((workerData as PipelineOptions).dataDir);
const ledger = openLedger(ledgerFile);
let arrivals = 0;
let appended = 0;
let buffered = 0;

/** True where it is this point's turn: the pipeline has passed it often enough. */
function isReached(point: CrashPlan['point']): boolean {
  if (plan.point !== point) return false;
  arrivals += 1;
  return arrivals > plan.passes;
}

/** Kills the process if enough is under way. */
function killIfBusy(rows: number, object?: string): void {
  const [account] = ledger.accounts();
  if (account === undefined || account.inFlight < plan.inFlight) return;
  const report: CrashReport = { point: plan.point, inFlight: account.inFlight, appended, buffered, rows, object };
  writeFileSync(plan.reportFile, JSON.stringify(report));
  process.kill(process.pid, 'SIGKILL');
}

/** Holds the pipeline at this point until enough is under way, and kills the process then. */
async function crash(rows: number, object?: string): Promise<never> {
  for (;;) {
    killIfBusy(rows, object);
    await sleep(5);
  }
}

/** The same, where the caller cannot wait for a promise: the thread stands still. */
function crashNow(rows: number): never {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    killIfBusy(rows);
    Atomics.wait(sleeper, 0, 0, 5);
  }
}

const around: { readonly [Port in keyof PipelinePorts]: (port: PipelinePorts[Port]) => PipelinePorts[Port] } = {
  eventLog: (log) => ({
    subscribe: log.subscribe,
    async append(records) {
      if (isReached('accepted')) return crash(records.length);
      if (isReached('half-produced')) {
        const half = records.slice(0, Math.ceil(records.length / 2));
        await log.append(half);
        appended += half.length;
        return crash(half.length);
      }
      const results = await log.append(records);
      appended += records.length;
      return isReached('produced') ? crash(records.length) : results;
    },
  }),
  deliveryStream: (stream) => ({
    async put(eventType, records) {
      const rows = records.reduce((sum, { entries }) => sum + entries.length, 0);
      if (isReached('consumed')) await crash(rows);
      await stream.put(eventType, records);
      buffered += rows;
      if (isReached('buffered')) await crash(rows);
    },
  }),
  objectStore: (store) => ({
    async put(key, bytes) {
      await store.put(key, bytes);
      if (isReached('object-written')) await crash(0, key);
    },
  }),
};

const { rename } = files;
files.rename = async (from, to) => {
  if (isReached('object-unnamed')) await crash(0, String(from));
  await rename(from, to);
};
syncBuiltinESMExports();

const { prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.prepare = function (sql, ...options): StatementSync {
  const statement = prepare.call(this, sql, ...options);
  if (!sql.startsWith('DELETE FROM record')) return statement;
  const run = statement.run.bind(statement) as (...values: unknown[]) => ReturnType<StatementSync['run']>;
  statement.run = (...values: unknown[]) => (isReached('object-settled') ? crashNow(0) : run(...values));
  return statement;
};

await servePipeline((name, port) => around[name](port));
