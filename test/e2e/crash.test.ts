import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { readLag, type TopicLag } from '../../src/adapters/kafka/lag.ts';
import { useBroker } from '../support/broker.ts';
import { type CrashCase, openCase, withSeed } from '../support/crash-case.ts';
import { randomFrom } from '../support/crash-events.ts';
import { type Load, startLoad } from '../support/crash-load.ts';
import { CRASH_POINTS, type CrashPlan, type CrashPoint, type CrashReport } from '../support/crash-plan.ts';
import { brokerOf, type UpProcess } from '../support/crash-process.ts';

// Several brokers and pipelines start here; a machine that is busy with something else may take its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

/** Events that are in flight at a crash, at least. */
const UNDER_WAY = 3_000;
/** Events that one load sends at most: many more than a crash waits for. */
const LIMIT = 100_000;

/** Loads a pipeline until it is gone: thousands of events a second, and not as many as possible. */
function load({ events, book }: CrashCase, url: string, pauseMs = 25): Load {
  return startLoad({ url, events, book, limit: LIMIT, pauseMs });
}

/** Kills a process as soon as this many events are in flight. */
async function killBusy(of: CrashCase, victim: UpProcess, running: Load, inFlight: number): Promise<void> {
  await running.until(() => of.account().inFlight >= inFlight);
  victim.signal('SIGKILL');
  expect(await victim.ended).toMatchObject({ signal: 'SIGKILL' });
  await running.over;
  // Some may have been delivered between the look and the kill.
  expect(of.account().inFlight).toBeGreaterThan(0);
}

/** What holds at every moment, also in the middle of a crash: the accounts add up, and "delivered" can be queried. */
async function expectLawful(of: CrashCase): Promise<void> {
  const { accepted, inFlight, delivered, failed } = of.account();
  expect(accepted).toBe(delivered + failed + inFlight);
  expect((await of.rowCounts()).view).toBeGreaterThanOrEqual(delivered);
}

/** Starts the pipeline again, and lets it bring everything to its end. */
async function expectRecovery(of: CrashCase): Promise<void> {
  const successor = of.start();
  await successor.ready;
  await of.drained();
  expect(await of.faults()).toEqual([]);
  successor.signal('SIGTERM');
  expect(await successor.ended).toEqual({ code: 0, signal: null });
}

describe.concurrent('a pipeline that is killed', () => {
  const cluster = useBroker();

  const lagOf = async ({ eventType, group }: CrashCase): Promise<TopicLag> =>
    (await readLag(cluster.kafka, group(), [eventType])).get(eventType)!;

  /** That the process really died where it was meant to: what the moment looks like from outside. */
  const evidence: { readonly [Point in CrashPoint]: (of: CrashCase, report: CrashReport) => Promise<void> } = {
    async accepted(of) {
      expect((await lagOf(of)).end).toBe(0n);
      expect(of.account().inFlight).toBe(of.account().accepted);
    },
    async 'half-produced'(of, { appended }) {
      expect((await lagOf(of)).end).toBe(BigInt(appended));
    },
    async produced(of, { appended }) {
      expect((await lagOf(of)).end).toBe(BigInt(appended));
    },
    async consumed(of, { buffered }) {
      expect((await lagOf(of)).end).toBeGreaterThan(BigInt(buffered));
    },
    async buffered(of, { buffered }) {
      expect((await lagOf(of)).committed).toBeLessThan(BigInt(buffered));
    },
    async 'object-unnamed'(of, { object }) {
      expect(readFileSync(object!).length).toBeGreaterThan(0);
      expect((await of.unfinished()).map((path) => join(of.folder.objects, path))).toEqual([object]);
    },
    async 'object-written'(of, { object }) {
      expect(existsSync(join(of.folder.objects, object!))).toBe(true);
      expect((await of.rowCounts()).view).toBeGreaterThan(of.account().delivered);
    },
    async 'object-settled'(of) {
      expect((await of.rowCounts()).view).toBe(of.account().delivered);
    },
  };
  /** Points after which the call that was cut short is made again, although it had been done. */
  const repeating: readonly CrashPoint[] = ['half-produced', 'produced', 'buffered'];

  test.for(CRASH_POINTS)('loses, repeats and bends nothing when it dies here: %s', (point, context) =>
    withSeed(async (seed) => {
      const random = randomFrom(seed);
      const of = await openCase(context, { name: point, seed, brokers: cluster.brokers });
      const plan: CrashPlan = {
        point,
        passes: point === 'accepted' ? 0 : Math.floor(random() * 2),
        inFlight: UNDER_WAY + Math.floor(random() * 1_000),
        reportFile: join(of.folder.root, '..', 'report.json'),
      };
      const victim = of.start({ plan });
      const running = load(of, (await victim.ready).url);
      expect(await victim.ended).toMatchObject({ signal: 'SIGKILL' });
      await running.over;

      const report = JSON.parse(readFileSync(plan.reportFile, 'utf8')) as CrashReport;
      expect(report.point).toBe(point);
      expect(of.account().inFlight).toBeGreaterThanOrEqual(UNDER_WAY);
      await expectLawful(of);
      await evidence[point](of, report);

      await expectRecovery(of);
      const { view, all } = await of.rowCounts();
      if (repeating.includes(point)) expect(all - view).toBeGreaterThanOrEqual(report.rows);
    }),
  );

  test('loses, repeats and bends nothing when it dies at any moment, and again while it recovers', (context) =>
    withSeed(async (seed) => {
      const random = randomFrom(seed);
      const of = await openCase(context, { name: 'any_moment', seed, brokers: cluster.brokers });
      const first = of.start();
      const running = load(of, (await first.ready).url);
      await sleep(random() * 2_000);
      await killBusy(of, first, running, 2_000);
      await expectLawful(of);

      const second = of.start();
      await sleep(random() * 8_000);
      second.signal('SIGKILL');
      await second.ended;
      await expectLawful(of);

      const third = of.start();
      const more = load(of, (await third.ready).url);
      await sleep(random() * 2_000);
      await killBusy(of, third, more, 2_000);
      await expectLawful(of);

      await expectRecovery(of);
    }));

  test('waits for a broker that is killed under load, and for the broker it leaves behind when it dies itself', (context) =>
    withSeed(async (seed) => {
      const of = await openCase(context, { name: 'broker', seed });
      const victim = of.start();
      const running = load(of, (await victim.ready).url, 100);
      await running.until(() => of.account().accepted >= UNDER_WAY && of.account().inFlight > 0);
      const broker = await brokerOf(victim);
      process.kill(broker.pid, 'SIGKILL');
      await victim.until(/the Kafka broker ended .*starting it again/);
      const before = of.account();
      await victim.until(/the Kafka broker answers again/);
      expect((await brokerOf(victim)).pid).not.toBe(broker.pid);
      // The edge went on without Kafka.
      expect(of.account().accepted).toBeGreaterThan(before.accepted + 1_000);
      await sleep(randomFrom(seed)() * 2_000);
      await killBusy(of, victim, running, 500);
      await expectLawful(of);

      await expectRecovery(of);
    }));
});
