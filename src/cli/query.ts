import type { Command } from 'commander';
import { dataFolder } from '../local/data-folder.ts';
import { readEventTypes } from '../local/event-types.ts';
import { sourceOf } from '../local/schema-source.ts';
import type { Sql } from '../local/sql/sql.ts';
import { type CommonOptions, newCommand } from './options.ts';
import { print, printJson, renderTable } from './terminal.ts';

/** Rows that are shown to a person at most. */
const MAX_ROWS = 1_000;

/** `sluice query`: SQL over the tables, whether the pipeline runs or not. */
export function queryCommand(): Command {
  return newCommand('query', 'ask the tables in SQL (DuckDB)', [
    'sluice query "SELECT count(*) FROM seismic_earthquake WHERE magnitude >= 5"',
    'sluice query "SELECT origin, avg(delay_minutes) FROM aviation_flight GROUP BY 1 ORDER BY 2 DESC LIMIT 5"',
    'sluice query "SHOW TABLES"',
    'sluice query --json "SELECT code, count(*) AS events FROM failed_events GROUP BY 1"',
  ])
    .argument('<sql>', 'one statement; views: <type>, all_<type> (repeats included), raw_<type>, failed_events')
    .action(async (sql: string, options: CommonOptions) => {
      const { columns, rows } = await withSql(options, (tables) => tables.query(sql));
      if (options.json) {
        printJson(rows);
        return;
      }
      const names = columns.map(({ name }) => name);
      const shown = rows.slice(0, MAX_ROWS);
      print(
        renderTable(
          names,
          shown.map((row) => names.map((name) => row[name])),
        ),
      );
      const rest = rows.length > shown.length ? `, ${shown.length} of them shown; --json gives all` : '';
      print(`${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${rest}`);
    });
}

/** Opens the tables of a data folder for `work`, and closes them. */
export async function withSql<T>(options: CommonOptions, work: (sql: Sql) => Promise<T>): Promise<T> {
  const histories = await readEventTypes(await sourceOf(dataFolder(options.data), options.schemas));
  // Loaded here: a command that asks nothing need not wait for the engine.
  const { openSql } = await import('../local/sql/sql.ts');
  const sql = await openSql({ objectsDir: dataFolder(options.data).objects, histories });
  try {
    return await work(sql);
  } finally {
    await sql.close();
  }
}
