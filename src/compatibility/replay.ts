import { branchName, type Node, type RecordNode } from '../schema/ast.ts';
import { isReinterpreted, matchFields } from '../schema/resolution.ts';
import { incompatibilities } from './resolve.ts';
import type { Rule, Spot } from './rule.ts';
import { typeName } from './walk.ts';

/** A type of an earlier version, and the one that reads it. */
interface Resolved {
  readonly from: Node;
  readonly to: Node;
  readonly path: string;
}

/** Every pair of types without parts that resolution brings together. */
function* resolvedPairs(writer: RecordNode, reader: RecordNode): Generator<Resolved> {
  const met = new Map<RecordNode, Set<RecordNode>>();
  function* visit(from: Node, to: Node, path: string): Generator<Resolved> {
    if (from.kind === 'union') for (const branch of from.branches) yield* visit(branch, to, path);
    else if (to.kind === 'union') {
      const branch = branchReading(from, to.branches);
      if (branch !== undefined) yield* visit(from, branch, path);
    } else if (from.kind === 'array' && to.kind === 'array') yield* visit(from.items, to.items, `${path}[]`);
    else if (from.kind === 'map' && to.kind === 'map') yield* visit(from.values, to.values, `${path}{}`);
    else if (from.kind === 'record' && to.kind === 'record') {
      const seen = met.get(from) ?? new Set<RecordNode>();
      if (seen.has(to)) return;
      met.set(from, seen.add(to));
      for (const step of matchFields(from, to).steps) {
        if (step.to !== undefined) yield* visit(step.from.node, step.to.node, `${path}.${step.to.name}`);
      }
    } else yield { from, to, path };
  }
  yield* visit(writer, reader, '$');
}

/** The branch of the same type, else the first that can read it. */
function branchReading(writer: Node, branches: readonly Node[]): Node | undefined {
  return (
    branches.find((branch) => branchName(branch) === branchName(writer)) ??
    branches.find((branch) => incompatibilities(writer, branch).length === 0)
  );
}

/** What an old value must be besides readable, or undefined where every old value will do. */
function demandOf({ from, to }: Resolved): string | undefined {
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
      for (const { from, to, path } of resolvedPairs(earlier.root, later.root)) {
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
      for (const pair of resolvedPairs(earlier.root, later.root)) {
        if (isReinterpreted(logicalOf(pair.from), logicalOf(pair.to))) continue;
        const message = demandOf(pair);
        if (message !== undefined) yield { path: pair.path, message };
      }
    },
  },
];
