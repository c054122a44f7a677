import { type Node, parseSchema } from '../../src/schema/ast.ts';
import { unionForm } from '../../src/schema/union-form.ts';
import { Float32 } from './avro-arbitraries.ts';

/**
 * A value in the JSON of docs/json-mapping.md, but for one thing: every value of a union is tagged with its branch (null
 * is not). So foreign programs can be told and asked which branch it is, without knowing when Sluice writes the tag.
 *
 * @param avro the value as avsc holds it with `wrapUnions`: it knows the branches. Absent where a default fills in, and
 *   then it is the first branch.
 * @param back the same value as the edge's JSON comes back: it knows the texts
 */
export function edgeValue(schema: unknown, avro: unknown, back: unknown): unknown {
  return edgeOf(parseSchema(schema), avro, back);
}

function edgeOf(node: Node, avro: unknown, back: unknown): unknown {
  const held = avro as Readonly<Record<string, unknown>> | undefined;
  const shown = back as Readonly<Record<string, unknown>>;
  switch (node.kind) {
    case 'record':
      return Object.fromEntries(
        node.fields.map((field) => [field.name, edgeOf(field.node, held?.[field.name], shown[field.name])]),
      );
    case 'map':
      return Object.fromEntries(
        Object.entries(shown).map(([key, item]) => [key, edgeOf(node.values, held?.[key], item)]),
      );
    case 'array':
      return (back as readonly unknown[]).map((item, index) =>
        edgeOf(node.items, (avro as readonly unknown[] | undefined)?.[index], item),
      );
    case 'union': {
      if (back === null) return null;
      const tag = held === undefined ? tagOf(node.branches[0]!) : Object.keys(held)[0]!;
      const branch = node.branches.find((candidate) => tagOf(candidate) === tag)!;
      return { [tag]: edgeOf(branch, held?.[tag], unionForm(node) === 'tagged' ? shown[tag] : back) };
    }
    default:
      return back;
  }
}

function tagOf(node: Node): string {
  return 'name' in node ? node.name : node.kind;
}

/** The same with numbers for what may have any text that reads back to the same float: to be told, not compared. */
export function told(value: unknown): unknown {
  if (value instanceof Float32) return value.value;
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, told(item)]));
}
