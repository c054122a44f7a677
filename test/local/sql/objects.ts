import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { openSql, type Sql } from '../../../src/local/sql/sql.ts';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../../src/schema/history.ts';

/** A folder of objects that is gone when the test is over. */
export function objectsFolder(name = 'objects'): string {
  const parent = mkdtempSync(join(tmpdir(), 'sluice-sql-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, name);
  mkdirSync(folder);
  return folder;
}

/** SQL that is closed when the test is over. */
export async function sqlOver(objectsDir: string, ...histories: SchemaHistory[]): Promise<Sql> {
  const sql = await openSql({ objectsDir, histories });
  onTestFinished(() => sql.close());
  return sql;
}

/** A history from the fields of each version. */
export function historyOf(eventType: string, ...versions: unknown[][]): SchemaHistory {
  return schemaHistory(
    eventType,
    versions.map((fields, index) => schemaVersion(eventType, index + 1, { type: 'record', name: 'Event', fields })),
  );
}

/** A nullable field of a type. */
export function field(name: string, type: unknown): unknown {
  return { name, type: ['null', type], default: null };
}

/** A cell as raw text; null is `\N`. */
export type Cell = { readonly raw: string } | string | null;

/** Text that needs no escaping, written as it is. */
export function raw(text: string): Cell {
  return { raw: text };
}

/** Writes rows into an object at a key. Strings go through both layers of escaping, one character at a time. */
export function writeObject(folder: string, key: string, rows: readonly (readonly Cell[])[]): void {
  const path = join(folder, key);
  mkdirSync(dirname(path), { recursive: true });
  const lines = rows.map((row) => row.map(cellText).join(','));
  writeFileSync(path, gzipSync(lines.map((line) => `${line}\n`).join('')));
}

function cellText(cell: Cell): string {
  if (cell === null) return '\\N';
  if (typeof cell !== 'string') return cell.raw;
  let text = '';
  for (const character of cell) {
    if (character === '\x1b') text += '\x1be';
    else if (character === '\n') text += '\x1bn';
    else if (character === '\r') text += '\x1br';
    else if (character === ',' || character === '\\') text += `\\${character}`;
    else text += character;
  }
  return text;
}

/** JSON text in a cell has the outer layer only. */
export function json(value: unknown): Cell {
  return { raw: JSON.stringify(value).replace(/[\\,]/g, '\\$&') };
}

/** The cells of the system columns. */
export function system(
  id: string,
  { at = '2026-11-24 12:00:00.000', partition = 0, offset = 0, version = 1 } = {},
): Cell[] {
  return [id, raw(`${version}`), raw(at), raw(`${partition}`), raw(`${offset}`), null];
}
