import { type Field, type Node, type Pii, partsOf, type RecordNode } from './ast.ts';

/** A field that is marked as personal data, and the place where it is met first: `$.contacts[].email`. */
export interface PersonalField {
  readonly field: Field & { readonly pii: Pii };
  readonly path: string;
}

/** Every field that is marked as personal data, each once, in the order of the schema. */
export function personalFields(root: RecordNode): PersonalField[] {
  const found: PersonalField[] = [];
  const seen = new Set<RecordNode>();
  const visit = (node: Node, path: string): void => {
    switch (node.kind) {
      case 'record':
        if (seen.has(node)) return;
        seen.add(node);
        for (const field of node.fields) {
          const here = `${path}.${field.name}`;
          if (isPersonal(field)) found.push({ field, path: here });
          visit(field.node, here);
        }
        return;
      case 'array':
        return visit(node.items, `${path}[]`);
      case 'map':
        return visit(node.values, `${path}{}`);
      default:
        for (const part of partsOf(node)) visit(part, path);
    }
  };
  visit(root, '$');
  return found;
}

/** True where a type has a field in it that is marked as personal data. */
export function holdsPersonalData(node: Node): boolean {
  return node.kind === 'record'
    ? personalFields(node).length > 0
    : partsOf(node).some((part) => holdsPersonalData(part));
}

function isPersonal(field: Field): field is Field & { readonly pii: Pii } {
  return field.pii !== undefined;
}
