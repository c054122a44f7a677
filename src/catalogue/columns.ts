import { type CellForm, type Column, deriveLayout, pathKey } from '../derive/layout.ts';
import { tableColumns } from '../derive/table-columns.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { PARTITION_KEYS, SYSTEM_COLUMNS } from '../schema/system-columns.ts';
import { type Html, html } from './html.ts';
import { prose, table } from './page.ts';

/** What a cell of the table holds where its type does not say it; views give the value itself. */
const FORMS: Readonly<Partial<Record<CellForm, string>>> = {
  base64: 'base64; bytes in the views',
  'time-millis': 'milliseconds since midnight; a time in the views',
  'time-micros': 'microseconds since midnight; a time in the views',
  'timestamp-micros': 'microseconds since 1970; a timestamp in the views',
  'timestamp-nanos': 'nanoseconds since 1970; a timestamp in the views',
  json: 'JSON text',
};

/** The columns of the table in their order, and the keys of its partitions. */
export function columns(history: SchemaHistory): Html {
  const layout = deriveLayout(history);
  const rows = tableColumns(layout).map(({ name, type, form, doc }, position) => {
    const column = layout.columns[position - SYSTEM_COLUMNS.length];
    const note = FORMS[form];
    return {
      id: columnId(name),
      cells: [
        html`<code>${name}</code>`,
        html`${position}`,
        html`<code>${type}</code>${note === undefined ? undefined : html` ${note}`}`,
        column === undefined ? html`Sluice` : origin(column),
        html`${column === undefined ? undefined : `v${column.since}`}`,
        html`${prose(doc)}`,
      ],
    };
  });
  const keys = PARTITION_KEYS.map(({ name, type, doc }) => ({
    id: columnId(name),
    cells: [
      html`<code>${name}</code>`,
      html`<span class="none">key</span>`,
      html`<code>${type}</code>`,
      html`folder of the object`,
      html``,
      html`${prose(doc)}`,
    ],
  }));
  const head = ['Column', 'Position', 'Type', 'From', 'Since', 'What it is'];
  return table('Columns of the table and its views', head, [...rows, ...keys]);
}

export function columnId(name: string): string {
  return `column-${name}`;
}

function origin({ source }: Column): Html {
  return source === null
    ? html`<span class="none">a field that is no more</span>`
    : html`<code>$.${pathKey(source)}</code>`;
}
