import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_MODE, MODES } from '../../src/compatibility/mode.ts';
import { type Rule, SURFACES, type Surface } from '../../src/compatibility/rule.ts';
import { RULES } from '../../src/compatibility/rules.ts';
import { DISAGREEMENTS } from '../oracles/disagreements.ts';

const PAGE = join(import.meta.dirname, '../../docs/compatibility.md');

/** What each surface is, for people. */
const ABOUT: Readonly<Record<Surface, string>> = {
  WIRE: 'Avro resolution. The newest version reads what every earlier one wrote; `FORWARD` and `FULL` ask for the other direction as well.',
  API: 'JSON at the edge. A body that an earlier version took is still taken, and means the same. Aliases and the defaults of enums do not help here: they are for readers.',
  CSV: 'The objects. They are read by position, so what was written stays where it is.',
  TABLE: 'The Glue table over the objects.',
  QUERY: 'The views that people query.',
  REPLAY: 'What any earlier version wrote is read again, as the newest.',
  LINT: 'What needs no second version to go wrong. Only the newest version is judged: older ones cannot be mended any more.',
};

test('docs/compatibility.md is what the table of rules says', async () => {
  await expect(page()).toMatchFileSnapshot(PAGE);
});

function page(): string {
  return `# Compatibility

\`sluice schema check\` judges every version of every event type beside all earlier ones, on each surface that a change can be felt on. A finding names the rule, the version, the field, who is affected and what to do instead. An error makes the command exit with 1; a warning is shown.

\`sluice schema check --against DIR\` (or a git ref, or the address of a [registry](registries.md#between-git-and-a-registry)) compares with what was published there as well: published text never changes.

This page is generated from the rules in [src/compatibility](../src/compatibility). After a change of a rule: \`npx vitest run test/docs/compatibility.test.ts -u\`.

## Modes

A version asks for its mode by \`"sluice": {"compatibility": "FULL_TRANSITIVE"}\`. The default is \`${DEFAULT_MODE}\`, because replay reads every old version again.

| mode | earlier versions whose data, bodies and queries must go on | earlier versions that must read its data |
|---|---|---|
${Object.entries(MODES)
  .map(([mode, { backward, forward }]) => `| \`${mode}\` | ${reach(backward)} | ${reach(forward)} |`)
  .join('\n')}

What a mode asks less than the default counts only with a \`sluice.compatibilityReason\`; findings that it lets pass are then shown as warnings, with the reason. Without one, \`NONE\` and \`BACKWARD\` are findings themselves, and \`FORWARD\` and \`FULL\` add to the default.

${SURFACES.map(surface).join('\n')}
## Beside Apache Avro's own check

The judgement on WIRE is compared with \`SchemaCompatibility\` of Apache Avro's Java library over thousands of generated pairs ([the test](../test/compatibility/avro-oracle.test.ts)). These are all the differences:

| | Apache Avro | Sluice | why |
|---|---|---|---|
${Object.entries(DISAGREEMENTS)
  .map(([name, { avro, sluice, why }]) => `| ${name} | ${avro} | ${sluice} | ${why} |`)
  .join('\n')}
`;
}

function reach(reach: string): string {
  return { none: 'none', latest: 'the one before', all: 'all' }[reach]!;
}

function surface(name: Surface): string {
  return `## ${name}

${ABOUT[name]}

| rule | severity | what it asks | who is affected | what to do instead |
|---|---|---|---|---|
${RULES.filter((rule) => rule.surface === name)
  .map(row)
  .join('\n')}
`;
}

function row({ id, severity, purpose, affected, advice }: Rule): string {
  return `| \`${id}\` | ${severity} | ${purpose} | ${affected} | ${advice} |`;
}
