import { placesOf } from '../compatibility/walk.ts';
import { branchName, type Node, type RecordNode } from '../schema/ast.ts';
import { unionForm } from '../schema/union-form.ts';

/** What was found for each record so far. */
type Values = ReadonlyMap<RecordNode, object>;

/**
 * The least that a body must say, with a value of its type for each field: for event types without examples.
 *
 * @returns undefined where no body can be written, since a record holds itself without an end.
 */
export function sampleBody(root: RecordNode): unknown {
  const records = new Set<RecordNode>();
  for (const { node } of placesOf(root)) if (node.kind === 'record') records.add(node);
  const values = new Map<RecordNode, object>();
  // From the inside to the outside: a record can be written once all that it needs can. Records that hold one another
  // may take one round each.
  for (let before = -1; before !== values.size && !values.has(root); ) {
    before = values.size;
    for (const record of records) {
      const value = values.has(record) ? undefined : recordValue(record, values);
      if (value !== undefined) values.set(record, value);
    }
  }
  return values.get(root);
}

function recordValue({ fields }: RecordNode, values: Values): object | undefined {
  const members: [string, unknown][] = [];
  for (const field of fields) {
    if (field.default !== undefined) continue;
    const value = sampleOf(field.node, values);
    if (value === undefined) return undefined;
    members.push([field.name, value]);
  }
  return Object.fromEntries(members);
}

function sampleOf(node: Node, values: Values): unknown {
  const logical = 'logical' in node ? node.logical : undefined;
  switch (logical?.type) {
    case 'decimal':
      return decimalOf(logical);
    case 'uuid':
      return '0f8f1c1e-8d5b-4f43-9a55-0c4b1d2c8a11';
    case 'date':
      return '2026-01-31';
    case 'time-millis':
    case 'time-micros':
      return '12:00:00';
    case 'timestamp-millis':
    case 'timestamp-micros':
    case 'timestamp-nanos':
      return '2026-01-31T12:00:00Z';
    case 'local-timestamp-millis':
    case 'local-timestamp-micros':
    case 'local-timestamp-nanos':
      return '2026-01-31T12:00:00';
  }
  switch (node.kind) {
    case 'null':
      return null;
    case 'boolean':
      return true;
    case 'int':
    case 'long':
      return 1;
    case 'float':
    case 'double':
      return 1.5;
    case 'string':
      return 'text';
    case 'bytes':
      return 'AQID';
    case 'fixed':
      return base64OfZeros(node.size);
    case 'enum':
      return node.symbols[0];
    case 'array':
      return [];
    case 'map':
      return {};
    case 'union':
      return unionValue(node, values);
    case 'record':
      return values.get(node);
  }
}

/** A scalar says more than null, and a record more than is needed. */
function unionValue(node: Node & { kind: 'union' }, values: Values): unknown {
  const isTagged = unionForm(node) === 'tagged';
  const rank = ({ kind }: Node) => (kind === 'record' ? 2 : kind === 'null' ? 1 : 0);
  for (const branch of [...node.branches].sort((a, b) => rank(a) - rank(b))) {
    const value = sampleOf(branch, values);
    if (value === undefined) continue;
    return isTagged && branch.kind !== 'null' ? { [branchName(branch)]: value } : value;
  }
  return undefined;
}

function decimalOf({ precision, scale }: { readonly precision: number; readonly scale: number }): string {
  const whole = precision > scale ? '1' : '0';
  return scale === 0 ? whole : `${whole}.${'5'.padEnd(scale, '0')}`;
}

/** Base64 with padding, written without a buffer: three bytes are four letters. */
function base64OfZeros(size: number): string {
  const rest = size % 3;
  return `${'A'.repeat(Math.floor(size / 3) * 4)}${['', 'AA==', 'AAA='][rest]}`;
}
