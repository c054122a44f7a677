import type { Node } from '../src/schema/ast.ts';
import { branchName } from '../src/schema/ast.ts';
import { unionForm } from '../src/schema/union-form.ts';
import { Float32 } from './arbitraries/back.ts';

/**
 * A value in the JSON of docs/json-mapping.md, but for two things: every value of a union is tagged with its branch (null
 * is not), so that foreign programs can be told and asked which branch it is without knowing when Sluice writes the tag;
 * and UUIDs are in lower case, since those who have a type for them do not keep the case.
 *
 * @param avro the value as avsc holds it with `wrapUnions`: it knows the branches. Absent where a default fills in, and
 *   then it is the first branch.
 * @param back the same value as the edge's JSON comes back: it knows the texts
 */
export function edgeValue(node: Node, avro: unknown, back: unknown): unknown {
  const held = avro as Readonly<Record<string, unknown>> | undefined;
  const shown = back as Readonly<Record<string, unknown>>;
  switch (node.kind) {
    case 'record':
      return Object.fromEntries(
        node.fields.map((field) => [field.name, edgeValue(field.node, held?.[field.name], shown[field.name])]),
      );
    case 'map':
      return Object.fromEntries(
        Object.entries(shown).map(([key, item]) => [key, edgeValue(node.values, held?.[key], item)]),
      );
    case 'array':
      return (back as readonly unknown[]).map((item, index) =>
        edgeValue(node.items, (avro as readonly unknown[] | undefined)?.[index], item),
      );
    case 'union': {
      if (back === null) return null;
      const tag = held === undefined ? branchName(node.branches[0]!) : Object.keys(held)[0]!;
      const branch = branchOf(node.branches, tag);
      return { [tag]: edgeValue(branch, held?.[tag], unionForm(node) === 'tagged' ? shown[tag] : back) };
    }
    default:
      return 'logical' in node && node.logical?.type === 'uuid' ? (back as string).toLowerCase() : back;
  }
}

/** The same with numbers for what may have any text that reads back to the same float: to be told, not compared. */
export function told(value: unknown): unknown {
  if (value instanceof Float32) return value.value;
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, told(item)]));
}

/** What `edgeValue` or a foreign program gives, as decoding gives it: compare by `isBack`. */
export function untagged(node: Node, value: unknown): unknown {
  switch (node.kind) {
    case 'record': {
      const members = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(node.fields.map((field) => [field.name, untagged(field.node, members[field.name])]));
    }
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, untagged(node.values, item)]),
      );
    case 'array':
      return (value as readonly unknown[]).map((item) => untagged(node.items, item));
    case 'union': {
      if (value === null) return null;
      const [[tag, item]] = Object.entries(value as object) as [[string, unknown]];
      const back = untagged(branchOf(node.branches, tag), item);
      return unionForm(node) === 'tagged' ? { [tag]: back } : back;
    }
    case 'float':
      return typeof value === 'number' ? new Float32(Math.fround(value)) : value;
    default:
      return value;
  }
}

function branchOf(branches: readonly Node[], tag: string): Node {
  const branch = branches.find((candidate) => branchName(candidate) === tag);
  if (branch === undefined) throw new Error(`a union without a branch "${tag}"`);
  return branch;
}
