import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { incompatibilities } from '../../../src/compatibility/resolve.ts';
import { parseSchema } from '../../../src/schema/ast.ts';
import { type AvroOracle, startAvroOracle } from '../../oracles/avro.ts';
import type { Disagreement } from '../../oracles/disagreements.ts';
import { settleAliases } from '../../oracles/settle-aliases.ts';
import { type Apicurio, startApicurio } from '../../support/apicurio.ts';
import { anyChanges } from '../../support/avro-arbitraries.ts';

let apicurio: Apicurio;
let oracle: AvroOracle;
beforeAll(async () => {
  [apicurio, oracle] = await Promise.all([startApicurio(), startAvroOracle()]);
});
afterAll(() => Promise.all([apicurio?.stop(), oracle?.close()]));

/** Groups of six pairs each. */
const GROUPS = 120;

let subjects = 0;

test('WIRE judges generated pairs as a registry does, but for what is explained of Apache Avro', async () => {
  const counts: Record<
    'compatible' | 'incompatible' | 'no schema' | Extract<Disagreement, 'alias-several' | 'alias-taken'>,
    number
  > = { compatible: 0, incompatible: 0, 'no schema': 0, 'alias-several': 0, 'alias-taken': 0 };
  await fc.assert(
    fc.asyncProperty(anyChanges, async ({ writer, readers }) => {
      const subject = await register(writer);
      for (const reader of readers) {
        const theirs = await judge(subject, reader);
        // It gives no reason where it cannot judge: that this is no schema, or that aliases are ambiguous. Avro does.
        const reason = theirs === 'cannot' ? await oracle.judge(writer, reader) : undefined;
        if (reason?.kind === 'REFUSED') {
          counts['no schema'] += 1;
          continue;
        }
        const found = incompatibilities(parseSchema(writer), parseSchema(reader));
        const ours = found.length === 0 ? 'compatible' : 'incompatible';
        if (theirs === ours) {
          counts[ours] += 1;
          continue;
        }
        if (reason !== undefined) {
          expect(reason).toMatchObject({ kind: 'FAILED', message: expect.stringContaining('matches multiple fields') });
        }
        // Told which field an alias means, the registry must agree.
        const pair = settleAliases(writer, reader);
        const settled = await judge(await register(pair.writer), pair.reader);
        expect({ settled, found, before: theirs }).toMatchObject({ settled: ours });
        counts[theirs === 'cannot' ? 'alias-several' : 'alias-taken'] += 1;
      }
    }),
    { numRuns: GROUPS },
  );
  const judged = 6 * GROUPS - counts['no schema'];
  process.stderr.write(`pairs judged by a registry: ${judged}; ${JSON.stringify(counts)}\n`);
  expect(judged).toBeGreaterThan(500);
  // A generator that made nothing but one kind would show nothing.
  expect(counts.compatible).toBeGreaterThan(judged / 5);
  expect(counts.incompatible).toBeGreaterThan(judged / 5);
  expect(counts['alias-several']).toBeGreaterThan(0);
});

/** @returns a new subject whose only version is the schema; the registry reads what it has written before. */
async function register(schema: unknown): Promise<string> {
  subjects += 1;
  const subject = `pair${subjects}`;
  const config = await ask('PUT', `/config/${subject}`, { compatibility: 'BACKWARD' });
  const version = await ask('POST', `/subjects/${subject}/versions`, { schema: JSON.stringify(schema) });
  expect([config.status, version.status]).toEqual([200, 200]);
  return subject;
}

/** Whether a schema may follow: as reader of what was written with the subject's only version. */
async function judge(subject: string, schema: unknown): Promise<'compatible' | 'incompatible' | 'cannot'> {
  const path = `/compatibility/subjects/${subject}/versions/latest`;
  const { status, body } = await ask('POST', path, { schema: JSON.stringify(schema) });
  if (status !== 200) return 'cannot';
  expect(body).toMatchObject({ is_compatible: expect.any(Boolean) });
  return body.is_compatible === true ? 'compatible' : 'incompatible';
}

async function ask(
  method: 'POST' | 'PUT',
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const answer = await fetch(`${apicurio.url}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
