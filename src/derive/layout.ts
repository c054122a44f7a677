import { SluiceError } from '../errors.ts';
import { type Field, isRecursive, type Node, optionalOf, type Pii, type RecordNode } from '../schema/ast.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { holdsPersonalData } from '../schema/personal-data.ts';
import { PARTITION_KEYS, SYSTEM_COLUMNS } from '../schema/system-columns.ts';
import type { PersonalMark } from './personal-note.ts';

/**
 * How a value is written into a CSV cell, and so how a view reads it back:
 * `text` is escaped twice, `base64` is padded, the timestamps and times that SQL engines cannot read as text are
 * counts since the epoch or midnight, `json` is JSON text.
 */
export type CellForm =
  | 'boolean'
  | 'integer'
  | 'float'
  | 'double'
  | 'decimal'
  | 'text'
  | 'base64'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'json';

/** One column of a table, after the system columns. Its position and name never change. */
export interface Column {
  readonly name: string;
  /** Glue (Hive) type, for example `bigint` or `decimal(12,2)`. */
  readonly type: string;
  readonly form: CellForm;
  /** Where the newest schema has the value, field by field; null when the newest schema has it no more. */
  readonly source: readonly string[] | null;
  /** What the newest schema that has the value declares. */
  readonly node: Node;
  readonly doc: string | undefined;
  /** How it holds personal data; undefined where it holds none. */
  readonly pii?: PersonalMark | undefined;
  /** The version in which the column first appeared. */
  readonly since: number;
}

/** The CSV columns and the table columns of one event type: the same list, read by position. */
export interface Layout {
  readonly eventType: string;
  /** Contract digest of the history it was derived from. */
  readonly digest: string;
  readonly columns: readonly Column[];
}

/**
 * Derives the layout: the system columns are implied, then comes every leaf ever seen in the history, in order of first
 * appearance. A removed field keeps its column, a renamed one (by alias) too; a type may widen in place; any other
 * change of type gets a column of its own, called after the field and the version.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when two columns would have one name, as Glue compares them in lower case.
 */
export function deriveLayout(history: SchemaHistory): Layout {
  const columns = arrangeColumns(history);
  refuseCollisions(history.eventType, columns);
  return { eventType: history.eventType, digest: history.digest, columns };
}

/** The columns of a layout, whether or not a table could hold two of one name. */
export function arrangeColumns(history: SchemaHistory): readonly Column[] {
  const columns: Column[] = [];
  /** Where the latest version that has a path keeps it; a path that was renamed is no longer here. */
  const positions = new Map<string, number>();
  const seen = new Set<string>();
  for (const { version, root } of history.versions) {
    const present = new Set<number>();
    for (const leaf of leavesOf(root)) {
      const path = pathKey(leaf.path);
      const former = leaf.formerPaths.find((candidate) => positions.has(candidate));
      const known = former === undefined ? undefined : positions.get(former)!;
      const widened = known === undefined ? undefined : widen(columns[known]!, leaf.cell);
      const content = { source: leaf.path, node: leaf.node, doc: leaf.doc, pii: leaf.pii };
      let position = columns.length;
      if (known !== undefined && widened !== undefined) {
        position = known;
        columns[position] = { ...columns[position]!, ...widened, ...content };
      } else {
        const plain = columnName(leaf.path);
        const name = seen.has(path) ? `${plain}_v${version}` : plain;
        columns.push({ name, ...leaf.cell, ...content, since: version });
      }
      if (former !== undefined) positions.delete(former);
      positions.set(path, position);
      seen.add(path);
      present.add(position);
    }
    columns.forEach((column, position) => {
      if (!present.has(position)) columns[position] = { ...column, source: null };
    });
  }
  return columns;
}

/** The path of a value as one string; field names hold no dot. */
export function pathKey(path: readonly string[]): string {
  return path.join('.');
}

/** A table cannot hold a column called like one of its partitions, and many an event has an hour. */
function columnName(path: readonly string[]): string {
  const name = path.join('_').toLowerCase();
  return PARTITION_KEYS.some((key) => key.name === name) ? `${name}_` : name;
}

/** What a column holds: its Glue type, and how values are written. */
export interface Cell {
  readonly type: string;
  readonly form: CellForm;
}

interface Leaf {
  readonly path: readonly string[];
  /** The leaf's own path and every path that aliases say it had, as keys. */
  readonly formerPaths: readonly string[];
  readonly node: Node;
  readonly doc: string | undefined;
  readonly pii: PersonalMark | undefined;
  readonly cell: Cell;
}

function* leavesOf(
  record: RecordNode,
  path: readonly string[] = [],
  formerPaths: readonly string[][] = [[]],
  around?: Pii,
): Generator<Leaf> {
  for (const field of record.fields) {
    const here = [...path, field.name];
    const former = formerPaths.flatMap((prefix) => namesOf(field, record).map((name) => [...prefix, name]));
    // What is dropped as a whole is dropped in its parts; else a part has the mark of its own.
    const pii = around === 'drop' ? around : (field.pii ?? around);
    if (field.node.kind === 'record' && !isRecursive(field.node)) {
      yield* leavesOf(field.node, here, former, pii);
    } else {
      yield {
        path: here,
        formerPaths: former.map(pathKey),
        node: field.node,
        doc: field.doc,
        pii: pii ?? (holdsPersonalData(field.node) ? 'within' : undefined),
        cell: cellOf(optionalOf(field.node)?.node ?? field.node),
      };
    }
  }
}

/** A field's name and its aliases, but for those that another field is called now: that one has the older claim. */
function namesOf(field: Field, record: RecordNode): string[] {
  const others = new Set(record.fields.map(({ name }) => name));
  return [field.name, ...field.aliases.filter((alias) => !others.has(alias))];
}

/** Athena's decimals end at 38 digits; a longer one is kept as text. */
export const MAX_DECIMAL_PRECISION = 38;

function cellOf(node: Node): Cell {
  const logical = 'logical' in node ? node.logical : undefined;
  switch (logical?.type) {
    case 'decimal':
      return {
        type: logical.precision > MAX_DECIMAL_PRECISION ? 'string' : `decimal(${logical.precision},${logical.scale})`,
        form: 'decimal',
      };
    case 'uuid':
      return { type: 'string', form: 'text' };
    case 'date':
      return { type: 'date', form: 'date' };
    case 'time-millis':
      return { type: 'int', form: 'time-millis' };
    case 'time-micros':
      return { type: 'bigint', form: 'time-micros' };
    case 'timestamp-millis':
    case 'local-timestamp-millis':
      return { type: 'timestamp', form: 'timestamp-millis' };
    case 'timestamp-micros':
    case 'local-timestamp-micros':
      return { type: 'bigint', form: 'timestamp-micros' };
    case 'timestamp-nanos':
    case 'local-timestamp-nanos':
      return { type: 'bigint', form: 'timestamp-nanos' };
  }
  switch (node.kind) {
    case 'boolean':
      return { type: 'boolean', form: 'boolean' };
    case 'int':
      return { type: 'int', form: 'integer' };
    case 'long':
      return { type: 'bigint', form: 'integer' };
    case 'float':
      return { type: 'float', form: 'float' };
    case 'double':
      return { type: 'double', form: 'double' };
    case 'string':
    case 'enum':
      return { type: 'string', form: 'text' };
    case 'bytes':
    case 'fixed':
      return { type: 'string', form: 'base64' };
    default:
      return { type: 'string', form: 'json' };
  }
}

const NUMERIC_WIDTH: Readonly<Record<string, number>> = { int: 1, bigint: 2, float: 3, double: 4 };

/** The cell that holds both what `before` wrote and what `after` writes, or undefined where there is none. */
export function widen(before: Cell, after: Cell): Cell | undefined {
  if (before.form === after.form && before.type === after.type) return after;
  if (before.form === 'decimal' && after.form === 'decimal') {
    const [from, to] = [decimalSize(before.type), decimalSize(after.type)];
    return from && to && from.scale === to.scale && to.precision > from.precision ? after : undefined;
  }
  const plain = ['integer', 'float', 'double'];
  if (plain.includes(before.form) && plain.includes(after.form)) {
    return NUMERIC_WIDTH[after.type]! > NUMERIC_WIDTH[before.type]! ? after : undefined;
  }
  return undefined;
}

function decimalSize(type: string): { precision: number; scale: number } | undefined {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type);
  return match ? { precision: Number(match[1]), scale: Number(match[2]) } : undefined;
}

function refuseCollisions(eventType: string, columns: readonly Column[]): void {
  const seen = new Set<string>(SYSTEM_COLUMNS.map(({ name }) => name));
  for (const { name } of columns) {
    if (seen.has(name)) {
      throw new SluiceError(
        'SLUICE_SCHEMA_INVALID',
        `${eventType}: two columns would be called "${name}" (Glue compares names in lower case); rename one field`,
      );
    }
    seen.add(name);
  }
}
