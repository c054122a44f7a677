import type { Field, Node, RecordNode } from '../schema/ast.ts';

/** A node of a schema, and the place where it is met first. */
export interface Place {
  readonly node: Node;
  readonly path: string;
  /** The field that holds it, also where it is an item, a value or a branch; undefined for the root. */
  readonly field: Field | undefined;
}

/** Every node that can be reached, each record once, in the order of the fields. */
export function* placesOf(root: RecordNode): Generator<Place> {
  const seen = new Set<RecordNode>();
  function* visit(place: Place): Generator<Place> {
    const { node, path, field } = place;
    yield place;
    switch (node.kind) {
      case 'record':
        if (seen.has(node)) return;
        seen.add(node);
        for (const part of node.fields) yield* visit({ node: part.node, path: `${path}.${part.name}`, field: part });
        return;
      case 'array':
        yield* visit({ node: node.items, path: `${path}[]`, field });
        return;
      case 'map':
        yield* visit({ node: node.values, path: `${path}{}`, field });
        return;
      case 'union':
        for (const branch of node.branches) yield* visit({ node: branch, path, field });
    }
  }
  yield* visit({ node: root, path: '$', field: undefined });
}

/** Every field of every record, each once. */
export function* fieldsOf(root: RecordNode): Generator<{ readonly field: Field; readonly path: string }> {
  for (const { node, path } of placesOf(root)) {
    if (node.kind === 'record') for (const field of node.fields) yield { field, path: `${path}.${field.name}` };
  }
}

/** A type as people call it: its logical type, its name, or its kind. */
export function typeName(node: Node): string {
  const logical = 'logical' in node ? node.logical : undefined;
  if (logical?.type === 'decimal') return `decimal(${logical.precision},${logical.scale})`;
  if (logical !== undefined) return logical.type;
  switch (node.kind) {
    case 'record':
    case 'enum':
      return `${node.kind} ${node.name}`;
    case 'fixed':
      return `fixed ${node.name} of ${node.size} bytes`;
    case 'array':
      return `array of ${typeName(node.items)}`;
    case 'map':
      return `map of ${typeName(node.values)}`;
    case 'union':
      return `[${node.branches.map(typeName).join(', ')}]`;
    default:
      return node.kind;
  }
}

/** `a`, `a and b`, `a, b and c`. */
export function listing(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
