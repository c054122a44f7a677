import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type DeliveryStreamOptions, openDeliveryStream } from '../../src/adapters/local/delivery-stream.ts';
import { createFailedEvents } from '../../src/adapters/local/failed-events.ts';
import { type Account, openLedger } from '../../src/adapters/local/ledger.ts';
import { openObjectStore } from '../../src/adapters/local/object-store.ts';
import { createQueue } from '../../src/adapters/local/queue.ts';
import { failedEventsPrefix, objectPrefix } from '../../src/derive/names.ts';
import { folderOf, partitionFolder } from '../../src/derive/partition.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { failedRows } from '../../src/stages/failed-rows.ts';

/**
 * The local adapters on one folder, wired as the runtime wires them.
 *
 * @param wrap returns the object store to use in place of the real one.
 */
export async function openLocalParts(
  folder: string,
  clock: Clock,
  wrap: (store: ObjectStore) => ObjectStore = (store) => store,
) {
  const ledger = openLedger(join(folder, 'ledger.db'));
  const objectStore = wrap(await openObjectStore(join(folder, 'objects')));
  const failedEvents = createFailedEvents({
    objectStore,
    ledger,
    rowsOf: failedRows,
    folderOf: (failedAt) => failedEventsPrefix() + partitionFolder(failedAt),
  });
  return { ledger, objectStore, failedEvents, queue: createQueue({ ledger, clock }), clock, folder };
}

export type LocalParts = Awaited<ReturnType<typeof openLocalParts>>;

/** A delivery stream over local parts. Nothing flushes by time, size or itself unless `options` say so. */
export function openStream(
  parts: LocalParts,
  options: Pick<DeliveryStreamOptions, 'transformationOf'> & Partial<DeliveryStreamOptions>,
) {
  const { folder, objectStore, failedEvents, ledger, clock } = parts;
  return openDeliveryStream({
    file: join(folder, 'delivery-stream.db'),
    objectStore,
    failedEvents,
    ledger,
    clock,
    folderOf: (eventType, arrivedAt, keys) =>
      objectPrefix(eventType) +
      (keys === undefined ? partitionFolder(arrivedAt) : folderOf({ dt: keys.dt!, hour: keys.hour! })),
    flushMs: 3_600_000,
    flushBytes: 1024 ** 3,
    onDelivered: () => {},
    log: () => {},
    ...options,
  });
}

/** Keys of the objects below a prefix, sorted. */
export function objectKeys({ folder }: Pick<LocalParts, 'folder'>, prefix: string): string[] {
  const root = join(folder, 'objects');
  if (!existsSync(join(root, prefix))) return [];
  return readdirSync(join(root, prefix), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.csv.gz'))
    .map((name) => `${prefix}${name}`)
    .sort();
}

/** CSV lines of all objects below a prefix, in the order of their keys. */
export function objectLines(parts: Pick<LocalParts, 'folder'>, prefix: string): string[] {
  return objectKeys(parts, prefix).flatMap((key) => {
    const text = gunzipSync(readFileSync(join(parts.folder, 'objects', key))).toString('utf8');
    return text.split('\n').slice(0, -1);
  });
}

/** First cells of the rows below a prefix: event ids of an event type, ids of failed events. */
export function firstCells(parts: Pick<LocalParts, 'folder'>, prefix: string): string[] {
  return objectLines(parts, prefix).map((line) => line.slice(0, line.indexOf(',')));
}

/** The account of an event type; zeros where it never had an event. */
export function accountOf({ ledger }: Pick<LocalParts, 'ledger'>, eventType: string): Account {
  const zero = { eventType, accepted: 0, delivered: 0, failed: 0, inFlight: 0 };
  return ledger.accounts().find((account) => account.eventType === eventType) ?? zero;
}
