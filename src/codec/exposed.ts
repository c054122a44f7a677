import type { Node, RecordNode } from '../schema/ast.ts';
import { matchFields } from '../schema/resolution.ts';

/**
 * A field of which an earlier version would keep more than a later one, which hashes or drops it: what a sender still writes
 * by the earlier version must not get past the mark. Rules keep a mark from being added in place, but a schema may have
 * itself excepted from rules.
 *
 * @returns its path in the earlier version, undefined where there is none.
 */
export function exposedField(earlier: RecordNode, later: RecordNode): string | undefined {
  const met = new Map<RecordNode, Set<RecordNode>>();
  const visit = (from: Node, to: Node, path: string): string | undefined => {
    if (from.kind === 'union') return first(from.branches, (branch) => visit(branch, to, path));
    if (to.kind === 'union') return first(to.branches, (branch) => visit(from, branch, path));
    if (from.kind === 'array' && to.kind === 'array') return visit(from.items, to.items, `${path}[]`);
    if (from.kind === 'map' && to.kind === 'map') return visit(from.values, to.values, `${path}{}`);
    if (from.kind !== 'record' || to.kind !== 'record') return undefined;
    const seen = met.get(from) ?? new Set<RecordNode>();
    if (seen.has(to)) return undefined;
    met.set(from, seen.add(to));
    return first(matchFields(from, to).steps, ({ from: was, to: is }) => {
      // What is dropped as a whole is no more in its parts.
      if (is === undefined || was.pii === 'drop') return undefined;
      const here = `${path}.${was.name}`;
      const isHidden = is.pii === 'drop' || (is.pii === 'hash' && was.pii !== 'hash');
      return isHidden ? here : visit(was.node, is.node, here);
    });
  };
  return visit(earlier, later, '$');
}

function first<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
