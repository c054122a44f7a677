import { isUtf8 } from 'node:buffer';
import { type ParseError, parse, parseTree, printParseErrorCode, type Node as SyntaxNode } from 'jsonc-parser';
import { ERRORS, type ErrorCode, type Fault, MAX_FAULTS } from '../errors.ts';
import { type ShowWay, showWay } from './json-path.ts';

/** Deepest nesting of objects and arrays that is taken: keeps every recursive walk within a small stack. */
export const MAX_DEPTH = 64;

/** A parsed body, or what is wrong with its bytes. */
export type ParsedBody =
  | { readonly ok: true; readonly value: unknown; readonly keys: number }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Parses the bytes of one JSON text strictly: UTF-8, no byte-order mark, bounded depth.
 *
 * @returns the value, and how many object keys the text holds. `JSON.parse` keeps the last of two equal keys silently;
 *   whoever walks the value counts the keys it meets, and where the counts differ `duplicateKeys` names them.
 */
export function parseBody(bytes: Uint8Array): ParsedBody {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === 0) return refuse('SLUICE_BODY_EMPTY', 'send one JSON object');
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) {
    return refuse('SLUICE_BODY_ENCODING', 'leave out the byte-order mark at the start');
  }
  if (!isUtf8(buffer)) return refuse('SLUICE_BODY_ENCODING', 'encode the body as UTF-8');
  const { depth, keys, hasEscapedKey } = measure(buffer);
  if (depth > MAX_DEPTH) return refuse('SLUICE_JSON_TOO_DEEP', `nest at most ${MAX_DEPTH} levels`);
  const text = buffer.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    // V8 takes an escaped key for one whose text has the same first bytes, such as \" for \\, where an object parsed
    // before had that one in the same place: https://github.com/nodejs/node/issues/63785. Escaped keys are rare enough to
    // be parsed twice.
    return { ok: true, value: hasEscapedKey ? treeValue(parseTree(text)!) : value, keys };
  } catch {
    if (isBlank(buffer)) return refuse('SLUICE_BODY_EMPTY', 'send one JSON object');
    return refuse('SLUICE_JSON_SYNTAX', `correct the JSON text${placeOfError(text)}`);
  }
}

/**
 * Where a text is no JSON, and why. The parser that runs first says it by quoting the text around, which may be anybody's
 * data.
 */
function placeOfError(text: string): string {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true });
  } catch {
    // To this parser, texts may nest deeper than they were measured.
  }
  const [first] = errors;
  if (first === undefined) return '';
  const before = text.slice(0, first.offset).split('\n');
  const what = printParseErrorCode(first.error).replace(/\B[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return ` at line ${before.length}, character ${before.at(-1)!.length + 1}: ${what}`;
}

/** The value of a syntax tree of valid JSON; of two equal keys the last counts. */
function treeValue(node: SyntaxNode): unknown {
  if (node.type === 'array') return node.children!.map(treeValue);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(node.children!.map(({ children }) => [children![0]!.value, treeValue(children![1]!)]));
}

/**
 * The places where a key appears again in one object, one fault each, MAX_FAULTS at most. For bodies that are JSON.
 *
 * @param show says how a place is shown.
 */
export function duplicateKeys(bytes: Uint8Array, show: ShowWay = showWay): Fault[] {
  const faults: Fault[] = [];
  const way: (string | number)[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'array') {
      for (const [index, item] of node.children!.entries()) {
        way.push(index);
        visit(item);
        way.pop();
      }
    }
    if (node.type !== 'object') return;
    const seen = new Set<string>();
    for (const { children } of node.children!) {
      if (faults.length === MAX_FAULTS) return;
      const [key, value] = children!;
      const name: string = key!.value;
      way.push(name);
      if (seen.has(name)) {
        const advice = 'send the key once; which value is meant cannot be told';
        faults.push(fault('SLUICE_JSON_DUPLICATE_KEY', show(way), advice));
      }
      seen.add(name);
      visit(value!);
      way.pop();
    }
  };
  visit(parseTree(Buffer.from(bytes).toString('utf8'))!);
  return faults;
}

/** The lines of an NDJSON body that are not blank, without their LF or CRLF, as views into `bytes`. */
export function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = bytes.indexOf(0x0a, start);
    if (end === -1) end = bytes.length;
    const line = bytes.subarray(start, end > start && bytes[end - 1] === 0x0d ? end - 1 : end);
    if (!isBlank(line)) lines.push(line);
    start = end + 1;
  }
  return lines;
}

/**
 * The items of a JSON array, each as a view into `bytes`, split by structure alone: an item that is no JSON is still an
 * item of its own. Undefined where the brackets do not close, since then the items' borders cannot be told.
 */
export function splitArray(bytes: Uint8Array): Uint8Array[] | undefined {
  const items: Uint8Array[] = [];
  let depth = 0;
  let start = -1;
  let inText = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (inText) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inText = false;
      continue;
    }
    if (byte === QUOTE) {
      if (depth === 0) return undefined;
      inText = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth === 1) {
        if (byte !== OPEN_BRACKET || start !== -1) return undefined;
        start = i + 1;
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth < 0) return undefined;
      if (depth === 0) {
        if (byte !== CLOSE_BRACKET) return undefined;
        const last = bytes.subarray(start, i);
        if (items.length > 0 || !isBlank(last)) items.push(last);
      }
    } else if (byte === COMMA && depth === 1) {
      items.push(bytes.subarray(start, i));
      start = i + 1;
    } else if (depth === 0 && !isSpace(byte!)) {
      return undefined;
    }
  }
  return depth === 0 && !inText && start !== -1 ? items : undefined;
}

/** A fault with its code's own rule. */
export function fault(code: ErrorCode, path: string, advice: string): Fault {
  return { code, path, rule: ERRORS[code].rule, advice };
}

function refuse(code: ErrorCode, advice: string): ParsedBody {
  return { ok: false, faults: [fault(code, '$', advice)] };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Depth of nesting and number of colons outside of text, which in valid JSON is the number of keys. */
function measure(bytes: Uint8Array): { depth: number; keys: number; hasEscapedKey: boolean } {
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  let isEscaped = false;
  let hasEscapedKey = false;
  const length = bytes.length;
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      isEscaped = false;
      for (i += 1; i < length; i += 1) {
        const inner = bytes[i];
        if (inner === BACKSLASH) {
          isEscaped = true;
          i += 1;
        } else if (inner === QUOTE) break;
      }
    } else if (byte === COLON) {
      keys += 1;
      if (isEscaped) hasEscapedKey = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return { depth: deepest, keys, hasEscapedKey };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every(isSpace);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
