import { createS3ObjectStore } from '../adapters/aws/s3-object-store.ts';
import { createFailedEventObjects } from '../adapters/objects/failed-events.ts';
import { failedEventsPrefix } from '../derive/names.ts';
import { partitionFolder } from '../derive/partition.ts';
import type { FailedEvents } from '../ports/failed-events.ts';
import { failedRows } from '../stages/failed-rows.ts';

/** Failed events as objects of their table in a bucket. */
export function failedEventsIn(bucket: string): FailedEvents {
  return createFailedEventObjects({
    objectStore: createS3ObjectStore({ bucket }),
    rowsOf: failedRows,
    folderOf: (failedAt) => failedEventsPrefix() + partitionFolder(failedAt),
  });
}
