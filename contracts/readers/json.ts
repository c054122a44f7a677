import { type Node, type ParseError, parseTree } from 'jsonc-parser';

/** JSON text of a value; minus zero keeps its sign, which `JSON.stringify` drops. */
export function jsonText(value: unknown): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`)
    .join(',')}}`;
}

/**
 * The value of a JSON text whose keys may be anything. V8's own parser may take an escaped key for another one that it
 * met before (https://github.com/nodejs/node/issues/63785), so it does not get texts that have one: what
 * parses these takes ten times as long.
 */
export function parsed(text: string): unknown {
  if (!hasEscapedKey(text)) return JSON.parse(text);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors);
  if (tree === undefined || errors.length > 0) throw new Error(`this is no JSON: ${text.slice(0, 200)}`);
  return valueIn(tree);
}

/** Whether a string with an escape in it is a key. */
function hasEscapedKey(text: string): boolean {
  let at = text.indexOf('\\');
  while (at !== -1) {
    // To the end of the string that the escape is in.
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    COLON.lastIndex = at + 1;
    if (COLON.test(text)) return true;
    at = text.indexOf('\\', at);
  }
  return false;
}

const COLON = /\s*:/y;

function valueIn({ type, value, children = [] }: Node): unknown {
  if (type === 'array') return children.map(valueIn);
  if (type !== 'object') return value;
  // Unlike an assignment, this makes a member of `__proto__` as of any other key.
  return Object.fromEntries(children.map(({ children: pair }) => [pair![0]!.value as string, valueIn(pair![1]!)]));
}
