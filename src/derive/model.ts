import { type EnumNode, isRecursive, type Node, optionalOf, type RecordNode } from '../schema/ast.ts';
import { type SchemaHistory, successorOf } from '../schema/history.ts';
import { unionForm } from '../schema/union-form.ts';
import type { Model } from './model-keywords.ts';
import { eitherModel } from './model-union.ts';
import { withPersonalNote } from './personal-note.ts';

/**
 * Derives the request model. It never refuses a body that the codec takes as any version: where draft-04's subset cannot
 * say what the codec demands (well-formed dates, precision, ambiguous unions), it says less and leaves the rest to the
 * codec.
 */
export function deriveModel(history: SchemaHistory): Model {
  const taken = history.versions.filter((version) => successorOf(history, version) === version);
  const { root, definitions } = taken.map(({ root }) => versionModel(root)).reduce(eitherVersion);
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    title: `${history.eventType} v${history.newest.version}`,
    description: `Contract ${history.digest}`,
    ...root,
    ...(Object.keys(definitions).length === 0 ? {} : { definitions }),
  };
}

/** What one version takes, with its recursive records by the names that it refers to them by. */
interface VersionModel {
  readonly root: Model;
  readonly definitions: Readonly<Record<string, Model>>;
}

function versionModel(record: RecordNode): VersionModel {
  const definitions = new Map<RecordNode, Model>();
  const root = recordModel(record, definitions);
  return { root, definitions: Object.fromEntries([...definitions].map(([of, model]) => [definitionName(of), model])) };
}

function eitherVersion(earlier: VersionModel, later: VersionModel): VersionModel {
  const definitions = { ...earlier.definitions, ...later.definitions };
  for (const [name, model] of Object.entries(earlier.definitions)) {
    const same = later.definitions[name];
    if (same !== undefined) definitions[name] = eitherModel(model, same);
  }
  return { root: eitherModel(earlier.root, later.root), definitions };
}

function recordModel(record: RecordNode, definitions: Map<RecordNode, Model>): Model {
  const required = record.fields.filter((field) => field.default === undefined).map((field) => field.name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      record.fields.map((field) => {
        const model = nodeModel(field.node, definitions);
        const description = withPersonalNote(field.doc, field.pii);
        return [field.name, description === undefined || '$ref' in model ? model : { description, ...model }];
      }),
    ),
    // Draft-04 has no empty `required`.
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function nodeModel(node: Node, definitions: Map<RecordNode, Model>): Model {
  switch (node.kind) {
    case 'record':
      return isRecursive(node) ? reference(node, definitions) : recordModel(node, definitions);
    case 'array':
      return { type: 'array', items: nodeModel(node.items, definitions) };
    case 'map':
      return { type: 'object', additionalProperties: nodeModel(node.values, definitions) };
    case 'union':
      return unionModel(node, definitions);
    case 'enum':
      return enumModel(node);
    default:
      return scalarModel(node);
  }
}

function reference(record: RecordNode, definitions: Map<RecordNode, Model>): Model {
  if (!definitions.has(record)) {
    definitions.set(record, {});
    definitions.set(record, recordModel(record, definitions));
  }
  return { $ref: `#/definitions/${definitionName(record)}` };
}

/** A full name without dots; no Avro name holds a dash, so that no two become one. */
function definitionName(record: RecordNode): string {
  return record.name.replaceAll('.', '-');
}

function unionModel(node: Node & { kind: 'union' }, definitions: Map<RecordNode, Model>): Model {
  const optional = optionalOf(node);
  if (optional !== undefined && unionForm(node) === 'plain') {
    const model = nodeModel(optional.node, definitions);
    // `$ref` stands alone in draft-04, and the subset has no anyOf to put null beside it.
    if ('$ref' in model || model.type === undefined) return {};
    const types = Array.isArray(model.type) ? (model.type as string[]) : [model.type as string];
    return {
      ...model,
      type: [...types, 'null'],
      ...('enum' in model ? { enum: [...(model.enum as unknown[]), null] } : {}),
    };
  }
  return {};
}

function enumModel(node: EnumNode): Model {
  return { type: 'string', enum: [...node.symbols] };
}

function scalarModel(node: Exclude<Node, { kind: 'record' | 'array' | 'map' | 'union' | 'enum' }>): Model {
  switch (node.logical?.type) {
    case 'decimal':
      return { type: 'string', pattern: '^-?[0-9]+([.][0-9]+)?$' };
    case 'uuid':
      return { type: 'string', pattern: '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$' };
    case 'date':
      return { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' };
    case 'time-millis':
    case 'time-micros':
      return { type: 'string', pattern: '^[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?$' };
    case 'timestamp-millis':
    case 'timestamp-micros':
    case 'timestamp-nanos':
    case 'local-timestamp-millis':
    case 'local-timestamp-micros':
    case 'local-timestamp-nanos':
      return { type: ['string', 'integer'], pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}' };
  }
  switch (node.kind) {
    case 'int':
      return { type: 'integer', minimum: -2147483648, maximum: 2147483647 };
    case 'long':
      return { type: ['integer', 'string'], pattern: '^-?[0-9]+$' };
    case 'float':
    case 'double':
      return { type: ['number', 'string'], pattern: '^(NaN|-?Infinity)$' };
    case 'bytes':
    case 'fixed':
      return { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' };
    default:
      return { type: node.kind };
  }
}
