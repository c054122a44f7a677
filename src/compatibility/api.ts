import { branchName, type Field, type Logical, type Node, type RecordNode, type UnionNode } from '../schema/ast.ts';
import { shapesOf, unionForm } from '../schema/union-form.ts';
import type { Rule, Severity, Spot } from './rule.ts';
import { listing, typeName } from './walk.ts';

/** What may happen to a body that an earlier version took. */
type Refusal = 'unknown' | 'missing' | 'narrowed' | 'symbols' | 'form';

type Refused = Spot & { readonly refusal: Refusal };

/** Every way in which a body that `earlier` takes may be refused, or be taken for something else, by `later`. */
function refusals(earlier: RecordNode, later: RecordNode): Refused[] {
  return [...new Edge().record(earlier, later, '$')];
}

/** Compares JSON at the edge: neither the names of types nor aliases are known there. */
class Edge {
  /** Pairs of records that were met: a recursive schema repeats its findings for ever. */
  readonly #met = new Map<RecordNode, Set<RecordNode>>();

  *node(earlier: Node, later: Node, path: string): Generator<Refused> {
    if (isTagged(earlier) || isTagged(later)) {
      yield* this.#tagged(earlier, later, path);
      return;
    }
    if (earlier.kind === 'union') {
      for (const branch of earlier.branches) yield* this.node(branch, later, path);
      return;
    }
    const target = later.kind === 'union' ? branchTaking(earlier, later) : later;
    if (target === undefined) yield narrowed(earlier, later, path);
    else if (earlier.kind === 'record' && target.kind === 'record') yield* this.record(earlier, target, path);
    else if (earlier.kind === 'array' && target.kind === 'array') {
      yield* this.node(earlier.items, target.items, `${path}[]`);
    } else if (earlier.kind === 'map' && target.kind === 'map') {
      yield* this.node(earlier.values, target.values, `${path}{}`);
    } else if (earlier.kind === 'enum' && target.kind === 'enum') {
      const lost = earlier.symbols.filter((symbol) => !target.symbols.includes(symbol));
      if (lost.length > 0) yield { refusal: 'symbols', path, message: `${listing(lost)} would be refused` };
    } else if (!takesEveryText(earlier, target)) yield narrowed(earlier, target, path);
  }

  *record(earlier: RecordNode, later: RecordNode, path: string): Generator<Refused> {
    const met = this.#met.get(earlier) ?? new Set<RecordNode>();
    if (met.has(later)) return;
    this.#met.set(earlier, met.add(later));
    const known = new Map(later.fields.map((field) => [field.name, field]));
    for (const field of earlier.fields) {
      const successor = known.get(field.name);
      if (successor === undefined) {
        yield { refusal: 'unknown', path: `${path}.${field.name}`, message: gone(field, later) };
        continue;
      }
      if (field.default !== undefined && successor.default === undefined) {
        yield { refusal: 'missing', path: `${path}.${field.name}`, message: 'it has lost its default' };
      }
      yield* this.node(field.node, successor.node, `${path}.${field.name}`);
    }
    const before = new Set(earlier.fields.map(({ name }) => name));
    for (const field of later.fields) {
      if (before.has(field.name) || field.default !== undefined) continue;
      yield { refusal: 'missing', path: `${path}.${field.name}`, message: 'it is new and has no default' };
    }
  }

  *#tagged(earlier: Node, later: Node, path: string): Generator<Refused> {
    if (!isTagged(earlier) || !isTagged(later)) {
      const [before, after] = [earlier, later].map((node) => (isTagged(node) ? '{"<branch>": value}' : 'the value'));
      yield { refusal: 'form', path, message: `it was written as ${before} and would be as ${after}` };
      return;
    }
    const branches = new Map((later as UnionNode).branches.map((branch) => [branchName(branch), branch]));
    for (const branch of (earlier as UnionNode).branches) {
      const successor = branches.get(branchName(branch));
      if (successor !== undefined) yield* this.node(branch, successor, path);
      else yield { refusal: 'narrowed', path, message: `the branch ${branchName(branch)} would be refused` };
    }
  }
}

function isTagged(node: Node): boolean {
  return node.kind === 'union' && unionForm(node) === 'tagged';
}

/** The branch of a plain union that takes all JSON shapes of a node. */
function branchTaking(node: Node, union: UnionNode): Node | undefined {
  return union.branches.find((branch) => {
    const taken = shapesOf(branch);
    return shapesOf(node).every((shape) => taken.includes(shape));
  });
}

function narrowed(earlier: Node, later: Node, path: string): Refused {
  return { refusal: 'narrowed', path, message: `${typeName(earlier)} was taken, ${typeName(later)} would be` };
}

function gone(field: Field, later: RecordNode): string {
  const heir = later.fields.find(({ aliases }) => aliases.includes(field.name));
  return heir === undefined
    ? 'it is removed, and a field that is not declared is refused'
    : `it is called ${heir.name}; senders know no aliases`;
}

/** Types whose text another type takes as it is, with the same meaning; each takes its own besides. */
const TAKEN_BY: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'double'],
  float: ['double'],
  enum: ['string'],
  uuid: ['string'],
  decimal: ['string'],
  date: ['string'],
  'time-millis': ['time-micros', 'string'],
  'time-micros': ['string'],
  fixed: ['bytes'],
};

/** True where every text of an earlier type is one of the later type and means the same. */
function takesEveryText(earlier: Node, later: Node): boolean {
  const [from, to] = [edgeType(earlier), edgeType(later)];
  if (from !== to) return TAKEN_BY[from]?.includes(to) ?? false;
  if (earlier.kind === 'fixed' && later.kind === 'fixed' && from === 'fixed') return earlier.size === later.size;
  return from !== 'decimal' || fits(logicalOf(earlier), logicalOf(later));
}

/** A duration is the base64 of its bytes, and a UUID the same text whatever it is stored as. */
function edgeType(node: Node): string {
  const type = logicalOf(node)?.type;
  return type === undefined || type === 'duration' ? node.kind : type;
}

function logicalOf(node: Node): Logical | undefined {
  return 'logical' in node ? node.logical : undefined;
}

function fits(from: Logical | undefined, to: Logical | undefined): boolean {
  if (from?.type !== 'decimal' || to?.type !== 'decimal') return false;
  return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
}

const SENDERS = 'senders that go on with the bodies of an earlier version';

/**
 * A body that the newest version refuses is taken as the newest that takes it. What can end no other way is a warning;
 * an error is what might be taken for something else.
 */
const SEVERITY: Readonly<Record<Refusal, Severity>> = {
  unknown: 'warning',
  missing: 'warning',
  symbols: 'warning',
  narrowed: 'error',
  form: 'error',
};

function edgeRule(
  id: string,
  refusal: Refusal,
  texts: { readonly purpose: string; readonly advice: string },
): Rule & { over: 'pair' } {
  const severity = SEVERITY[refusal];
  return {
    id,
    surface: 'API',
    severity,
    affected: severity === 'error' ? SENDERS : `${SENDERS}: they are taken as that version, for as long as they come`,
    ...texts,
    over: 'pair',
    find: (earlier, later) => refusals(earlier.root, later.root).filter((refused) => refused.refusal === refusal),
  };
}

/** JSON at the edge: bodies that were accepted are still accepted, and mean the same. */
export const API_RULES: readonly Rule[] = [
  edgeRule('API_FIELD_KEPT', 'unknown', {
    purpose: 'a field keeps its name and stays: the newest version refuses a field that it does not declare',
    advice: 'keep the field, nullable and with a default, and say in its doc that it is not used any more',
  }),
  edgeRule('API_FIELD_OPTIONAL', 'missing', {
    purpose: 'a body may go on without a field that it could do without',
    advice: 'give the field a default',
  }),
  edgeRule('API_TYPE_NOT_NARROWED', 'narrowed', {
    purpose: 'a type takes every JSON value that it took, with the same meaning',
    advice: 'keep the type or widen it, and add a field of the new type under another name',
  }),
  edgeRule('API_ENUM_SYMBOLS_KEPT', 'symbols', {
    purpose: 'an enum keeps the symbols that senders know; its default is for readers only',
    advice: 'keep the symbol',
  }),
  edgeRule('API_UNION_FORM_SAME', 'form', {
    purpose: 'a union stays plain or tagged',
    advice: 'add only branches whose JSON shape no other branch has',
  }),
  {
    id: 'API_EVENT_ID_SAME',
    surface: 'API',
    severity: 'warning',
    purpose: 'sluice.eventId names the same field',
    affected: 'senders that send an event twice across the change: it would have two ids',
    advice: 'keep the event id',
    over: 'pair',
    *find(earlier, later) {
      const [before, after] = [earlier.settings.eventId, later.settings.eventId];
      if (after !== before) {
        yield { path: '$', message: `sluice.eventId was ${before ?? 'not set'} and is ${after ?? 'not set'}` };
      }
    },
  },
];
