import { randomInt } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { openLedger } from '../../src/adapters/local/ledger.ts';
import { allRowsViewName, viewName } from '../../src/derive/names.ts';
import { type DataFolder, dataFolder } from '../../src/local/data-folder.ts';
import { readEventTypes } from '../../src/local/event-types.ts';
import { openSql } from '../../src/local/sql/sql.ts';
import { type NumberedEvents, numberedEvents } from './crash-events.ts';
import { type Book, emptyBook } from './crash-load.ts';
import { type ProcessOptions, runSluice, startUp, type UpProcess } from './crash-process.ts';
import { SCHEMAS } from './schemas.ts';

/** Milliseconds that everything in flight may take to be delivered. */
const DRAIN_MS = 120_000;

/** One event type with a data folder of its own, through crashes and restarts. */
export interface CrashCase {
  readonly eventType: string;
  readonly schemasDir: string;
  readonly folder: DataFolder;
  readonly events: NumberedEvents;
  readonly book: Book;
  /** Starts `sluice up` on it; it is killed after the test if it still runs. */
  start(options?: Pick<ProcessOptions, 'plan' | 'chatty'>): UpProcess;
  /** The ledger's account of the event type. */
  account(): { accepted: number; delivered: number; failed: number; inFlight: number };
  /** The name that the pipeline has as a consumer group. */
  group(): string;
  /** How many rows the views have: de-duplicated, and all. */
  rowCounts(): Promise<{ view: number; all: number }>;
  /** Paths of unfinished objects. */
  unfinished(): Promise<string[]>;
  /** Waits until nothing is in flight any more. */
  drained(): Promise<void>;
  /**
   * What is wrong with what the tables and the ledger show, now that all is drained: lost, repeated, invented and bent
   * events, unfinished objects, accounts that do not add up. Empty where all is well; the first few where it is not.
   */
  faults(): Promise<string[]>;
}

/** The parts of a test's context that a case needs; concurrent tests each have their own. */
interface TestScope {
  onTestFinished(cleanUp: () => Promise<void>): void;
}

/** Makes the folders of a case, which are gone when its test is over. */
export async function openCase(
  { onTestFinished }: TestScope,
  { name, seed, brokers }: { readonly name: string; readonly seed: number; readonly brokers?: string },
): Promise<CrashCase> {
  const eventType = `crash.${name}`;
  const root = await mkdtemp(join(tmpdir(), 'sluice-crash-'));
  const schemasDir = join(root, 'schemas');
  await cp(join(SCHEMAS, 'aviation.flight', 'v1.avsc'), join(schemasDir, eventType, 'v1.avsc'));
  const folder = dataFolder(join(root, 'data'));
  const started: UpProcess[] = [];
  onTestFinished(async () => {
    for (const child of started) {
      child.signal('SIGKILL');
      await child.ended;
    }
    // The broker of a killed pipeline ends a moment later, and writes until then.
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });
  const events = numberedEvents(eventType, seed);
  const book = emptyBook();

  const withLedger = <T>(read: (ledger: ReturnType<typeof openLedger>) => T): T => {
    const ledger = openLedger(folder.ledgerFile);
    try {
      return read(ledger);
    } finally {
      ledger.close();
    }
  };
  const account = () =>
    withLedger((ledger) => ledger.accounts()[0] ?? { accepted: 0, delivered: 0, failed: 0, inFlight: 0 });
  const query = async (...statements: string[]) => {
    const sql = await openSql({ objectsDir: folder.objects, histories: await readEventTypes(schemasDir) });
    try {
      const results = [];
      for (const statement of statements) results.push((await sql.query(statement)).rows);
      return results;
    } finally {
      await sql.close();
    }
  };
  const unfinished = async (): Promise<string[]> => {
    const names = await readdir(folder.objects, { recursive: true }).catch(() => []);
    return names.filter((path) => !path.endsWith('.csv.gz') && path.includes('.unfinished-'));
  };

  return {
    eventType,
    schemasDir,
    folder,
    events,
    book,
    start(options = {}) {
      const child = startUp({
        schemasDir,
        dataDir: folder.root,
        ...(brokers === undefined ? {} : { brokers }),
        ...options,
      });
      started.push(child);
      return child;
    },
    account,
    group: () => withLedger(({ id }) => `sluice-${id}`),
    async rowCounts() {
      const [view, all] = await query(
        `SELECT count(*) AS n FROM ${viewName(eventType)}`,
        `SELECT count(*) AS n FROM ${allRowsViewName(eventType)}`,
      );
      return { view: Number(view?.[0]?.n), all: Number(all?.[0]?.n) };
    },
    unfinished,
    async drained() {
      const deadline = Date.now() + DRAIN_MS;
      while (account().inFlight > 0) {
        if (Date.now() > deadline) throw new Error(`still in flight: ${JSON.stringify(account())}`);
        await sleep(50);
      }
    },
    async faults() {
      const [view, all, failed] = await query(
        `SELECT _event_id FROM ${viewName(eventType)}`,
        `SELECT * FROM ${allRowsViewName(eventType)}`,
        'SELECT * FROM failed_events',
      );
      const seen = new Map<number, number>();
      for (const { _event_id } of view!) {
        const number = events.numberOf(String(_event_id));
        seen.set(number, (seen.get(number) ?? 0) + 1);
      }
      const account = await unbalanced({ schemasDir, dataDir: folder.root, eventType, rows: seen.size, book });
      return [
        ...some(
          'lost',
          [...book.accepted].filter((number) => !seen.has(number)),
        ),
        ...some(
          'repeated',
          [...seen].flatMap(([number, times]) => (times > 1 ? [`${number} ${times} times`] : [])),
        ),
        ...some(
          'never sent',
          [...seen.keys()].filter((number) => !(number < book.sent)),
        ),
        ...some(
          'bent',
          all!.flatMap((row) => bent(row, events) ?? []),
        ),
        ...some(
          'failed',
          failed!.map((row) => JSON.stringify(row)),
        ),
        ...some('unfinished', await unfinished()),
        ...some('account', account ?? []),
      ];
    },
  };
}

/** A line for the first few of a kind, and how many there are. */
function some(kind: string, found: string | readonly (number | string)[]): string[] {
  const all = typeof found === 'string' ? [found] : found;
  return all.slice(0, 5).map((one) => `${kind} (${all.length}): ${one}`);
}

/** What of a row is not as it was sent. */
function bent(row: Readonly<Record<string, unknown>>, events: NumberedEvents): string | undefined {
  const { _event_id, _schema_version, _ingested_at, _kafka_partition, _kafka_offset, _replay_id, dt, hour, ...rest } =
    row;
  const number = events.numberOf(String(_event_id));
  const expected = events.row(number);
  const attributes = JSON.parse(String(rest.attributes));
  const isSystemRight =
    _event_id === expected.id &&
    _schema_version === 1 &&
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/.test(String(_ingested_at)) &&
    Number(_kafka_partition) >= 0 &&
    Number(_kafka_offset) >= 0 &&
    _replay_id === null &&
    /^\d{4}-\d\d-\d\d$/.test(String(dt)) &&
    Number(hour) < 24;
  if (isSystemRight && isDeepStrictEqual({ ...rest, attributes }, expected)) return undefined;
  return `${JSON.stringify(row)} instead of ${JSON.stringify(expected)}`;
}

/** What does not add up, by the command that shows the accounts. */
async function unbalanced(of: {
  readonly schemasDir: string;
  readonly dataDir: string;
  readonly eventType: string;
  readonly rows: number;
  readonly book: Book;
}): Promise<string | undefined> {
  const { code, out } = await runSluice(['status', '--json', '--schemas', of.schemasDir, '--data', of.dataDir]);
  const { types, conserved } = JSON.parse(out) as {
    readonly types: Readonly<
      Record<string, { accepted: number; delivered: number; failed: number; in_flight: number }>
    >;
    readonly conserved: boolean;
  };
  const account = types[of.eventType]!;
  const isRight =
    code === 0 &&
    conserved &&
    account.accepted === account.delivered &&
    account.delivered === of.rows &&
    account.accepted >= of.book.accepted.size &&
    account.failed === 0 &&
    account.in_flight === 0;
  return isRight
    ? undefined
    : `${of.rows} rows, ${of.book.accepted.size} answers 202, status ${code}: ${JSON.stringify(types)}`;
}

/**
 * Runs a test with a seed, which the error of a failure names. SLUICE_CRASH_SEED repeats it.
 */
export async function withSeed(work: (seed: number) => Promise<void>): Promise<void> {
  const seed = Number(process.env.SLUICE_CRASH_SEED ?? randomInt(2 ** 31));
  try {
    await work(seed);
  } catch (error) {
    if (error instanceof Error) error.message = `[SLUICE_CRASH_SEED=${seed} repeats it] ${error.message}`;
    throw error;
  }
}
