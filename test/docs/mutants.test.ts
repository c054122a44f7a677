import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LAWS } from '../../contracts/laws/laws.ts';
import { MUTANTS } from '../../contracts/mutants/mutants.ts';
import { type MutantsDocument, readResults } from '../../contracts/mutants/results.ts';

const results = (await readResults())!;

test('every fault was seen by a law that is there, and none is missing from the results', () => {
  expect(results.list.map(({ id, file }) => ({ id, file }))).toEqual(MUTANTS.map(({ id, file }) => ({ id, file })));
  expect(results).toMatchObject({ mutants: MUTANTS.length, killed: MUTANTS.length, survivors: [], unchecked: [] });
  const ids = new Set(LAWS.map(({ id }) => id));
  expect(results.list.filter(({ law }) => !ids.has(law))).toEqual([]);
});

test('every law sees a fault', () => {
  expect(new Set(results.list.map(({ law }) => law))).toEqual(new Set(LAWS.map(({ id }) => id)));
});

test('docs/mutants.md is what the results say', async () => {
  await expect(page(results)).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/mutants.md'));
});

function page({ mutants, killed, seed, runs, list }: MutantsDocument): string {
  return `# Mutants

A test that cannot fail proves nothing. So the [laws](contracts.md) are tried on faults: ${mutants} small ones, of the kind that people make, each put into the code by itself, in a process of its own. ${killed} of ${mutants} are seen by a law (seed ${seed}, ${runs} cases for each law and event type, a fifth of them for laws that ask other programs). The table says which law saw it first; the others may as well.

\`\`\`sh
npm run contracts:mutants                        # all of them: about half an hour on two cores
npm run contracts:mutants -- double-15-digits    # one
npm run contracts:mutants -- --json
npm run contracts:mutants -- --save              # keeps what it found in contracts/mutants/results.json
\`\`\`

Exit code 0: every fault is seen. 1: one survives, and a law is missing. 2: it could not be told.

The faults are data, in [contracts/mutants/faults](../contracts/mutants/faults): a text of a file, and what stands there instead. One whose text is gone is an error, so that none is counted that is not made. This page is generated from the results: \`npx vitest run test/docs/mutants.test.ts -u\`.

${LAWS.map(({ id, number }) => {
  const seen = list.filter(({ law }) => law === id);
  return `## Seen by law ${number}, ${id}: ${seen.length}

| fault | what it does | where |
|---|---|---|
${seen.map(({ id: fault, description, file }) => `| ${fault} | ${description.replaceAll('|', '\\|')} | ${file} |`).join('\n')}`;
}).join('\n\n')}
`;
}
