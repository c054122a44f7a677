import { notesOf } from '../derive/types.ts';
import { branchName, type Node } from '../schema/ast.ts';
import { type JsonShape, shapesOf, unionForm } from '../schema/union-form.ts';

const SHAPES: Readonly<Record<JsonShape, string>> = {
  null: 'null',
  boolean: 'true or false',
  number: 'number',
  string: 'text',
  object: 'object',
  array: 'array',
};

/** How a field's value is written in the JSON at the edge: its shape, and what the shape does not say. */
export function jsonForm(node: Node): string {
  return [shapeText(node), ...enumNotes(node), ...notesOf(node)].join('. ').replaceAll('..', '.');
}

function shapeText(node: Node): string {
  switch (node.kind) {
    case 'array':
      return node.items.kind === 'record' ? 'array of objects' : `array of: ${shapeText(node.items)}`;
    case 'map':
      return `object of any keys, with values: ${shapeText(node.values)}`;
    case 'union': {
      const branches = node.branches.filter(({ kind }) => kind !== 'null');
      const texts =
        unionForm(node) === 'tagged'
          ? branches.map((branch) => `{"${branchName(branch)}": ${shapeText(branch)}}`)
          : branches.map(shapeText);
      // Avro often has null first, for the sake of defaults; people read it last.
      return (branches.length === node.branches.length ? texts : [...texts, SHAPES.null]).join(' or ');
    }
    case 'float':
    case 'double':
      return 'number or "NaN", "Infinity", "-Infinity"';
    default:
      return shapesOf(node)
        .map((shape) => SHAPES[shape])
        .join(' or ');
  }
}

/** The symbols of the enums that a value is made of, but for those inside of records, which have fields of their own. */
function enumNotes(node: Node): readonly string[] {
  switch (node.kind) {
    case 'enum':
      return [`One of ${node.symbols.join(', ')}`];
    case 'array':
      return enumNotes(node.items);
    case 'map':
      return enumNotes(node.values);
    case 'union':
      return node.branches.flatMap(enumNotes);
    default:
      return [];
  }
}
