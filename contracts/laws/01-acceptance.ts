import fc from 'fast-check';
import { parseBody } from '../../src/codec/json-body.ts';
import { deriveModel } from '../../src/derive/model.ts';
import type { SchemaVersion } from '../../src/schema/history.ts';
import { compileModelValidator } from '../../src/stages/model-validator.ts';
import { bodiesOf } from '../arbitraries/bodies.ts';
import { type RefusedBody, refusedBodiesOf } from '../arbitraries/refused.ts';
import { codecOf, standingVersions } from '../codec.ts';
import type { Law } from '../law.ts';
import { existsIn } from '../paths.ts';
import { checkCases, type Failure } from '../property.ts';

interface Case {
  readonly version: SchemaVersion;
  readonly text: string;
  /** What is wrong with it; undefined where nothing is. */
  readonly wrong: RefusedBody | undefined;
}

export const ACCEPTANCE: Law = {
  number: 1,
  id: 'acceptance',
  statement:
    'The request model never refuses what the codec takes, and what the codec refuses is refused with a path that is in the body.',
  why: 'A model at the edge that is stricter than the codec turns good events away before anybody sees them; a refusal without a place cannot be mended.',
  needs: [],
  check({ history, examples }, context) {
    const codec = codecOf(history);
    const matches = compileModelValidator(deriveModel(history));
    const cases = fc.constantFrom(...standingVersions(history)).chain((version): fc.Arbitrary<Case> => {
      const good = bodiesOf(version.root, version.settings).map(({ text }) => ({ version, text, wrong: undefined }));
      const bad = refusedBodiesOf(version.root, version.settings).map((wrong) => ({
        version,
        text: wrong.text,
        wrong,
      }));
      return fc.oneof({ arbitrary: good, weight: 2 }, bad);
    });
    const options = {
      batch: 50,
      show: ({ text }: Case) => text,
      examples: examples.map((text) => ({ version: history.newest, text, wrong: undefined })),
    };
    return checkCases(context, cases, options, (batch) => {
      for (const { version, text, wrong } of batch) {
        const body = Buffer.from(text);
        const encoded = codec.encode(body, version.version);
        const parsed = parseBody(body);
        const failure = encoded.ok
          ? taken(wrong, parsed.ok ? matches(parsed.value) : undefined)
          : refused(encoded.faults, wrong, parsed.ok ? parsed.value : undefined);
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

function taken(
  wrong: RefusedBody | undefined,
  mismatch: { path: string; advice: string } | undefined,
): Failure | undefined {
  if (wrong !== undefined)
    return { field: wrong.path, details: `taken, and should be refused: ${wrong.codes.join(' or ')}` };
  if (mismatch === undefined) return undefined;
  return { field: mismatch.path, details: `the codec takes it, and the request model does not: ${mismatch.advice}` };
}

function refused(
  faults: readonly { readonly code: string; readonly path: string; readonly rule: string }[],
  wrong: RefusedBody | undefined,
  body: unknown,
): Failure | undefined {
  const [first] = faults;
  if (wrong === undefined) return { field: first!.path, details: `refused, and should be taken: ${first!.code}` };
  const lost = body === undefined ? undefined : faults.find(({ path }) => !existsIn(body, path));
  if (lost !== undefined) return { field: lost.path, details: `${lost.code} names a path that is not in the body` };
  if (faults.some(({ code, path }) => path === wrong.path && (wrong.codes as readonly string[]).includes(code)))
    return undefined;
  const named = faults.map(({ code, path }) => `${code} at ${path}`).join(', ');
  return { field: wrong.path, details: `expected ${wrong.codes.join(' or ')} at ${wrong.path}, and came ${named}` };
}
