import { branchName, type EnumNode, type FixedNode, type Node, type RecordNode } from '../schema/ast.ts';
import { isNamesake, isPromotable, matchFields } from '../schema/resolution.ts';
import type { Spot } from './rule.ts';
import { listing, typeName } from './walk.ts';

/** What keeps a reader schema from taking a writer's data. */
export type Obstacle = 'type' | 'name' | 'size' | 'symbols' | 'field' | 'branch';

export type Incompatibility = Spot & { readonly obstacle: Obstacle };

/**
 * Everything that keeps a reader from taking each and every value of a writer, as Apache Avro's own check sees it:
 * underlying types only, whatever logical types say.
 * Source: Apache Avro 1.12 specification, "Schema Resolution".
 */
export function incompatibilities(writer: Node, reader: Node): Incompatibility[] {
  return new Resolution(writer, reader).incompatibilities();
}

class Resolution {
  readonly #writer: Node;
  readonly #reader: Node;
  /** Pairs of records of which some value can't be read. */
  readonly #unreadable = new Pairs();
  /** Pairs that this pass has met: a recursive schema is readable unless something else speaks against it. */
  #met = new Pairs();
  readonly #explained = new Pairs();

  constructor(writer: Node, reader: Node) {
    this.#writer = writer;
    this.#reader = reader;
  }

  incompatibilities(): Incompatibility[] {
    // What was assumed of a pair while it was being judged may turn out wrong: then all that leaned upon it is judged
    // again, until nothing changes.
    let known: number;
    do {
      known = this.#unreadable.size;
      this.#met = new Pairs();
      this.#isReadable(this.#writer, this.#reader);
    } while (this.#unreadable.size > known);
    return [...this.#explain(this.#writer, this.#reader, '$')];
  }

  #isReadable(writer: Node, reader: Node): boolean {
    if (writer.kind === 'union') return writer.branches.every((branch) => this.#isReadable(branch, reader));
    if (reader.kind === 'union') return reader.branches.some((branch) => this.#isReadable(writer, branch));
    if (obstacleOf(writer, reader) !== undefined) return false;
    switch (reader.kind) {
      case 'array':
        return this.#isReadable((writer as typeof reader).items, reader.items);
      case 'map':
        return this.#isReadable((writer as typeof reader).values, reader.values);
      case 'record':
        return this.#isRecordReadable(writer as RecordNode, reader);
      default:
        return true;
    }
  }

  #isRecordReadable(writer: RecordNode, reader: RecordNode): boolean {
    if (this.#unreadable.has(writer, reader)) return false;
    if (!this.#met.add(writer, reader)) return true;
    const { steps, missing } = matchFields(writer, reader);
    const readable =
      missing.every((field) => field.default !== undefined) &&
      steps.every(({ from, to }) => to === undefined || this.#isReadable(from.node, to.node));
    if (!readable) this.#unreadable.add(writer, reader);
    return readable;
  }

  *#explain(writer: Node, reader: Node, path: string): Generator<Incompatibility> {
    const branches = writer.kind === 'union' ? writer.branches : [writer];
    if (writer.kind !== 'union' && reader.kind !== 'union') {
      yield* this.#explainPair(writer, reader, path);
      return;
    }
    for (const branch of branches) {
      if (this.#isReadable(branch, reader)) continue;
      const candidates = reader.kind === 'union' ? reader.branches : [reader];
      const meant = candidates.find((candidate) => branchName(candidate) === branchName(branch));
      if (meant !== undefined) yield* this.#explainPair(branch, meant, path);
      else {
        const message = `${typeName(branch)} cannot be read as ${typeName(reader)}`;
        yield { obstacle: 'branch', path, message };
      }
    }
  }

  *#explainPair(writer: Node, reader: Node, path: string): Generator<Incompatibility> {
    const obstacle = obstacleOf(writer, reader);
    if (obstacle !== undefined) {
      yield { ...obstacle, path };
      return;
    }
    if (reader.kind === 'array') yield* this.#explain((writer as typeof reader).items, reader.items, `${path}[]`);
    if (reader.kind === 'map') yield* this.#explain((writer as typeof reader).values, reader.values, `${path}{}`);
    if (reader.kind !== 'record' || !this.#explained.add(writer, reader)) return;
    const { steps, missing } = matchFields(writer as RecordNode, reader);
    for (const { from, to } of steps) {
      if (to !== undefined) yield* this.#explain(from.node, to.node, `${path}.${to.name}`);
    }
    for (const field of missing) {
      if (field.default !== undefined) continue;
      const message = 'it has no default, and data written without it cannot be read';
      yield { obstacle: 'field', path: `${path}.${field.name}`, message };
    }
  }
}

/** What speaks against two types that are no unions, before their parts are looked at. */
function obstacleOf(writer: Node, reader: Node): { obstacle: Obstacle; message: string } | undefined {
  if (writer.kind !== reader.kind) {
    if (isPromotable(writer.kind, reader.kind)) return undefined;
    return { obstacle: 'type', message: `${typeName(writer)} cannot be read as ${typeName(reader)}` };
  }
  if (!('name' in writer)) return undefined;
  const named = reader as RecordNode | EnumNode | FixedNode;
  if (!isNamesake(writer, named)) {
    return { obstacle: 'name', message: `${writer.kind} ${writer.name} is called ${named.name}, without an alias` };
  }
  if (writer.kind === 'fixed' && writer.size !== (named as FixedNode).size) {
    return { obstacle: 'size', message: `${writer.size} bytes cannot be read as ${(named as FixedNode).size}` };
  }
  return writer.kind === 'enum' ? symbolsLost(writer, named as EnumNode) : undefined;
}

function symbolsLost(writer: EnumNode, reader: EnumNode): { obstacle: Obstacle; message: string } | undefined {
  if (reader.default !== undefined) return undefined;
  const lost = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  if (lost.length === 0) return undefined;
  return { obstacle: 'symbols', message: `${listing(lost)} would be unknown, and the enum has no default` };
}

/** A set of pairs. */
class Pairs {
  readonly #pairs = new Map<Node, Set<Node>>();
  size = 0;

  has(first: Node, second: Node): boolean {
    return this.#pairs.get(first)?.has(second) ?? false;
  }

  /** True where the pair is new. */
  add(first: Node, second: Node): boolean {
    if (this.has(first, second)) return false;
    const seconds = this.#pairs.get(first) ?? new Set<Node>();
    this.#pairs.set(first, seconds.add(second));
    this.size += 1;
    return true;
  }
}
