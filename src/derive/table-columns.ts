import { SluiceError } from '../errors.ts';
import { SYSTEM_COLUMNS } from '../schema/system-columns.ts';
import type { CellForm, Layout } from './layout.ts';

/** One column as a table declares it; the position is the one in the CSV objects. */
export interface TableColumn {
  readonly name: string;
  /** Glue (Hive) type. */
  readonly type: string;
  readonly form: CellForm;
  readonly doc: string | undefined;
}

/** What the folders of a table's objects say, outermost first: `dt=YYYY-MM-DD/hour=HH/`, the hour of delivery in UTC. */
export const PARTITION_KEYS = [
  { name: 'dt', type: 'date', doc: 'Day of delivery, UTC' },
  { name: 'hour', type: 'int', doc: 'Hour of delivery, UTC' },
] as const;

/**
 * All columns of an event type's table in the order of its CSV objects: system columns, then the layout's.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when a column is called like a partition key, which no table can hold.
 */
export function tableColumns(layout: Layout): TableColumn[] {
  const clash = layout.columns.find(({ name }) => PARTITION_KEYS.some((key) => key.name === name));
  if (clash !== undefined) {
    throw new SluiceError(
      'SLUICE_SCHEMA_INVALID',
      `${layout.eventType}: the column "${clash.name}" is called like a partition of its table; rename the field`,
    );
  }
  return [...SYSTEM_COLUMNS, ...layout.columns].map(({ name, type, form, doc }) => ({ name, type, form, doc }));
}
