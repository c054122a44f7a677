import { branchName, type Field, type Node, type RecordNode } from '../schema/ast.ts';
import { matchFields } from '../schema/resolution.ts';
import { incompatibilities } from './resolve.ts';

/** A type without parts of an earlier version, and the one that reads it. */
export interface ResolvedTypes {
  readonly from: Node;
  readonly to: Node;
  readonly path: string;
}

/** A field of an earlier version, and the one that reads it. */
export interface ResolvedFields {
  readonly from: Field;
  readonly to: Field;
  readonly path: string;
}

/** Every pair of types without parts that resolution brings together. */
export function* resolvedTypes(writer: RecordNode, reader: RecordNode): Generator<ResolvedTypes> {
  for (const pair of resolved(writer, reader)) if ('kind' in pair.from) yield pair as ResolvedTypes;
}

/** Every pair of fields that resolution brings together. */
export function* resolvedFields(writer: RecordNode, reader: RecordNode): Generator<ResolvedFields> {
  for (const pair of resolved(writer, reader)) if (!('kind' in pair.from)) yield pair as ResolvedFields;
}

function* resolved(writer: RecordNode, reader: RecordNode): Generator<ResolvedTypes | ResolvedFields> {
  const met = new Map<RecordNode, Set<RecordNode>>();
  function* visit(from: Node, to: Node, path: string): Generator<ResolvedTypes | ResolvedFields> {
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
        if (step.to === undefined) continue;
        const here = `${path}.${step.to.name}`;
        yield { from: step.from, to: step.to, path: here };
        yield* visit(step.from.node, step.to.node, here);
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
