import { isBack } from './arbitraries/back.ts';
import type { Failure } from './property.ts';

/** Characters of a value that a failure shows. */
const SHOWN = 200;

/**
 * The first place where what came differs from what a sample should read back as; undefined where it does not.
 *
 * @param actual parsed JSON.
 */
export function differenceOf(actual: unknown, back: unknown, path = '$'): Failure | undefined {
  if (isBack(actual, back)) return undefined;
  if (isObject(actual) && isObject(back)) {
    for (const key of new Set([...Object.keys(back), ...Object.keys(actual)])) {
      const at = `${path}.${key}`;
      if (!Object.hasOwn(actual, key)) return { field: at, details: `${show(back[key])} was sent, and nothing came` };
      if (!Object.hasOwn(back, key)) return { field: at, details: `${show(actual[key])} came, and nothing was sent` };
      const difference = differenceOf(actual[key], back[key], at);
      if (difference !== undefined) return difference;
    }
  }
  if (Array.isArray(actual) && Array.isArray(back) && actual.length === back.length) {
    for (const [index, item] of actual.entries()) {
      const difference = differenceOf(item, back[index], `${path}[${index}]`);
      if (difference !== undefined) return difference;
    }
  }
  return { field: path, details: `${show(back)} was sent, and ${show(actual)} came` };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function show(value: unknown): string {
  const text = Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
