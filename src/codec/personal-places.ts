import { branchName, type Field, type Node } from '../schema/ast.ts';
import { unionForm } from '../schema/union-form.ts';
import { type ShowWay, showWay } from './json-path.ts';

/**
 * What is shown in the place of personal data. Names of fields are the schema's and are shown; keys of a map are data,
 * and so is the name of a member that nobody has declared.
 */
export const PERSONAL_DATA = '[personal data]';

/** A place in a body as several schemas see it at once: whichever of them a sender had in mind, what it hides is hidden. */
export interface Place {
  /** The types that the schemas declare here, those in plain unions one by one; none where nobody has declared it. */
  readonly nodes: readonly Node[];
  /** It is within a field that is marked as personal data, or may be: nobody has declared it. */
  readonly isPersonal: boolean;
  /** What is here is hashed or dropped. */
  readonly isWithheld: boolean;
}

/** The place of a whole body. */
export function rootPlace(roots: readonly Node[]): Place {
  return { nodes: roots.flatMap(alternatives), isPersonal: false, isWithheld: false };
}

/** The place of an object's member. */
export function memberOf({ nodes, isPersonal, isWithheld }: Place, key: string): Place & { readonly isName: boolean } {
  const found: Node[] = [];
  const fields: Field[] = [];
  let isName = false;
  for (const node of nodes) {
    if (node.kind === 'map') found.push(node.values);
    else {
      const branch =
        node.kind === 'union' ? node.branches.find((candidate) => branchName(candidate) === key) : undefined;
      const field = node.kind === 'record' ? node.fields.find(({ name }) => name === key) : undefined;
      if (field !== undefined) fields.push(field);
      const named = branch ?? field?.node;
      if (named === undefined) continue;
      found.push(named);
      isName = true;
    }
  }
  return {
    nodes: found.flatMap(alternatives),
    isPersonal: isPersonal || found.length === 0 || fields.some(({ pii }) => pii !== undefined),
    isWithheld: isWithheld || fields.some(({ pii }) => pii === 'hash' || pii === 'drop'),
    isName,
  };
}

/** The place of an array's items. */
export function itemOf({ nodes, isPersonal, isWithheld }: Place): Place {
  const items = nodes.flatMap((node) => (node.kind === 'array' ? alternatives(node.items) : []));
  return { nodes: items, isPersonal: isPersonal || items.length === 0, isWithheld };
}

/** Paths into the bodies of the given schemas, in which keys that are personal data are hidden. */
export function personalPaths(roots: readonly Node[]): ShowWay {
  return (way) => {
    let place = rootPlace(roots);
    const shown = way.map((step) => {
      if (typeof step === 'number') {
        place = itemOf(place);
        return step;
      }
      const wasPersonal = place.isPersonal;
      const member = memberOf(place, step);
      place = member;
      return wasPersonal && !member.isName ? PERSONAL_DATA : step;
    });
    return showWay(shown);
  };
}

/** The types of which a value may be one without saying so. */
function alternatives(node: Node): readonly Node[] {
  return node.kind === 'union' && unionForm(node) === 'plain' ? node.branches : [node];
}
