import { parseTree, type Node as SyntaxNode } from 'jsonc-parser';
import type { Node } from '../schema/ast.ts';
import { parseBody } from './json-body.ts';
import { itemOf, memberOf, PERSONAL_DATA, type Place, rootPlace } from './personal-places.ts';

/** How a body begins that is not shown at all. */
const WITHHELD = PERSONAL_DATA;

/** Takes the personal data out of a body, for those who look into why an event failed. Never throws. */
export type Redact = (body: Uint8Array) => Uint8Array;

/** What is shown in the place of a value that stands where no schema has declared one, and so may be anything. */
export const UNDECLARED = '[not declared]';

/**
 * Compiles what hides the values of fields that are marked `hash` or `drop`: a placeholder stands for each of them, and
 * for every value that no schema declares, since a name may be misspelt. All other bytes stay as they were sent, with
 * each digit and space; null stays null. A body that is no JSON is withheld as a whole.
 *
 * @param roots every version, since any may be the one that the sender had in mind.
 */
export function compileRedact(roots: readonly Node[]): Redact {
  const root = rootPlace(roots);
  return (body) => {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    // Not as deep as a walk can go, and the same to every parser.
    const tree = parseBody(body).ok ? parseTree(text) : undefined;
    if (tree === undefined) return Buffer.from(`${WITHHELD}: ${body.length} bytes that are no JSON`);
    const pieces: string[] = [];
    let end = 0;
    for (const { node, placeholder } of withheld(tree, root)) {
      pieces.push(text.slice(end, node.offset), JSON.stringify(placeholder));
      end = node.offset + node.length;
    }
    pieces.push(text.slice(end));
    return Buffer.from(pieces.join(''));
  };
}

/** True where a body was redacted, so that it is not the event any more which its sender meant. */
export function isRedacted(body: Uint8Array): boolean {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return text.startsWith(WITHHELD) || [PERSONAL_DATA, UNDECLARED].some((mark) => text.includes(JSON.stringify(mark)));
}

interface Withheld {
  readonly node: SyntaxNode;
  readonly placeholder: string;
}

/** The values to be hidden, in the order of the text. */
function* withheld(node: SyntaxNode, place: Place): Generator<Withheld> {
  if (node.type === 'null') return;
  if (place.isWithheld) {
    yield { node, placeholder: place.nodes.length === 0 ? UNDECLARED : PERSONAL_DATA };
  } else if (!place.nodes.some((type) => takes(type, node))) {
    yield { node, placeholder: UNDECLARED };
  } else if (node.type === 'array') {
    const item = itemOf(place);
    for (const child of node.children!) yield* withheld(child, item);
  } else if (node.type === 'object') {
    for (const { children } of node.children!) {
      const [key, value] = children!;
      yield* withheld(value!, memberOf(place, key!.value));
    }
  }
}

/** True where a type has parts like those of a value, or both have none. */
function takes(type: Node, value: SyntaxNode): boolean {
  switch (type.kind) {
    case 'array':
      return value.type === 'array';
    case 'record':
    case 'map':
    case 'union':
      return value.type === 'object';
    case 'null':
      return false;
    default:
      return value.type !== 'array' && value.type !== 'object';
  }
}
