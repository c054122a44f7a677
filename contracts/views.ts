import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { objectPrefix } from '../src/derive/names.ts';
import { openSql, type QueryResult } from '../src/local/sql/sql.ts';
import type { SchemaHistory } from '../src/schema/history.ts';

/**
 * The rows that a query of `sluice sql` gives over objects that hold these texts, in a folder of its own that is gone
 * when this resolves. To open it takes far longer than to read a few hundred rows.
 *
 * @throws SluiceError SLUICE_QUERY
 */
export async function queryObjects(
  history: SchemaHistory,
  objects: readonly Uint8Array[],
  sql: string,
): Promise<QueryResult['rows']> {
  const objectsDir = await mkdtemp(join(tmpdir(), 'sluice-contracts-'));
  try {
    // Hours apart, as objects of several deliveries are.
    for (const [index, text] of objects.entries()) {
      const hour = String(index % 24).padStart(2, '0');
      const folder = join(objectsDir, objectPrefix(history.eventType), 'dt=2026-01-01', `hour=${hour}`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `object-${index}.csv.gz`), await promisify(gzip)(text, { level: 1 }));
    }
    const engine = await openSql({ objectsDir, histories: [history] });
    try {
      return (await engine.query(sql)).rows;
    } finally {
      await engine.close();
    }
  } finally {
    await rm(objectsDir, { recursive: true, force: true });
  }
}
