import { pathKey } from '../derive/layout.ts';
import { SluiceError } from '../errors.ts';
import {
  branchName,
  type Field,
  isRecursive,
  type MapNode,
  type Node,
  type RecordNode,
  type UnionNode,
} from '../schema/ast.ts';
import { type FieldMatch, isNamesake, isPromotable, isReinterpreted, matchFields } from '../schema/resolution.ts';
import { unionForm } from '../schema/union-form.ts';
import { AvroSource, dataError } from './avro-source.ts';
import { encodeDefault } from './defaults.ts';
import { type ShowWay, showWay, type Way } from './json-path.ts';
import {
  type FractionDigits,
  formatDate,
  formatTime,
  formatTimestamp,
  isTimestampInRange,
  MAX_DAY,
  MIN_DAY,
} from './temporal.ts';
import { isUuid } from './uuid.ts';

/** Reads one value of a writer schema and returns it as JSON text in the shape of a reader schema. */
export type Decoder = (source: AvroSource) => string;

/** Names the row's member for a leaf of the reader schema, or undefined where the table has no column for it. */
export type ColumnOf = (path: string) => { readonly name: string; readonly json: boolean } | undefined;

/**
 * Compiles a decoder whose text is the edge's JSON: what a sender could have sent.
 *
 * Resolution follows the Apache Avro 1.12 specification, "Schema Resolution": fields by name or alias, defaults for what
 * the writer did not have, promotions, enum defaults.
 *
 * @throws SluiceError SLUICE_SCHEMA_RESOLUTION when no value of the writer could be read. Where only some could (a union
 *   branch, an enum symbol), the decoder throws when it meets one.
 */
export function compileDecoder(writer: Node, reader: Node): Decoder {
  return new Compiler('edge').compile(writer, reader);
}

/**
 * Compiles a decoder whose text is the members of a table row, each preceded by a comma: nested records are flattened
 * into their columns, instants and times have the column's form, and what the table keeps as JSON text is a JSON string.
 */
export function compileRowDecoder(writer: RecordNode, reader: RecordNode, columnOf: ColumnOf): Decoder {
  return new RowCompiler(columnOf).flatten(writer, reader, []);
}

/** `edge`: as a sender would write it. `cell`: as the table's column holds it. */
type Mode = 'edge' | 'cell';

class Compiler {
  readonly #mode: Mode;
  readonly #records = new Map<RecordNode, Map<RecordNode, Decoder | SluiceError>>();

  constructor(mode: Mode) {
    this.#mode = mode;
  }

  /** @throws SluiceError SLUICE_SCHEMA_RESOLUTION when no value of `writer` could be read as `reader`. */
  compile(writer: Node, reader: Node): Decoder {
    if (writer.kind === 'union') return this.#fromUnion(writer, reader);
    if (reader.kind === 'union') return this.#intoUnion(writer, reader);
    if (!matches(writer, reader)) throw unresolvable(writer, reader);
    switch (reader.kind) {
      case 'record':
        return this.#record(writer as RecordNode, reader);
      case 'array': {
        const item = this.compile((writer as typeof reader).items, reader.items);
        return (source) => {
          const items: string[] = [];
          try {
            source.blocks(() => items.push(item(source)));
          } catch (error) {
            throw located(error, items.length);
          }
          return `[${items.join(',')}]`;
        };
      }
      case 'map':
        return mapDecoder(this.compile((writer as MapNode).values, reader.values));
      case 'enum':
        return enumDecoder((writer as typeof reader).symbols, reader.symbols, reader.default);
      default:
        return scalarDecoder(writer as Scalar, reader, this.#mode);
    }
  }

  #fromUnion(writer: UnionNode, reader: Node): Decoder {
    const branches = writer.branches.map((branch) => attempt(() => this.compile(branch, reader)));
    if (branches.every((branch) => branch instanceof SluiceError)) throw unresolvable(writer, reader);
    return (source) => {
      const branch = branches[source.index(branches.length, 'union branch')]!;
      if (branch instanceof SluiceError) throw branch;
      return branch(source);
    };
  }

  #intoUnion(writer: Node, reader: UnionNode): Decoder {
    const exact = reader.branches.find((branch) => isSame(writer, branch));
    for (const branch of exact === undefined ? reader.branches : [exact, ...reader.branches]) {
      const decode = attempt(() => this.compile(writer, branch));
      if (decode instanceof SluiceError) continue;
      if (branch.kind === 'null' || unionForm(reader) === 'plain') return decode;
      const tag = JSON.stringify(branchName(branch));
      return (source) => `{${tag}:${decode(source)}}`;
    }
    throw unresolvable(writer, reader);
  }

  #record(writer: RecordNode, reader: RecordNode): Decoder {
    const readers = this.#records.get(writer) ?? new Map<RecordNode, Decoder | SluiceError>();
    this.#records.set(writer, readers);
    const known = readers.get(reader);
    if (known instanceof SluiceError) throw known;
    if (known !== undefined) return known;
    // Registered before its fields are compiled, so that a recursive schema finds it.
    let decode: Decoder = () => '';
    readers.set(reader, (source) => decode(source));
    try {
      decode = this.#members(writer, reader);
    } catch (error) {
      // A union may do without this pair, and another field come back to it.
      if (error instanceof SluiceError) {
        readers.set(reader, error);
        decode = () => {
          throw error;
        };
      }
      throw error;
    }
    return decode;
  }

  #members(writer: RecordNode, reader: RecordNode): Decoder {
    const { steps, missing } = requireFields(writer, reader);
    const read = steps.map(({ from, to }) => ({
      name: from.name,
      member: to === undefined ? undefined : `${JSON.stringify(to.name)}:`,
      value: to === undefined ? compileSkip(from.node) : this.#field(from, to),
    }));
    const constants = missing.map((field) => `${JSON.stringify(field.name)}:${this.#default(field)}`).join(',');
    return (source) => {
      let text = '';
      let at = 0;
      source.enter();
      try {
        for (; at < read.length; at += 1) {
          const step = read[at]!;
          const value = step.value(source);
          if (step.member !== undefined) text += `${text === '' ? '' : ','}${step.member}${value}`;
        }
      } catch (error) {
        throw located(error, read[at]!.name);
      }
      source.leave();
      return `{${text}${text !== '' && constants !== '' ? ',' : ''}${constants}}`;
    };
  }

  #field(from: Field, to: Field): Decoder {
    try {
      return this.compile(from.node, to.node);
    } catch (error) {
      throw located(error, to.name);
    }
  }

  #default(field: Field): string {
    const bytes = encodeDefault(field.node, field.default);
    return this.compile(field.node, field.node)(new AvroSource(bytes, 0));
  }
}

/** Compiles records into row members; leaves go to a `Compiler`. */
class RowCompiler {
  readonly #cells = new Compiler('cell');
  readonly #edge = new Compiler('edge');
  readonly #columnOf: ColumnOf;

  constructor(columnOf: ColumnOf) {
    this.#columnOf = columnOf;
  }

  flatten(writer: Node, reader: RecordNode, path: readonly string[]): Decoder {
    if (writer.kind === 'union') {
      const branches = writer.branches.map((branch) => attempt(() => this.flatten(branch, reader, path)));
      if (branches.every((branch) => branch instanceof SluiceError)) throw unresolvable(writer, reader);
      return (source) => {
        const branch = branches[source.index(branches.length, 'union branch')]!;
        if (branch instanceof SluiceError) throw branch;
        return branch(source);
      };
    }
    if (writer.kind !== 'record' || !matches(writer, reader)) throw unresolvable(writer, reader);
    const { steps, missing } = requireFields(writer, reader);
    const read = steps.map(({ from, to }) => ({
      name: from.name,
      isSkip: to === undefined,
      value: to === undefined ? compileSkip(from.node) : this.#member(from.node, to, path),
    }));
    const constants = missing
      .map((field) =>
        this.#member(field.node, field, path)(new AvroSource(encodeDefault(field.node, field.default), 0)),
      )
      .join('');
    return (source) => {
      let text = '';
      let at = 0;
      try {
        for (; at < read.length; at += 1) {
          const step = read[at]!;
          if (step.isSkip) step.value(source);
          else text += step.value(source);
        }
      } catch (error) {
        throw located(error, read[at]!.name);
      }
      return text + constants;
    };
  }

  #member(writer: Node, field: Field, parent: readonly string[]): Decoder {
    const path = [...parent, field.name];
    try {
      if (field.node.kind === 'record' && !isRecursive(field.node)) return this.flatten(writer, field.node, path);
      const column = this.#columnOf(pathKey(path));
      if (column === undefined) return compileSkip(writer);
      const head = `,${JSON.stringify(column.name)}:`;
      if (!column.json) {
        const cell = this.#cells.compile(writer, field.node);
        return (source) => head + cell(source);
      }
      const edge = this.#edge.compile(writer, field.node);
      return (source) => {
        const text = edge(source);
        return text === 'null' ? `${head}null` : head + JSON.stringify(text);
      };
    } catch (error) {
      throw located(error, field.name);
    }
  }
}

/** @throws SluiceError SLUICE_SCHEMA_RESOLUTION where a field can be filled neither by the writer nor by a default. */
function requireFields(writer: RecordNode, reader: RecordNode): FieldMatch {
  const match = matchFields(writer, reader);
  const required = match.missing.find((field) => field.default === undefined);
  if (required === undefined) return match;
  throw located(
    new SluiceError('SLUICE_SCHEMA_RESOLUTION', 'the writer has no such field and the reader no default for it'),
    required.name,
  );
}

type Scalar = Exclude<Node, { kind: 'record' | 'array' | 'map' | 'union' | 'enum' }>;

function isSame(writer: Node, reader: Node): boolean {
  if (writer.kind !== reader.kind) return false;
  return !('name' in writer) || writer.name === (reader as typeof writer).name;
}

/** Avro's rule for two types that are no unions, before their parts are looked at. */
function matches(writer: Node, reader: Node): boolean {
  if (writer.kind !== reader.kind) return isPromotable(writer.kind, reader.kind);
  if (!('name' in writer)) return true;
  const named = reader as typeof writer;
  return (writer.kind !== 'fixed' || writer.size === (named as typeof writer).size) && isNamesake(writer, named);
}

/** Of a key that appears twice, the last value counts, as in every other reader. */
function mapDecoder(value: Decoder): Decoder {
  return (source) => {
    const members = new Map<string, string>();
    let key = '';
    try {
      source.blocks(() => {
        key = source.text();
        members.set(key, value(source));
      });
    } catch (error) {
      throw located(error, key);
    }
    return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
  };
}

function enumDecoder(written: readonly string[], known: readonly string[], fallback: string | undefined): Decoder {
  const texts = written.map((symbol) => {
    const resolved = known.includes(symbol) ? symbol : fallback;
    return resolved === undefined ? undefined : JSON.stringify(resolved);
  });
  if (texts.every((text) => text === undefined)) {
    throw new SluiceError('SLUICE_SCHEMA_RESOLUTION', 'the enums have no symbol in common and there is no default');
  }
  return (source) => {
    const index = source.index(texts.length, 'enum symbol');
    const text = texts[index];
    if (text !== undefined) return text;
    throw new SluiceError('SLUICE_SCHEMA_RESOLUTION', `the reader knows no symbol "${written[index]}"`);
  };
}

function scalarDecoder(writer: Scalar, reader: Scalar, mode: Mode): Decoder {
  if (isReinterpreted(writer.logical, reader.logical)) throw unresolvable(writer, reader);
  const logical = reader.logical;
  switch (logical?.type) {
    case 'decimal': {
      const { precision, scale } = logical;
      const take = bytesReader(writer);
      // One byte holds 2.4 digits: what is far too long is refused before it becomes a number. A fixed one is as long as
      // its schema says, most of it sign.
      const longest = writer.kind === 'fixed' ? writer.size : precision + 16;
      return (source) => {
        const bytes = take(source);
        if (bytes.length > longest) throw dataError(`a decimal of ${bytes.length} bytes exceeds ${precision} digits`);
        return `"${decimalText(bytes, precision, scale)}"`;
      };
    }
    case 'uuid':
      if (reader.kind === 'fixed') {
        return (source) => {
          const hex = source.take(16).toString('hex');
          return `"${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}"`;
        };
      }
      return (source) => {
        const text = source.text();
        if (!isUuid(text)) throw dataError('a text is no UUID');
        return `"${text}"`;
      };
    case 'date':
      return (source) => {
        const day = source.int();
        if (day < MIN_DAY || day > MAX_DAY) throw dataError('a date is not within the years 0001 to 9999');
        return `"${formatDate(day)}"`;
      };
    case 'time-millis':
      return timeDecoder(3, mode);
    case 'time-micros':
      return timeDecoder(6, mode);
    case 'timestamp-millis':
      return timestampDecoder(3, 'Z', mode);
    case 'timestamp-micros':
      return timestampDecoder(6, 'Z', mode);
    case 'timestamp-nanos':
      return timestampDecoder(9, 'Z', mode);
    case 'local-timestamp-millis':
      return timestampDecoder(3, '', mode);
    case 'local-timestamp-micros':
      return timestampDecoder(6, '', mode);
    case 'local-timestamp-nanos':
      return timestampDecoder(9, '', mode);
  }
  switch (reader.kind) {
    case 'null':
      return () => 'null';
    case 'boolean':
      return (source) => (source.boolean() ? 'true' : 'false');
    case 'int':
      return (source) => `${source.int()}`;
    case 'long':
      return (source) => {
        const value = writer.kind === 'int' ? source.int() : source.long();
        return typeof value === 'number' ? `${value}` : `"${value}"`;
      };
    case 'float': {
      const number = numberReader(writer);
      return (source) => floatText(Math.fround(number(source)));
    }
    case 'double': {
      const number = numberReader(writer);
      return (source) => doubleText(number(source));
    }
    case 'string':
      return (source) => JSON.stringify(source.text());
    case 'bytes':
    case 'fixed': {
      const take = bytesReader(writer);
      return (source) => `"${take(source).toString('base64')}"`;
    }
  }
}

function numberReader(writer: Scalar): (source: AvroSource) => number {
  switch (writer.kind) {
    case 'float':
      return (source) => source.float();
    case 'double':
      return (source) => source.double();
    case 'int':
      return (source) => source.int();
    default:
      return (source) => Number(source.long());
  }
}

function bytesReader(writer: Scalar): (source: AvroSource) => Buffer {
  if (writer.kind !== 'fixed') return (source) => source.lengthAndBytes();
  const { size } = writer;
  return (source) => source.take(size);
}

function doubleText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0.0' : `${value}`;
  return `"${value}"`;
}

/** The shortest decimal text that reads back to the same 32-bit float. */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return doubleText(short);
  }
  return doubleText(Number(value.toPrecision(9)));
}

function decimalText(bytes: Buffer, precision: number, scale: number): string {
  const value = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const unscaled = (value < 0n ? -value : value).toString();
  if (unscaled.length > precision) throw dataError(`the decimal has more than ${precision} digits`);
  const digits = unscaled.padStart(scale + 1, '0');
  const sign = value < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function timeDecoder(digits: FractionDigits, mode: Mode): Decoder {
  const day = 86_400 * 10 ** digits;
  return (source) => {
    const time = source.long();
    if (time < 0 || time >= day) throw dataError('a time is not within one day');
    return mode === 'cell' ? `${time}` : `"${formatTime(Number(time), digits)}"`;
  };
}

function timestampDecoder(digits: FractionDigits, zone: 'Z' | '', mode: Mode): Decoder {
  return (source) => {
    const value = source.long();
    if (!isTimestampInRange(BigInt(value), digits)) {
      throw dataError('a timestamp is not within the years 0001 to 9999');
    }
    if (mode === 'edge') return `"${formatTimestamp(value, digits, 'T')}${zone}"`;
    if (digits === 3) return `"${formatTimestamp(value, digits, ' ')}"`;
    return typeof value === 'number' ? `${value}` : `"${value}"`;
  };
}

/** Compiles a reader that moves past a value. */
function compileSkip(node: Node, records = new Map<RecordNode, Decoder>()): Decoder {
  switch (node.kind) {
    case 'record': {
      const known = records.get(node);
      if (known !== undefined) return known;
      let skip: Decoder = () => '';
      const lazy: Decoder = (source) => skip(source);
      records.set(node, lazy);
      const fields = node.fields.map((field) => compileSkip(field.node, records));
      skip = (source) => {
        source.enter();
        for (const field of fields) field(source);
        source.leave();
        return '';
      };
      return lazy;
    }
    case 'union': {
      const branches = node.branches.map((branch) => compileSkip(branch, records));
      return (source) => branches[source.index(branches.length, 'union branch')]!(source);
    }
    case 'array': {
      const item = compileSkip(node.items, records);
      return (source) => {
        source.blocks(() => item(source));
        return '';
      };
    }
    case 'map': {
      const value = compileSkip(node.values, records);
      return (source) => {
        source.blocks(() => {
          source.text();
          value(source);
        });
        return '';
      };
    }
    case 'enum':
      return (source) => `${source.index(node.symbols.length, 'enum symbol')}`;
    default:
      return scalarDecoder({ ...node, logical: undefined }, { ...node, logical: undefined }, 'cell');
  }
}

function attempt(compile: () => Decoder): Decoder | SluiceError {
  try {
    return compile();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
}

function unresolvable(writer: Node, reader: Node): SluiceError {
  const name = (node: Node): string => {
    const logical = 'logical' in node ? node.logical : undefined;
    if (logical?.type === 'decimal') return `decimal(${logical.precision},${logical.scale})`;
    return node.kind === 'union' ? `[${node.branches.map(name).join(', ')}]` : (logical?.type ?? branchName(node));
  };
  return new SluiceError('SLUICE_SCHEMA_RESOLUTION', `${name(writer)} cannot be read as ${name(reader)}`);
}

/** An error met inside a value, as it looks from one level further out; `pathOf` gives the whole way. */
class LocatedError extends SluiceError {
  readonly way: Way;

  constructor(error: SluiceError, way: Way) {
    super(error.code, error.message);
    this.way = way;
  }
}

function located(error: unknown, child: string | number): unknown {
  if (error instanceof LocatedError) return new LocatedError(error, [child, ...error.way]);
  if (error instanceof SluiceError) return new LocatedError(error, [child]);
  // Long defaults in many small items can add up to more than a string holds.
  if (error instanceof RangeError) return new LocatedError(dataError('the value is too long as JSON'), [child]);
  return error;
}

/** JSONPath of the field that an error of a decoder is about; `$` where it is about the whole. */
export function pathOf(error: unknown, show: ShowWay = showWay): string {
  return show(error instanceof LocatedError ? error.way : []);
}
