import type { Node } from '../schema/ast.ts';

/** An Avro type as its schema says it, the logical type behind the type that carries it: `bytes, decimal(12,2)`. */
export function avroType(node: Node): string {
  const logical = 'logical' in node ? node.logical : undefined;
  const plain = plainType(node);
  if (logical === undefined) return plain;
  return `${plain}, ${logical.type}${logical.type === 'decimal' ? `(${logical.precision},${logical.scale})` : ''}`;
}

function plainType(node: Node): string {
  switch (node.kind) {
    case 'record':
    case 'enum':
      return `${node.kind} ${node.name}`;
    case 'fixed':
      return `fixed ${node.name} of ${node.size} bytes`;
    case 'array':
      return `array of ${inside(node.items)}`;
    case 'map':
      return `map of ${inside(node.values)}`;
    case 'union':
      return node.branches.map(avroType).join(' | ');
    default:
      return node.kind;
  }
}

function inside(node: Node): string {
  return node.kind === 'union' ? `(${avroType(node)})` : avroType(node);
}
