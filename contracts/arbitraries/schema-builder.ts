import { type Plan, type RecordPlan, SCALARS, tagOf } from './schema-plans.ts';

/** What a schema looks like as JSON, as far as it is built and changed here. */
export interface FieldJson {
  name: string;
  type: unknown;
  default?: unknown;
  aliases?: string[];
  doc?: string;
  pii?: string;
}

export interface RecordJson {
  type: 'record';
  name: string;
  namespace?: string;
  aliases?: string[];
  doc?: string;
  sluice?: Record<string, unknown>;
  fields: FieldJson[];
  [other: string]: unknown;
}

/** A record, enum or fixed where it is defined. */
export interface NamedJson {
  type: string;
  name: string;
  namespace?: string;
  aliases?: string[];
  doc?: string;
  fields?: FieldJson[];
  symbols?: string[];
  default?: string;
  [other: string]: unknown;
}

/** Every named type that is defined within a schema, the outer before the inner. */
export function namedTypesOf(schema: unknown): NamedJson[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(namedTypesOf);
  const type = schema as Partial<NamedJson> & { readonly items?: unknown; readonly values?: unknown };
  const inner = [type.items, type.values, ...(type.fields ?? []).map((field) => field.type)].flatMap(namedTypesOf);
  return typeof type.name === 'string' ? [type as NamedJson, ...inner] : inner;
}

/** How things are called. */
export interface Naming {
  /** Names for the fields of one more record, different for each index. */
  readonly record: () => (index: number) => string;
  /** The full name of the `count`th type. */
  readonly type: (letter: 'R' | 'E' | 'F', count: number) => string;
}

/** A type as it was built: its schema, what stands for it in a union, and a default as a schema writes it. */
interface Built {
  readonly schema: unknown;
  readonly tag: string;
  readonly written: unknown;
}

/** The schema of a plan. Types are called by their full names everywhere. */
export function buildSchema(plan: RecordPlan, naming: Naming): RecordJson {
  return new Builder(naming).build(plan).schema as RecordJson;
}

const SYMBOLS = ['A', 'b_1', 'unknown', '_'];

class Builder {
  readonly #naming: Naming;
  readonly #complete: Built[] = [];
  readonly #around: string[] = [];
  #count = 0;

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  build(plan: Plan): Built {
    switch (plan.kind) {
      case 'scalar':
        return { ...SCALARS[plan.name], tag: tagOf(plan) };
      case 'fixed': {
        const { variant } = plan;
        const name = this.#name('F');
        const schema = { type: 'fixed', name, ...variant };
        return this.#remember({ schema, tag: name, written: '\0'.repeat(variant.size) });
      }
      case 'enum': {
        const name = this.#name('E');
        const symbols = SYMBOLS.slice(0, plan.size);
        return this.#remember({ schema: { type: 'enum', name, symbols }, tag: name, written: symbols[0] });
      }
      case 'array':
        return { schema: { type: 'array', items: this.build(plan.items).schema }, tag: 'array', written: [] };
      case 'map':
        return { schema: { type: 'map', values: this.build(plan.items).schema }, tag: 'map', written: {} };
      case 'union':
        return this.#union(plan.branches);
      case 'record':
        return this.#record(plan);
      case 'self':
        return this.#self(plan);
      case 'again':
        return this.#complete[plan.which % this.#complete.length] ?? this.build({ kind: 'scalar', name: 'string' });
    }
  }

  #name(letter: 'R' | 'E' | 'F'): string {
    this.#count += 1;
    return this.#naming.type(letter, this.#count);
  }

  /** Whoever means it again calls it by its name. */
  #remember(built: Built): Built {
    this.#complete.push({ ...built, schema: built.tag });
    return built;
  }

  #union(plans: readonly Plan[]): Built {
    const tags = new Set<string>();
    const branches = plans.flatMap((plan) => {
      const built = this.build(plan);
      // A type that is meant again may be there already.
      if (tags.has(built.tag)) return [];
      tags.add(built.tag);
      return [built];
    });
    return { schema: branches.map(({ schema }) => schema), tag: 'union', written: branches[0]!.written };
  }

  #self({ up, way }: Plan & { kind: 'self' }): Built {
    const name = this.#around.at(-1 - (up % this.#around.length))!;
    if (way === 'nullable') return { schema: ['null', name], tag: 'union', written: null };
    if (way === 'array') return { schema: { type: 'array', items: name }, tag: 'array', written: [] };
    return { schema: { type: 'map', values: name }, tag: 'map', written: {} };
  }

  #record(plan: RecordPlan): Built {
    const name = this.#name('R');
    const fieldName = this.#naming.record();
    this.#around.push(name);
    const fields = plan.fields.map(({ plan: part, hasDefault }, index) => {
      return { name: fieldName(index), hasDefault, built: this.build(part) };
    });
    this.#around.pop();
    const schema = {
      type: 'record',
      name,
      fields: fields.map(({ name: called, hasDefault, built }) => ({
        name: called,
        type: built.schema,
        ...(hasDefault ? { default: built.written } : {}),
      })),
    };
    const written = Object.fromEntries(fields.map(({ name: called, built }) => [called, built.written]));
    return this.#remember({ schema, tag: name, written });
  }
}
