import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERRORS } from '../../src/errors.ts';

it('docs/errors.md lists every code with whose fault it is, whether to try again, and its rule', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const listed = text.split('\n').filter((line) => line.startsWith('| `SLUICE_'));
  const rows = Object.entries(ERRORS).map(
    ([code, { blame, retryable, rule }]) => `| \`${code}\` | ${blame} | ${retryable ? 'yes' : 'no'} | ${rule} |`,
  );
  expect(listed).toEqual(rows);
});
