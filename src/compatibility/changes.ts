import { branchName, type Field, type Node, type RecordNode } from '../schema/ast.ts';
import { canonicalJson } from '../schema/canonical-json.ts';
import type { SchemaVersion } from '../schema/history.ts';
import { typeName } from './walk.ts';

/** One difference between two schemas, harmful or not. */
export interface Change {
  readonly change: 'added' | 'removed' | 'renamed' | 'type' | 'default' | 'doc' | 'pii' | 'name' | 'setting';
  readonly path: string;
  /** As the earlier schema has it; null where it has nothing. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Every difference between two schemas, in the order of the later one's fields. */
export function changesBetween(earlier: SchemaVersion, later: SchemaVersion): Change[] {
  return [
    ...difference('name', '$', earlier.root.name, later.root.name),
    ...difference('doc', '$', earlier.root.doc, later.root.doc),
    ...settingChanges(earlier.definition.sluice, later.definition.sluice),
    ...recordChanges(earlier.root, later.root, '$', new Map()),
  ];
}

type Met = Map<RecordNode, Set<RecordNode>>;

function* recordChanges(earlier: RecordNode, later: RecordNode, path: string, met: Met): Generator<Change> {
  const seen = met.get(earlier) ?? new Set<RecordNode>();
  if (seen.has(later)) return;
  met.set(earlier, seen.add(later));
  const continued = new Set<Field>();
  for (const field of later.fields) {
    const at = `${path}.${field.name}`;
    const former =
      earlier.fields.find(({ name }) => name === field.name) ??
      earlier.fields.find(
        ({ name }) => field.aliases.includes(name) && later.fields.every((other) => other.name !== name),
      );
    if (former === undefined) {
      yield { change: 'added', path: at, before: null, after: describe(field.node) };
      continue;
    }
    continued.add(former);
    yield* difference('renamed', at, former.name, field.name);
    yield* difference('type', at, describe(former.node), describe(field.node));
    yield* difference('default', at, defaultText(former), defaultText(field));
    yield* difference('doc', at, former.doc, field.doc);
    yield* difference('pii', at, former.pii, field.pii);
    yield* partChanges(former.node, field.node, at, met);
  }
  for (const field of earlier.fields) {
    if (continued.has(field)) continue;
    yield { change: 'removed', path: `${path}.${field.name}`, before: describe(field.node), after: null };
  }
}

function* partChanges(earlier: Node, later: Node, path: string, met: Met): Generator<Change> {
  if (earlier.kind === 'record' && later.kind === 'record') yield* recordChanges(earlier, later, path, met);
  else if (earlier.kind === 'array' && later.kind === 'array')
    yield* partChanges(earlier.items, later.items, `${path}[]`, met);
  else if (earlier.kind === 'map' && later.kind === 'map')
    yield* partChanges(earlier.values, later.values, `${path}{}`, met);
  else {
    const former = new Map(branchesOf(earlier).map((branch) => [branchName(branch), branch]));
    for (const branch of branchesOf(later)) {
      const before = former.get(branchName(branch));
      const isPart = earlier.kind === 'union' || later.kind === 'union';
      if (isPart && before !== undefined) yield* partChanges(before, branch, path, met);
    }
  }
}

function branchesOf(node: Node): readonly Node[] {
  return node.kind === 'union' ? node.branches : [node];
}

/** A type with all that it says of itself. */
function describe(node: Node): string {
  switch (node.kind) {
    case 'enum': {
      const fallback = node.default === undefined ? '' : `, default ${node.default}`;
      return `${typeName(node)} (${node.symbols.join(', ')}${fallback})`;
    }
    case 'union':
      return `[${node.branches.map(describe).join(', ')}]`;
    case 'array':
      return `array of ${describe(node.items)}`;
    case 'map':
      return `map of ${describe(node.values)}`;
    default:
      return typeName(node);
  }
}

function defaultText(field: Field): string | undefined {
  return field.default === undefined ? undefined : canonicalJson(field.default);
}

function settingChanges(earlier: unknown, later: unknown): Change[] {
  const [before, after] = [earlier, later].map((sluice) => (sluice ?? {}) as Record<string, unknown>);
  const names = [...new Set([...Object.keys(before!), ...Object.keys(after!)])];
  const text = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));
  return names.flatMap((name) => difference('setting', `$ sluice.${name}`, text(before![name]), text(after![name])));
}

function difference(
  change: Change['change'],
  path: string,
  before: string | undefined,
  after: string | undefined,
): Change[] {
  return before === after ? [] : [{ change, path, before: before ?? null, after: after ?? null }];
}
