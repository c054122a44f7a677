import { isRecursive, parseSchema } from '../../src/schema/ast.ts';
import type { Choices } from './choices.ts';
import { reachable } from './reach.ts';
import { type FieldJson, type NamedJson, namedTypesOf, type RecordJson } from './schema-builder.ts';
import { SCALAR_NAMES, SCALARS } from './schema-plans.ts';

/**
 * Steps from one version to the next that the check admits: what earlier versions wrote is read, bodies keep their meaning,
 * columns keep theirs. At worst a step is warned of, as the removal of a field is.
 */
export type Step = (draft: Draft, choices: Choices) => boolean;

/** A definition that is being changed, and what is known of it. */
export interface Draft {
  readonly definition: RecordJson;
  /** A name that nothing in the history had before; none differ in letter case alone. */
  fresh(word: string): string;
}

/** A field where it stands. */
interface Place {
  readonly field: FieldJson;
  readonly record: NamedJson & { fields: FieldJson[] };
  /** Named by a setting, which its field must go on to fit. */
  readonly isSet: boolean;
  /** A default around spells out the record's fields, and must go on to do so. */
  readonly isFrozen: boolean;
}

/** Each by its name; a step says no where there is no place for it. */
export const STEPS: Readonly<Record<string, Step>> = {
  'add a field': ({ definition, fresh }, choices) => {
    const records = recordsOf(definition).filter((record) => !frozenNames(definition).has(fullName(record)));
    if (records.length === 0) return false;
    const { fields } = choices.of(records);
    fields.splice(choices.below(fields.length + 1), 0, newField(fresh, choices));
    return true;
  },

  'remove a field': (draft, choices) =>
    atSome(
      draft,
      choices,
      ({ isSet, isFrozen }) => !isSet && !isFrozen,
      ({ field, record }) => {
        record.fields.splice(record.fields.indexOf(field), 1);
      },
    ),

  'rename a field': (draft, choices) =>
    atSome(
      draft,
      choices,
      ({ isSet, isFrozen }) => !isSet && !isFrozen,
      ({ field }) => {
        field.aliases = [...(field.aliases ?? []), field.name];
        field.name = draft.fresh('Renamed');
      },
    ),

  'rename a type': ({ definition, fresh }, choices) => {
    const tags = branchNames(definition);
    const types = namedTypesOf(definition).filter((type) => !tags.has(fullName(type)));
    if (types.length === 0) return false;
    const type = choices.of(types);
    const former = fullName(type);
    const namespace = former.slice(0, former.lastIndexOf('.') + 1);
    const name = namespace + fresh('Type');
    renameReferences(definition, former, name);
    type.aliases = [...(type.aliases ?? []).map((alias) => absolute(alias, namespace)), former];
    type.name = name;
    delete type.namespace;
    return true;
  },

  'widen a type': (draft, choices) =>
    atSomeType(draft, choices, (type) => {
      if (type === 'int') return choices.of(['long', 'double']);
      return type === 'float' ? 'double' : undefined;
    }),

  'more digits': (draft, choices) =>
    atSomeType(draft, choices, (type) => {
      const { type: base, logicalType, precision } = (type ?? {}) as Record<string, unknown>;
      // Beyond 38 digits a column is text, which is another column.
      if (base !== 'bytes' || logicalType !== 'decimal' || precision === 38) return undefined;
      return { ...(type as object), precision: (precision as number) + 1 };
    }),

  'reorder fields': ({ definition }, choices) => {
    const records = recordsOf(definition).filter(({ fields }) => fields.length > 1);
    if (records.length === 0) return false;
    const record = choices.of(records);
    const by = 1 + choices.below(record.fields.length - 1);
    record.fields.push(...record.fields.splice(0, by));
    return true;
  },

  'nest a field': ({ definition, fresh }, choices) =>
    atSome(
      { definition, fresh },
      choices,
      ({ field, isSet, isFrozen }) => !isSet && !isFrozen && field.default !== undefined,
      ({ field, record }) => {
        const inner = { ...field };
        const name = fresh('nest');
        const type = { type: 'record', name: namespaceOf(definition) + fresh('Nest'), fields: [inner] };
        record.fields[record.fields.indexOf(field)] = { name, type, default: { [inner.name]: inner.default } };
      },
    ),

  'unnest a field': ({ definition, fresh }, choices) =>
    atSome(
      { definition, fresh },
      choices,
      (place) => isUnnestable(place),
      ({ field, record }) => {
        const { fields } = field.type as { fields: FieldJson[] };
        const outer = fields.map(({ aliases: _, ...rest }) => ({ ...rest, name: fresh('Bare') }));
        record.fields.splice(record.fields.indexOf(field), 1, ...outer);
      },
    ),

  'add a symbol': ({ definition, fresh }, choices) => {
    const enums = namedTypesOf(definition).filter(({ symbols }) => symbols !== undefined);
    if (enums.length === 0) return false;
    const type = choices.of(enums);
    type.default ??= type.symbols![0]!;
    type.symbols!.splice(choices.below(type.symbols!.length + 1), 0, fresh('Symbol'));
    return true;
  },

  'allow null': (draft, choices) => {
    const isRecord = recordTest(draft.definition);
    const takesNull = ({ field: { type }, isSet }: Place): boolean => {
      if (isSet || type === 'null' || isRecord(type)) return false;
      // A union of one, and a record, would move to a column of another form.
      return !Array.isArray(type) || (type.length > 1 && !type.includes('null'));
    };
    return atSome(draft, choices, takesNull, ({ field, isFrozen }) => {
      const branches = Array.isArray(field.type) ? field.type : [field.type];
      // A default, also that of a record around it, belongs to the first branch.
      const isFirst = field.default === undefined && !isFrozen && choices.oneIn(2);
      field.type = isFirst ? ['null', ...branches] : [...branches, 'null'];
      if (isFirst) field.default = null;
    });
  },

  'allow null within': (draft, choices) => {
    const { definition } = draft;
    const holders = typesOf(definition).flatMap(({ type }) => {
      // An array has values of its own.
      if (Array.isArray(type)) return [];
      const holder = type as { items?: unknown; values?: unknown };
      const inner = holder.items ?? holder.values;
      return inner === undefined || inner === 'null' || Array.isArray(inner) ? [] : [holder];
    });
    if (holders.length === 0) return false;
    const holder = choices.of(holders);
    // The items of a default are of the first branch.
    if (holder.items !== undefined) holder.items = [holder.items, 'null'];
    else holder.values = [holder.values, 'null'];
    return true;
  },

  'more partitions': ({ definition }) => {
    const { partitions = 4 } = definition.sluice ?? {};
    definition.sluice = { ...definition.sluice, partitions: (partitions as number) + 1 };
    return true;
  },

  'say more': ({ definition, fresh }, choices) => {
    const places = [definition, ...namedTypesOf(definition), ...placesOf(definition).map(({ field }) => field)];
    choices.of(places).doc = `It says more now: ${fresh('doc')}`;
    return true;
  },
};

/** Applies a step to a copy, or says more where it has no place. */
export function nextVersion(definition: RecordJson, name: string, choices: Choices, fresh: Draft['fresh']): RecordJson {
  const copy = structuredClone(definition);
  if (STEPS[name]!({ definition: copy, fresh }, choices) && isSound(definition, copy)) {
    return copy;
  }
  const other = structuredClone(definition);
  STEPS['say more']!({ definition: other, fresh }, choices);
  return other;
}

/**
 * False where a type is meant that is defined no more, or only later; and where a record that held itself does so no more:
 * it was one column, and would be many.
 */
function isSound(before: RecordJson, after: RecordJson): boolean {
  try {
    const was = recursionOf(before);
    return [...recursionOf(after)].every(([name, isSo]) => (was.get(name) ?? isSo) === isSo);
  } catch {
    return false;
  }
}

/** Which records hold themselves. @throws SluiceError SLUICE_SCHEMA_INVALID */
function recursionOf(definition: RecordJson): ReadonlyMap<string, boolean> {
  const nodes = reachable(parseSchema(definition));
  return new Map(nodes.flatMap((node) => (node.kind === 'record' ? [[node.name, isRecursive(node)] as const] : [])));
}

function atSome(
  { definition }: Draft,
  choices: Choices,
  isFit: (place: Place) => boolean,
  change: (place: Place) => void,
): boolean {
  const places = placesOf(definition).filter(isFit);
  if (places.length === 0) return false;
  change(choices.of(places));
  return true;
}

function placesOf(definition: RecordJson): Place[] {
  const set = new Set(Object.values(definition.sluice ?? {}));
  const frozen = frozenNames(definition);
  return recordsOf(definition).flatMap((record) =>
    record.fields.map((field) => ({
      field,
      record,
      isSet: record === (definition as NamedJson) && set.has(field.name),
      isFrozen: frozen.has(fullName(record)),
    })),
  );
}

function recordsOf(definition: RecordJson): (NamedJson & { fields: FieldJson[] })[] {
  return namedTypesOf(definition).filter((type) => type.fields !== undefined) as (NamedJson & {
    fields: FieldJson[];
  })[];
}

/** Replaces one type by what `change` makes of it; undefined says that it is none that is meant. */
function atSomeType({ definition }: Draft, choices: Choices, change: (type: unknown) => unknown): boolean {
  const slots = typesOf(definition).filter(({ type, isSet, isAlone }) => {
    return !isSet && isAlone && !Array.isArray(type) && change(type) !== undefined;
  });
  if (slots.length === 0) return false;
  const slot = choices.of(slots);
  slot.put(change(slot.type));
  return true;
}

/** A type where it stands, and how another is put there. */
interface Slot {
  readonly type: unknown;
  readonly isSet: boolean;
  /** In no union, or beside null only: what it is called is of no matter. */
  readonly isAlone: boolean;
  put(type: unknown): void;
}

function typesOf(definition: RecordJson): Slot[] {
  const visit = (slot: Slot): Slot[] => {
    const { type, isSet } = slot;
    if (Array.isArray(type)) {
      const isAlone = type.length === 2 && type.includes('null');
      const branches = type.map(
        (branch, at): Slot => ({ type: branch, isSet, isAlone, put: (put) => (type[at] = put) }),
      );
      return [slot, ...branches.flatMap(visit)];
    }
    const holder = (typeof type === 'object' ? type : {}) as { items?: unknown; values?: unknown };
    const inner = (['items', 'values'] as const).flatMap((key): Slot[] =>
      holder[key] === undefined
        ? []
        : [{ type: holder[key], isSet: false, isAlone: true, put: (put) => (holder[key] = put) }],
    );
    return [slot, ...inner.flatMap(visit)];
  };
  return placesOf(definition).flatMap(({ field, isSet }) =>
    visit({ type: field.type, isSet, isAlone: true, put: (type) => (field.type = type) }),
  );
}

/** Names of the records that some default spells out, or may. */
function frozenNames(definition: RecordJson): ReadonlySet<string> {
  const types = new Map(namedTypesOf(definition).map((type) => [fullName(type), type]));
  const frozen = new Set<string>();
  const freeze = (type: unknown): void => {
    if (typeof type === 'string' && types.has(type)) freeze(types.get(type));
    if (typeof type !== 'object' || type === null) return;
    if (Array.isArray(type)) return type.forEach(freeze);
    const named = type as NamedJson;
    if (typeof named.name === 'string') {
      if (frozen.has(fullName(named))) return;
      frozen.add(fullName(named));
    }
    [named.items, named.values, ...(named.fields ?? []).map((field) => field.type)].forEach(freeze);
  };
  for (const record of recordsOf(definition)) {
    for (const { type, default: written } of record.fields) {
      if (typeof written === 'object' && written !== null) freeze(type);
    }
  }
  return frozen;
}

function isUnnestable({ field, isSet, isFrozen }: Place): boolean {
  const type = field.type as Partial<NamedJson> | null;
  if (isSet || isFrozen || field.pii !== undefined || type?.type !== 'record') return false;
  return type.fields!.length > 0 && type.fields!.every((inner) => inner.default !== undefined);
}

function newField(fresh: Draft['fresh'], choices: Choices): FieldJson {
  const { schema, written } = SCALARS[choices.of(SCALAR_NAMES)];
  const name = fresh('Added');
  const type = structuredClone(schema) as unknown;
  switch (choices.below(5)) {
    case 0:
      return { name, type: type === 'null' ? type : ['null', type], default: null };
    case 1:
      return { name, type: { type: 'array', items: type }, default: [] };
    case 2:
      return { name, type: { type: 'map', values: type }, default: {} };
    default:
      return { name, type, default: written };
  }
}

/** Tells records, also those that are called by their names. */
function recordTest(definition: RecordJson): (type: unknown) => boolean {
  const records = new Set(recordsOf(definition).map(fullName));
  return (type) =>
    typeof type === 'string' ? records.has(type) : (type as { type?: unknown } | null)?.type === 'record';
}

function fullName({ name, namespace }: Pick<NamedJson, 'name' | 'namespace'>): string {
  return name.includes('.') || namespace === undefined || namespace === '' ? name : `${namespace}.${name}`;
}

function absolute(alias: string, namespace: string): string {
  return alias.includes('.') ? alias : namespace + alias;
}

/** With the dot behind it, or empty. */
function namespaceOf(definition: RecordJson): string {
  const name = fullName(definition);
  return name.slice(0, name.lastIndexOf('.') + 1);
}

/** Names of types that are branches of unions, where senders may have to write them. */
function branchNames(schema: unknown, isBranch = false): ReadonlySet<string> {
  if (typeof schema === 'string') return new Set(isBranch ? [schema] : []);
  if (typeof schema !== 'object' || schema === null) return new Set();
  if (Array.isArray(schema)) return new Set(schema.flatMap((branch) => [...branchNames(branch, true)]));
  const type = schema as NamedJson;
  const inner = [type.items, type.values, ...(type.fields ?? []).map((field) => field.type)];
  const own = isBranch && typeof type.name === 'string' ? [fullName(type)] : [];
  return new Set([...own, ...inner.flatMap((part) => [...branchNames(part)])]);
}

function renameReferences(schema: unknown, former: string, name: string): void {
  if (typeof schema !== 'object' || schema === null) return;
  const renamed = (type: unknown) => (type === former ? name : type);
  if (Array.isArray(schema)) {
    schema.forEach((branch, at) => {
      schema[at] = renamed(branch);
      renameReferences(branch, former, name);
    });
    return;
  }
  const type = schema as Record<string, unknown>;
  for (const key of ['items', 'values', 'type']) {
    if (type[key] === undefined) continue;
    type[key] = renamed(type[key]);
    renameReferences(type[key], former, name);
  }
  for (const field of (type.fields as unknown[] | undefined) ?? []) renameReferences(field, former, name);
}
