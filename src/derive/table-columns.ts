import { SYSTEM_COLUMNS } from '../schema/system-columns.ts';
import type { CellForm, Layout } from './layout.ts';
import type { PersonalMark } from './personal-note.ts';

/** One column as a table declares it; the position is the one in the CSV objects. */
export interface TableColumn {
  readonly name: string;
  /** Glue (Hive) type. */
  readonly type: string;
  readonly form: CellForm;
  readonly doc: string | undefined;
  /** How it holds personal data; absent where it holds none. */
  readonly pii?: PersonalMark | undefined;
}

/** All columns of an event type's table in the order of its CSV objects: system columns, then the layout's. */
export function tableColumns(layout: Layout): TableColumn[] {
  const own = layout.columns.map(({ name, type, form, doc, pii }) => {
    return { name, type, form, doc, ...(pii === undefined ? {} : { pii }) };
  });
  return [...SYSTEM_COLUMNS.map(({ name, type, form, doc }) => ({ name, type, form, doc })), ...own];
}
