import { asSluiceError, type ErrorCode, type Fault, MAX_FAULTS, SluiceError } from '../errors.ts';
import {
  branchName,
  type Field,
  type Logical,
  type Node,
  nullBranchOf,
  optionalOf,
  type RecordNode,
  type UnionNode,
} from '../schema/ast.ts';
import { shapeOf, shapesOf, unionForm } from '../schema/union-form.ts';
import { AvroSink } from './avro-sink.ts';
import { AvroSource } from './avro-source.ts';
import { compileDecoder } from './decode.ts';
import { encodeDefault } from './defaults.ts';
import { fault } from './json-body.ts';
import { showWay } from './json-path.ts';
import { PERSONAL_DATA } from './personal-places.ts';
import type { HashText } from './pii-hash.ts';
import { type FractionDigits, isTimestampInRange, parseDate, parseTime, parseTimestamp } from './temporal.ts';
import { isUuid } from './uuid.ts';

/**
 * Writes one JSON value as Avro, or notes its faults and goes on, so that a sender learns all of them at once. What was
 * written is of no use once there is a fault.
 */
export type Encoder = (value: unknown, context: EncodeContext) => void;

/** What encoders share while they walk one body. */
export class EncodeContext {
  readonly sink = new AvroSink();
  readonly faults: Fault[] = [];
  /** Object keys met, to be compared with those of the text. */
  keys = 0;
  readonly #path: (string | number)[] = [];
  /** Personal fields that are around the place. */
  #personal = 0;

  reset(): void {
    this.sink.position = 0;
    this.faults.length = 0;
    this.keys = 0;
    this.#path.length = 0;
    this.#personal = 0;
  }

  enter(child: string | number): void {
    this.#path.push(child);
  }

  /** Enters what is called by a sender's own key, which is data: within a personal field it is personal, too. */
  enterKey(key: string): void {
    this.#path.push(this.#personal > 0 ? PERSONAL_DATA : key);
  }

  /** Runs the encoder of a field that is personal data: no fault quotes what it meets. */
  personally(encode: Encoder, value: unknown): void {
    this.#personal += 1;
    encode(value, this);
    this.#personal -= 1;
  }

  /** What was sent in the place of something else, in words. */
  describe(value: unknown): string {
    const shape = shapeOf(value);
    if (shape === 'null') return 'null';
    if (shape === 'number' && this.#personal === 0) return `the number ${String(value)}`;
    return `${/^[aeo]/.test(shape) ? 'an' : 'a'} ${shape}`;
  }

  leave(): void {
    this.#path.pop();
  }

  fault(code: ErrorCode, advice: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(fault(code, showWay(this.#path), advice));
  }
}

/**
 * Compiles a record's encoder. The mapping from JSON is the one of docs/json-mapping.md; personal data is hashed and
 * dropped on the way.
 *
 * @param hash what hashes personal data; without it, an encoder throws SLUICE_PII_KEY where it meets some.
 * @throws SluiceError SLUICE_SCHEMA_INVALID where a default is no value of its logical type.
 */
export function compileEncoder(record: RecordNode, hash: HashText = withoutKey): Encoder {
  return new Compiler(hash).compile(record);
}

const withoutKey: HashText = () => {
  throw new SluiceError('SLUICE_PII_KEY', 'personal data is to be hashed, and there is no key');
};

class Compiler {
  readonly #hash: HashText;
  readonly #records = new Map<RecordNode, Encoder>();

  constructor(hash: HashText) {
    this.#hash = hash;
  }

  compile(node: Node): Encoder {
    switch (node.kind) {
      case 'record':
        return this.#record(node);
      case 'array':
        return this.#array(node.items);
      case 'map':
        return this.#map(node.values);
      case 'union':
        return this.#union(node);
      case 'enum':
        return enumEncoder(node.symbols);
      default:
        return scalarEncoder(node);
    }
  }

  #record(record: RecordNode): Encoder {
    const known = this.#records.get(record);
    if (known !== undefined) return known;
    // Registered before its fields are compiled, so that a recursive schema finds it.
    let encode: Encoder = () => {};
    this.#records.set(record, (value, context) => encode(value, context));
    const fields = record.fields.map((field) => ({
      name: field.name,
      encode: this.#field(field),
      default: field.default === undefined ? undefined : absentBytes(field),
      missing: describeMissing(field),
      // JSON.parse gives objects that inherit `constructor` and the like.
      inherited: field.name in Object.prototype,
    }));
    const names = new Set(fields.map(({ name }) => name));
    const bySpelling = new Map(fields.map(({ name }) => [spelling(name), name]));

    encode = (value, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        context.fault('SLUICE_TYPE', `send an object, not ${context.describe(value)}`);
        return;
      }
      const object = value as Record<string, unknown>;
      let present = 0;
      for (const field of fields) {
        const item = field.inherited && !Object.hasOwn(object, field.name) ? undefined : object[field.name];
        if (item !== undefined) {
          present += 1;
          context.enter(field.name);
          field.encode(item, context);
          context.leave();
        } else if (field.default !== undefined) {
          context.sink.bytes(field.default);
        } else {
          context.enter(field.name);
          context.fault('SLUICE_FIELD_MISSING', field.missing);
          context.leave();
        }
      }
      const keys = Object.keys(object);
      context.keys += keys.length;
      if (keys.length > present) {
        for (const key of keys) {
          if (names.has(key)) continue;
          context.enterKey(key);
          context.fault('SLUICE_FIELD_UNKNOWN', unknownAdvice(key, bySpelling));
          context.leave();
        }
      }
    };
    return this.#records.get(record)!;
  }

  #field(field: Field): Encoder {
    const encode = this.compile(field.node);
    switch (field.pii) {
      case undefined:
        return encode;
      case 'clear':
        return (value, context) => context.personally(encode, value);
      case 'drop': {
        const dropped = absentBytes(field);
        return insteadOf(encode, (_, context) => context.sink.bytes(dropped));
      }
      case 'hash':
        return insteadOf(encode, hashEncoder(field.node, this.#hash));
    }
  }

  #array(items: Node): Encoder {
    const encode = this.compile(items);
    return (value, context) => {
      if (!Array.isArray(value)) {
        context.fault('SLUICE_TYPE', `send an array, not ${context.describe(value)}`);
        return;
      }
      if (value.length > 0) {
        context.sink.long(value.length);
        value.forEach((item, index) => {
          context.enter(index);
          encode(item, context);
          context.leave();
        });
      }
      context.sink.long(0);
    };
  }

  #map(values: Node): Encoder {
    const encode = this.compile(values);
    return (value, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        context.fault('SLUICE_TYPE', `send an object, not ${context.describe(value)}`);
        return;
      }
      const entries = Object.entries(value);
      context.keys += entries.length;
      if (entries.length > 0) {
        context.sink.long(entries.length);
        for (const [key, item] of entries) {
          context.enterKey(key);
          textEncoder(key, context);
          encode(item, context);
          context.leave();
        }
      }
      context.sink.long(0);
    };
  }

  #union(union: UnionNode): Encoder {
    const branches = union.branches.map((node) => this.compile(node));
    if (unionForm(union) === 'tagged') return taggedEncoder(union, branches);
    const byShape = new Map(union.branches.flatMap((branch, index) => shapesOf(branch).map((shape) => [shape, index])));
    const expected = [...byShape.keys()].join(' or ');
    return (value, context) => {
      const index = byShape.get(shapeOf(value));
      if (index === undefined) {
        context.fault('SLUICE_TYPE', `send ${expected}, not ${context.describe(value)}`);
        return;
      }
      context.sink.long(index);
      branches[index]!(value, context);
    };
  }
}

/** Checks a value as any other of its type, and lets `write` write something in its place. */
function insteadOf(check: Encoder, write: Encoder): Encoder {
  return (value, context) => {
    const start = context.sink.position;
    context.personally(check, value);
    context.sink.position = start;
    write(value, context);
  };
}

/** Writes the hash of a text, and null as null; what else was sent is a fault by now. */
function hashEncoder(node: Node, hash: HashText): Encoder {
  const nullIndex = optionalOf(node)?.nullIndex;
  return (value, context) => {
    const { sink } = context;
    // A failed event as it is shown, sent again: the hash of the placeholder would pass for somebody's.
    if (value === PERSONAL_DATA)
      context.fault('SLUICE_FORMAT', 'send the value itself, not what is shown in its place');
    if (nullIndex !== undefined) sink.long(typeof value === 'string' ? 1 - nullIndex : nullIndex);
    if (typeof value === 'string') sink.text(hash(value));
  };
}

/**
 * What is written where a field is not sent: its default. For one that is dropped it is null rather, where it can be, so
 * that nobody can tell what was sent from what was not.
 */
function absentBytes(field: Field): Buffer {
  const bytes = field.default === undefined ? undefined : defaultBytes(field);
  const nullIndex = field.pii === 'drop' ? nullBranchOf(field.node) : undefined;
  return nullIndex === undefined ? bytes! : nullBytes(field.node, nullIndex);
}

function nullBytes(node: Node, nullIndex: number): Buffer {
  const sink = new AvroSink();
  if (node.kind === 'union') sink.long(nullIndex);
  return sink.copyFrom(0);
}

/**
 * The bytes of a default, once they are known to be readable. avsc, which judges a schema, knows no logical types: with a
 * default date beyond the year 9999, every event without the field would be accepted and then fail downstream.
 */
function defaultBytes(field: Field): Buffer {
  const bytes = encodeDefault(field.node, field.default);
  try {
    compileDecoder(field.node, field.node)(new AvroSource(bytes, 0));
  } catch (error) {
    const { message } = asSluiceError(error);
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `the default of "${field.name}" is not valid: ${message}`);
  }
  return bytes;
}

function taggedEncoder(union: UnionNode, branches: readonly Encoder[]): Encoder {
  const indexes = new Map(union.branches.map((branch, index) => [branchName(branch), index]));
  const nullIndex = indexes.get('null');
  const tags = [...indexes.keys()].filter((name) => name !== 'null');
  const advice = `send ${tags.map((tag) => `{"${tag}": ...}`).join(' or ')}${nullIndex === undefined ? '' : ' or null'}`;
  return (value, context) => {
    if (value === null && nullIndex !== undefined) {
      context.sink.long(nullIndex);
      return;
    }
    const keys = shapeOf(value) === 'object' ? Object.keys(value as object) : [];
    const tag = keys[0];
    const index = keys.length === 1 && tag !== 'null' ? indexes.get(tag!) : undefined;
    if (index === undefined) {
      context.fault('SLUICE_UNION_BRANCH', advice);
      return;
    }
    context.keys += 1;
    context.sink.long(index);
    context.enter(tag!);
    branches[index]!((value as Record<string, unknown>)[tag!], context);
    context.leave();
  };
}

function scalarEncoder(node: Exclude<Node, { kind: 'record' | 'array' | 'map' | 'union' | 'enum' }>): Encoder {
  const logical = node.logical;
  switch (logical?.type) {
    case 'decimal':
      return decimalEncoder(logical, node.kind === 'fixed' ? node.size : undefined);
    case 'uuid':
      return uuidEncoder(node.kind === 'fixed');
    case 'date':
      return dateEncoder;
    case 'time-millis':
      return timeEncoder(3);
    case 'time-micros':
      return timeEncoder(6);
    case 'timestamp-millis':
      return timestampEncoder(3, true);
    case 'timestamp-micros':
      return timestampEncoder(6, true);
    case 'timestamp-nanos':
      return timestampEncoder(9, true);
    case 'local-timestamp-millis':
      return timestampEncoder(3, false);
    case 'local-timestamp-micros':
      return timestampEncoder(6, false);
    case 'local-timestamp-nanos':
      return timestampEncoder(9, false);
  }
  switch (node.kind) {
    case 'null':
      return (value, context) => {
        if (value !== null) context.fault('SLUICE_TYPE', `send null, not ${context.describe(value)}`);
      };
    case 'boolean':
      return (value, context) => {
        if (typeof value === 'boolean') context.sink.byte(value ? 1 : 0);
        else context.fault('SLUICE_TYPE', `send true or false, not ${context.describe(value)}`);
      };
    case 'int':
      return intEncoder;
    case 'long':
      return longEncoder;
    case 'float':
      return floatEncoder;
    case 'double':
      return doubleEncoder;
    case 'string':
      return textEncoder;
    case 'bytes':
    case 'fixed':
      return bytesEncoder(node.kind === 'fixed' ? node.size : undefined);
  }
}

const intEncoder: Encoder = (value, context) => {
  if (typeof value !== 'number' || !(Number.isInteger(value) || Math.abs(value) === Number.POSITIVE_INFINITY)) {
    context.fault('SLUICE_TYPE', `send a whole number, not ${context.describe(value)}`);
  } else if (value < -2147483648 || value > 2147483647) {
    context.fault('SLUICE_RANGE', 'send a number from -2147483648 to 2147483647');
  } else {
    context.sink.long(value);
  }
};

const LONG_TEXT = /^(?:0|-?[1-9]\d{0,18})$/;
const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;
const LONG_ADVICE = 'send a whole number from -9223372036854775808 to 9223372036854775807';

const longEncoder: Encoder = (value, context) => {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) context.sink.long(value);
    else if (Math.abs(value) >= 2 ** 63) context.fault('SLUICE_RANGE', LONG_ADVICE);
    else if (Number.isInteger(value)) {
      context.fault('SLUICE_PRECISION', 'send a whole number beyond 9007199254740991 as a string of digits');
    } else context.fault('SLUICE_TYPE', `send a whole number, not ${context.describe(value)}`);
    return;
  }
  if (typeof value !== 'string') {
    context.fault('SLUICE_TYPE', `send a whole number or a string of digits, not ${context.describe(value)}`);
    return;
  }
  if (!LONG_TEXT.test(value)) {
    if (/^-?[1-9]\d{19,}$/.test(value)) context.fault('SLUICE_RANGE', LONG_ADVICE);
    else context.fault('SLUICE_FORMAT', 'send digits only, with a leading - where negative, and no leading zeros');
    return;
  }
  const exact = BigInt(value);
  if (exact < MIN_LONG || exact > MAX_LONG) context.fault('SLUICE_RANGE', LONG_ADVICE);
  else context.sink.bigLong(exact);
};

const NON_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** The number that a float or double field was sent, or undefined once a fault was noted. */
function floatingPoint(value: unknown, context: EncodeContext): number | undefined {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    context.fault('SLUICE_RANGE', 'send a number within 1.7976931348623157e308, or "Infinity" as text');
  } else if (typeof value === 'string') {
    if (Object.hasOwn(NON_FINITE, value)) return NON_FINITE[value];
    context.fault('SLUICE_FORMAT', 'send a number, or "NaN", "Infinity" or "-Infinity" as text');
  } else {
    context.fault('SLUICE_TYPE', `send a number, not ${context.describe(value)}`);
  }
  return undefined;
}

const doubleEncoder: Encoder = (value, context) => {
  const number = floatingPoint(value, context);
  if (number !== undefined) context.sink.double(number);
};

const floatEncoder: Encoder = (value, context) => {
  const number = floatingPoint(value, context);
  if (number === undefined) return;
  if (Number.isFinite(number) && !Number.isFinite(Math.fround(number))) {
    context.fault('SLUICE_RANGE', 'send a number within 3.4028234663852886e38, or "Infinity" as text');
  } else {
    context.sink.float(number);
  }
};

const textEncoder: Encoder = (value, context) => {
  if (typeof value !== 'string') context.fault('SLUICE_TYPE', `send a string, not ${context.describe(value)}`);
  else if (!value.isWellFormed()) context.fault('SLUICE_TEXT', 'remove the lone surrogate: it is half a character');
  else context.sink.text(value);
};

function enumEncoder(symbols: readonly string[]): Encoder {
  const indexes = new Map(symbols.map((symbol, index) => [symbol, index]));
  const advice = `send one of ${symbols.slice(0, 20).join(', ')}${symbols.length > 20 ? ', ...' : ''}`;
  return (value, context) => {
    if (typeof value !== 'string') {
      context.fault('SLUICE_TYPE', `${advice} as a string, not ${context.describe(value)}`);
      return;
    }
    const index = indexes.get(value);
    if (index === undefined) context.fault('SLUICE_ENUM_SYMBOL', advice);
    else context.sink.long(index);
  };
}

/** @param size of a fixed, in bytes. */
function bytesEncoder(size: number | undefined): Encoder {
  return (value, context) => {
    if (typeof value !== 'string') {
      context.fault('SLUICE_TYPE', `send base64 text, not ${context.describe(value)}`);
      return;
    }
    const bytes = Buffer.from(value, 'base64');
    // Node's decoder skips what it does not know; only the canonical text gives itself back.
    if (bytes.toString('base64') !== value) {
      context.fault('SLUICE_FORMAT', 'send standard base64 (A-Z a-z 0-9 + /), padded with =');
    } else if (size === undefined) {
      context.sink.lengthAndBytes(bytes);
    } else if (bytes.length !== size) {
      context.fault('SLUICE_LENGTH', `send exactly ${size} bytes, not ${bytes.length}`);
    } else {
      context.sink.bytes(bytes);
    }
  };
}

function uuidEncoder(fixed: boolean): Encoder {
  return (value, context) => {
    if (typeof value !== 'string')
      context.fault('SLUICE_TYPE', `send a UUID as a string, not ${context.describe(value)}`);
    else if (!isUuid(value)) {
      context.fault('SLUICE_FORMAT', 'send 8-4-4-4-12 hexadecimal digits');
    } else if (fixed) context.sink.bytes(Buffer.from(value.replaceAll('-', ''), 'hex'));
    else context.sink.text(value);
  };
}

function decimalEncoder(logical: Logical & { type: 'decimal' }, size: number | undefined): Encoder {
  const { precision, scale } = logical;
  return (value, context) => {
    if (typeof value !== 'string') {
      context.fault('SLUICE_TYPE', `send a decimal as a string such as "12.50", not ${context.describe(value)}`);
      return;
    }
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value);
    if (match === null) {
      context.fault('SLUICE_FORMAT', 'send plain decimal digits such as "-12.50": no exponent, no grouping');
      return;
    }
    const fraction = match[3] ?? '';
    if (/[1-9]/.test(fraction.slice(scale))) {
      context.fault('SLUICE_PRECISION', `send at most ${scale} digits after the point`);
      return;
    }
    const whole = match[2]!.replace(/^0+(?=\d)/, '');
    // Compared as text first: turning a megabyte of digits into a number would take seconds.
    if (whole.length > precision - scale && whole !== '0') {
      context.fault('SLUICE_RANGE', `send at most ${precision - scale} digits before the point`);
      return;
    }
    const unscaled = BigInt(`${match[1]}${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`);
    const bytes = twosComplement(unscaled, size);
    if (bytes === undefined) context.fault('SLUICE_RANGE', `send a decimal that fits into ${size} bytes`);
    else if (size === undefined) context.sink.lengthAndBytes(bytes);
    else context.sink.bytes(bytes);
  };
}

/** Big-endian two's complement in the fewest bytes, or sign-extended to `size`; undefined where it does not fit. */
function twosComplement(value: bigint, size: number | undefined): Buffer | undefined {
  let width = 1;
  while (BigInt.asIntN(width * 8, value) !== value) width += 1;
  if (size !== undefined && width > size) return undefined;
  const bytes = size ?? width;
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex');
}

const TEMPORAL_FAULTS: Readonly<Record<string, { code: ErrorCode; advice: string }>> = {
  calendar: { code: 'SLUICE_FORMAT', advice: 'send a day and a time that exist' },
  year: { code: 'SLUICE_RANGE', advice: 'send a year from 0001 to 9999' },
  range: { code: 'SLUICE_RANGE', advice: 'send an instant that fits into a 64-bit count of its unit' },
};

function temporalFault(kind: string, form: string, digits: number, context: EncodeContext): void {
  const known = TEMPORAL_FAULTS[kind];
  if (known !== undefined) context.fault(known.code, known.advice);
  else if (kind === 'precision') context.fault('SLUICE_PRECISION', `send at most ${digits} digits of a second`);
  else context.fault('SLUICE_FORMAT', `send text such as "${form}"`);
}

const dateEncoder: Encoder = (value, context) => {
  if (typeof value !== 'string') {
    context.fault('SLUICE_TYPE', `send a date such as "2026-01-31", not ${context.describe(value)}`);
    return;
  }
  const day = parseDate(value);
  if (typeof day === 'string') temporalFault(day, '2026-01-31', 0, context);
  else context.sink.long(day);
};

function timeEncoder(digits: FractionDigits): Encoder {
  return (value, context) => {
    if (typeof value !== 'string') {
      context.fault('SLUICE_TYPE', `send a time such as "23:59:58", not ${context.describe(value)}`);
      return;
    }
    const time = parseTime(value, digits);
    if (typeof time === 'string') temporalFault(time, '23:59:58.5', digits, context);
    else context.sink.long(time);
  };
}

function timestampEncoder(digits: FractionDigits, zoned: boolean): Encoder {
  const unit = { 3: 'milliseconds', 6: 'microseconds', 9: 'nanoseconds' }[digits];
  const form = zoned ? '2026-01-31T23:59:58.5Z' : '2026-01-31T23:59:58.5';
  return (value, context) => {
    if (typeof value === 'string') {
      const instant = parseTimestamp(value, digits, zoned);
      if (typeof instant === 'string') temporalFault(instant, form, digits, context);
      else context.sink.bigLong(instant);
    } else if (typeof value !== 'number') {
      context.fault('SLUICE_TYPE', `send "${form}" or ${unit} since 1970, not ${context.describe(value)}`);
    } else if (!Number.isInteger(value) && Number.isFinite(value)) {
      context.fault('SLUICE_TYPE', `send whole ${unit}, not ${context.describe(value)}`);
    } else if (!Number.isFinite(value) || !isTimestampInRange(BigInt(value), digits)) {
      temporalFault('year', form, digits, context);
    } else if (!Number.isSafeInteger(value)) {
      context.fault('SLUICE_PRECISION', `send an instant this far away as text such as "${form}"`);
    } else {
      context.sink.long(value);
    }
  };
}

function describeMissing(field: Field): string {
  return field.doc === undefined ? 'add the field' : `add the field (${field.doc})`;
}

/** The letters and digits of a name: what is left where only letter case or separators differ. */
function spelling(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Says which field may have been meant. */
function unknownAdvice(key: string, bySpelling: ReadonlyMap<string, string>): string {
  const meant = bySpelling.get(spelling(key));
  return meant === undefined
    ? 'remove the field, or add it in a new version of the schema'
    : `did you mean "${meant}"?`;
}
