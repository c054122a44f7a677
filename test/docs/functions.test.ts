import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const rows = (text: string): string[] => [...text.matchAll(/^\| `([A-Za-z_]+)` \|/gm)].map(([, name]) => name!);

it('docs/functions.md lists every variable that functions read, and no other', () => {
  const sources = read('src/handlers/environment.ts') + read('src/runtime/pii-key.ts');
  const names = new Set(sources.match(/\bSLUICE_[A-Z_]+\b/g));
  // Codes of errors, and what only a laptop reads.
  for (const name of ['SLUICE_CONFIGURATION', 'SLUICE_PII_KEY', 'SLUICE_AWS_ENDPOINT']) names.delete(name);
  const listed = rows(read('docs/functions.md')).filter((name) => name.startsWith('SLUICE_'));
  expect(listed.toSorted()).toEqual([...names].sort());
});

it('docs/functions.md lists every metric', () => {
  const [, union = ''] = /type Counter = (.*);/.exec(read('src/adapters/aws/metrics.ts')) ?? [];
  const names = [...union.matchAll(/'(\w+)'/g)].map(([, name]) => name!);
  const [, section = ''] = read('docs/functions.md').split('\n## Metrics\n');
  expect(rows(section.split('\n## ')[0]!)).toEqual([...names, 'LatencyMs']);
});
