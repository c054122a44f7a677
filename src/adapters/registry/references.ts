/** Where a schema says that one of the types it names is defined, as Confluent Schema Registry keeps it. */
export interface Reference {
  /** Full name of the type. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** What a reference leads to. */
export interface Referenced {
  readonly definition: unknown;
  readonly references: readonly unknown[];
}

/** References that one schema may have, those of its references included. */
const MAX_REFERENCES = 100;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * One schema that stands alone: each type that is defined elsewhere is put where it is named first, as Avro has it in
 * one text.
 *
 * @throws Error that says which reference leads nowhere.
 */
export async function inlineReferences(
  definition: unknown,
  references: readonly unknown[],
  load: (reference: Reference) => Promise<Referenced>,
): Promise<unknown> {
  const types = new Map<string, JsonObject>();
  const waiting = [...references];
  for (let count = 1; waiting.length > 0; count += 1) {
    if (count > MAX_REFERENCES) throw new Error(`it has more than ${MAX_REFERENCES} references`);
    const reference = waiting.shift();
    if (!isReference(reference)) throw new Error('it has a reference that is none');
    if (types.has(reference.name)) continue;
    const loaded = await load(reference);
    if (!isObject(loaded.definition) || nameOf(loaded.definition, '') !== reference.name) {
      throw new Error(`its reference ${reference.name} leads to another type`);
    }
    types.set(reference.name, loaded.definition);
    waiting.push(...loaded.references);
  }
  return inline(definition, '', types, new Set());
}

/** @param placed full names that have been defined by now; is added to, in the order of the text. */
function inline(type: unknown, space: string, types: ReadonlyMap<string, JsonObject>, placed: Set<string>): unknown {
  if (typeof type === 'string') {
    const name = fullName(type, space);
    const elsewhere = types.get(name);
    if (elsewhere === undefined || placed.has(name)) return type;
    // Its own names must not come to belong to the namespace it is put into.
    return inline({ ...elsewhere, name: lastPart(name), namespace: spaceOf(name) }, space, types, placed);
  }
  if (Array.isArray(type)) return type.map((branch) => inline(branch, space, types, placed));
  if (!isObject(type)) return type;
  const name = nameOf(type, space);
  if (name !== undefined) placed.add(name);
  const inner = name === undefined ? space : spaceOf(name);
  const inlined: Record<string, unknown> = { ...type };
  for (const part of ['type', 'items', 'values'] as const) {
    if (part in type) inlined[part] = inline(type[part], inner, types, placed);
  }
  if (Array.isArray(type.fields)) {
    inlined.fields = type.fields.map((field: unknown) =>
      isObject(field) ? { ...field, type: inline(field.type, inner, types, placed) } : field,
    );
  }
  return inlined;
}

/** Full name of what defines one, as the Apache Avro 1.12 specification says under "Names". */
function nameOf(type: JsonObject, space: string): string | undefined {
  if (typeof type.name !== 'string') return undefined;
  return fullName(type.name, typeof type.namespace === 'string' ? type.namespace : space);
}

function fullName(name: string, space: string): string {
  return name.includes('.') || space === '' ? name : `${space}.${name}`;
}

function spaceOf(name: string): string {
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function isReference(value: unknown): value is Reference {
  if (!isObject(value)) return false;
  return typeof value.name === 'string' && typeof value.subject === 'string' && Number.isInteger(value.version);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
