/**
 * True where a JSONPath of a fault leads to a value of a body, or to the object or array that lacks the last step.
 *
 * @param path as faults have it (RFC 9535, normalized but for plain names): `$.a[3]['odd name']`.
 */
export function existsIn(body: unknown, path: string): boolean {
  const way = stepsOf(path);
  if (way === undefined) return false;
  let value = body;
  for (const [index, step] of way.entries()) {
    if (typeof value !== 'object' || value === null) return false;
    const isLast = index === way.length - 1;
    const child = childOf(value as Record<string, unknown>, step);
    // What is missing has no place of its own: its parent is where it is looked for.
    if (child === undefined) return isLast;
    [value] = child;
  }
  return true;
}

type Step = number | string;

function childOf(parent: Readonly<Record<string, unknown>>, step: Step): [unknown] | undefined {
  if (typeof step === 'number') return Array.isArray(parent) && step < parent.length ? [parent[step]] : undefined;
  if (Array.isArray(parent)) return undefined;
  if (Object.hasOwn(parent, step)) return [parent[step]];
  // A path shows the beginning of a name that is very long.
  const long = step.endsWith('…') ? Object.keys(parent).find((name) => name.startsWith(step.slice(0, -1))) : undefined;
  return long === undefined ? undefined : [parent[long]];
}

/** @returns undefined where the text is no path. */
function stepsOf(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: Step[] = [];
  const pattern = /\.([A-Za-z_][A-Za-z0-9_]*…?)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]/suy;
  pattern.lastIndex = 1;
  while (pattern.lastIndex < path.length) {
    const match = pattern.exec(path);
    if (match === null) return undefined;
    const [, plain, index, quoted] = match;
    if (plain !== undefined) steps.push(plain);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(JSON.parse(`"${quoted!.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`) as string);
  }
  return steps;
}
