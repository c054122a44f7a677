import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { asSluiceError, SluiceError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeliveryEntry, DeliveryStream } from '../../ports/delivery-stream.ts';
import type { FailedEvents } from '../../ports/failed-events.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { Transformation } from '../../ports/transformation.ts';
import { openDatabase, transact } from './database.ts';
import { type Buffered, invokeTransformation, type PartitionKeys } from './invoke-transformation.ts';
import type { Ledger } from './ledger.ts';

/** Bytes that one event type may have waiting; beyond it, `put` waits. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Milliseconds before a failed flush is tried again: first and most. */
const BACK_OFF_MS = { first: 100, most: 5_000 };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS stream (id TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS record (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    event_type TEXT NOT NULL,
    arrived_at INTEGER NOT NULL,
    entries TEXT NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS record_by_type ON record (event_type, number);
`;

export interface DeliveryStreamOptions {
  /** The database file that holds what is buffered. */
  readonly file: string;
  readonly objectStore: ObjectStore;
  readonly failedEvents: FailedEvents;
  readonly ledger: Pick<Ledger, 'settle'>;
  readonly transformationOf: (eventType: string) => Transformation | undefined;
  /**
   * Folder, with a slash at its end, of the objects of a type: as the transformation says, or else by the moment at which
   * they arrived.
   */
  readonly folderOf: (eventType: string, arrivedAt: number, keys: PartitionKeys) => string;
  readonly clock: Clock;
  /** Buffer hints: an object is written when either is reached. */
  readonly flushMs: number;
  readonly flushBytes: number;
  /** Called for each delivered row, once it can be queried. */
  readonly onDelivered: (eventType: string, entry: DeliveryEntry) => void;
  /** Receives what went wrong and is tried again. */
  readonly log: (line: string) => void;
}

/** A delivery stream with a buffer of its own. */
export interface LocalDeliveryStream extends DeliveryStream {
  /** Delivers what is buffered now, and stops. What cannot be delivered stays buffered for the next start. */
  close(): Promise<void>;
}

/** What one event type has waiting. */
interface Waiting {
  bytes: number;
  timer: NodeJS.Timeout | undefined;
  flushing: Promise<void> | undefined;
}

/**
 * A delivery stream whose buffer is durable. A flush is called after its first record, and so is each object that it
 * writes, one for each folder: a flush that a crash cut short is made again under the same name, with the same records and
 * those that came since, and replaces whatever the first try had written.
 */
export function openDeliveryStream(options: DeliveryStreamOptions): LocalDeliveryStream {
  const { objectStore, failedEvents, ledger, transformationOf, folderOf, clock, flushMs, flushBytes } = options;
  const { onDelivered, log } = options;
  const database = openDatabase(options.file, SCHEMA);
  const streamId = identify(database);
  const insert = database.prepare('INSERT INTO record (event_type, arrived_at, entries, data) VALUES (?, ?, ?, ?)');
  const select = database.prepare(
    'SELECT number, arrived_at, entries, data FROM record WHERE event_type = ? ORDER BY number',
  );
  const remove = database.prepare('DELETE FROM record WHERE event_type = ? AND number <= ?');
  const stopping = new AbortController();
  const waiting = new Map<string, Waiting>();

  const waitingOf = (eventType: string): Waiting => {
    let state = waiting.get(eventType);
    if (state === undefined) {
      state = { bytes: 0, timer: undefined, flushing: undefined };
      waiting.set(eventType, state);
    }
    return state;
  };

  /** The oldest records of a type, up to one object's worth. */
  const oldest = (eventType: string): Buffered[] => {
    const records: Buffered[] = [];
    let bytes = 0;
    for (const row of select.iterate(eventType)) {
      const data = row.data as Uint8Array;
      records.push({
        number: row.number as number,
        arrivedAt: row.arrived_at as number,
        entries: parseEntries(row.entries as string),
        data,
      });
      bytes += data.length;
      if (bytes >= flushBytes) break;
    }
    return records;
  };

  /** Writes the objects of the oldest records. @returns false when there is none. */
  const deliver = async (eventType: string): Promise<boolean> => {
    const records = oldest(eventType);
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return false;
    const transformation = transformationOf(eventType);
    if (transformation === undefined) {
      throw new SluiceError('SLUICE_EVENT_TYPE_UNKNOWN', `rows of ${eventType} wait for its schema to come back`);
    }
    const { objects, failed, delivered } = invokeTransformation(transformation, records, {
      eventType,
      streamId,
      now: clock.now(),
    });
    const name = `${streamId}-${String(first.number).padStart(12, '0')}.csv.gz`;
    for (const { partitionKeys, csv } of objects) {
      await objectStore.put(folderOf(eventType, first.arrivedAt, partitionKeys) + name, await promisify(gzip)(csv));
    }
    if (failed.length > 0) await failedEvents.put(failed);
    // Settled before they are forgotten: a crash in between settles them again, which changes nothing.
    ledger.settle(
      delivered.map(({ messageId }) => messageId).filter((id) => id !== undefined),
      'delivered',
    );
    transact(database, () => remove.run(eventType, last.number));
    waitingOf(eventType).bytes -= records.reduce((sum, { data }) => sum + data.length, 0);
    for (const entry of delivered) onDelivered(eventType, entry);
    return true;
  };

  const flush = (eventType: string): Promise<void> => {
    const state = waitingOf(eventType);
    clearTimeout(state.timer);
    state.timer = undefined;
    state.flushing ??= (async () => {
      for (let delay = BACK_OFF_MS.first; ; ) {
        try {
          if (!(await deliver(eventType)) || state.bytes < flushBytes) break;
          delay = BACK_OFF_MS.first;
        } catch (error) {
          log(`delivery of ${eventType}: ${asSluiceError(error).message}; again in ${delay} ms`);
          await sleep(delay, undefined, { signal: stopping.signal }).catch(() => {});
          delay = Math.min(delay * 2, BACK_OFF_MS.most);
          if (stopping.signal.aborted) return;
        }
      }
    })().finally(() => {
      state.flushing = undefined;
      if (state.bytes > 0 && !stopping.signal.aborted) schedule(eventType, flushMs);
    });
    return state.flushing;
  };

  const schedule = (eventType: string, delayMs: number): void => {
    const state = waitingOf(eventType);
    if (state.flushing === undefined) state.timer ??= setTimeout(() => void flush(eventType), delayMs);
  };

  // What an earlier process left behind.
  for (const row of database.prepare('SELECT event_type, sum(length(data)) AS bytes FROM record GROUP BY 1').all()) {
    waitingOf(row.event_type as string).bytes = row.bytes as number;
    schedule(row.event_type as string, 0);
  }

  return {
    async put(eventType, records) {
      const state = waitingOf(eventType);
      while (state.bytes > MAX_WAITING_BYTES && !stopping.signal.aborted) await flush(eventType);
      if (stopping.signal.aborted) throw new SluiceError('SLUICE_STOPPING', 'the delivery stream has been closed');
      const now = clock.now();
      transact(database, () => {
        for (const { data, entries } of records) insert.run(eventType, now, formatEntries(entries), data);
      });
      for (const { data } of records) state.bytes += data.length;
      if (state.bytes >= flushBytes) void flush(eventType);
      else schedule(eventType, flushMs);
    },

    async close() {
      stopping.abort();
      for (const [eventType, state] of waiting) {
        clearTimeout(state.timer);
        await state.flushing;
        try {
          while (await deliver(eventType));
        } catch (error) {
          log(`rows of ${eventType} stay buffered: ${asSluiceError(error).message}`);
        }
      }
      database.close();
    },
  };
}

/** A name for the buffer, so that the objects of two buffers never share one. */
function identify(database: DatabaseSync): string {
  return transact(database, () => {
    const known = database.prepare('SELECT id FROM stream').get();
    if (known !== undefined) return known.id as string;
    const fresh = randomBytes(4).toString('hex');
    database.prepare('INSERT INTO stream (id) VALUES (?)').run(fresh);
    return fresh;
  });
}

function formatEntries(entries: readonly DeliveryEntry[]): string {
  return JSON.stringify(entries.map(({ messageId, ingestedAt }) => [messageId ?? null, ingestedAt]));
}

function parseEntries(text: string): DeliveryEntry[] {
  const entries = JSON.parse(text) as [string | null, number][];
  return entries.map(([messageId, ingestedAt]) => ({ messageId: messageId ?? undefined, ingestedAt }));
}
