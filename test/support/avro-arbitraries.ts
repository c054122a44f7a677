import avro from 'avsc';
import fc from 'fast-check';
import { Float32 } from '../../contracts/arbitraries/back.ts';

export { isBack } from '../../contracts/arbitraries/back.ts';
export { jsonText } from '../../contracts/readers/json.ts';

/** One value as a sender writes it, as avsc holds it, and as the edge's JSON comes back. */
export interface Sample {
  /** What is sent; absent (undefined) where a field's default is left to fill in. */
  readonly sent: unknown;
  /** The same value for avsc with `wrapUnions` and longs as bigint. */
  readonly avro: unknown;
  /** The canonical JSON that decoding gives. */
  readonly back: unknown;
}

type JsonShape = 'null' | 'boolean' | 'number' | 'string' | 'object' | 'array';

/** A generated type: its schema and everything a test needs to know about its values. */
interface Type {
  readonly schema: unknown;
  /** The JSON shapes its values take at the edge, after design.md's "JSON at the edge". */
  readonly shapes: readonly JsonShape[];
  /** What stands for it in a union. */
  readonly tag: string;
  readonly sample: fc.Arbitrary<Sample>;
  /** A default as a schema writes it, and what it reads as. */
  readonly fallback: { readonly written: unknown; readonly back: unknown };
}

const same = (value: unknown): Sample => ({ sent: value, avro: value, back: value });

/** Text that has broken CSV, JSON or UTF-8 somewhere before. */
export const HOSTILE_TEXTS = [
  '',
  '\\N',
  '\\\\N',
  '\\',
  '\\n',
  ',',
  '"',
  "'",
  '\n',
  '\r',
  '\r\n',
  '\x1b',
  '\x1bn',
  '\x1be\x1br',
  '\t',
  '\0',
  ' ',
  ' x ',
  'NULL',
  'null',
  '=cmd()',
  '\u2028\u0085',
  '\ufeff',
  '😀 مرحبا ÅÅ',
  'a,b\\c"d\ne\rf\x1bg',
];

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...HOSTILE_TEXTS), { maxLength: 6 }).map((parts) => parts.join('')),
);

const long: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.maxSafeInteger().map(BigInt),
  fc.integer({ min: 0, max: 62 }).map((bit) => 1n << BigInt(bit)),
  fc.integer({ min: 0, max: 62 }).map((bit) => -(1n << BigInt(bit)) - 1n),
);

const isSafe = (value: bigint) => Number.isSafeInteger(Number(value));

const longSample = long.chain((value) =>
  fc.boolean().map((asText) => ({
    sent: asText || !isSafe(value) ? String(value) : Number(value),
    avro: value,
    back: isSafe(value) ? Number(value) : String(value),
  })),
);

const floatingText = (value: number): unknown => (Number.isFinite(value) ? value : String(value));

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const bytesSample = (size: { minLength: number; maxLength: number }) =>
  fc.uint8Array(size).map((array) => {
    const bytes = Buffer.from(array);
    return { sent: bytes.toString('base64'), avro: bytes, back: bytes.toString('base64') };
  });

/** Two's complement, the way BigInteger.toByteArray writes it: byte by byte until only the sign is left. */
function bigEndian(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  } while (!(rest === 0n && bytes[0]! < 0x80) && !(rest === -1n && bytes[0]! >= 0x80));
  return Buffer.from(bytes);
}

function decimalSample(precision: number, scale: number, size?: number): fc.Arbitrary<Sample> {
  const limit = 10n ** BigInt(precision) - 1n;
  const digits = fc.oneof(fc.bigInt({ min: -limit, max: limit }), fc.bigInt({ min: -300n, max: 300n }));
  return fc.tuple(digits, fc.boolean()).map(([value, trimmed]) => {
    const all = String(value < 0n ? -value : value).padStart(scale + 1, '0');
    const back = (value < 0n ? '-' : '') + (scale === 0 ? all : `${all.slice(0, -scale)}.${all.slice(-scale)}`);
    const minimal = bigEndian(value);
    const fill = Buffer.alloc(Math.max(0, (size ?? 0) - minimal.length), value < 0n ? 0xff : 0);
    return {
      sent: trimmed && scale > 0 ? back.replace(/\.?0+$/, '') : back,
      avro: size === undefined ? minimal : Buffer.concat([fill, minimal]),
      back,
    };
  });
}

const MILLIS_PER_DAY = 86_400_000;
const day = fc.integer({ min: -719_162, max: 2_932_896 });
const millisOfDay = fc.integer({ min: 0, max: MILLIS_PER_DAY - 1 });

/** `yyyy-MM-ddTHH:mm:ss.SSS` plus `extra` digits of an instant in units of 10^-(3 + extra) seconds. */
function isoText(value: bigint, extra: 0 | 3 | 6): string {
  const unit = 10n ** BigInt(extra);
  const fine = ((value % unit) + unit) % unit;
  const millis = new Date(Number((value - fine) / unit)).toISOString().slice(0, 23);
  return extra === 0 ? millis : millis + String(fine).padStart(extra, '0');
}

function timestampSample(extra: 0 | 3 | 6, zone: 'Z' | ''): fc.Arbitrary<Sample> {
  const unit = 10n ** BigInt(extra);
  // The years that both the calendar (0001 to 9999) and 64 bits can hold.
  const min = extra === 6 ? -(2n ** 63n) : -62_135_596_800_000n * unit;
  const max = extra === 6 ? 2n ** 63n - 1n : 253_402_300_800_000n * unit - 1n;
  const value = fc.oneof(fc.bigInt({ min, max }), fc.bigInt({ min: -2_000_000n, max: 2_000_000n }));
  return fc.tuple(value, fc.constantFrom('text', 'number', 'space', 'offset')).map(([instant, form]) => {
    const iso = isoText(instant, extra);
    const back = iso + zone;
    let sent: unknown = back;
    if (form === 'number' && isSafe(instant)) sent = Number(instant);
    if (form === 'space') sent = back.replace('T', ' ');
    const shifted = instant + 9_000_000n * unit;
    if (form === 'offset' && zone === 'Z' && shifted <= max) sent = `${isoText(shifted, extra)}+02:30`;
    return { sent, avro: instant, back };
  });
}

type Scalar = Omit<Type, 'schema' | 'tag'> & { readonly schema: object | string };

/** Everything that has no parts and no name. */
const SCALARS: Readonly<Record<string, Scalar>> = {
  null: { schema: 'null', shapes: ['null'], sample: fc.constant(same(null)), fallback: { written: null, back: null } },
  boolean: {
    schema: 'boolean',
    shapes: ['boolean'],
    sample: fc.boolean().map(same),
    fallback: { written: true, back: true },
  },
  int: { schema: 'int', shapes: ['number'], sample: fc.integer().map(same), fallback: { written: -7, back: -7 } },
  long: {
    schema: 'long',
    shapes: ['number', 'string'],
    sample: longSample,
    fallback: { written: 2 ** 40, back: 2 ** 40 },
  },
  float: {
    schema: 'float',
    shapes: ['number', 'string'],
    sample: fc.float().map((value) => ({
      sent: floatingText(value),
      avro: value,
      back: Number.isFinite(value) ? new Float32(value) : String(value),
    })),
    fallback: { written: 0.5, back: 0.5 },
  },
  double: {
    schema: 'double',
    shapes: ['number', 'string'],
    sample: fc.double().map((value) => ({ sent: floatingText(value), avro: value, back: floatingText(value) })),
    fallback: { written: -1.25, back: -1.25 },
  },
  string: {
    schema: 'string',
    shapes: ['string'],
    sample: text.map(same),
    fallback: { written: 'a,\\N', back: 'a,\\N' },
  },
  bytes: {
    schema: 'bytes',
    shapes: ['string'],
    sample: bytesSample({ minLength: 0, maxLength: 40 }),
    fallback: { written: '\0ÿ', back: 'AP8=' },
  },
  uuid: {
    schema: { type: 'string', logicalType: 'uuid' },
    shapes: ['string'],
    sample: fc.uuid().map(same),
    fallback: { written: '6BA7B810-9dad-11d1-80b4-00c04fd430c8', back: '6BA7B810-9dad-11d1-80b4-00c04fd430c8' },
  },
  money: {
    schema: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 },
    shapes: ['string'],
    sample: decimalSample(12, 2),
    fallback: { written: '\x04Ò', back: '12.34' },
  },
  fraction: {
    schema: { type: 'bytes', logicalType: 'decimal', precision: 3, scale: 3 },
    shapes: ['string'],
    sample: decimalSample(3, 3),
    fallback: { written: 'ÿ', back: '-0.001' },
  },
  integral: {
    schema: { type: 'bytes', logicalType: 'decimal', precision: 50 },
    shapes: ['string'],
    sample: decimalSample(50, 0),
    fallback: { written: '\0', back: '0' },
  },
  date: {
    schema: { type: 'int', logicalType: 'date' },
    shapes: ['string'],
    sample: day.map((value) => {
      const iso = new Date(value * MILLIS_PER_DAY).toISOString().slice(0, 10);
      return { sent: iso, avro: value, back: iso };
    }),
    fallback: { written: -1, back: '1969-12-31' },
  },
  timeMillis: {
    schema: { type: 'int', logicalType: 'time-millis' },
    shapes: ['string'],
    sample: millisOfDay.map((value) => {
      const iso = new Date(value).toISOString().slice(11, 23);
      return { sent: value % 1000 === 0 ? iso.slice(0, 8) : iso, avro: value, back: iso };
    }),
    fallback: { written: 1, back: '00:00:00.001' },
  },
  timeMicros: {
    schema: { type: 'long', logicalType: 'time-micros' },
    shapes: ['string'],
    sample: fc.tuple(millisOfDay, fc.integer({ min: 0, max: 999 })).map(([millis, micros]) => {
      const iso = new Date(millis).toISOString().slice(11, 23) + String(micros).padStart(3, '0');
      return { sent: iso, avro: BigInt(millis) * 1000n + BigInt(micros), back: iso };
    }),
    fallback: { written: 1, back: '00:00:00.000001' },
  },
  ...Object.fromEntries(
    (
      [
        ['millis', 0],
        ['micros', 3],
        ['nanos', 6],
      ] as const
    ).flatMap(([unit, extra]) =>
      (
        [
          ['', 'Z'],
          ['local-', ''],
        ] as const
      ).map(([prefix, zone]): [string, Scalar] => [
        `${prefix}${unit}`,
        {
          schema: { type: 'long', logicalType: `${prefix}timestamp-${unit}` },
          shapes: ['number', 'string'],
          sample: timestampSample(extra, zone),
          fallback: { written: 0, back: `1970-01-01T00:00:00.000${'0'.repeat(extra)}${zone}` },
        },
      ]),
    ),
  ),
};

/** What a fixed may stand for. */
const FIXEDS = [
  { size: 0 },
  { size: 3 },
  { size: 12, logicalType: 'duration' },
  { size: 16, logicalType: 'uuid' },
  { size: 6, logicalType: 'decimal', precision: 14, scale: 4 },
  { size: 40, logicalType: 'decimal', precision: 4, scale: 1 },
] as const;

/** The plan of a type, before names are given: what fast-check generates and shrinks. */
type Plan =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'fixed'; readonly variant: (typeof FIXEDS)[number] }
  | { readonly kind: 'enum'; readonly size: number }
  | { readonly kind: 'array' | 'map'; readonly items: Plan }
  | { readonly kind: 'union'; readonly branches: readonly Plan[] }
  | { readonly kind: 'record'; readonly fields: readonly { readonly plan: Plan; readonly hasDefault: boolean }[] };

const FIELD_NAMES = ['id', 'Value', 'constructor', 'toString', '_x', 'n1', 'place', 'hasOwnProperty'];

/** Without the names of Object's own members, which avsc's resolver mistakes for fields. */
const PLAIN_FIELD_NAMES = ['id', 'Value', 'a_b', 'b', '_x', 'n1', 'place', 'z'];

function tagOf(plan: Plan): string {
  if (plan.kind !== 'scalar') return plan.kind;
  const { schema } = SCALARS[plan.name]!;
  return typeof schema === 'string' ? schema : (schema as { type: string }).type;
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

const plans = fc.letrec<{ any: Plan; leaf: Plan; part: Plan; record: Plan }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(...Object.keys(SCALARS)).map((name): Plan => ({ kind: 'scalar', name })),
    fc.constantFrom(...FIXEDS).map((variant): Plan => ({ kind: 'fixed', variant })),
    fc.integer({ min: 1, max: 4 }).map((size): Plan => ({ kind: 'enum', size })),
  ),
  part: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    tie('leaf'),
    fc
      .tuple(fc.constantFrom('array', 'map'), tie('any'))
      .map(([kind, items]): Plan => ({ kind: kind as 'array' | 'map', items })),
    tie('record'),
  ),
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    tie('part'),
    tie('part').map(
      (plan): Plan => ({
        kind: 'union',
        branches: tagOf(plan) === 'null' ? [plan] : [{ kind: 'scalar', name: 'null' }, plan],
      }),
    ),
    fc
      .uniqueArray(tie('part'), {
        minLength: 1,
        maxLength: 4,
        selector: (plan) => FAMILIES[tagOf(plan)] ?? tagOf(plan),
      })
      .map((branches): Plan => ({ kind: 'union', branches })),
  ),
  record: fc
    .array(fc.record({ plan: tie('any'), hasDefault: fc.boolean() }), { maxLength: 6, depthIdentifier: 'record' })
    .map((fields): Plan => ({ kind: 'record', fields })),
}));

/** Gives names and builds the schema and the samples. */
class Builder {
  readonly #fieldNames: readonly string[];
  #count = 0;

  constructor(fieldNames: readonly string[]) {
    this.#fieldNames = fieldNames;
  }

  build(plan: Plan): Type {
    switch (plan.kind) {
      case 'scalar':
        return { ...SCALARS[plan.name]!, tag: tagOf(plan) };
      case 'fixed':
        return this.#fixed(plan.variant);
      case 'enum': {
        const name = this.#name('E');
        const symbols = ['A', 'b_1', 'unknown', '_'].slice(0, plan.size);
        return {
          schema: { type: 'enum', name, symbols },
          shapes: ['string'],
          tag: name,
          sample: fc.constantFrom(...symbols).map(same),
          fallback: { written: symbols[0], back: symbols[0] },
        };
      }
      case 'array':
        return this.#array(this.build(plan.items));
      case 'map':
        return this.#map(this.build(plan.items));
      case 'union':
        return this.#union(plan.branches.map((branch) => this.build(branch)));
      case 'record':
        return this.#record(plan.fields);
    }
  }

  #name(letter: string): string {
    this.#count += 1;
    return `test.${letter}${this.#count}`;
  }

  #fixed(variant: (typeof FIXEDS)[number]): Type {
    const name = this.#name('F');
    const { size } = variant;
    const zeros = Buffer.alloc(size);
    const base = { schema: { type: 'fixed', name, ...variant }, shapes: ['string'] as const, tag: name };
    const written = latin1(zeros);
    if ('precision' in variant) {
      const back = `0.${'0'.repeat(variant.scale)}`;
      return { ...base, sample: decimalSample(variant.precision, variant.scale, size), fallback: { written, back } };
    }
    if ('logicalType' in variant && variant.logicalType === 'uuid') {
      return {
        ...base,
        sample: fc.uuid().map((uuid) => ({
          sent: uuid.toUpperCase(),
          avro: Buffer.from(uuid.replaceAll('-', ''), 'hex'),
          back: uuid,
        })),
        fallback: { written, back: '00000000-0000-0000-0000-000000000000' },
      };
    }
    return {
      ...base,
      sample: bytesSample({ minLength: size, maxLength: size }),
      fallback: { written, back: zeros.toString('base64') },
    };
  }

  #array(items: Type): Type {
    return {
      schema: { type: 'array', items: items.schema },
      shapes: ['array'],
      tag: 'array',
      sample: fc.array(items.sample, { maxLength: 4 }).map((samples) => ({
        sent: samples.map(({ sent }) => sent),
        avro: samples.map((sample) => sample.avro),
        back: samples.map(({ back }) => back),
      })),
      fallback: { written: [], back: [] },
    };
  }

  #map(values: Type): Type {
    // avsc keeps maps in plain objects, where `__proto__` is lost: that key has a test of its own.
    const key = text.filter((name) => name !== '__proto__');
    const entries = fc.uniqueArray(fc.tuple(key, values.sample), { maxLength: 4, selector: ([name]) => name });
    const pick = (samples: readonly (readonly [string, Sample])[], guise: keyof Sample) =>
      Object.fromEntries(samples.map(([name, sample]) => [name, sample[guise]]));
    return {
      schema: { type: 'map', values: values.schema },
      shapes: ['object'],
      tag: 'map',
      sample: entries.map((samples) => ({
        sent: pick(samples, 'sent'),
        avro: pick(samples, 'avro'),
        back: pick(samples, 'back'),
      })),
      fallback: { written: {}, back: {} },
    };
  }

  #union(branches: readonly Type[]): Type {
    const shapes = branches.flatMap((branch) => branch.shapes);
    const isPlain = new Set(shapes).size === shapes.length;
    const wrap = (tag: string, value: unknown) => (isPlain || tag === 'null' ? value : { [tag]: value });
    const [first] = branches;
    return {
      schema: branches.map((branch) => branch.schema),
      shapes: [...new Set(isPlain ? shapes : (['object', ...shapes.filter((shape) => shape === 'null')] as const))],
      tag: 'union',
      sample: fc.oneof(
        ...branches.map((branch) =>
          branch.sample.map(({ sent, avro: value, back }) => ({
            sent: wrap(branch.tag, sent),
            avro: branch.tag === 'null' ? null : { [branch.tag]: value },
            back: wrap(branch.tag, back),
          })),
        ),
      ),
      fallback: { written: first!.fallback.written, back: wrap(first!.tag, first!.fallback.back) },
    };
  }

  #record(plan: readonly { readonly plan: Plan; readonly hasDefault: boolean }[]): Type {
    const name = this.#name('R');
    const fields = plan.map(({ plan: part, hasDefault }, index) => ({
      name: this.#fieldNames[index]!,
      type: this.build(part),
      hasDefault,
    }));
    const pick = (samples: readonly Sample[], guise: keyof Sample) =>
      Object.fromEntries(
        fields
          .map((field, index) => [field.name, samples[index]![guise]] as const)
          .filter(([, value]) => value !== undefined),
      );
    const sampled = fields.map(({ type, hasDefault }) =>
      hasDefault
        ? fc.oneof(type.sample, fc.constant({ sent: undefined, avro: undefined, back: type.fallback.back }))
        : type.sample,
    );
    return {
      schema: {
        type: 'record',
        name,
        fields: fields.map((field) => ({
          name: field.name,
          type: field.type.schema,
          ...(field.hasDefault ? { default: field.type.fallback.written } : {}),
        })),
      },
      shapes: ['object'],
      tag: name,
      sample: fc.tuple(...sampled).map((samples) => ({
        sent: pick(samples, 'sent'),
        // Own members for all fields: avsc would take Object's `constructor` for a field of that name.
        avro: Object.assign(
          Object.create(null),
          Object.fromEntries(fields.map((field, index) => [field.name, samples[index]!.avro])),
        ),
        back: pick(samples, 'back'),
      })),
      fallback: {
        written: Object.fromEntries(fields.map((field) => [field.name, field.type.fallback.written])),
        back: Object.fromEntries(fields.map((field) => [field.name, field.type.fallback.back])),
      },
    };
  }
}

/** A schema with one sample of it. */
export interface SchemaSample extends Sample {
  readonly schema: { readonly fields: readonly { readonly name: string }[] } & Record<string, unknown>;
}

/** Generated record schemas, each with a value. Every Avro type and logical type occurs. */
export const schemaSample: fc.Arbitrary<SchemaSample> = plans.record.chain((plan) => {
  const type = new Builder(FIELD_NAMES).build(plan);
  return type.sample.map((sample) => ({ ...sample, schema: type.schema as SchemaSample['schema'] }));
});

/** One field of every kind of column, and its values. */
export const everyScalar: { readonly schema: SchemaSample['schema']; readonly sample: fc.Arbitrary<Sample> } = (() => {
  const builder = new Builder(FIELD_NAMES);
  const names = Object.keys(SCALARS);
  const types = names.map((name) => builder.build({ kind: 'scalar', name }));
  const pick = (samples: readonly Sample[], guise: keyof Sample) =>
    Object.fromEntries(samples.map((sample, index) => [names[index]!.replace('-', '_'), sample[guise]]));
  return {
    schema: {
      type: 'record',
      name: 'test.Every',
      fields: types.map(({ schema }, index) => ({ name: names[index]!.replace('-', '_'), type: schema })),
    },
    sample: fc.tuple(...types.map(({ sample }) => sample)).map((samples) => ({
      sent: pick(samples, 'sent'),
      avro: pick(samples, 'avro'),
      back: pick(samples, 'back'),
    })),
  };
})();

/** avsc's type of a schema, with longs as bigint. */
export function avscType(schema: unknown): avro.Type {
  return avro.Type.forSchema(structuredClone(schema) as avro.Schema, {
    wrapUnions: true,
    typeHook: (part: unknown) =>
      part === 'long' || (part as { type?: unknown } | null)?.type === 'long' ? bigLong() : undefined,
  });
}

function bigLong(): avro.Type {
  return avro.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(value);
      return bytes;
    },
    fromJSON: (value: number) => BigInt(value),
    toJSON: (value: bigint) => Number(value),
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
  });
}

/** A schema, what it became, and values of the former. */
export interface Evolution {
  readonly writer: SchemaSample['schema'];
  readonly reader: SchemaSample['schema'];
  readonly samples: readonly Sample[];
}

interface FieldJson {
  name: string;
  type: unknown;
  default?: unknown;
  aliases?: string[];
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

const ADDED = ['string', 'long', 'double', 'money', 'date', 'millis', 'null', 'uuid'];

function recordsOf(schema: unknown): NamedJson[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(recordsOf);
  const json = schema as Record<string, unknown>;
  const inner = [json.items, json.values, ...((json.fields as FieldJson[]) ?? []).map(({ type }) => type)];
  return [...(json.type === 'record' ? [json as unknown as NamedJson] : []), ...inner.flatMap(recordsOf)];
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
    const fields = records[step.record % records.length]!.fields!;
    const at = step.field % Math.max(fields.length, 1);
    if (step.change === 'add') {
      const { schema: type, fallback } = SCALARS[ADDED[step.field % ADDED.length]!]!;
      fields.splice(at, 0, { name: `added${index}`, type, default: fallback.written });
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
  .tuple(plans.record, steps)
  .chain(([plan, changes]) => {
    const { schema, sample } = new Builder(PLAIN_FIELD_NAMES).build(plan);
    const writer = schema as SchemaSample['schema'];
    const samples = fc.array(sample, { minLength: 1, maxLength: 5 });
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
    const fields = records.flatMap((each) => each.fields!);
    const name = `careless${index}`;
    if (step.change === 'recurse') record.fields!.push({ name, type: ['null', record.name], default: null });
    else if (step.change === 'require') record.fields!.push({ name, type: 'int' });
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
      return {
        ...plan,
        fields: plan.fields.slice(0, depth).map((field) => ({ ...field, plan: pruned(field.plan, depth - 1) })),
      };
    default:
      return plan;
  }
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
  .tuple(plans.record, carelessSteps, fc.array(fc.tuple(steps, carelessSteps), { minLength: 6, maxLength: 6 }))
  .map(([plan, before, changes]) => {
    const plain = new Builder(PLAIN_FIELD_NAMES).build(pruned(plan, 4)).schema as SchemaSample['schema'];
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
  .tuple(plans.record, steps, carelessSteps)
  .chain(([plan, careful, careless]) => {
    const { schema, sample } = new Builder(PLAIN_FIELD_NAMES).build(pruned(plan, 4));
    const writer = schema as SchemaSample['schema'];
    const reader = spoil(evolve(writer, careful.slice(0, 2)), careless.slice(0, 2));
    return fc.array(sample, { minLength: 1, maxLength: 5 }).map((samples) => ({ writer, reader, samples }));
  })
  .filter(({ reader }) => isValid(reader));
