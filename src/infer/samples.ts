import { parseBody, splitArray, splitLines } from '../codec/json-body.ts';
import { snakeCase } from './names.ts';

/** One sample: its bytes as they would be sent, and what they say; or what is wrong with them. */
export type ReadSample =
  | { readonly bytes: Uint8Array; readonly event: Readonly<Record<string, unknown>> }
  | { readonly bytes: Uint8Array; readonly problem: string };

/** The samples of a JSON array, of NDJSON, or of one object laid out over lines. */
export function readJsonSamples(text: Uint8Array): ReadSample[] {
  const items = splitArray(text) ?? (isObject(text) ? [text] : splitLines(text));
  return items.map((bytes) => {
    const parsed = parseBody(bytes);
    if (!parsed.ok) return { bytes, problem: parsed.faults.map(({ rule, advice }) => `${rule}; ${advice}`).join('; ') };
    const { value } = parsed;
    const isEvent = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isEvent
      ? { bytes, event: value as Readonly<Record<string, unknown>> }
      : { bytes, problem: 'an event is a JSON object' };
  });
}

function isObject(text: Uint8Array): boolean {
  const parsed = parseBody(text);
  return parsed.ok && typeof parsed.value === 'object';
}

/**
 * Events from the rows of a CSV file. An empty cell is null. A column of which every other cell is a number, as JSON
 * writes it and without losing digits, is one of numbers; likewise true and false; any other is text.
 *
 * @param header the names of the columns; they become the names of fields.
 */
export function csvEvents(header: readonly string[], rows: readonly (readonly string[])[]): Record<string, unknown>[] {
  const convert = header.map((_, column) => {
    const cells = rows.map((row) => row[column]!).filter((cell) => cell !== '');
    if (cells.length > 0 && cells.every(isNumber)) return Number;
    if (cells.length > 0 && cells.every((cell) => /^(?:true|false)$/.test(cell)))
      return (cell: string) => cell === 'true';
    return String;
  });
  return rows.map((row) =>
    Object.fromEntries(row.map((cell, column) => [header[column]!, cell === '' ? null : convert[column]!(cell)])),
  );
}

/** Names of fields for columns: the headers in snake case. */
export function fieldNames(header: readonly string[]): string[] {
  return header.map(snakeCase);
}

function isNumber(cell: string): boolean {
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(cell) || /^-[0.]+$/.test(cell)) return false;
  // 15 digits survive the way into a 64-bit float and back.
  return cell.replace(/^-?[0.]*|\./g, '').length <= 15;
}
