import { folderOf, type PartitionBy } from '../../src/derive/partition.ts';

/**
 * The folders of objects below an event type's prefix, as Firehose fills them in: by arrival it says them itself, by event
 * time the transformation does. Source: Amazon Data Firehose Developer Guide, "Understand custom prefixes for Amazon S3
 * objects".
 */
export const OBJECT_FOLDERS: Readonly<Record<PartitionBy, string>> = {
  arrival: folderOf({ dt: '!{timestamp:yyyy-MM-dd}', hour: '!{timestamp:HH}' }),
  'event-time': folderOf({ dt: '!{partitionKeyFromLambda:dt}', hour: '!{partitionKeyFromLambda:hour}' }),
};
