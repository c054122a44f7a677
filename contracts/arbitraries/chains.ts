import fc from 'fast-check';
import { admitVersions } from '../../src/compatibility/admit.ts';
import { canonicalJson } from '../../src/schema/canonical-json.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { nextVersion, STEPS } from './chain-steps.ts';
import { Choices, choiceLists } from './choices.ts';
import type { RecordJson } from './schema-builder.ts';
import { schemas } from './schemas.ts';

/** The versions of an event type. */
export interface Chain {
  /** Oldest first, 2 to 6; each is admitted after those before it. */
  readonly definitions: readonly object[];
}

const step = fc.tuple(fc.constantFrom(...Object.keys(STEPS)), choiceLists);

/** Histories as their steps make them, before anybody judges them. */
export const proposedChains: fc.Arbitrary<Chain> = fc
  .tuple(
    schemas,
    fc.array(fc.array(step, { minLength: 1, maxLength: 3, size: 'max' }), { minLength: 1, maxLength: 5, size: 'max' }),
  )
  .map(([first, versions]) => ({ definitions: grow(first, versions) }));

/** Histories of 2 to 6 versions that the check admits. The steps see to it; what is sorted out is one in hundreds. */
export const chains: fc.Arbitrary<Chain> = proposedChains.filter((chain) => admitted(chain) !== undefined);

/** What generated histories are called. */
const EVENT_TYPE = 'contracts.chain';

/** The same, as they were admitted. */
export const chainHistories: fc.Arbitrary<SchemaHistory> = chains.map((chain) => admitted(chain)!);

/** Judged once: it takes longer than whatever a history is then used for. */
const ADMITTED = new WeakMap<Chain, SchemaHistory | undefined>();

/** The history of a chain, where each of its versions is admitted after those before it. */
export function admitted(chain: Chain): SchemaHistory | undefined {
  if (!ADMITTED.has(chain)) ADMITTED.set(chain, judged(chain));
  return ADMITTED.get(chain);
}

function judged({ definitions }: Chain): SchemaHistory | undefined {
  const files = definitions.map((definition, index) => ({ version: index + 1, definition }));
  try {
    const history = admitVersions(EVENT_TYPE, files);
    return history.refused.length === 0 ? history : undefined;
  } catch {
    // Not even the first one is.
    return undefined;
  }
}

function grow(
  first: RecordJson,
  versions: readonly (readonly (readonly [string, readonly number[]])[])[],
): RecordJson[] {
  let count = 0;
  const fresh = (word: string): string => {
    count += 1;
    return `${word}${count}`;
  };
  const definitions = [first];
  const known = new Set([canonicalJson(first)]);
  for (const steps of versions) {
    let next = definitions.at(-1)!;
    for (const [name, list] of steps) next = nextVersion(next, name, new Choices(list), fresh);
    // Fields that were moved and moved back make an old version of a new one.
    while (known.has(canonicalJson(next))) next = nextVersion(next, 'say more', new Choices([]), fresh);
    known.add(canonicalJson(next));
    definitions.push(next);
  }
  return definitions;
}
