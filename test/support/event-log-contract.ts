import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type {
  AppendResult,
  EventLog,
  FetchedBatch,
  FetchedRecord,
  Headers,
  LogRecord,
  Subscription,
} from '../../src/ports/event-log.ts';

/** What an adapter brings to be held to the port's promises. */
export interface EventLogFixture {
  /** The log under test; logs of one fixture share a cluster. */
  readonly open: () => EventLog;
  /** Creates an empty topic that nobody else uses, and returns its name. */
  readonly createTopic: (topic: { readonly partitions: number; readonly maxMessageBytes?: number }) => Promise<string>;
}

/** Longer than any step takes; only a broken promise waits this long. */
const PATIENCE = { timeout: 20_000, interval: 10 };
/** Milliseconds in which something that must not happen would have happened. */
const GRACE_MS = 400;

/**
 * The promises of the `EventLog` port, as tests. Call it inside a test file, once an adapter.
 * @param fixture is asked for only when tests run.
 */
export function eventLogContract(name: string, fixture: () => EventLogFixture): void {
  describe(`${name} keeps the promises of an event log`, () => {
    const subscriptions: Subscription[] = [];
    afterEach(async () => {
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.stop()));
    });

    const open = (): EventLog => fixture().open();
    const subscribe = async (
      log: EventLog,
      group: string,
      topics: string[],
      handler: (batch: FetchedBatch) => Promise<void>,
    ): Promise<Subscription> => {
      const subscription = await log.subscribe({ group, topics }, handler);
      subscriptions.push(subscription);
      return subscription;
    };
    /** Reads topics as a fresh group, into the returned list. */
    const collect = async (log: EventLog, ...topics: string[]): Promise<Seen[]> => {
      const seen: Seen[] = [];
      await subscribe(log, uniqueGroup(), topics, async (batch) => {
        seen.push(...seenOf(batch));
      });
      return seen;
    };

    describe('append', () => {
      it('says for each record, in the same order, to which partition it went', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 3 });
        const results = await log.append(numbered(topic, 60));
        const seen = await collect(log, topic);
        await vi.waitFor(() => expect(seen).toHaveLength(60), PATIENCE);
        const found = new Map(seen.map(({ record, partition }) => [numberOf(record), partition]));
        expect(results).toEqual(Array.from({ length: 60 }, (_, n) => ({ ok: true, partition: found.get(n) })));
      });

      it('carries every record byte for byte: keys, values, headers and timestamps', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 1 });
        const seen = await collect(log, topic);
        await fc.assert(
          fc.asyncProperty(fc.array(recordOf(topic), { minLength: 1, maxLength: 20 }), async (records) => {
            const before = seen.length;
            await log.append(records);
            await vi.waitFor(() => expect(seen.length).toBe(before + records.length), PATIENCE);
            expect(seen.slice(before).map(({ record }) => plain(record))).toEqual(records.map(plain));
          }),
          { numRuns: 40 },
        );
      });

      it('keeps a tombstone, an absent key and absent headers apart from empty ones', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 1 });
        const empty = new Uint8Array();
        const records: LogRecord[] = [
          { topic, key: Buffer.from('k'), value: null, headers: {}, timestamp: 1 },
          { topic, key: null, value: empty, headers: { none: empty }, timestamp: 2 },
          { topic, key: empty, value: Buffer.from('v'), headers: {}, timestamp: 3 },
          { topic, key: null, value: null, headers: {}, timestamp: 4 },
        ];
        await log.append(records);
        const seen = await collect(log, topic);
        await vi.waitFor(() => expect(seen).toHaveLength(records.length), PATIENCE);
        expect(seen.map(({ record }) => plain(record))).toEqual(records.map(plain));
      });

      it('keeps the order of a key within a call and over calls that do not wait for each other', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 4 });
        const records = numbered(topic, 4_000, (n) => `key-${n % 7}`);
        const calls: Promise<unknown>[] = [];
        for (let at = 0, size = 1; at < records.length; at += size, size = (size * 3) % 701) {
          calls.push(log.append(records.slice(at, at + size)));
        }
        await Promise.all(calls);
        const seen = await collect(log, topic);
        await vi.waitFor(() => expect(seen).toHaveLength(records.length), PATIENCE);
        for (const [key, of] of Map.groupBy(seen, ({ record }) => text(record.key))) {
          const numbers = of.map(({ record }) => numberOf(record));
          expect(numbers, key).toEqual(numbers.toSorted((a, b) => a - b));
          expect(new Set(of.map(({ partition }) => partition)).size, key).toBe(1);
        }
      });

      it('spreads records without a key over all partitions', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 3 });
        const partitions = new Set<number>();
        for (let call = 0; call < 60; call++) {
          for (const result of await log.append(numbered(topic, 1, () => null))) partitions.add(partitionOf(result));
        }
        expect(partitions).toEqual(new Set([0, 1, 2]));
      });

      it('takes no records for what they are', async () => {
        expect(await open().append([])).toEqual([]);
      });

      it('forgets no call, however promptly it follows another', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 1 });
        for (let ticks = 0; ticks < 15; ticks++) {
          const first = log.append(numbered(topic, 1));
          let later: Promise<unknown> = first;
          for (let tick = 0; tick < ticks; tick++) later = later.then((value) => value);
          await Promise.all([first, later.then(() => log.append(numbered(topic, 1)))]);
        }
      });

      it('names the records that are too large, and takes their neighbours, in order and once', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 2, maxMessageBytes: 20_000 });
        const other = await fixture().createTopic({ partitions: 1 });
        const records = [...numbered(topic, 40, (n) => `key-${n % 3}`, 10_000), ...numbered(other, 10, () => null)];
        const large = new Set([0, 7, 8, 23, 39]);
        for (const n of large) records[n] = { ...records[n]!, value: Buffer.alloc(30_000, String(n)) };
        // Larger than any request that Kafka reads: it would end the connection.
        records.push({ ...records[0]!, value: Buffer.alloc(101 * 1024 * 1024) });
        const results = await log.append(records);
        expect(
          results.flatMap((result, n) => (result.ok ? [] : [{ n, code: result.code, said: result.reason !== '' }])),
        ).toEqual([...large, records.length - 1].map((n) => ({ n, code: 'SLUICE_RECORD_TOO_LARGE', said: true })));
        const seen = await collect(log, topic, other);
        const taken = records.filter((_, n) => results[n]!.ok);
        await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(taken.length), PATIENCE);
        for (const key of ['key-0', 'key-1', 'key-2']) {
          expect(
            seen.filter((one) => text(one.record.key) === key).map((one) => numberOf(one.record)),
            key,
          ).toEqual(taken.filter((record) => text(record.key) === key).map(numberOf));
        }
        expect(seen).toHaveLength(taken.length);
      });
    });

    describe('subscribe', () => {
      it('reads each partition from its first record, in offset order, one batch at a time', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 3 });
        await log.append(numbered(topic, 300, () => null));
        const seen: Seen[] = [];
        const running = new Set<number>();
        await subscribe(log, uniqueGroup(), [topic], async (batch) => {
          expect(running).not.toContain(batch.partition);
          running.add(batch.partition);
          await pause(5);
          seen.push(...seenOf(batch));
          running.delete(batch.partition);
        });
        for (let call = 0; call < 10; call++) await log.append(numbered(topic, 30, () => null));
        await vi.waitFor(() => expect(seen).toHaveLength(600), PATIENCE);
        for (const [partition, of] of Map.groupBy(seen, (one) => one.partition)) {
          expect(
            of.map(({ record }) => record.offset),
            `partition ${partition}`,
          ).toEqual(of.map((_, n) => BigInt(n)));
        }
      });

      it('goes on where a member of the group stopped, and gives another group everything', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 2 });
        const group = uniqueGroup();
        await log.append(numbered(topic, 50));
        const first: Seen[] = [];
        const member = await subscribe(log, group, [topic], async (batch) => {
          first.push(...seenOf(batch));
        });
        await vi.waitFor(() => expect(first).toHaveLength(50), PATIENCE);
        await member.stop();
        await log.append(numbered(topic, 50).map((record) => ({ ...record, value: Buffer.from('later') })));
        const second: Seen[] = [];
        await subscribe(log, group, [topic], async (batch) => {
          second.push(...seenOf(batch));
        });
        const others = await collect(log, topic);
        await vi.waitFor(() => expect(second.length).toBeGreaterThanOrEqual(50), PATIENCE);
        await vi.waitFor(() => expect(others.length).toBeGreaterThanOrEqual(100), PATIENCE);
        expect(second.map(({ record }) => text(record.value))).toEqual(Array(50).fill('later'));
        expect(others).toHaveLength(100);
      });

      it('gives a batch again until its handler takes it, and lets the other partitions go on meanwhile', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 3 });
        const appended = [...(await log.append(numbered(topic, 90)))];
        const failing = partitionOf(appended[0]);
        const tries: FetchedBatch[] = [];
        const seen: Seen[] = [];
        let healed = false;
        await subscribe(log, uniqueGroup(), [topic], async (batch) => {
          if (batch.partition === failing && !healed) {
            tries.push(batch);
            throw new Error('the delivery stream does not answer');
          }
          seen.push(...seenOf(batch));
        });
        const healthy = () => appended.filter((result) => partitionOf(result) !== failing).length;
        await vi.waitFor(() => expect(seen).toHaveLength(healthy()), PATIENCE);
        // Appended while one partition fails: its neighbours are fetched again and again all the same.
        for (let round = 1; round <= 3; round++) {
          appended.push(...(await log.append(numbered(topic, 30))));
          await vi.waitFor(() => expect(seen).toHaveLength(healthy()), PATIENCE);
        }
        await vi.waitFor(() => expect(tries.length).toBeGreaterThan(2), PATIENCE);
        for (const again of tries) expect(again).toEqual(tries[0]);
        healed = true;
        await vi.waitFor(() => expect(seen).toHaveLength(appended.length), PATIENCE);
        expect(seen.flatMap(({ record, partition }) => (partition === failing ? [record.offset] : []))).toEqual(
          Array.from({ length: appended.length - healthy() }, (_, n) => BigInt(n)),
        );
      });

      it('lets the other partitions go on while a handler takes its time', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 2 });
        const appended = [...(await log.append(numbered(topic, 20)))];
        const slow = partitionOf(appended[0]);
        const seen: Seen[] = [];
        const gate = Promise.withResolvers<void>();
        onTestFinished(() => gate.resolve());
        await subscribe(log, uniqueGroup(), [topic], async (batch) => {
          if (batch.partition === slow) await gate.promise;
          seen.push(...seenOf(batch));
        });
        const quick = () => appended.filter((result) => partitionOf(result) !== slow).length;
        for (let round = 1; round <= 3; round++) {
          await vi.waitFor(() => expect(seen).toHaveLength(quick()), PATIENCE);
          appended.push(...(await log.append(numbered(topic, 20))));
        }
        gate.resolve();
        await vi.waitFor(() => expect(seen).toHaveLength(appended.length), PATIENCE);
      });

      it('commits nothing that no handler took', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 1 });
        const group = uniqueGroup();
        await log.append(numbered(topic, 10));
        let tries = 0;
        const failing = await subscribe(log, group, [topic], async () => {
          tries += 1;
          throw new Error('not now');
        });
        await vi.waitFor(() => expect(tries).toBeGreaterThan(1), PATIENCE);
        // The pause before the next try is cut short by the stop.
        const before = tries;
        await failing.stop();
        expect(tries).toBeLessThanOrEqual(before + 1);
        const seen: Seen[] = [];
        await subscribe(log, group, [topic], async (batch) => {
          seen.push(...seenOf(batch));
        });
        await vi.waitFor(() => expect(seen).toHaveLength(10), PATIENCE);
        expect(tries).toBeLessThanOrEqual(before + 1);
      });

      it('lets a running handler end when it stops, commits what it took, and calls none any more', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 2 });
        const group = uniqueGroup();
        const appended = await log.append(numbered(topic, 20));
        const slow = partitionOf(appended[0]);
        const gate = Promise.withResolvers<void>();
        onTestFinished(() => gate.resolve());
        const taken: Seen[] = [];
        let running = false;
        const member = await subscribe(log, group, [topic], async (batch) => {
          if (batch.partition === slow) {
            running = true;
            await gate.promise;
          }
          taken.push(...seenOf(batch));
        });
        const quick = appended.filter((result) => partitionOf(result) !== slow).length;
        await vi.waitFor(() => expect(running && taken.length === quick).toBe(true), PATIENCE);
        let stopped = false;
        const stop = member.stop().then(() => {
          stopped = true;
        });
        await log.append(numbered(topic, 20).map((record) => ({ ...record, value: Buffer.from('later') })));
        await pause(GRACE_MS);
        expect(taken).toHaveLength(quick);
        expect(stopped).toBe(false);
        gate.resolve();
        await stop;
        expect(taken).toHaveLength(20);
        const seen: Seen[] = [];
        await subscribe(log, group, [topic], async (batch) => {
          seen.push(...seenOf(batch));
        });
        await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(20), PATIENCE);
        expect(seen.map(({ record }) => text(record.value))).toEqual(Array(20).fill('later'));
        expect(taken).toHaveLength(20);
      });

      it('shares partitions among the members of a group, and hands over those of a member that stops', async () => {
        const topic = await fixture().createTopic({ partitions: 4 });
        const group = uniqueGroup();
        const log = open();
        const seen = { one: [] as Seen[], two: [] as Seen[] };
        const one = await subscribe(log, group, [topic], async (batch) => {
          seen.one.push(...seenOf(batch));
        });
        await subscribe(open(), group, [topic], async (batch) => {
          seen.two.push(...seenOf(batch));
        });
        let sent = 0;
        const round = async (): Promise<void> => {
          const records = numbered(topic, 40, () => null).map((record, n) => ({
            ...record,
            value: Buffer.from(`${sent + n}`),
          }));
          await log.append(records);
          sent += records.length;
        };
        await vi.waitFor(
          async () => {
            await round();
            expect(new Set(seen.two.map(({ partition }) => partition)).size).toBe(2);
          },
          { ...PATIENCE, interval: 200 },
        );
        await one.stop();
        await round();
        const taken = () => new Set([...seen.one, ...seen.two].map(({ record }) => numberOf(record)));
        await vi.waitFor(() => expect(taken().size).toBe(sent), PATIENCE);
        await vi.waitFor(() => expect(new Set(seen.two.map(({ partition }) => partition)).size).toBe(4), PATIENCE);
      });

      it('takes back nothing that another member has committed while a handler was running', async () => {
        const log = open();
        const topic = await fixture().createTopic({ partitions: 2 });
        const group = uniqueGroup();
        await log.append(numbered(topic, 40));
        const gate = Promise.withResolvers<void>();
        onTestFinished(() => gate.resolve());
        let running = 0;
        const slow = await subscribe(log, group, [topic], async () => {
          running += 1;
          await gate.promise;
        });
        await vi.waitFor(() => expect(running).toBe(2), PATIENCE);
        // The second member is given one of the partitions, and with it what has not been committed.
        const seen: Seen[] = [];
        const other = open();
        const quick = await subscribe(other, group, [topic], async (batch) => {
          seen.push(...seenOf(batch));
        });
        await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0), PATIENCE);
        const taken = seen[0]!.partition;
        const appended = await other.append(
          numbered(topic, 40).map((record) => ({ ...record, value: Buffer.from('later') })),
        );
        const later = appended.filter((result) => partitionOf(result) === taken);
        // By what they hold, not by how many came: some may have come before the append has answered.
        const arrived = () => seen.filter(({ record }) => text(record.value) === 'later');
        await vi.waitFor(() => expect(arrived()).toHaveLength(later.length), PATIENCE);
        await quick.stop();
        gate.resolve();
        await slow.stop();
        const again: Seen[] = [];
        await subscribe(log, group, [topic], async (batch) => {
          again.push(...seenOf(batch));
        });
        await vi.waitFor(() => expect(again.length).toBeGreaterThan(0), PATIENCE);
        await pause(GRACE_MS);
        expect(again.filter(({ partition }) => partition === taken)).toEqual([]);
      });
    });
  });
}

/** A record as it was seen, with its place. */
interface Seen {
  readonly topic: string;
  readonly partition: number;
  readonly record: FetchedRecord;
}

function seenOf({ topic, partition, records }: FetchedBatch): Seen[] {
  return records.map((record) => ({ topic, partition, record }));
}

let groups = 0;
function uniqueGroup(): string {
  groups += 1;
  return `contract-${process.pid}-${groups}`;
}

/** Records whose values are the numbers from 0, padded to `bytes`. */
function numbered(
  topic: string,
  count: number,
  keyOf: (n: number) => string | null = (n) => `key-${n}`,
  bytes = 0,
): LogRecord[] {
  return Array.from({ length: count }, (_, n) => {
    const key = keyOf(n);
    return {
      topic,
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(String(n).padStart(bytes, '0')),
      headers: {},
      timestamp: 1_700_000_000_000 + n,
    };
  });
}

function partitionOf(result: AppendResult | undefined): number {
  expect(result?.ok).toBe(true);
  return result?.ok ? result.partition : -1;
}

function numberOf({ value }: Pick<LogRecord, 'value'>): number {
  return Number(text(value));
}

function text(bytes: Uint8Array | null): string | undefined {
  return bytes === null ? undefined : Buffer.from(bytes).toString();
}

/** What of a record must survive, as plain data. */
function plain({ key, value, headers, timestamp }: Pick<LogRecord, 'key' | 'value' | 'headers' | 'timestamp'>) {
  return {
    key: hex(key),
    value: hex(value),
    headers: Object.entries(headers)
      .map(([name, of]) => [name, hex(of)])
      .sort(),
    timestamp,
  };
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
}

function recordOf(topic: string): fc.Arbitrary<LogRecord> {
  const bytes = fc.uint8Array({ maxLength: 300 });
  return fc.record({
    topic: fc.constant(topic),
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc
      .array(fc.tuple(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constant('__proto__')), bytes), {
        maxLength: 5,
      })
      .map((entries): Headers => Object.fromEntries(entries)),
    timestamp: fc.integer({ min: 0, max: 1_700_000_000_000 }),
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
