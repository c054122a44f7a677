import fc from 'fast-check';

/** The plan of a type, before names are given: what is generated and shrinks. */
export type Plan =
  | { readonly kind: 'scalar'; readonly name: ScalarName }
  | { readonly kind: 'fixed'; readonly variant: (typeof FIXEDS)[number] }
  | { readonly kind: 'enum'; readonly size: number }
  | { readonly kind: 'array' | 'map'; readonly items: Plan }
  | { readonly kind: 'union'; readonly branches: readonly Plan[] }
  | RecordPlan
  /** A record around, `up` levels further out, in a way that can end. */
  | { readonly kind: 'self'; readonly up: number; readonly way: 'nullable' | 'array' | 'map' }
  /** A named type that was complete before. */
  | { readonly kind: 'again'; readonly which: number };

export interface RecordPlan {
  readonly kind: 'record';
  readonly fields: readonly { readonly plan: Plan; readonly hasDefault: boolean }[];
}

/** Everything that has no parts and no name: its schema, and a default as a schema writes it. */
export const SCALARS = {
  null: { schema: 'null', written: null },
  boolean: { schema: 'boolean', written: true },
  int: { schema: 'int', written: -7 },
  long: { schema: 'long', written: 2 ** 40 },
  float: { schema: 'float', written: 0.5 },
  double: { schema: 'double', written: -1.25 },
  string: { schema: 'string', written: 'a,\\N' },
  bytes: { schema: 'bytes', written: '\0ÿ' },
  uuid: { schema: { type: 'string', logicalType: 'uuid' }, written: '6BA7B810-9dad-11d1-80b4-00c04fd430c8' },
  money: { schema: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 }, written: '\x04Ò' },
  fraction: { schema: { type: 'bytes', logicalType: 'decimal', precision: 3, scale: 3 }, written: 'ÿ' },
  integral: { schema: { type: 'bytes', logicalType: 'decimal', precision: 50 }, written: '\0' },
  date: { schema: { type: 'int', logicalType: 'date' }, written: -1 },
  timeMillis: { schema: { type: 'int', logicalType: 'time-millis' }, written: 1 },
  timeMicros: { schema: { type: 'long', logicalType: 'time-micros' }, written: 1 },
  millis: { schema: { type: 'long', logicalType: 'timestamp-millis' }, written: 0 },
  micros: { schema: { type: 'long', logicalType: 'timestamp-micros' }, written: 0 },
  nanos: { schema: { type: 'long', logicalType: 'timestamp-nanos' }, written: 0 },
  'local-millis': { schema: { type: 'long', logicalType: 'local-timestamp-millis' }, written: 0 },
  'local-micros': { schema: { type: 'long', logicalType: 'local-timestamp-micros' }, written: 0 },
  'local-nanos': { schema: { type: 'long', logicalType: 'local-timestamp-nanos' }, written: 0 },
} as const;

export type ScalarName = keyof typeof SCALARS;

export const SCALAR_NAMES = Object.keys(SCALARS) as ScalarName[];

/** What a fixed may stand for. */
export const FIXEDS = [
  { size: 0 },
  { size: 3 },
  { size: 12, logicalType: 'duration' },
  { size: 16, logicalType: 'uuid' },
  { size: 6, logicalType: 'decimal', precision: 14, scale: 4 },
  { size: 40, logicalType: 'decimal', precision: 4, scale: 1 },
] as const;

/** What stands for a plan in a union: no two branches may have the same. */
export function tagOf(plan: Plan): string {
  if (plan.kind === 'self') return plan.way === 'nullable' ? 'union' : plan.way;
  if (plan.kind !== 'scalar') return plan.kind;
  const { schema } = SCALARS[plan.name];
  return typeof schema === 'string' ? schema : schema.type;
}

/** Two branches of which one may be promoted to the other: resolvers may disagree on which one to take. */
const FAMILIES: Readonly<Record<string, string>> = {
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'text',
  bytes: 'text',
};

const unionOf = (branches: readonly Plan[]): Plan => ({ kind: 'union', branches });
const NULL: Plan = { kind: 'scalar', name: 'null' };

/**
 * Plans of records, in which every type and logical type occurs.
 *
 * @param withReferences whether records hold themselves, and types are used again by their names.
 */
export function recordPlans(withReferences: boolean): fc.Arbitrary<RecordPlan> {
  const references: fc.Arbitrary<Plan>[] = withReferences
    ? [
        fc.record({ kind: fc.constant('again' as const), which: fc.nat(9) }),
        fc.record({
          kind: fc.constant('self' as const),
          up: fc.nat(3),
          way: fc.constantFrom('array' as const, 'map' as const),
        }),
      ]
    : [];
  return fc.letrec<{ any: Plan; leaf: Plan; part: Plan; record: RecordPlan }>((tie) => ({
    leaf: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...SCALAR_NAMES).map((name): Plan => ({ kind: 'scalar', name })) },
      { weight: 4, arbitrary: fc.constantFrom(...FIXEDS).map((variant): Plan => ({ kind: 'fixed', variant })) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }).map((size): Plan => ({ kind: 'enum', size })) },
      ...references.map((arbitrary) => ({ weight: 1, arbitrary })),
    ),
    part: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      tie('leaf'),
      fc
        .tuple(fc.constantFrom('array' as const, 'map' as const), tie('any'))
        .map(([kind, items]): Plan => ({ kind, items })),
      tie('record'),
    ),
    any: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      tie('part'),
      tie('part').map((plan): Plan => {
        if (plan.kind === 'self') return { ...plan, way: 'nullable' };
        return unionOf(tagOf(plan) === 'null' ? [plan] : [NULL, plan]);
      }),
      fc
        .uniqueArray(tie('part'), {
          minLength: 1,
          maxLength: 4,
          selector: (plan) => FAMILIES[tagOf(plan)] ?? tagOf(plan),
        })
        .map(unionOf),
    ),
    record: fc
      .array(fc.record({ plan: tie('any'), hasDefault: fc.boolean() }), { maxLength: 6, depthIdentifier: 'record' })
      .map((fields): RecordPlan => ({ kind: 'record', fields })),
  })).record;
}
