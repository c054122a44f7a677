import { differences } from './differences.ts';
import { type Replacement, replacementBy } from './replacement.ts';
import { eventTypeOf, NESTED_STACK, type Resource, referencesIn, type StackTree, type Template } from './template.ts';

export type Action = 'created' | 'changed' | 'replaced' | 'removed';

/** What becomes of one resource. */
export interface Change {
  /** The event type whose nested stack has it; null for what all of them share. */
  readonly eventType: string | null;
  /** Its stack, the event type that a nested one is for, and its logical id: `sluice-dev/shop.order/Queue`. */
  readonly path: string;
  readonly type: string;
  readonly action: Action;
  /** Properties that change, by path; those of other resources that are replaced among them. */
  readonly properties: readonly string[];
  /** Whether CloudFormation may do without the replacement. */
  readonly maybe: boolean;
  readonly before: Resource | undefined;
  readonly after: Resource | undefined;
}

/**
 * What a deployment does to every resource of a stack and of those that it nests.
 *
 * @param before what is deployed; undefined where nothing is.
 * @param after what is to be; undefined where the stack goes.
 */
export function changesBetween(before: StackTree | undefined, after: StackTree | undefined): Change[] {
  return stackChanges(before, after, '', null, new Set());
}

/** @param moved parameters of the stack whose values change because what they name is replaced. */
function stackChanges(
  before: StackTree | undefined,
  after: StackTree | undefined,
  outer: string,
  owner: string | null,
  moved: ReadonlySet<string>,
): Change[] {
  const old: Template = before?.template ?? { Resources: {} };
  const next: Template = after?.template ?? { Resources: {} };
  const own = eventTypeOf(next) ?? eventTypeOf(old);
  const eventType = own ?? owner;
  // People know an event type, and not what the CDK calls its stack.
  const { name } = (after ?? before)!;
  const place = outer === '' ? name : `${outer}${own ?? name}`;
  const replaced = replacedIn(old, next, moved);
  const changes: Change[] = [];
  for (const id of new Set([...Object.keys(old.Resources), ...Object.keys(next.Resources)])) {
    const [a, b] = [old.Resources[id], next.Resources[id]];
    if ((a ?? b)!.Type === NESTED_STACK && (b ?? a)!.Type === NESTED_STACK) {
      changes.push(...nestedChanges(before?.nested[id], after?.nested[id], `${place}/`, eventType, b, replaced));
      continue;
    }
    const change = { eventType, path: `${place}/${id}`, type: (b ?? a)!.Type, before: a, after: b };
    if (a === undefined) changes.push({ ...change, action: 'created', properties: [], maybe: false });
    else if (b === undefined) changes.push({ ...change, action: 'removed', properties: [], maybe: false });
    else if (a.Type !== b.Type) {
      // The same name for something else: the one goes, the other comes.
      changes.push({ ...change, type: a.Type, after: undefined, action: 'removed', properties: [], maybe: false });
      changes.push({ ...change, before: undefined, action: 'created', properties: [], maybe: false });
    } else {
      const { properties, replacement } = judged(
        a,
        b,
        new Set([...replaced.keys()].filter((name) => name !== id)),
        moved,
      );
      if (properties.length === 0) continue;
      const action = replacement === 'no' ? 'changed' : 'replaced';
      changes.push({ ...change, action, properties, maybe: replacement === 'maybe' });
    }
  }
  return changes;
}

function nestedChanges(
  before: StackTree | undefined,
  after: StackTree | undefined,
  outer: string,
  owner: string | null,
  resource: Resource | undefined,
  replaced: ReadonlyMap<string, Replacement>,
): Change[] {
  if (before === undefined && after === undefined) return [];
  const parameters = Object.entries((resource?.Properties.Parameters ?? {}) as Record<string, unknown>);
  const moved = parameters.filter(([, value]) => [...referencesIn(value)].some((name) => replaced.has(name)));
  return stackChanges(before, after, outer, owner, new Set(moved.map(([name]) => name)));
}

/**
 * Resources that are replaced, those among them that name others in a property that cannot change: a replacement gives
 * a resource another name.
 */
function replacedIn(old: Template, next: Template, moved: ReadonlySet<string>): Map<string, Replacement> {
  const replaced = new Map<string, Replacement>();
  const both = Object.entries(old.Resources).flatMap(([id, a]) => {
    const b = next.Resources[id];
    return b === undefined || a.Type !== b.Type || a.Type === NESTED_STACK ? [] : [{ id, a, b }];
  });
  for (let before = -1; before !== replaced.size; ) {
    before = replaced.size;
    for (const { id, a, b } of both) {
      const { replacement } = judged(a, b, new Set(replaced.keys()), moved);
      if (replacement !== 'no' && !replaced.has(id)) replaced.set(id, replacement);
    }
  }
  return replaced;
}

/** What changes in a resource, and whether that replaces it. */
function judged(
  a: Resource,
  b: Resource,
  replaced: ReadonlySet<string>,
  moved: ReadonlySet<string>,
): { readonly properties: readonly string[]; readonly replacement: Replacement } {
  const own = differences(a.Properties, b.Properties);
  const led = Object.entries(b.Properties)
    .filter(([, value]) => [...referencesIn(value)].some((name) => replaced.has(name) || moved.has(name)))
    .map(([name]) => name)
    .filter((name) => !own.some((path) => path === name || path.startsWith(`${name}.`)));
  const each = (paths: readonly string[]): Replacement[] => paths.map((path) => replacementBy(b.Type, path));
  // A function's outcome may stay the same although what it names is replaced: only its own property counts in full.
  const verdicts = [...each(own), ...each(led)];
  const replacement = verdicts.includes('yes') ? 'yes' : verdicts.includes('maybe') ? 'maybe' : 'no';
  return { properties: [...own, ...led], replacement };
}
