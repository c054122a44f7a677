import fc from 'fast-check';
import { avscType } from '../../contracts/arbitraries/avsc-type.ts';
import { type BodySample, bodiesOf } from '../../contracts/arbitraries/bodies.ts';
import { buildSchema, type FieldJson, type Naming, namedTypesOf } from '../../contracts/arbitraries/schema-builder.ts';
import {
  type Plan,
  type RecordPlan,
  recordPlans,
  SCALAR_NAMES,
  SCALARS,
  tagOf,
} from '../../contracts/arbitraries/schema-plans.ts';
import { parsed } from '../../contracts/readers/json.ts';
import { parseSchema } from '../../src/schema/ast.ts';

export { isBack } from '../../contracts/arbitraries/back.ts';
export { HOSTILE_TEXTS, text } from '../../contracts/arbitraries/hostile-texts.ts';
export { jsonText } from '../../contracts/readers/json.ts';
export { avscType };

// Generated schemas with values, one by one and changed with and without care: what laws are tried with, in the shapes that
// tests of single parts need.

/** A value of a schema. */
export interface Sample extends BodySample {
  /** What the text says. */
  readonly sent: unknown;
}

/** A schema with one sample of it. */
export interface SchemaSample extends Sample {
  readonly schema: { readonly fields: readonly { readonly name: string }[] } & Record<string, unknown>;
}

/** Names of fields, with those of Object's own members. */
const FIELD_NAMES = ['id', 'Value', 'constructor', 'toString', '_x', 'n1', 'place', 'hasOwnProperty'];

/** Without these, which avsc's resolver mistakes for fields. */
const PLAIN_FIELD_NAMES = ['id', 'Value', 'a_b', 'b', '_x', 'n1', 'place', 'z'];

/** Records do not hold themselves, so that each change has one place. */
const plans = recordPlans(false);

function schemaOf(plan: RecordPlan, fieldNames: readonly string[]): SchemaSample['schema'] {
  const naming: Naming = {
    record: () => (index) => fieldNames[index]!,
    type: (letter, count) => `test.${letter}${count}`,
  };
  return buildSchema(plan, naming);
}

/** Samples that avsc can hold: it keeps maps in plain objects, where `__proto__` is lost. That key has tests of its own. */
function samplesOf(schema: unknown): fc.Arbitrary<BodySample> {
  return bodiesOf(parseSchema(schema)).filter(({ back }) => !JSON.stringify(back).includes('"__proto__":'));
}

/** Generated record schemas, each with a value. Every Avro type and logical type occurs. */
export const schemaSample: fc.Arbitrary<SchemaSample> = plans.chain((plan) => {
  const schema = schemaOf(plan, FIELD_NAMES);
  return samplesOf(schema).map((sample) => ({ ...sample, sent: parsed(sample.text), schema }));
});

/** One field of every kind of column, and its values. */
export const everyScalar: { readonly schema: SchemaSample['schema']; readonly sample: fc.Arbitrary<BodySample> } =
  (() => {
    const fields = SCALAR_NAMES.map((name) => ({ name: name.replace('-', '_'), type: SCALARS[name].schema }));
    const schema = { type: 'record', name: 'test.Every', fields };
    return { schema, sample: samplesOf(schema) };
  })();

/** A schema, what it became, and values of the former. */
export interface Evolution {
  readonly writer: SchemaSample['schema'];
  readonly reader: SchemaSample['schema'];
  readonly samples: readonly BodySample[];
}

interface NamedJson {
  type: string;
  name: string;
  aliases?: string[];
  fields?: FieldJson[];
  symbols?: string[];
  default?: string;
}

type Change = (field: FieldJson, fresh: string) => void;

const WIDER: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  float: ['double'],
  string: ['bytes'],
};

/** What may happen to a field so that its old values can still be read. */
const CHANGES: Readonly<Record<string, Change>> = {
  rename: (field, fresh) => {
    field.aliases = [...(field.aliases ?? []), field.name];
    field.name = fresh;
  },
  promote: (field) => {
    const wider = WIDER[field.type as string];
    if (wider !== undefined) field.type = wider[field.name.length % wider.length];
  },
  nullable: (field) => {
    if (field.type === 'null') return;
    const branches = Array.isArray(field.type) ? field.type : [field.type];
    if (branches.includes('null')) return;
    // A default, also that of a record around it, belongs to the first branch.
    field.type = [...branches, 'null'];
  },
  addBranch: (field, fresh) => {
    if (Array.isArray(field.type)) field.type.push({ type: 'fixed', name: `test.${fresh}`, size: 2 });
  },
  renameType: (field, fresh) => {
    const type = field.type as NamedJson;
    if (typeof type?.name !== 'string') return;
    type.aliases = [...(type.aliases ?? []), type.name];
    type.name = `test.${fresh}`;
  },
  changeSymbols: (field) => {
    const type = field.type as NamedJson;
    if (type?.symbols === undefined) return;
    type.default = type.symbols[0]!;
    type.symbols = ['Fresh', ...type.symbols.slice(0, -1).reverse(), type.symbols[0]!].filter(
      (symbol, index, all) => all.indexOf(symbol) === index,
    );
  },
};

const ADDED = ['string', 'long', 'double', 'money', 'date', 'millis', 'null', 'uuid'] as const;

function recordsOf(schema: unknown): { readonly name: string; readonly fields: FieldJson[] }[] {
  return namedTypesOf(schema).flatMap(({ name, fields }) => (fields === undefined ? [] : [{ name, fields }]));
}

interface Step {
  readonly record: number;
  readonly field: number;
  readonly change: string;
}

function evolve(schema: SchemaSample['schema'], steps: readonly Step[]): SchemaSample['schema'] {
  const evolved = structuredClone(schema);
  steps.forEach((step, index) => {
    const records = recordsOf(evolved);
    const fields = records[step.record % records.length]!.fields;
    const at = step.field % Math.max(fields.length, 1);
    if (step.change === 'add') {
      const { schema: type, written } = SCALARS[ADDED[step.field % ADDED.length]!];
      fields.splice(at, 0, { name: `added${index}`, type: structuredClone(type), default: written });
    } else if (step.change === 'reverse') fields.reverse();
    else if (step.change === 'remove') fields.splice(at, 1);
    else if (fields[at] !== undefined) CHANGES[step.change]!(fields[at], `fresh${index}`);
  });
  return evolved;
}

const steps = fc.array(
  fc.record({
    record: fc.nat({ max: 40 }),
    field: fc.nat({ max: 40 }),
    change: fc.constantFrom('add', 'reverse', 'remove', ...Object.keys(CHANGES)),
  }),
  { minLength: 1, maxLength: 8 },
);

function isValid(schema: unknown): boolean {
  try {
    avscType(schema);
    return true;
  } catch {
    return false;
  }
}

/** Generated schemas with a later version that can read them. */
export const evolution: fc.Arbitrary<Evolution> = fc
  .tuple(plans, steps)
  .chain(([plan, changes]) => {
    const writer = schemaOf(plan, PLAIN_FIELD_NAMES);
    const samples = fc.array(samplesOf(writer), { minLength: 1, maxLength: 5 });
    return samples.map((list) => ({ writer, reader: evolve(writer, changes), samples: list }));
  })
  // A field renamed inside of a record that has a default leaves the default without it.
  .filter(({ reader }) => isValid(reader));

/** What may happen to a field without care for its old values. */
const CARELESS_CHANGES: Readonly<Record<string, Change>> = {
  ...CHANGES,
  retype: (field) => {
    const kinds = ['int', 'long', 'float', 'double', 'string', 'bytes', 'boolean'];
    if (typeof field.type === 'string')
      field.type = kinds[(kinds.indexOf(field.type) + field.name.length) % kinds.length];
  },
  renameWithoutAlias: (field, fresh) => {
    field.name = fresh;
  },
  renameTypeWithoutAlias: (field, fresh) => {
    const type = field.type as NamedJson;
    if (typeof type?.name === 'string') type.name = `test.${fresh}`;
  },
  changeNamespace: (field) => {
    const type = field.type as NamedJson;
    if (typeof type?.name === 'string') type.name = type.name.replace('test.', 'other.');
  },
  changeSize: (field) => {
    const type = field.type as NamedJson & { size?: number };
    if (type?.size !== undefined && !('logicalType' in type)) type.size += 1;
  },
  dropSymbol: (field) => {
    const type = field.type as NamedJson;
    if (type?.symbols !== undefined && type.symbols.length > 1 && type.default === undefined) type.symbols.pop();
  },
  dropBranch: (field) => {
    if (Array.isArray(field.type) && field.type.length > 1 && field.default === undefined) field.type.pop();
  },
  reverseBranches: (field) => {
    if (Array.isArray(field.type) && field.default === undefined) field.type.reverse();
  },
  wrap: (field) => {
    if (field.default === undefined && field.type !== 'null' && !Array.isArray(field.type)) field.type = [field.type];
  },
  unwrap: (field) => {
    if (Array.isArray(field.type) && field.type.length === 1) field.type = field.type[0];
  },
  annotate: (field) => {
    if (field.default !== undefined) return;
    if (field.type === 'long') field.type = { type: 'long', logicalType: 'timestamp-micros' };
    else if (field.type === 'string') field.type = { type: 'string', logicalType: 'uuid' };
    else if (field.type === 'bytes') field.type = { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 };
  },
  reannotate: (field) => {
    const type = field.type as { logicalType?: string; scale?: number; precision?: number };
    if (field.default !== undefined) return;
    if (type?.logicalType === 'timestamp-millis') type.logicalType = 'timestamp-micros';
    else if (type?.logicalType === 'decimal' && type.scale === 2) type.scale = 3;
    else delete type?.logicalType;
  },
  dropDefault: (field) => {
    delete field.default;
  },
  steal: (field, fresh) => {
    field.aliases = [...(field.aliases ?? []), field.name.length % 2 === 0 ? 'id' : 'Value', fresh];
  },
};

function spoil(schema: SchemaSample['schema'], list: readonly Step[]): SchemaSample['schema'] {
  const spoilt = structuredClone(schema);
  list.forEach((step, index) => {
    const records = recordsOf(spoilt);
    const record = records[step.record % records.length]!;
    const fields = records.flatMap((each) => each.fields);
    const name = `careless${index}`;
    if (step.change === 'recurse') record.fields.push({ name, type: ['null', record.name], default: null });
    else if (step.change === 'require') record.fields.push({ name, type: 'int' });
    else {
      // Most changes fit few fields: the first that it fits, from the one that was picked.
      for (let tried = 0; tried < fields.length; tried += 1) {
        const field = fields[(step.field + tried) % fields.length]!;
        const before = JSON.stringify(field);
        CARELESS_CHANGES[step.change]!(field, name);
        if (JSON.stringify(field) !== before) break;
      }
    }
  });
  return spoilt;
}

/** A schema, and what it may become without care for compatibility. */
export interface AnyChanges {
  readonly writer: SchemaSample['schema'];
  readonly readers: readonly SchemaSample['schema'][];
}

/** A plan with fewer parts, so that a change is likely to be felt. */
function pruned(plan: Plan, depth: number): Plan {
  switch (plan.kind) {
    case 'array':
    case 'map':
      return depth === 0 ? { kind: 'scalar', name: 'long' } : { ...plan, items: pruned(plan.items, depth - 1) };
    case 'union':
      return { ...plan, branches: plan.branches.map((branch) => pruned(branch, depth)).filter(isNewBranch) };
    case 'record':
      return prunedRecord(plan, depth);
    default:
      return plan;
  }
}

function prunedRecord(plan: RecordPlan, depth: number): RecordPlan {
  const fields = plan.fields.slice(0, depth).map((field) => ({ ...field, plan: pruned(field.plan, depth - 1) }));
  return { ...plan, fields };
}

function isNewBranch(branch: Plan, index: number, all: readonly Plan[]): boolean {
  return all.findIndex((other) => tagOf(other) === tagOf(branch)) === index;
}

const carelessSteps = fc.array(
  fc.record({
    record: fc.nat({ max: 40 }),
    field: fc.nat({ max: 40 }),
    change: fc.constantFrom('recurse', 'require', ...Object.keys(CARELESS_CHANGES)),
  }),
  { minLength: 2, maxLength: 8, size: 'max' },
);

/** Generated schemas with six others each, made by any changes: about half of them can read the first. */
export const anyChanges: fc.Arbitrary<AnyChanges> = fc
  .tuple(plans, carelessSteps, fc.array(fc.tuple(steps, carelessSteps), { minLength: 6, maxLength: 6 }))
  .map(([plan, before, changes]) => {
    const plain = schemaOf(prunedRecord(plan, 4), PLAIN_FIELD_NAMES);
    // Aliases are for readers, and avsc would take a default for its own.
    const writer = spoil(
      plain,
      before.filter(({ change }) => change === 'recurse' || change === 'wrap'),
    );
    return {
      writer,
      readers: changes.map(([careful, careless]) => spoil(evolve(writer, careful.slice(0, 2)), careless)),
    };
  });

/** Generated schemas with values, and another one each that was made without care for them. */
export const carelessEvolution: fc.Arbitrary<Evolution> = fc
  .tuple(plans, steps, carelessSteps)
  .chain(([plan, careful, careless]) => {
    const writer = schemaOf(prunedRecord(plan, 4), PLAIN_FIELD_NAMES);
    const reader = spoil(evolve(writer, careful.slice(0, 2)), careless.slice(0, 2));
    return fc.array(samplesOf(writer), { minLength: 1, maxLength: 5 }).map((samples) => ({ writer, reader, samples }));
  })
  .filter(({ reader }) => isValid(reader));
