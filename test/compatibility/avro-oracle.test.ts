import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkSchemas } from '../../src/compatibility/check.ts';
import { REPLAY_RULES } from '../../src/compatibility/replay.ts';
import { incompatibilities } from '../../src/compatibility/resolve.ts';
import { parseSchema } from '../../src/schema/ast.ts';
import type { SchemaVersion } from '../../src/schema/history.ts';
import { type AvroOracle, startAvroOracle } from '../oracles/avro.ts';
import { type Disagreement, RECURSION_ASSUMED } from '../oracles/disagreements.ts';
import { settleAliases } from '../oracles/settle-aliases.ts';
import { anyChanges } from '../support/avro-arbitraries.ts';
import { ODD_SCHEMAS } from '../support/odd-schemas.ts';
import { filesOf } from '../support/schema-folders.ts';

// Building the oracle has Maven fetch it, at its very first start.
let oracle: AvroOracle;
beforeAll(async () => {
  oracle = await startAvroOracle();
}, 120_000);
afterAll(() => oracle?.close());

/** Groups of six pairs each: 5,000 pairs are left when one in ten is no schema. */
const GROUPS = 1_000;

describe('WIRE', () => {
  test('judges generated pairs as Apache Avro does, but for what is explained', async () => {
    const counts: Record<
      'compatible' | 'incompatible' | 'no schema' | Exclude<Disagreement, 'recursion-assumed'>,
      number
    > = {
      compatible: 0,
      incompatible: 0,
      'no schema': 0,
      'alias-several': 0,
      'alias-taken': 0,
      'logical-type': 0,
    };
    await fc.assert(
      fc.asyncProperty(anyChanges, async ({ writer, readers }) => {
        await Promise.all(
          readers.map(async (reader) => {
            const verdict = await oracle.judge(writer, reader);
            if (verdict.kind === 'REFUSED') {
              counts['no schema'] += 1;
              return;
            }
            const found = incompatibilities(parseSchema(writer), parseSchema(reader));
            const ours = found.length === 0 ? 'COMPATIBLE' : 'INCOMPATIBLE';
            if (verdict.kind === ours) {
              counts[ours === 'COMPATIBLE' ? 'compatible' : 'incompatible'] += 1;
              if (ours === 'COMPATIBLE' && isReplayRefused(writer, reader)) counts['logical-type'] += 1;
              return;
            }
            // Told which field an alias means, Avro must agree.
            const pair = settleAliases(writer, reader);
            const settled = await oracle.judge(pair.writer, pair.reader);
            expect({ settled: settled.kind, found, before: verdict }).toMatchObject({ settled: ours });
            if (verdict.kind === 'FAILED') expect(verdict.message).toContain('matches multiple fields');
            counts[verdict.kind === 'FAILED' ? 'alias-several' : 'alias-taken'] += 1;
          }),
        );
      }),
      { numRuns: GROUPS },
    );
    const judged = 6 * GROUPS - counts['no schema'];
    process.stderr.write(`pairs judged: ${judged}; ${JSON.stringify(counts)}\n`);
    expect(judged).toBeGreaterThanOrEqual(5_000);
    // A generator that made nothing but one kind would show nothing.
    expect(counts.compatible).toBeGreaterThan(judged / 4);
    expect(counts.incompatible).toBeGreaterThan(judged / 4);
    for (const seen of ['alias-several', 'alias-taken', 'logical-type'] as const)
      expect(counts[seen], seen).toBeGreaterThan(0);
  });
});

test('WIRE does not keep what was assumed of a recursive record, as Apache Avro does', async () => {
  const { writer, reader } = RECURSION_ASSUMED;
  expect(await oracle.judge(writer, reader)).toEqual({ kind: 'COMPATIBLE' });
  const found = incompatibilities(parseSchema(writer), parseSchema(reader));
  expect(found).toMatchObject([{ obstacle: 'type', path: '$.w.x.bad' }]);
});

describe('what Avro takes', () => {
  test.for(ODD_SCHEMAS)('%s, is taken or refused by a finding that names the place', async ([, schema, place]) => {
    expect(await oracle.parses(schema)).toBe(true);
    const errors = errorsOf(schema);
    expect([...new Set(errors.map(({ path }) => path))]).toEqual(place === undefined ? [] : [place]);
    for (const { message } of errors) expect(message).not.toMatch(/stack|undefined|\[object/);
  });

  test('generated schemas are taken', async () => {
    await fc.assert(
      fc.asyncProperty(anyChanges, async ({ readers }) => {
        for (const schema of readers) {
          if (!(await oracle.parses(schema))) continue;
          const rules = errorsOf(schema).map(({ rule }) => rule);
          expect(rules.filter((rule) => !MAY_REFUSE.includes(rule))).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** What speaks against some schemas that Avro takes: two columns of one name, and defaults. */
const MAY_REFUSE = ['TABLE_COLUMN_NAMES_DISTINCT', 'LINT_SCHEMA_VALID', 'LINT_DEFAULT_LEGAL'];

function errorsOf(schema: unknown) {
  return checkSchemas([filesOf('acme.odd', [schema])]).findings.filter(({ severity }) => severity === 'error');
}

function isReplayRefused(writer: unknown, reader: unknown): boolean {
  const [earlier, later] = [writer, reader].map((schema) => ({ root: parseSchema(schema) }) as SchemaVersion);
  return REPLAY_RULES.some((rule) => rule.over === 'pair' && [...rule.find(earlier!, later!)].length > 0);
}
