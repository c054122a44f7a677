import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXPLAINED } from '../../contracts/explained.ts';
import { LAWS } from '../../contracts/laws/laws.ts';
import { type KilledMutant, readResults } from '../../contracts/mutants/results.ts';
import type { ReaderName } from '../../contracts/readers/readers.ts';
import { sluice } from '../support/cli.ts';
import { ZOO_SUBJECTS } from '../support/contract-subjects.ts';

const { list: faults } = (await readResults())!;

const DOCS = join(import.meta.dirname, '../../docs');

/** What broke a law once, by its number. Only what did. */
const FOUND: Readonly<Record<number, string>> = {
  1: 'A long event of an earlier version with bytes that are no UTF-8, where the newest has a text: the edge measures what is long as a row, could not read it, and answered with an error instead.',
  2: 'A body as deep as a body may be, without a field whose default nests further: it was accepted, and could never be read again.',
  3: 'None in Sluice. fastavro 1.13.1 does not take a schema with a decimal that has no precision, or more scale than precision, which Avro says is to be read as if it were no decimal: so the zoo has none.',
  7: 'None in Sluice. Apache Avro 1.12.1 itself: its fast reader fails with "Not an array" for `{"name":"x","type":[{"type":"array","items":"int"},"null"],"default":[]}` where the writer has no `x`.',
};

const READERS: Readonly<Record<ReaderName, string>> = {
  'avro-java': "Apache Avro's Java library",
  fastavro: 'fastavro',
  trino: "Trino's reader of text",
  duckdb: 'DuckDB',
};

test('docs/contracts.md is what the laws say', async () => {
  await expect(page()).toMatchFileSnapshot(join(DOCS, 'contracts.md'));
});

test('the commands of the workflow on that page run, and annotate nothing that is good', async () => {
  const workflow = readFileSync(join(DOCS, 'examples/contracts.yml'), 'utf8');
  const commands = [...workflow.matchAll(/run: npx sluice (.+)/g)].map(([, command]) => command!);
  expect(commands).toHaveLength(2);
  for (const command of commands) {
    // Beside the same schemas instead of another branch, and with a few cases.
    const args = command
      .replace('"origin/$BASE"', 'schemas')
      .replace(/--runs \d+/, '--runs 3')
      .split(' ');
    const { exitCode, stdout, stderr } = await sluice(args);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).not.toMatch(/^::(error|warning)/m);
  }
}, 300_000);

function page(): string {
  return `# Contracts

A contract is what Sluice promises of every schema: these ${LAWS.length} laws. Each is a property that is tried with generated events, thousands if you like, and written down once, in [contracts/laws](../contracts/laws). They hold for your schemas, or you get the smallest event that shows that they don't.

\`\`\`sh
npx sluice contracts                                        # every law, every event type of schemas/
npx sluice contracts shop.order --runs 20000 --schemas my-schemas
npx sluice contracts --law round-trip csv-foreign-eyes --strict
\`\`\`

Exit code 0: no law is broken. 1: one is, or with \`--strict\` one could not be checked. 2: it could not run.

This page is generated from the laws. After a change of them: \`npx vitest run test/docs/contracts.test.ts -u\`.

## The laws

${LAWS.map(lawText).join('\n\n')}

## What a law is tried with

- **Events** that are made from the schema alone: every type, every accepted spelling, texts that have broken CSV, JSON or UTF-8 before, numbers at their ends, defaults left out, personal data. The value that must come back is worked out beside them, without the codec.
- **Events that must be refused**: a good one broken at one place, with the path and the code that must be named.
- **Your own**: the bodies in \`examples.json\` beside a schema are tried first by law 1.
- **Histories**: laws 6 and 7 try yours, and generated ones of 2 to 6 versions that the rules of [compatibility.md](compatibility.md) admit. Each event type has histories of its own.
- **Programs that are not Sluice's**: ${Object.values(READERS).join(', ')}. Each is fetched and built once, into the user's cache ([dependencies.md](dependencies.md)). Where one cannot run, its laws are *not checked*, and say why; they never *hold*.
- **A zoo**: [${ZOO_SUBJECTS.length} event types](../contracts/zoo) as strange as Avro and the rules allow, for our own tests and yours: \`npx sluice contracts --schemas contracts/zoo\`.

## Once more

Cases come from a seed, which is new at every run and printed. A broken law is shown with the smallest input that was found and the command that finds it again:

\`\`\`
sluice contracts shop.order --law round-trip --seed 1234 --runs 1000 --path 0:1:3
\`\`\`

Seed, runs and path belong together; with the same schemas and the same version of Sluice they give the same case.

## Where others decode differently

Law 7 lets these pass, and nothing else ([explained.ts](../contracts/explained.ts)):

| who refuses | with | why |
|---|---|---|
${EXPLAINED.map(({ who, says, why }) => `| ${who === 'avro' ? 'Apache Avro' : 'Sluice'} | ${says.source} | ${why} |`).join('\n')}

## On a pull request

[examples/contracts.yml](examples/contracts.yml) is a workflow for GitHub Actions. \`--format github-actions\` puts each finding beside the file that it is about; \`--format junit\` is for other systems. [actionlint](https://github.com/rhysd/actionlint) finds nothing in it: \`go run github.com/rhysd/actionlint/cmd/actionlint@latest docs/examples/contracts.yml\`.
`;
}

/** The first fault that a law saw, and how to see it again. */
function biteText(id: string): string {
  const seen = faults.filter(({ law }) => law === id);
  const [{ id: fault, description }] = seen as [KilledMutant];
  return `\n\n*Sees*: ${seen.length} of the ${faults.length} [faults](mutants.md) that are tried on the laws. One of them: ${lowered(description)}. Again: \`npm run contracts:mutants -- ${fault}\`.`;
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function lawText({ number, id, statement, why, needs }: (typeof LAWS)[number]): string {
  const asked = needs.length === 0 ? '' : ` Asks ${needs.map((name) => READERS[name]).join(' and ')}.`;
  const found = FOUND[number] === undefined ? '' : `\n\n*Broken once by*: ${FOUND[number]}`;
  return `### ${number}. ${id}\n\n${statement}\n\n*Why*: ${why}${asked}${found}${biteText(id)}`;
}
