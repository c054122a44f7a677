import { branchName, type Field, type Logical, type Node, partsOf } from '../schema/ast.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { unionForm } from '../schema/union-form.ts';
import { modelName } from './names.ts';
import { withPersonalNote } from './personal-note.ts';

/**
 * Derives TypeScript source text: what a sender may put into the body of an event of the newest version, and what a
 * reader of decoded JSON gets. TypeScript cannot say everything (a range, a date that exists); the codec does.
 */
export function deriveTypes(history: SchemaHistory): string {
  const name = modelName(history.eventType);
  return declareTypes(history, name, new Set([name]));
}

/**
 * The same for a module that holds more than one event type's.
 *
 * @param rootName what the type of the event is called.
 * @param taken names that the module has already, `rootName` among them; those that are given here are added.
 */
export function declareTypes(history: SchemaHistory, rootName: string, taken: Set<string>): string {
  const { eventType, newest, digest } = history;
  const names = nameTypes(newest.root, rootName, taken);
  const declarations = [...names.keys()].map((node) => declare(node, names));
  return [
    `// ${eventType} v${newest.version}, as JSON at the edge.`,
    `// Derived from the contract ${digest}: change the schema, not this file.`,
    ...declarations.map((declaration) => `\n${declaration}`),
    '',
  ].join('\n');
}

type Named = Extract<Node, { kind: 'record' | 'enum' }>;
type TypeNames = ReadonlyMap<Node, string>;

/** A TypeScript name for every record and enum that can be reached, in the order they are met. */
function nameTypes(root: Named, rootName: string, taken: Set<string>): ReadonlyMap<Named, string> {
  const names = new Map<Named, string>([[root, rootName]]);
  const visit = (node: Node): void => {
    if (node.kind === 'record' || node.kind === 'enum') {
      if (names.has(node)) return;
      const name = freeName(node.name, taken);
      taken.add(name);
      names.set(node, name);
    }
    partsOf(node).forEach(visit);
  };
  partsOf(root).forEach(visit);
  return names;
}

/** The short form of a full name as a TypeScript name where that is free, else the full one, else a numbered one. */
export function freeName(fullName: string, taken: ReadonlySet<string>): string {
  const short = pascalCase(fullName.slice(fullName.lastIndexOf('.') + 1));
  const candidates = [short, pascalCase(fullName)];
  for (let number = 2; ; number += 1) {
    const free = candidates.find((name) => !taken.has(name));
    if (free !== undefined) return free;
    candidates.push(`${short}${number}`);
  }
}

function pascalCase(name: string): string {
  const words = name.split(/[._]+/).filter((word) => word !== '');
  const joined = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return /^[A-Z]/.test(joined) ? joined : `Type${joined}`;
}

function declare(node: Named, names: TypeNames): string {
  const doc = comment(node.doc === undefined ? [] : [node.doc], '');
  const name = names.get(node)!;
  if (node.kind === 'enum') {
    return `${doc}export type ${name} = ${node.symbols.map((symbol) => `'${symbol}'`).join(' | ')};`;
  }
  return `${doc}export interface ${name} {\n${node.fields.map((field) => member(field, names)).join('')}}`;
}

function member(field: Field, names: TypeNames): string {
  const doc = withPersonalNote(field.doc, field.pii);
  const docs = [...(doc === undefined ? [] : [doc]), ...notesOf(field.node)];
  const optional = field.default === undefined ? '' : '?';
  return `${comment(docs, '  ')}  ${field.name}${optional}: ${typeText(field.node, names)};\n`;
}

function typeText(node: Node, names: TypeNames): string {
  const name = names.get(node);
  return name ?? alternatives(node, names).join(' | ');
}

/** The type as the members of a TypeScript union, each once. */
function alternatives(node: Node, names: TypeNames): readonly string[] {
  switch (node.kind) {
    case 'record':
    case 'enum':
      return [names.get(node)!];
    case 'array': {
      const items = typeText(node.items, names);
      return [items.includes(' | ') ? `(${items})[]` : `${items}[]`];
    }
    case 'map':
      return [`{ [key: string]: ${typeText(node.values, names)} }`];
    case 'union': {
      const isTagged = unionForm(node) === 'tagged';
      const branches = node.branches.filter(({ kind }) => kind !== 'null');
      const texts = branches.flatMap((branch) =>
        isTagged
          ? [`{ ${propertyName(branchName(branch))}: ${typeText(branch, names)} }`]
          : alternatives(branch, names),
      );
      // Avro often has null first, for the sake of defaults; people read it last.
      return unique(branches.length === node.branches.length ? texts : [...texts, 'null']);
    }
    case 'null':
    case 'boolean':
      return [node.kind];
    case 'int':
      return node.logical === undefined ? ['number'] : ['string'];
    case 'long':
      return node.logical?.type === 'time-micros' ? ['string'] : ['number', 'string'];
    case 'float':
    case 'double':
      return ['number', "'NaN'", "'Infinity'", "'-Infinity'"];
    default:
      return ['string'];
  }
}

function propertyName(name: string): string {
  return name.includes('.') ? `'${name}'` : name;
}

/** How the scalars of a field are written, where their TypeScript type does not say so. */
export function notesOf(node: Node): readonly string[] {
  if (node.kind === 'record' || node.kind === 'enum') return [];
  const note = noteOf(node);
  return unique([...(note === undefined ? [] : [note]), ...partsOf(node).flatMap(notesOf)]);
}

function noteOf(node: Node): string | undefined {
  const logical: Logical | undefined = 'logical' in node ? node.logical : undefined;
  switch (logical?.type) {
    case 'decimal':
      return `Decimal text such as "12.50": at most ${logical.precision} digits, ${logical.scale} of them after the point.`;
    case 'uuid':
      return 'UUID.';
    case 'date':
      return 'Date: yyyy-MM-dd.';
    case 'time-millis':
      return 'Time of day: HH:mm:ss, with a fraction of up to 3 digits.';
    case 'time-micros':
      return 'Time of day: HH:mm:ss, with a fraction of up to 6 digits.';
    case 'timestamp-millis':
    case 'timestamp-micros':
    case 'timestamp-nanos':
      return `Instant: RFC 3339 text, or ${unitOf(logical.type)} since 1970-01-01T00:00:00Z.`;
    case 'local-timestamp-millis':
    case 'local-timestamp-micros':
    case 'local-timestamp-nanos':
      return `Local time: yyyy-MM-ddTHH:mm:ss without an offset, or ${unitOf(logical.type)} since 1970-01-01T00:00:00.`;
  }
  switch (node.kind) {
    case 'int':
      return 'Whole number of 32 bits.';
    case 'long':
      return 'Whole number of 64 bits; beyond 9007199254740991 as a string of digits.';
    case 'bytes':
      return 'Base64.';
    case 'fixed':
      return `Base64 of ${node.size} bytes.`;
    default:
      return undefined;
  }
}

/** `milliseconds` of `timestamp-millis`, and so on. */
function unitOf(type: string): string {
  return `${type.slice(type.lastIndexOf('-') + 1).replace(/s$/, '')}seconds`;
}

function comment(paragraphs: readonly string[], indent: string): string {
  const lines = paragraphs
    .flatMap((paragraph) => paragraph.split(/\r\n|[\n\r\u2028\u2029]/))
    .map((line) => line.replaceAll('*/', '*\\/').trimEnd());
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
