import { canonicalJson } from '../schema/canonical-json.ts';
import { asObject } from './template.ts';

/**
 * Paths at which two property values differ, steps divided by dots, without positions in lists. What is on one side
 * alone is told by its own path, not by those inside of it.
 */
export function differences(before: unknown, after: unknown): string[] {
  const found = new Set<string>();
  const walk = (a: unknown, b: unknown, path: string): void => {
    if (canonicalJson(a) === canonicalJson(b)) return;
    const [left, right] = [asObject(a), asObject(b)];
    if (left !== undefined && right !== undefined && !isFunction(left) && !isFunction(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        walk(left[key], right[key], path === '' ? key : `${path}.${key}`);
      }
    } else if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
      for (const [index, item] of a.entries()) walk(item, b[index], path);
    } else found.add(path);
  };
  walk(before, after, '');
  return [...found];
}

/** Whether a value is for CloudFormation to work out: `{ "Ref": .. }`, `{ "Fn::..": .. }`. */
function isFunction(value: Readonly<Record<string, unknown>>): boolean {
  const [name, ...others] = Object.keys(value);
  return others.length === 0 && name !== undefined && (name === 'Ref' || name.startsWith('Fn::'));
}
