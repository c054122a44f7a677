import type { CellForm, Column } from '../src/derive/layout.ts';
import { Float32, isBack } from './arbitraries/back.ts';
import { instantCount, timeCount, type Unit } from './counts.ts';
import { parsed } from './readers/json.ts';
import type { Cell } from './readers/shapes.ts';

/**
 * What must stand in a column, told from the event's value alone. Written from the table of cells in docs/architecture.md
 * and the dialect of LazySimpleSerDe, without anything of src/codec: it is what that is checked by.
 */

/** Where a value goes: its place in the event, and the form of the cell that it was written into. */
export type Slot = Pick<Column, 'source' | 'form'>;

/** An event's value of a column; null where the event has none, or the schema has it no more. */
export function valueAt(event: unknown, source: readonly string[] | null): unknown {
  if (source === null) return null;
  let value = event;
  for (const name of source) value = (value as Readonly<Record<string, unknown>>)[name];
  return value;
}

/**
 * Whether a table's cell, as a foreign reader reads it, holds a value.
 *
 * @param form of the cell as it was written; the column may have widened since.
 * @param value as decoding gives it, see `BodySample.back`.
 */
export function holdsInTable(cell: Cell, form: CellForm, value: unknown): boolean {
  if (value === null || cell === null) return value === null && cell === null;
  const { text } = cell;
  switch (form) {
    case 'text':
      return text === innerText(value as string);
    case 'date':
      return text === value;
    case 'time-millis':
    case 'time-micros':
      return text === String(timeCount(value as string, unitOf(form)));
    case 'timestamp-millis':
      return text === (value as string).replace('T', ' ').replace('Z', '');
    case 'timestamp-micros':
    case 'timestamp-nanos':
      return text === String(instantCount(value as string, unitOf(form)));
    case 'integer':
      // An integer in a column that has widened to a floating number since is the same number.
      return text === String(value) || isNumber(text, Number(value));
    default:
      return holdsPlain(text, form, value);
  }
}

/** Whether the decoded view's value, as JSON, is the event's. */
export function holdsInView(shown: unknown, form: CellForm, value: unknown): boolean {
  if (value === null) return shown === null;
  switch (form) {
    case 'time-millis':
    case 'time-micros':
      return typeof shown === 'string' && timeCount(shown, 'micros') === timeCount(value as string, 'micros');
    case 'timestamp-millis':
    case 'timestamp-micros':
      return typeof shown === 'string' && instantCount(shown, 'micros') === instantCount(value as string, 'micros');
    case 'timestamp-nanos':
      return shown === null
        ? !isShownInNanos(instantCount(value as string, 'nanos'))
        : instantCount(shown as string, 'nanos') === instantCount(value as string, 'nanos');
    case 'text':
    case 'integer':
      return shown === value;
    default:
      return (
        (typeof shown === 'string' || typeof shown === 'number' || typeof shown === 'boolean') &&
        holdsPlain(shown, form, value)
      );
  }
}

function holdsPlain(shown: string | number | boolean, form: CellForm, value: unknown): boolean {
  switch (form) {
    case 'float':
      return isFloat(shown, value instanceof Float32 ? value.value : Number(value));
    case 'double':
      return isNumber(shown, Number(value));
    case 'json':
      return isBack(parsed(String(shown)), value);
    case 'boolean':
      return String(shown) === String(value);
    default:
      // Decimals have every digit of their scale, and bytes are in base64: at the edge as in the table.
      return shown === value;
  }
}

/** What a view makes of a table's text: the documented chain, in its order. */
export function outerText(cell: string): string {
  return cell.replaceAll('\x1bn', '\n').replaceAll('\x1br', '\r').replaceAll('\x1be', '\x1b');
}

/** The inner layer of text, which a table still shows. */
function innerText(text: string): string {
  return text.replaceAll('\x1b', '\x1be').replaceAll('\n', '\x1bn').replaceAll('\r', '\x1br');
}

/** Instants in nanoseconds that DuckDB can show: it gives none for those within a day of the ends of 64 bits. */
function isShownInNanos(count: bigint): boolean {
  const day = 86_400_000_000_000n;
  return count >= -(2n ** 63n) + day && count <= 2n ** 63n - 1n - day;
}

function unitOf(form: CellForm): Unit {
  return form.slice(form.indexOf('-') + 1) as Unit;
}

function isNumber(shown: unknown, value: number): boolean {
  return shown !== '' && Object.is(Number(shown), value);
}

function isFloat(shown: unknown, value: number): boolean {
  return shown !== '' && Object.is(Math.fround(Number(shown)), Math.fround(value));
}
