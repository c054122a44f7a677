import { isDeepStrictEqual } from 'node:util';
import { compileCodec } from '../../src/codec/codec.ts';
import type { QueryResult } from '../../src/local/sql/sql.ts';
import type { ExpectedRow } from './expected-rows.ts';
import { historyOf } from './schemas.ts';

/** The first places where rows are not what was expected, a line each. */
export function differences(
  eventType: string,
  rows: QueryResult['rows'],
  expected: ReadonlyMap<string, ExpectedRow>,
): string[] {
  const { columns } = compileCodec(historyOf(eventType)).layout;
  const missing = new Set(expected.keys());
  const found: string[] = [];
  for (const row of rows) {
    const id = String(row.id);
    const source = expected.get(id);
    if (source === undefined || !missing.delete(id)) {
      found.push(`${id}: a row too many`);
      continue;
    }
    for (const name of Object.keys(source)) {
      if (!columns.some((column) => column.name === name)) found.push(`${id}: there is no column ${name}`);
    }
    for (const { name, form } of columns) {
      const value = form === 'json' && typeof row[name] === 'string' ? JSON.parse(row[name]) : row[name];
      if (!isDeepStrictEqual(value, source[name])) {
        found.push(`${id}: ${name} is ${JSON.stringify(value)}, its source has ${JSON.stringify(source[name])}`);
      }
    }
  }
  for (const id of missing) found.push(`${id}: no row`);
  return found.slice(0, 10);
}
