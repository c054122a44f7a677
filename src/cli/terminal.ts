import { styleText } from 'node:util';
import Table from 'cli-table3';
import { asSluiceError, type Fault } from '../errors.ts';

/** Text for people; colours only where the stream is a terminal that wants them (NO_COLOR, FORCE_COLOR). */
export function paint(style: Parameters<typeof styleText>[0], text: string, stream: NodeJS.WriteStream): string {
  return styleText(style, text, { stream });
}

/** Prints one line of text to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints one line about what goes on to standard error, where it disturbs no result. */
export function tell(line: string): void {
  process.stderr.write(`${paint('dim', line, process.stderr)}\n`);
}

/** Prints one line about something that went wrong and is dealt with. */
export function warn(line: string): void {
  process.stderr.write(`${paint('yellow', line, process.stderr)}\n`);
}

/** Prints the one JSON document of `--json`. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document, null, 2).replace(ACTIVE_IN_JSON, unicodeEscape));
}

/** Longest value in a table and longest line of an error, in characters; `--json` has all of it. */
const MAX_CELL = 200;
const MAX_LINE = 1_000;

/**
 * A table for people, numbers to the right. Where it is wider than `width`, its rows stand one below the other with a
 * line for each of their columns.
 *
 * @param width columns of the terminal; without a terminal any width will do.
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly unknown[])[],
  width: number = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string {
  const names = head.map((name) => paint('bold', printable(name), process.stdout));
  const table = new Table({
    head: names,
    colAligns: head.map((_, column) => (isNumeric(rows.map((row) => row[column])) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => row.map(cell)));
  const text = table.toString();
  return text.indexOf('\n') > width ? renderRecords(head, names, rows) : text;
}

function renderRecords(
  head: readonly string[],
  names: readonly string[],
  rows: readonly (readonly unknown[])[],
): string {
  const longest = Math.max(...head.map(({ length }) => length));
  const records = rows.map((row) =>
    names
      .map((name, column) => `${name}${' '.repeat(longest - head[column]!.length)}  ${cell(row[column])}`)
      .join('\n'),
  );
  return records.join('\n\n');
}

/** Decimals are text, since a number could not carry their digits. */
function isNumeric(values: readonly unknown[]): boolean {
  const shown = values.filter((value) => value !== null && value !== '');
  return shown.length > 0 && shown.every((value) => /^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(String(value)));
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return paint('dim', 'null', process.stdout);
  return cut(printable(typeof value === 'object' ? JSON.stringify(value) : String(value)), MAX_CELL);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}

/** Characters that a terminal acts upon instead of showing them: controls, and those that turn the writing around. */
const ACTIVE = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;
/** Those of them that JSON text may hold; in JSON text they are always part of a string. */
const ACTIVE_IN_JSON = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** A text on one line, with nothing in it that a terminal would act upon. Values come from strangers. */
export function printable(text: string): string {
  return text.replace(ACTIVE, (character) =>
    character < ' ' ? JSON.stringify(character).slice(1, -1) : unicodeEscape(character),
  );
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Says what kept a command from running: as text on standard error or, with `--json`, as the document. */
export function reportError(thrown: unknown, json: boolean): void {
  const { code, message, faults, cause } = asSluiceError(thrown);
  if (json) {
    // On one line, as `up` prints what its caller waits for.
    print(JSON.stringify({ error: { code, message, faults } }));
    return;
  }
  const lines = `sluice: ${code}: ${message}`.split('\n').map((line) => cut(printable(line), MAX_LINE));
  process.stderr.write(`${paint('red', lines.join('\n'), process.stderr)}\n`);
  for (const line of faultLines(faults)) process.stderr.write(`${line}\n`);
  if (code === 'SLUICE_INTERNAL' && cause instanceof Error) process.stderr.write(`${cause.stack}\n`);
}

/** What is wrong with an event, a line for each fault. */
export function faultLines(faults: readonly Fault[]): string[] {
  return faults.map(({ path, rule, advice }) => printable(`  ${path}: ${rule}; ${advice}`));
}
