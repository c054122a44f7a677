import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase, transact } from './database.ts';

/**
 * The tables that the queue and the ledger share, so that an event is accepted and counted in one transaction. An
 * acceptance stays in `open_acceptance` until it is delivered or failed: what is in flight is counted, not inferred.
 *
 * A body may hold personal data, which is hashed on its way out of here only. So what is deleted is overwritten with
 * zeros; it would stay in a page that is free else, until another body happens to need it.
 */
const SCHEMA = `
  PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS ledger (id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS counter (
    event_type TEXT PRIMARY KEY,
    accepted INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS open_acceptance (number INTEGER PRIMARY KEY, event_type TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    event_type TEXT NOT NULL,
    event_id TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    version INTEGER,
    traceparent TEXT,
    visible_at INTEGER NOT NULL DEFAULT 0,
    receives INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL
  ) STRICT;
`;

/** Where every accepted event ended up, per event type. */
export interface Account {
  readonly eventType: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly failed: number;
  /** Acceptances that are neither delivered nor failed. */
  readonly inFlight: number;
}

/** How an acceptance ended. */
export type Outcome = 'delivered' | 'failed';

export interface Ledger {
  /** Names this ledger in message ids: records of another one's events may be in the same topics. */
  readonly id: string;
  /**
   * Ends acceptances, durably. Ids that have ended before, or are not this ledger's, change nothing, so the same
   * delivery may be settled again after a crash.
   */
  settle(messageIds: Iterable<string>, outcome: Outcome): void;
  /** The accounts of all event types that ever had an event, in one consistent view. */
  accounts(): Account[];
  close(): void;
}

/** A ledger and the database that it shares with the queue. */
export interface LedgerDatabase extends Ledger {
  readonly database: DatabaseSync;
}

/** Opens the ledger in a file, which one process and several of its threads may do at the same time. */
export function openLedger(file: string): LedgerDatabase {
  const database = openDatabase(file, SCHEMA);
  addColumns(database);
  const id = transact(database, () => {
    const known = database.prepare('SELECT id FROM ledger').get();
    if (known !== undefined) return known.id as string;
    const fresh = randomBytes(4).toString('hex');
    database.prepare('INSERT INTO ledger (id) VALUES (?)').run(fresh);
    return fresh;
  });
  const open = database.prepare(
    'SELECT event_type, count(*) AS events FROM open_acceptance WHERE number BETWEEN ? AND ? GROUP BY event_type',
  );
  const end = database.prepare('DELETE FROM open_acceptance WHERE number BETWEEN ? AND ?');
  const count = {
    delivered: database.prepare('UPDATE counter SET delivered = delivered + ? WHERE event_type = ?'),
    failed: database.prepare('UPDATE counter SET failed = failed + ? WHERE event_type = ?'),
  };
  const read = database.prepare(`
    SELECT event_type, accepted, delivered, failed,
      (SELECT count(*) FROM open_acceptance AS open WHERE open.event_type = counter.event_type) AS in_flight
    FROM counter ORDER BY event_type
  `);
  return {
    id,
    database,
    settle(messageIds, outcome) {
      transact(database, () => {
        for (const [first, last] of messageRanges(id, messageIds)) {
          for (const { event_type, events } of open.all(first, last)) count[outcome].run(events!, event_type!);
          end.run(first, last);
        }
      });
    },
    accounts() {
      return read.all().map((row) => ({
        eventType: row.event_type as string,
        accepted: row.accepted as number,
        delivered: row.delivered as number,
        failed: row.failed as number,
        inFlight: row.in_flight as number,
      }));
    },
    close() {
      database.close();
    },
  };
}

/** Columns that came later than the first data folders. */
function addColumns(database: DatabaseSync): void {
  const known = "SELECT 1 FROM pragma_table_info('message') WHERE name = 'version'";
  if (database.prepare(known).get() !== undefined) return;
  transact(database, () => {
    // Another thread may have been faster.
    if (database.prepare(known).get() === undefined) database.exec('ALTER TABLE message ADD COLUMN version INTEGER');
  });
}

/** The message id of an acceptance: the same for good, and no other ledger's. */
export function messageId(ledgerId: string, number: number): string {
  return `${ledgerId}-${number}`;
}

/**
 * The numbers in message ids as ranges, `[first, last]`, in rising order; another ledger's ids are left out. What is
 * handled together was mostly accepted together, so a thousand ids are a range or two.
 */
export function messageRanges(ledgerId: string, ids: Iterable<string>): [first: number, last: number][] {
  const prefix = `${ledgerId}-`;
  const numbers: number[] = [];
  for (const id of ids) {
    const digits = id.startsWith(prefix) ? id.slice(prefix.length) : '';
    if (/^\d{1,15}$/.test(digits)) numbers.push(Number(digits));
  }
  const ranges: [number, number][] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && number <= range[1] + 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}
