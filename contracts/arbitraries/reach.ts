import { type Field, type Node, partsOf, type RecordNode } from '../../src/schema/ast.ts';
import { unionForm } from '../../src/schema/union-form.ts';
import { Float32 } from './back.ts';
import { backOfDefault } from './held.ts';

/** How deep the JSON of a type's values goes: levels of objects and arrays, 0 for a value without any. */
export interface Reach {
  /** The fewest levels that a value can have, with the defaults that fill it up; Infinity where there is no value at all. */
  least(node: Node): number;
  /** Levels of the default of a field that has one. */
  ofDefault(field: Field): number;
  /** Levels of a value that meets each record once: all there are, unless the schema is recursive. */
  readonly usual: number;
  readonly isRecursive: boolean;
  /** True for a type whose values can nest without an end. */
  isEndless(node: Node): boolean;
}

/** Measures everything that a record reaches. */
export function measure(root: RecordNode): Reach {
  const nodes = reachable(root);
  const least = new Map<Node, number>();
  const defaults = new Map<Field, number>();
  const ofDefault = (field: Field): number => {
    const levels = defaults.get(field) ?? levelsOf(backOfDefault(field.node, field.default));
    defaults.set(field, levels);
    return levels;
  };
  const leastOf = (node: Node) => least.get(node) ?? Number.POSITIVE_INFINITY;
  // Every pass knows more; a record that needs itself never becomes finite.
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of nodes) {
      const levels = leastLevels(node, leastOf, ofDefault);
      if (levels === leastOf(node)) continue;
      least.set(node, levels);
      changed = true;
    }
  }
  const endless = endlessOf(nodes);
  return { least: leastOf, ofDefault, isEndless: (node) => endless.has(node), ...usualLevels(root) };
}

/** What reaches itself, and what reaches that: all that is left once the types are gone whose parts are all gone. */
function endlessOf(nodes: readonly Node[]): ReadonlySet<Node> {
  const left = new Set(nodes);
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const node of left) if (!partsOf(node).some((part) => left.has(part))) left.delete(node);
  }
  return left;
}

/** All types within a type, itself first. */
export function reachable(root: Node): readonly Node[] {
  const seen = new Set<Node>([root]);
  for (const node of seen) for (const part of partsOf(node)) seen.add(part);
  return [...seen];
}

function leastLevels(node: Node, leastOf: (node: Node) => number, ofDefault: (field: Field) => number): number {
  switch (node.kind) {
    case 'array':
    case 'map':
      return 1;
    case 'record':
      return (
        1 +
        Math.max(
          0,
          ...node.fields.map((field) => {
            const levels = leastOf(field.node);
            return field.default === undefined || levels === 0 ? levels : Math.min(levels, ofDefault(field));
          }),
        )
      );
    case 'union':
      return Math.min(...node.branches.map((branch) => leastOf(branch) + tagLevels(node, branch)));
    case 'fixed':
      // Not even zero fits into no bytes.
      return node.size === 0 && node.logical?.type === 'decimal' ? Number.POSITIVE_INFINITY : 0;
    default:
      return 0;
  }
}

function levelsOf(back: unknown): number {
  if (typeof back !== 'object' || back === null || back instanceof Float32) return 0;
  return 1 + Math.max(0, ...Object.values(back).map(levelsOf));
}

/** Levels that a union adds to a value of one of its branches. */
export function tagLevels(union: Node & { kind: 'union' }, branch: Node): number {
  return branch.kind !== 'null' && unionForm(union) === 'tagged' ? 1 : 0;
}

function usualLevels(root: RecordNode): { readonly usual: number; readonly isRecursive: boolean } {
  const known = new Map<Node, number>();
  const around = new Set<Node>();
  let isRecursive = false;
  const visit = (node: Node): number => {
    const before = known.get(node);
    if (before !== undefined) return before;
    if (around.has(node)) {
      isRecursive = true;
      return 0;
    }
    around.add(node);
    const own = node.kind === 'union' ? (unionForm(node) === 'tagged' ? 1 : 0) : partsOf(node).length > 0 ? 1 : 0;
    const isEmpty = node.kind === 'record' && node.fields.length === 0;
    const levels = (isEmpty ? 1 : own) + Math.max(0, ...partsOf(node).map(visit));
    around.delete(node);
    known.set(node, levels);
    return levels;
  };
  const usual = visit(root);
  return { usual, isRecursive };
}
