import { styleText } from 'node:util';
import Table from 'cli-table3';
import { asSluiceError } from '../errors.ts';

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
  print(JSON.stringify(document, null, 2));
}

/** A table for people, numbers to the right. */
export function renderTable(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const isNumeric = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || row[column] === null),
  );
  const table = new Table({
    head: head.map((name) => paint('bold', name, process.stdout)),
    colAligns: isNumeric.map((numeric) => (numeric ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => row.map(cell)));
  return table.toString();
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return paint('dim', 'null', process.stdout);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // One row stays one line, and a stranger's control characters stay off the terminal.
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (control) => JSON.stringify(control).slice(1, -1));
}

/** Says what kept a command from running: as text on standard error or, with `--json`, as the document. */
export function reportError(thrown: unknown, json: boolean): void {
  const { code, message, faults, cause } = asSluiceError(thrown);
  if (json) {
    printJson({ error: { code, message, faults } });
    return;
  }
  process.stderr.write(`${paint('red', `sluice: ${code}: ${message}`, process.stderr)}\n`);
  for (const { path, rule, advice } of faults) process.stderr.write(`  ${path}: ${rule}; ${advice}\n`);
  if (code === 'SLUICE_INTERNAL' && cause instanceof Error) process.stderr.write(`${cause.stack}\n`);
}
