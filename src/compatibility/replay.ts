import type { Node } from '../schema/ast.ts';
import { isReinterpreted } from '../schema/resolution.ts';
import { type ResolvedTypes, resolvedTypes } from './resolved.ts';
import type { Rule, Spot } from './rule.ts';
import { typeName } from './walk.ts';

/** What an old value must be besides readable, or undefined where every old value will do. */
function demandOf({ from, to }: ResolvedTypes): string | undefined {
  const [before, after] = [logicalOf(from), logicalOf(to)];
  if (from.kind === 'bytes' && to.kind === 'string') return 'bytes that are no UTF-8 text could not be read';
  if (after === undefined || after.type === 'duration') return undefined;
  if (before === undefined) return `values that are no ${typeName(to)} could not be read`;
  if (before.type !== 'decimal' || after.type !== 'decimal' || after.precision >= before.precision) return undefined;
  return `decimals of more than ${after.precision} digits could not be read`;
}

function logicalOf(node: Node) {
  return 'logical' in node ? node.logical : undefined;
}

/** Replay: what any earlier version wrote, and what was published, still reads as the newest. */
export const REPLAY_RULES: readonly Rule[] = [
  {
    id: 'REPLAY_LOGICAL_TYPE_SAME',
    surface: 'REPLAY',
    severity: 'error',
    purpose: 'a logical type, and the scale of a decimal, means what it meant: Avro itself would misread it silently',
    affected: 'events of earlier versions, in the topic and in a replay: their decoding is refused',
    advice: 'keep the logical type, and add a field of the new one under another name',
    over: 'pair',
    *find(earlier, later): Generator<Spot> {
      for (const { from, to, path } of resolvedTypes(earlier.root, later.root)) {
        if (!isReinterpreted(logicalOf(from), logicalOf(to))) continue;
        yield { path, message: `${typeName(from)} would be taken for ${typeName(to)}` };
      }
    },
  },
  {
    id: 'REPLAY_VALUES_LEGAL',
    surface: 'REPLAY',
    severity: 'error',
    purpose: 'no old value is outside of what the type allows now',
    affected: 'those events of earlier versions whose values are outside',
    advice: 'keep the type, and add a field of the stricter one under another name',
    over: 'pair',
    *find(earlier, later): Generator<Spot> {
      for (const pair of resolvedTypes(earlier.root, later.root)) {
        if (isReinterpreted(logicalOf(pair.from), logicalOf(pair.to))) continue;
        const message = demandOf(pair);
        if (message !== undefined) yield { path: pair.path, message };
      }
    },
  },
];
