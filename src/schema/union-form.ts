import type { Node, UnionNode } from './ast.ts';

/** `plain`: a value stands as it is. `tagged`: it is written `{"<branch name>": value}`, null stays null. */
export type UnionForm = 'plain' | 'tagged';

/**
 * How a union is written in JSON: plain where no two branches share a JSON shape, else tagged. It depends on the shapes
 * alone, never on the value, so that a reader knows it from the schema.
 */
export function unionForm(union: UnionNode): UnionForm {
  const seen = new Set<JsonShape>();
  for (const branch of union.branches) {
    for (const shape of shapesOf(branch)) {
      if (seen.has(shape)) return 'tagged';
      seen.add(shape);
    }
  }
  return 'plain';
}

export type JsonShape = 'null' | 'boolean' | 'number' | 'string' | 'object' | 'array';

/** The JSON shapes that a node's values may have at the edge. */
export function shapesOf(node: Node): readonly JsonShape[] {
  const logical = 'logical' in node ? node.logical?.type : undefined;
  if (logical === 'date' || logical === 'time-millis' || logical === 'time-micros') return ['string'];
  switch (node.kind) {
    case 'null':
      return ['null'];
    case 'boolean':
      return ['boolean'];
    case 'int':
      return ['number'];
    case 'long':
    case 'float':
    case 'double':
      return ['number', 'string'];
    case 'array':
      return ['array'];
    case 'map':
    case 'record':
      return ['object'];
    case 'union':
      return [...new Set(node.branches.flatMap(shapesOf))];
    default:
      return ['string'];
  }
}

/** The JSON shape of a parsed value. */
export function shapeOf(value: unknown): JsonShape {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as JsonShape;
}
