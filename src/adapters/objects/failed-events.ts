import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FailedEvent, FailedEvents } from '../../ports/failed-events.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

export interface FailedEventObjectsOptions {
  readonly objectStore: ObjectStore;
  /** CSV rows of the table of failed events. */
  readonly rowsOf: (events: readonly FailedEvent[]) => Uint8Array;
  /** Folder, with a slash at its end, of the objects of a moment. */
  readonly folderOf: (failedAt: number) => string;
}

/** Keeps failed events as objects of their table, gzip CSV, one object a call. */
export function createFailedEventObjects({ objectStore, rowsOf, folderOf }: FailedEventObjectsOptions): FailedEvents {
  return {
    async put(events) {
      const [first] = events;
      if (first === undefined) return;
      const rows = await promisify(gzip)(rowsOf(events));
      // The same events get the same name, so that a retried batch within the hour replaces its object.
      const name = createHash('sha256')
        .update(JSON.stringify(events.map(({ id }) => id)))
        .digest('hex')
        .slice(0, 32);
      await objectStore.put(`${folderOf(first.failedAt)}${name}.csv.gz`, rows);
    },
  };
}
