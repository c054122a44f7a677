import { type Layout, pathKey } from '../derive/layout.ts';
import { partitionHour } from '../derive/partition.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { parseDate, parseTimestamp } from './temporal.ts';

/**
 * The partition of a JSON row by event time, in whole hours since the epoch; see `partitionHour`. It takes any bytes: where
 * they are no row, they lie under `now`.
 *
 * @param row one line, as `toRows` writes it.
 * @param now epoch milliseconds.
 */
export type RowHour = (row: Uint8Array, now: number) => number;

/**
 * Compiles it for the rows of a history: the event time is in the column of the field that the newest schema names. Where
 * it names none, rows lie under their arrival.
 */
export function compileRowHour({ newest }: SchemaHistory, layout: Layout): RowHour {
  const { eventTime } = newest.settings;
  const column = layout.columns.find(({ source }) => source !== null && pathKey(source) === eventTime);
  const happened = column && instantReader(column.name, column.form);
  const ingested = instantReader('_ingested_at', 'timestamp-millis');
  return (row, now) => {
    // Names and times are ASCII, and of the other bytes no more is asked than to stay apart.
    const text = Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('latin1');
    return partitionHour(happened?.(text), ingested(text), now);
  };
}

/** Epoch milliseconds of a column of a row; undefined where it is null or not there. */
function instantReader(column: string, form: string): (row: string) => number | undefined {
  const instantOf = INSTANTS[form];
  // A row is not parsed a second time for it. Within a text of JSON, the quotes around the name would be escaped.
  const member = new RegExp(`[{,]\\s*"${column}"\\s*:\\s*(?:"([^"\\\\]*)"|(-?\\d+))`);
  return (row) => {
    const [, text, digits] = member.exec(row) ?? [];
    const value = text ?? digits;
    return value === undefined || instantOf === undefined ? undefined : instantOf(value);
  };
}

/** By the form of a cell. A local timestamp has no zone: it is taken as UTC, as a query shows it. */
const INSTANTS: Readonly<Record<string, (text: string) => number | undefined>> = {
  date(text) {
    const day = parseDate(text);
    return typeof day === 'number' ? day * 86_400_000 : undefined;
  },
  'timestamp-millis'(text) {
    const instant = parseTimestamp(text, 3, false);
    return typeof instant === 'bigint' ? Number(instant) : undefined;
  },
  'timestamp-micros': (text) => counted(text, 1_000n),
  'timestamp-nanos': (text) => counted(text, 1_000_000n),
};

/** Rounded to the millisecond before: an instant just before an hour's end belongs to that hour. */
function counted(text: string, perMillisecond: bigint): number | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const count = BigInt(text);
  // Division goes towards zero, and what lies before 1970 is shown by no table.
  return Number(count / perMillisecond);
}
