import { canonicalJson } from './canonical-json.ts';

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

/**
 * The canonical text that a version is for ever once it is published, docs and settings included. Two texts that a
 * registry would write alike are one: registries parse a schema and write it anew, with names split or joined and
 * primitive types unwrapped. Left out is `sluice.supersededBy`, which only can be known when it is too late.
 *
 * Names are resolved as the Apache Avro 1.12 specification says, "Names".
 */
export function publishedText(definition: unknown): string {
  return canonicalJson(normalize(withoutSuccessor(definition), ''));
}

function withoutSuccessor(definition: Json): Json {
  if (!isObject(definition) || !isObject(definition.sluice) || !('supersededBy' in definition.sluice))
    return definition;
  const { supersededBy: _, ...settings } = definition.sluice;
  const { sluice: __, ...rest } = definition;
  return Object.keys(settings).length === 0 ? rest : { ...rest, sluice: settings };
}

/** A type with full names in place of names and namespaces. */
function normalize(type: Json, space: string): Json {
  if (typeof type === 'string') return PRIMITIVES.has(type) ? type : fullName(type, space);
  if (Array.isArray(type)) return type.map((branch) => normalize(branch, space));
  if (!isObject(type)) return type;
  const { namespace, ...rest } = type;
  if (typeof type.name !== 'string') {
    const plain: Record<string, Json> = { ...type };
    if ('type' in type) plain.type = normalize(type.type, space);
    if ('items' in type) plain.items = normalize(type.items, space);
    if ('values' in type) plain.values = normalize(type.values, space);
    return 'type' in plain && Object.keys(plain).length === 1 ? plain.type : plain;
  }
  const name = fullName(type.name, typeof namespace === 'string' ? namespace : space);
  const inner = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
  const named: Record<string, Json> = { ...rest, name };
  if (Array.isArray(type.aliases)) named.aliases = type.aliases.map((alias) => fullName(String(alias), inner));
  if (Array.isArray(type.fields)) named.fields = type.fields.map((field) => normalizeField(field, inner));
  return named;
}

function normalizeField(field: Json, space: string): Json {
  if (!isObject(field)) return field;
  const { order, ...rest } = field;
  const type = normalize(field.type, space);
  return order === undefined || order === 'ascending' ? { ...rest, type } : { ...rest, order, type };
}

/** A name that has no dot belongs to the namespace that it stands in. */
function fullName(name: string, space: string): string {
  return name.includes('.') || space === '' ? name : `${space}.${name}`;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
