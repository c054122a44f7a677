/** An element of a page, or a text of one. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (Element | string)[];
}

const TOKEN =
  /<!DOCTYPE html>|<\/([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?: [a-z-]+="[^"<]*")*)( \/)?>|<script>([^<&]*)<\/script>|([^<]+)/y;

/**
 * Reads a page as XML is read: every element is closed, attributes are quoted and come once, nothing stands unescaped.
 * No character may be there that acts instead of being seen.
 *
 * @throws Error where it is not so.
 */
export function parseStrictly(text: string): Element {
  const hidden =
    /[^\t\n\x20-\x7e\u00a1-\u{10ffff}]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\p{Cs}]/u.exec(
      text,
    );
  if (hidden !== null) throw new Error(`${JSON.stringify(hidden[0])} at ${hidden.index} cannot be seen`);
  const root = { name: '', attributes: new Map<string, string>(), children: [] as (Element | string)[] };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    if (token === null) throw new Error(`not well-formed at ${at}: ${text.slice(at, at + 80)}`);
    const [, end, start, attributes, isEmpty, script, content] = token;
    const parent = open.at(-1)!;
    if (end !== undefined) {
      if (parent.name !== end) throw new Error(`</${end}> at ${at} closes <${parent.name}>`);
      open.pop();
    } else if (start !== undefined) {
      const element = { name: start, attributes: attributesOf(attributes!), children: [] };
      parent.children.push(element);
      if (isEmpty === undefined) open.push(element);
    } else if (script !== undefined) {
      parent.children.push({ name: 'script', attributes: new Map(), children: [script] });
    } else if (content !== undefined) parent.children.push(plainText(content));
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  return root;
}

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
    if (attributes.has(name!)) throw new Error(`${name} comes twice: ${text}`);
    attributes.set(name!, plainText(value!));
  }
  return attributes;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plainText(text: string): string {
  return text.replace(/&([^;\s]{0,10});?/g, (entity, name: string) => {
    const character = entity.endsWith(';') ? ENTITIES[name] : undefined;
    if (character === undefined) throw new Error(`${entity} is no entity`);
    return character;
  });
}

/** Every element below one, in their order. */
export function* elementsOf(element: Element): Generator<Element> {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    yield child;
    yield* elementsOf(child);
  }
}

export function textOf(element: Element | string): string {
  return typeof element === 'string' ? element : element.children.map(textOf).join('');
}

/** The rows of the table that has a caption, each cell as its text with single spaces. */
export function rowsOf(page: Element, caption: string): string[][] {
  const table = [...elementsOf(page)].find(
    ({ name, children }) => name === 'table' && children.some((child) => textOf(child).trim() === caption),
  );
  if (table === undefined) throw new Error(`there is no table "${caption}"`);
  const body = [...elementsOf(table)].find(({ name }) => name === 'tbody')!;
  return [...elementsOf(body)]
    .filter(({ name }) => name === 'tr')
    .map((row) => row.children.map((cell) => textOf(cell).replace(/\s+/g, ' ').trim()));
}
