import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';

// Event types with personal data in all kinds of places, and bodies in which each of it can be told from all else.

export const PII_KEY = Buffer.from('a key of which only tests know, long enough');

/** A generated event type, and one of its bodies. */
export interface PersonalSample {
  readonly schema: object;
  readonly body: Json;
  /** The body as it should be kept, which the schema without its marks takes. */
  readonly kept: Json;
  /** Texts that are in values of hashed and dropped fields, and nowhere else. */
  readonly hidden: readonly string[];
  /** Texts that are in values of personal fields that stay readable. */
  readonly clear: readonly string[];
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A value as it is sent and as it should be kept, with the secrets in it. */
interface Value {
  readonly sent: Json;
  readonly kept: Json;
  readonly hidden: readonly string[];
  readonly clear: readonly string[];
}

interface FieldPlan {
  readonly type: unknown;
  readonly rest: object;
  /** Undefined where the field may be left out, and is. */
  readonly value: fc.Arbitrary<Value | undefined>;
}

type RecordPlan = readonly FieldPlan[];

export const hashOf = (text: string): string => createHmac('sha256', PII_KEY).update(text).digest('hex');

const plain = (value: Json): Value => ({ sent: value, kept: value, hidden: [], clear: [] });

/** A text that nothing else holds: what is looked for, and around it what is hard to hold. */
const secretText = fc
  .tuple(fc.bigInt({ min: 36n ** 14n, max: 36n ** 15n }), fc.constantFrom('', ' é😀', '"\\\n', '@example.com'))
  .map(([number, tail]) => ({ needle: `q${number.toString(36)}q`, text: `q${number.toString(36)}q${tail}` }));
const secretNumber = fc.integer({ min: 1_100_000_000, max: 2_100_000_000 });

/** A type, and how a secret is put into one of its values. */
const CARRIERS: readonly {
  readonly type: unknown;
  readonly fallback: Json;
  readonly value: fc.Arbitrary<[Json, string[]]>;
}[] = [
  { type: 'string', fallback: 'none', value: secretText.map(({ needle, text }) => [text, [needle]]) },
  { type: 'int', fallback: 0, value: secretNumber.map((number) => [number, [String(number)]]) },
  { type: 'double', fallback: 0.5, value: secretNumber.map((number) => [number + 0.25, [String(number)]]) },
  {
    type: { type: 'map', values: 'string' },
    fallback: {},
    value: fc.tuple(secretText, secretText).map(([key, of]) => [{ [key.text]: of.text }, [key.needle, of.needle]]),
  },
  {
    type: { type: 'array', items: 'string' },
    fallback: [],
    value: fc
      .array(secretText, { maxLength: 3 })
      .map((of) => [of.map(({ text }) => text), of.map(({ needle }) => needle)]),
  },
];

const hashed: fc.Arbitrary<FieldPlan> = fc
  .constantFrom<[unknown, object]>(
    ['string', {}],
    ['string', { default: 'nobody' }],
    [['null', 'string'], { default: null }],
    [['string', 'null'], { default: 'nobody' }],
  )
  .map(([type, rest]) => ({
    type,
    rest: { pii: 'hash', ...rest },
    value: fc.oneof(
      {
        weight: 4,
        arbitrary: secretText.map(({ needle, text }) => ({ ...plain(text), kept: hashOf(text), hidden: [needle] })),
      },
      ...(Array.isArray(type) ? [fc.constant(plain(null))] : []),
      ...('default' in rest ? [fc.constant(undefined)] : []),
    ),
  }));

const dropped: fc.Arbitrary<FieldPlan> = fc
  .tuple(fc.constantFrom(...CARRIERS), fc.constantFrom('nullable', 'nullable, last', 'default'))
  .map(([{ type, fallback, value }, how]) => {
    const kept = how === 'default' ? fallback : null;
    const sent = value.map(([of, hidden]): Value => ({ sent: of, kept, hidden, clear: [] }));
    if (how === 'default') {
      return { type, rest: { pii: 'drop', default: fallback }, value: fc.option(sent, { nil: undefined, freq: 5 }) };
    }
    const isLast = how === 'nullable, last';
    return {
      type: isLast ? [type, 'null'] : ['null', type],
      rest: { pii: 'drop', ...(isLast ? { default: fallback } : {}) },
      // What is left out is kept as null, too: nobody can tell.
      value: fc.oneof({ weight: 4, arbitrary: sent }, fc.constant(plain(null))),
    };
  });

const clear: fc.Arbitrary<FieldPlan> = fc.constantFrom(...CARRIERS).map(({ type, value }) => ({
  type,
  rest: { pii: 'clear' },
  value: value.map(([of, needles]) => ({ ...plain(of), clear: needles })),
}));

const ordinary: fc.Arbitrary<FieldPlan> = fc
  .constantFrom<[unknown, fc.Arbitrary<Json>]>(
    ['string', fc.constantFrom('', 'x', 'ordinary')],
    ['long', fc.nat(1000)],
    [['null', 'boolean'], fc.constantFrom(null, true)],
    [{ type: 'map', values: 'int' }, fc.dictionary(fc.constantFrom('a', 'b c'), fc.nat(9))],
  )
  .map(([type, value]) => ({ type, rest: {}, value: value.map(plain) }));

/** Several values as one. */
function together(values: readonly Value[], join: (parts: readonly Json[]) => Json): Value {
  return {
    sent: join(values.map(({ sent }) => sent)),
    kept: join(values.map(({ kept }) => kept)),
    hidden: values.flatMap(({ hidden }) => hidden),
    clear: values.flatMap((value) => value.clear),
  };
}

const fieldName = (index: number): string => `field_${index}`;

function recordValue(plan: RecordPlan): fc.Arbitrary<Value> {
  return fc.tuple(...plan.map(({ value }) => value)).map((values) => {
    const present = values.flatMap((value, index) => (value === undefined ? [] : [{ name: fieldName(index), value }]));
    return together(
      present.map(({ value }) => value),
      (parts) => Object.fromEntries(present.map(({ name }, index) => [name, parts[index]!])),
    );
  });
}

let records = 0;
function recordType(plan: RecordPlan): { name: string; type: object } {
  records += 1;
  const name = `r${records}`;
  const fields = plan.map(({ type, rest }, index) => ({ name: fieldName(index), type, ...rest }));
  return { name: `test.${name}`, type: { type: 'record', name, namespace: 'test', fields } };
}

/** A field that holds records, one way or another. */
function holder(plan: RecordPlan, way: 'alone' | 'array' | 'map' | 'nullable' | 'tagged'): FieldPlan {
  const { name, type } = recordType(plan);
  const value = recordValue(plan);
  switch (way) {
    case 'alone':
      return { type, rest: {}, value };
    case 'array':
      return {
        type: { type: 'array', items: type },
        rest: {},
        value: fc.array(value, { maxLength: 2 }).map((items) => together(items, (parts) => parts)),
      };
    case 'map':
      return {
        type: { type: 'map', values: type },
        rest: {},
        value: value.map((of) => together([of], ([part]) => ({ 'some key': part! }))),
      };
    case 'nullable':
      return { type: ['null', type], rest: {}, value: fc.oneof(value, fc.constant(plain(null))) };
    case 'tagged':
      return {
        type: [type, { type: 'map', values: 'int' }],
        rest: {},
        value: value.map((of) => together([of], ([part]) => ({ [name]: part! }))),
      };
  }
}

const recordPlan: fc.Arbitrary<RecordPlan> = fc.letrec<{ record: RecordPlan; field: FieldPlan }>((tie) => ({
  record: fc.array(tie('field'), { minLength: 1, maxLength: 5 }),
  field: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.oneof(hashed, dropped, clear, ordinary),
    fc
      .tuple(tie('record'), fc.constantFrom('alone', 'array', 'map', 'nullable', 'tagged'))
      .map(([plan, way]) => holder(plan, way)),
  ),
})).record;

export function personalHistory(schema: object): SchemaHistory {
  return schemaHistory('test.event', [schemaVersion('test.event', 1, schema)]);
}

export function withoutMarks(schema: object): object {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === 'pii' ? undefined : value)));
}

/** Any event type with personal data, and a body of it. */
export const personalSample: fc.Arbitrary<PersonalSample> = recordPlan
  .chain((plan) => {
    const schema = recordType(plan).type;
    return recordValue(plan).map(({ sent, kept, hidden, clear: readable }) => {
      return { schema, body: sent, kept, hidden, clear: readable };
    });
  })
  .filter(({ hidden, clear: readable }) => !hidden.some((secret) => readable.includes(secret)));

/** The ways in which `broken` spoils a body. */
const SPOILS = ['wrap', 'list', 'misspell', 'number', 'text', 'remove'] as const;

/**
 * A body's text, broken at some places: values in other shapes, misspelt names, keys twice, JSON cut off. Personal data
 * stays where it was, or goes to where nobody has declared anything.
 */
export function broken(body: Json): fc.Arbitrary<string> {
  const spoil = fc.tuple(fc.nat(1000), fc.constantFrom(...SPOILS));
  const ends = fc.oneof(
    { weight: 3, arbitrary: fc.constant((text: string) => text) },
    fc
      .double({ min: 0, max: 1, noNaN: true })
      .map((part) => (text: string) => text.slice(0, Math.floor(text.length * part))),
    fc.nat(1000).map((at) => (text: string) => {
      const [left, right] = [text.slice(0, at % text.length), text.slice(at % text.length)];
      return `${left}\u0001${right}`;
    }),
    fc.constant((text: string) => text.replace(/("field_\d":)/, '$1null,$1')),
    fc.constant((text: string) => `[${text}]`),
  );
  return fc.tuple(fc.array(spoil, { maxLength: 3 }), ends).map(([spoils, end]) => {
    const spoiled = spoils.reduce<Json>((so, [at, how]) => spoilAt(so, at, how), body);
    return end(JSON.stringify(spoiled));
  });
}

function spoilAt(body: Json, at: number, how: (typeof SPOILS)[number]): Json {
  let left = at % Math.max(1, countMembers(body));
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(visit);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, of]): [string, Json][] => {
        const isIt = left === 0 && name.startsWith('field_');
        if (name.startsWith('field_')) left -= 1;
        return isIt ? spoiledMember(name, of as Json, how) : [[name, visit(of as Json)]];
      }),
    );
  };
  return visit(body);
}

function spoiledMember(name: string, value: Json, how: (typeof SPOILS)[number]): [string, Json][] {
  switch (how) {
    case 'wrap':
      return [[name, { inner: value }]];
    case 'list':
      return [[name, [value, 7]]];
    case 'misspell':
      return [[`${name.replace('_', '-')}`, value]];
    case 'number':
      return [[name, typeof value === 'string' ? 12 : 1e300]];
    case 'text':
      return [[name, typeof value === 'number' ? `${value}x` : 'text']];
    case 'remove':
      return [];
  }
}

function countMembers(value: Json): number {
  if (value === null || typeof value !== 'object') return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).filter((name) => name.startsWith('field_')).length;
  return Object.values(value).reduce<number>((sum, of) => sum + countMembers(of as Json), own);
}
