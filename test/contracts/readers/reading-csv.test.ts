import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DIFFERENCES } from './csv-cases.ts';

const PAGE = join(import.meta.dirname, '../../../docs/reading-csv.md');

const code = (text: string): string => `\`${text.replace(/ /g, '␠')}\``;
const value = (text: string | null): string => (text === null ? 'null' : code(text));

function page(): string {
  const rows = DIFFERENCES.map(
    ({ type, cell, trino, duckdb }) => `| ${type} | ${code(cell)} | ${value(trino)} | ${value(duckdb)} |`,
  );
  return `# Who reads the CSV

Athena reads the objects by Trino's classes, and SQL on the laptop by DuckDB. Every cell that Sluice writes reads alike in both: \`sluice contracts\` and the tests ask both of them, Trino's own classes included, whether they give back the very text that was written.

They differ in cells that are no value of their column's type. Neither says a word about them: a cell becomes null, or another value. So what is wrong has to be refused at the edge, and Sluice writes no cell that is in this table.

| type | cell | Trino | DuckDB |
|---|---|---|---|
${rows.join('\n')}

␠ is a space. An empty line is a row to Trino and nothing to DuckDB; a backslash at the end of a line is a backslash to Trino, and joins two lines in DuckDB. Both end a row at LF, CR LF and CR, whatever stands before, and both drop a byte-order mark that an object begins with.

This page is generated from the cells of [csv-cases.ts](../test/contracts/readers/csv-cases.ts), which a test gives to both readers. After a change of them: \`npx vitest run test/contracts/readers -u\`.
`;
}

test('docs/reading-csv.md is what the readers were seen to do', async () => {
  await expect(page()).toMatchFileSnapshot(PAGE);
});
