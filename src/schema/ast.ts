import { SluiceError } from '../errors.ts';

/**
 * An Avro schema as a graph of nodes, names resolved: recursive schemas are cyclic graphs.
 * Source: Apache Avro 1.12 specification, "Schema Declaration" and "Logical Types".
 */
export type Node = PrimitiveNode | FixedNode | EnumNode | ArrayNode | MapNode | UnionNode | RecordNode;

export type PrimitiveKind = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

interface Annotated {
  readonly logical?: Logical | undefined;
  /** Why the schema's logical type is ignored, where it names one that cannot be heeded. */
  readonly ignored?: string | undefined;
}

export interface PrimitiveNode extends Annotated {
  readonly kind: PrimitiveKind;
}

interface Named {
  /** Full name, namespace included. */
  readonly name: string;
  /** Full names this type was called before. */
  readonly aliases: readonly string[];
  readonly doc?: string | undefined;
}

export interface FixedNode extends Named, Annotated {
  readonly kind: 'fixed';
  /** In bytes. */
  readonly size: number;
}

export interface EnumNode extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  /** What a reader takes for a symbol it does not know. */
  readonly default?: string | undefined;
}

export interface ArrayNode {
  readonly kind: 'array';
  readonly items: Node;
}

export interface MapNode {
  readonly kind: 'map';
  readonly values: Node;
}

export interface UnionNode {
  readonly kind: 'union';
  readonly branches: readonly Node[];
}

export interface RecordNode extends Named {
  readonly kind: 'record';
  readonly fields: readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly doc?: string | undefined;
  readonly node: Node;
  /** The default as the schema writes it; undefined where there is none (null is a default). */
  readonly default?: unknown;
  /** What happens to the value, which is personal data; undefined where it is none. */
  readonly pii?: Pii | undefined;
}

/**
 * What happens to personal data before an event reaches Kafka. `hash`: a keyed hash takes its place. `drop`: it is left
 * out. `clear`: it stays readable, on purpose.
 */
export type Pii = (typeof PII)[number];

export const PII = ['hash', 'drop', 'clear'] as const;

/**
 * A logical type that Sluice knows. One that it does not know, or that does not fit what it annotates, is read as the
 * underlying type, as the specification asks.
 */
export type Logical =
  | { readonly type: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly type: Exclude<LogicalType, 'decimal'> };

export type LogicalType =
  | 'decimal'
  | 'uuid'
  | 'duration'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | TimestampType
  | `local-${TimestampType}`;

export type TimestampType = 'timestamp-millis' | 'timestamp-micros' | 'timestamp-nanos';

const PRIMITIVES: ReadonlySet<string> = new Set<PrimitiveKind>([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/** Which underlying types a logical type may annotate. */
const LOGICAL_BASES: Readonly<Record<LogicalType, readonly string[]>> = {
  decimal: ['bytes', 'fixed'],
  uuid: ['string', 'fixed'],
  duration: ['fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
};

/** Digits of a decimal: far more than anyone counts, and few enough to compute with. */
const MAX_PRECISION = 1000;

/** Types within types: far more than a body may nest, and few enough for every walk over a schema. */
const MAX_DEPTH = 200;

type Json = Record<string, unknown>;

/**
 * Parses a schema into nodes.
 *
 * @param definition the parsed JSON of an `.avsc` file whose root is a record.
 * @throws SluiceError SLUICE_SCHEMA_INVALID, naming the place.
 */
export function parseSchema(definition: unknown): RecordNode {
  const root = new Parser().parse(definition, '', '$');
  if (root.kind !== 'record') throw invalid('$', 'the root of an event schema must be a record');
  return root;
}

/** The name that stands for a node in a union: the full name of a named type, else the name of the type. */
export function branchName(node: Node): string {
  return 'name' in node ? node.name : node.kind;
}

/** The one branch of a union that is not null, where the union is `[null, X]` or `[X, null]`. */
export function optionalOf(node: Node): { readonly node: Node; readonly nullIndex: 0 | 1 } | undefined {
  if (node.kind !== 'union' || node.branches.length !== 2) return undefined;
  const nullIndex = node.branches.findIndex((branch) => branch.kind === 'null');
  if (nullIndex === -1) return undefined;
  return { node: node.branches[1 - nullIndex]!, nullIndex: nullIndex as 0 | 1 };
}

/** The branch of a type that is null, 0 for null itself; undefined where the type takes no null. */
export function nullBranchOf(node: Node): number | undefined {
  if (node.kind === 'null') return 0;
  const index = node.kind === 'union' ? node.branches.findIndex((branch) => branch.kind === 'null') : -1;
  return index === -1 ? undefined : index;
}

/** True where a record reaches itself again, by whatever way. */
export function isRecursive(record: RecordNode): boolean {
  const seen = new Set<Node>();
  const reaches = (node: Node): boolean => {
    if (node === record && seen.size > 0) return true;
    if (seen.has(node)) return false;
    seen.add(node);
    return partsOf(node).some(reaches);
  };
  return reaches(record);
}

/** The types that a type is made of. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'record':
      return node.fields.map((field) => field.node);
    case 'array':
      return [node.items];
    case 'map':
      return [node.values];
    case 'union':
      return node.branches;
    default:
      return [];
  }
}

function invalid(path: string, message: string): SluiceError {
  return new SluiceError('SLUICE_SCHEMA_INVALID', `${path}: ${message}`);
}

class Parser {
  readonly #names = new Map<string, Node>();
  /** Levels of types within each type that is complete: references make them deep without the text being so. */
  readonly #heights = new Map<Node, number>();
  #depth = 0;

  parse(json: unknown, namespace: string, path: string): Node {
    if (this.#depth === MAX_DEPTH) throw invalid(path, `types may nest ${MAX_DEPTH} levels deep`);
    this.#depth += 1;
    const node = this.#parse(json, namespace, path);
    this.#depth -= 1;
    const height =
      this.#heights.get(node) ?? 1 + Math.max(0, ...partsOf(node).map((part) => this.#heights.get(part) ?? 0));
    if (height > MAX_DEPTH) throw invalid(path, `types may nest ${MAX_DEPTH} levels deep`);
    this.#heights.set(node, height);
    return node;
  }

  #parse(json: unknown, namespace: string, path: string): Node {
    if (typeof json === 'string') return this.#reference(json, namespace, path);
    if (Array.isArray(json)) return this.#union(json, namespace, path);
    if (typeof json !== 'object' || json === null) throw invalid(path, 'expected a type');
    const schema = json as Json;
    const type = schema.type;
    if ('pii' in schema) throw invalid(path, 'pii marks a field: write it beside the name of the field, not in a type');
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(schema, namespace, path);
      case 'enum':
        return this.#enum(schema, namespace, path);
      case 'fixed':
        return this.#fixed(schema, namespace, path);
      case 'array':
        return { kind: 'array', items: this.parse(schema.items, namespace, `${path}.items`) };
      case 'map':
        return { kind: 'map', values: this.parse(schema.values, namespace, `${path}.values`) };
      default:
        if (typeof type === 'string' && PRIMITIVES.has(type)) {
          return { kind: type as PrimitiveKind, ...annotationOf(schema, type, path) };
        }
        // Avro's Java parser takes this, other libraries do not.
        if (typeof type === 'string') throw invalid(path, `"${type}" is no type that takes properties; name it alone`);
        return this.parse(type, namespace, `${path}.type`);
    }
  }

  #reference(name: string, namespace: string, path: string): Node {
    if (PRIMITIVES.has(name)) return { kind: name as PrimitiveKind };
    const node = this.#names.get(fullName(name, namespace)) ?? this.#names.get(name);
    if (node === undefined) throw invalid(path, `unknown type "${name}"`);
    return node;
  }

  #union(json: unknown[], namespace: string, path: string): Node {
    if (json.length === 0) throw invalid(path, 'a union needs at least one branch');
    const branches = json.map((branch, index) => this.parse(branch, namespace, `${path}[${index}]`));
    const names = branches.map(branchName);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw invalid(path, `a union may hold "${twice}" once`);
    if (branches.some((branch) => branch.kind === 'union')) throw invalid(path, 'a union may not hold a union');
    return { kind: 'union', branches };
  }

  #record(schema: Json, namespace: string, path: string): Node {
    const named = this.#named(schema, namespace, path);
    if (!Array.isArray(schema.fields)) throw invalid(path, 'a record needs fields');
    const fields: Field[] = [];
    const record: RecordNode = { kind: 'record', ...named.names, fields };
    this.#names.set(record.name, record);
    const seen = new Set<string>();
    for (const json of schema.fields as Json[]) {
      const name = json?.name;
      if (typeof name !== 'string') throw invalid(path, 'a field needs a name');
      // JavaScript's own name for a prototype would be lost in some object on the way.
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name === '__proto__') {
        throw invalid(path, `"${name}" is not a legal field name`);
      }
      if (seen.has(name)) throw invalid(path, `field "${name}" is declared twice`);
      seen.add(name);
      // A field may carry its logical type beside its type; the specification nests it, tools write both.
      const { pii, ...unmarked } = json;
      const type = typeof json.type === 'string' && 'logicalType' in json ? unmarked : json.type;
      const node = this.parse(type, named.namespace, `${path}.${name}`);
      fields.push({
        name,
        aliases: textList(json.aliases),
        doc: typeof json.doc === 'string' ? json.doc : undefined,
        node,
        ...('default' in json ? { default: json.default } : {}),
        ...(pii === undefined ? {} : { pii: piiOf(pii, node, 'default' in json, `${path}.${name}`) }),
      });
    }
    return record;
  }

  #enum(schema: Json, namespace: string, path: string): Node {
    const named = this.#named(schema, namespace, path);
    const symbols = textList(schema.symbols);
    if (symbols.length === 0) throw invalid(path, 'an enum needs symbols');
    // avsc, which judges after us, keeps symbols in a plain object and takes these for declared already.
    const inherited = symbols.find((symbol) => symbol in Object.prototype);
    if (inherited !== undefined) throw invalid(path, `"${inherited}" cannot be a symbol: JavaScript's objects have it`);
    const node: EnumNode = {
      kind: 'enum',
      ...named.names,
      symbols,
      default: typeof schema.default === 'string' ? schema.default : undefined,
    };
    if (node.default !== undefined && !symbols.includes(node.default)) {
      throw invalid(path, `the default "${node.default}" is not a symbol`);
    }
    this.#names.set(node.name, node);
    return node;
  }

  #fixed(schema: Json, namespace: string, path: string): Node {
    const named = this.#named(schema, namespace, path);
    const size = schema.size;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) throw invalid(path, 'a fixed needs a size');
    const node: FixedNode = { kind: 'fixed', ...named.names, size, ...annotationOf(schema, 'fixed', path) };
    this.#names.set(node.name, node);
    return node;
  }

  #named(schema: Json, outer: string, path: string) {
    if (typeof schema.name !== 'string') throw invalid(path, 'a named type needs a name');
    const declared = typeof schema.namespace === 'string' ? schema.namespace : outer;
    const name = fullName(schema.name, declared);
    if (this.#names.has(name)) throw invalid(path, `type "${name}" is declared twice`);
    const namespace = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
    return {
      namespace,
      names: {
        name,
        aliases: textList(schema.aliases).map((alias) => fullName(alias, namespace)),
        doc: typeof schema.doc === 'string' ? schema.doc : undefined,
      },
    };
  }
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** The mark of a field, once it is known that it can be heeded: one that is not would give away what it should hide. */
function piiOf(mark: unknown, node: Node, hasDefault: boolean, path: string): Pii {
  const pii = PII.find((known) => known === mark);
  if (pii === undefined) throw invalid(path, `pii is "hash", "drop" or "clear", not ${JSON.stringify(mark)}`);
  if (pii === 'hash') {
    const text = optionalOf(node)?.node ?? node;
    if (text.kind !== 'string' || text.logical !== undefined) {
      const hint = 'mark it "drop" or "clear", or move the text into a field of its own';
      throw invalid(path, `pii "hash" is for a string without a logical type, or one of them or null; ${hint}`);
    }
  }
  if (pii === 'drop' && !hasDefault && nullBranchOf(node) === undefined) {
    throw invalid(path, 'pii "drop" needs what to write instead; make the field nullable, or give it a default');
  }
  return pii;
}

/** @throws SluiceError SLUICE_SCHEMA_INVALID for a decimal that is legal and yet too long to be carried. */
function annotationOf(schema: Json, base: string, path: string): Annotated {
  const type = schema.logicalType;
  if (type === undefined) return {};
  if (typeof type !== 'string' || !Object.hasOwn(LOGICAL_BASES, type)) {
    return { ignored: `${JSON.stringify(type)} is no logical type that is known here` };
  }
  const logical = type as LogicalType;
  if (!LOGICAL_BASES[logical].includes(base)) return { ignored: `${logical} cannot annotate ${base}` };
  if (logical === 'duration' && schema.size !== 12) return { ignored: 'a duration is a fixed of 12 bytes' };
  if (logical === 'uuid' && base === 'fixed' && schema.size !== 16) {
    return { ignored: 'a uuid is a fixed of 16 bytes' };
  }
  return logical === 'decimal' ? decimalOf(schema, path) : { logical: { type: logical } };
}

function decimalOf({ precision, scale = 0 }: Json, path: string): Annotated {
  if (typeof precision !== 'number' || !Number.isInteger(precision) || precision < 1) {
    return { ignored: 'a decimal needs a precision of at least 1' };
  }
  if (typeof scale !== 'number' || !Number.isInteger(scale) || scale < 0 || scale > precision) {
    return { ignored: "a decimal's scale lies between 0 and its precision" };
  }
  if (precision > MAX_PRECISION) throw invalid(path, `a decimal has at most ${MAX_PRECISION} digits`);
  return { logical: { type: 'decimal', precision, scale } };
}
