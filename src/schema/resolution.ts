import type { EnumNode, Field, FixedNode, Logical, Node, RecordNode } from './ast.ts';

/**
 * The rules by which a reader schema takes a writer's data, for those who decode and those who judge alike.
 * Source: Apache Avro 1.12 specification, "Schema Resolution" and "Aliases".
 */

/** Kinds that a writer's kind may be read as, besides itself. */
const PROMOTIONS: Readonly<Partial<Record<Node['kind'], readonly Node['kind'][]>>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** True where a value of one kind may be read as another; both may be the same. */
export function isPromotable(writer: Node['kind'], reader: Node['kind']): boolean {
  return writer === reader || (PROMOTIONS[writer]?.includes(reader) ?? false);
}

/** True where a named type is the reader's: by its name without the namespace, or by an alias with it. */
export function isNamesake(
  writer: RecordNode | EnumNode | FixedNode,
  reader: RecordNode | EnumNode | FixedNode,
): boolean {
  return unqualified(writer.name) === unqualified(reader.name) || reader.aliases.includes(writer.name);
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

export interface FieldMatch {
  /** The writer's fields in their order, each with the reader's field that takes it; undefined where none does. */
  readonly steps: readonly { readonly from: Field; readonly to: Field | undefined }[];
  /** The reader's fields that only a default can fill. */
  readonly missing: readonly Field[];
}

/**
 * Pairs the fields of a writer with those of a reader, by name first and by the reader's aliases second; an aliased
 * field of the writer goes to the first reader's field that names it.
 */
export function matchFields(writer: RecordNode, reader: RecordNode): FieldMatch {
  const written = new Set(writer.fields.map(({ name }) => name));
  const taken = new Set(reader.fields.filter(({ name }) => written.has(name)));
  const steps = writer.fields.map((from) => {
    const to =
      reader.fields.find(({ name }) => name === from.name) ??
      reader.fields.find((field) => field.aliases.includes(from.name) && !taken.has(field));
    if (to !== undefined) taken.add(to);
    return { from, to };
  });
  return { steps, missing: reader.fields.filter((field) => !taken.has(field)) };
}

/**
 * True where both sides say what a value means and mean different things. Avro resolves by underlying type and would
 * read milliseconds as microseconds, or a decimal of scale 2 as one of scale 4, without a word.
 */
export function isReinterpreted(from: Logical | undefined, to: Logical | undefined): boolean {
  if (from === undefined || to === undefined) return false;
  const sameScale = from.type !== 'decimal' || to.type !== 'decimal' || from.scale === to.scale;
  return from.type !== to.type || !sameScale;
}
