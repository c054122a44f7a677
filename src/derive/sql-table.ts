import { FAILED_EVENT_COLUMNS } from './failed-events-table.ts';
import type { Layout } from './layout.ts';
import { FAILED_EVENTS, failedEventsPrefix, objectPrefix } from './names.ts';
import { type TableColumn, tableColumns } from './table-columns.ts';

/** A table over CSV objects and the views upon it, whatever the engine. */
export interface SqlTable {
  /** The event type, or what stands for one. */
  readonly name: string;
  /** Prefix of its objects, with a slash at its end. */
  readonly prefix: string;
  readonly columns: readonly TableColumn[];
  /** The column that is unique in the de-duplicated view. */
  readonly identity: string;
  /** Of the rows with one identity, the first by these columns is kept. */
  readonly precedence: readonly string[];
}

/** The table of an event type: of an event that was delivered again, the row that was first accepted counts. */
export function eventTable(layout: Layout): SqlTable {
  return {
    name: layout.eventType,
    prefix: objectPrefix(layout.eventType),
    columns: tableColumns(layout),
    identity: '_event_id',
    precedence: ['_ingested_at', '_kafka_partition', '_kafka_offset'],
  };
}

/** The table of the failed events of all types. */
export const FAILED_EVENTS_TABLE: SqlTable = {
  name: FAILED_EVENTS,
  prefix: failedEventsPrefix(),
  columns: FAILED_EVENT_COLUMNS,
  identity: 'id',
  // Sorted behind everything else, a null says that nobody has sent it again.
  precedence: ['recovered_at', 'failed_at'],
};
