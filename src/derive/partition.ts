import { SluiceError } from '../errors.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { PARTITION_KEYS } from '../schema/system-columns.ts';

/** What decides in which folder a row lies: when it arrived, or when its event happened. */
export const PARTITION_BY = ['arrival', 'event-time'] as const;
export type PartitionBy = (typeof PARTITION_BY)[number];

/** The names of the folders that a row lies in, as the table's partition projection expects them. */
export interface Partition {
  /** `yyyy-MM-dd`, UTC. */
  readonly dt: string;
  /** `HH`, UTC. */
  readonly hour: string;
}

/** First day that a table shows; nothing that a pipeline of its own delivered can have arrived before. */
export const FIRST_DAY = '2024-01-01';

const HOUR_MS = 3_600_000;
const FIRST_INSTANT = Date.parse(FIRST_DAY);
/** How far senders' clocks may be ahead: local timestamps and dates are by up to 14 hours. A table shows as much. */
const AHEAD_MS = 24 * HOUR_MS;

/**
 * The partition of a row by event time: that of its event, or else that of its arrival. An event time that no table shows,
 * or that is more than a day after the arrival, is none: a row below it would never be found.
 *
 * @param eventTime epoch milliseconds; undefined where the row says none.
 * @param ingestedAt the same of its arrival; undefined where the row says none. Others may have written it: it is held to
 *   `now` as the event time is to it.
 * @param now epoch milliseconds.
 * @returns whole hours since the epoch: see `partitionAt`.
 */
export function partitionHour(eventTime: number | undefined, ingestedAt: number | undefined, now: number): number {
  const arrival = isShown(ingestedAt, now) ? ingestedAt : now;
  return Math.floor((isShown(eventTime, Math.min(arrival, now)) ? eventTime : arrival) / HOUR_MS);
}

function isShown(instant: number | undefined, arrival: number): instant is number {
  return instant !== undefined && instant >= FIRST_INSTANT && instant <= arrival + AHEAD_MS;
}

/** @param hour whole hours since the epoch, within the years 0000 to 9999. */
export function partitionAt(hour: number): Partition {
  const instant = new Date(hour * HOUR_MS).toISOString();
  return { dt: instant.slice(0, 10), hour: instant.slice(11, 13) };
}

/**
 * Folder of the objects that arrive at a moment, below an event type's prefix: `dt=yyyy-MM-dd/hour=HH/`, UTC, as the
 * table's partition projection expects them.
 *
 * @param arrivedAt epoch milliseconds.
 */
export function partitionFolder(arrivedAt: number): string {
  return folderOf(partitionAt(Math.floor(arrivedAt / HOUR_MS)));
}

/** The folder of a partition, with a slash at its end. */
export function folderOf({ dt, hour }: Partition): string {
  return `dt=${dt}/hour=${hour}/`;
}

/** The keys of a table's partitions, with what their values mean. */
export function partitionKeys(by: PartitionBy): readonly { name: string; type: string; doc: string }[] {
  if (by === 'arrival') return PARTITION_KEYS;
  return PARTITION_KEYS.map((key) => ({
    ...key,
    doc: `${key.name === 'dt' ? 'Day' : 'Hour'} of the event, UTC; of its arrival where it says no time that can be shown`,
  }));
}

/** Days that a table shows, as partition projection has them. Source: Amazon Athena User Guide, "Date type". */
export function projectedDays(by: PartitionBy): string {
  return `${FIRST_DAY},NOW${by === 'arrival' ? '' : '+1DAYS'}`;
}

/**
 * Refuses partitions by event time for an event type that says none.
 *
 * @throws SluiceError SLUICE_USAGE.
 */
export function requireEventTime({ eventType, newest }: Pick<SchemaHistory, 'eventType' | 'newest'>): void {
  if (newest.settings.eventTime !== undefined) return;
  throw new SluiceError(
    'SLUICE_USAGE',
    `${eventType}: v${newest.version} names no field for partitions by event time; name one in a new version, ` +
      `"sluice": {"eventTime": "<field>"}, or partition this event type by "arrival"`,
  );
}
