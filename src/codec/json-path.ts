/** Characters of a name that a path shows: it is for people, and a name may be as long as its body. */
const SHOWN_CHARACTERS = 100;

/** The names and indexes on the way from the root of a body to a value. */
export type Way = readonly (string | number)[];

/** Shows people a way. */
export type ShowWay = (way: Way) => string;

/** JSONPath of a way: `$` for the whole body. */
export const showWay: ShowWay = (way) => way.reduce<string>(childPath, '$');

/** JSONPath of a child: `$.name` for plain names, `$['odd name']` else, `$[3]` for an item (RFC 9535). */
export function childPath(parent: string, child: string | number): string {
  if (typeof child === 'number') return `${parent}[${child}]`;
  const name = child.length > SHOWN_CHARACTERS ? `${child.slice(0, SHOWN_CHARACTERS)}…` : child;
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return `${parent}.${name}`;
  // JSON's escapes are those of a normalized path but for the quotes.
  const escaped = JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `${parent}['${escaped}']`;
}
