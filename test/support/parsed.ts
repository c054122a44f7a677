import { type ParseError, parse } from 'jsonc-parser';

/**
 * The value of a JSON text whose keys may be anything. V8's own parser may take an escaped key for another one that it
 * met before (https://github.com/nodejs/node/issues/63785).
 */
export function parsed(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors);
  if (errors.length > 0) throw new Error(`this is no JSON: ${text.slice(0, 200)}`);
  return value;
}
