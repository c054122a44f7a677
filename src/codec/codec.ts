import { deriveLayout, type Layout, pathKey } from '../derive/layout.ts';
import { asSluiceError, type ErrorCode, type Fault, SluiceError } from '../errors.ts';
import { type SchemaHistory, type SchemaIds, type SchemaVersion, successorOf } from '../schema/history.ts';
import { type PersonalField, personalFields } from '../schema/personal-data.ts';
import { AvroSource } from './avro-source.ts';
import { ByteLines } from './byte-lines.ts';
import { compileRowWriter, csvColumns, type RowWriter } from './csv.ts';
import { compileRowDecoder, type Decoder, pathOf } from './decode.ts';
import { compileEncoder, EncodeContext, type Encoder } from './encode.ts';
import { isEventId } from './event-id.ts';
import { exposedField } from './exposed.ts';
import { compressFrame, type Framing, frameHead, readFrame } from './framing.ts';
import { duplicateKeys, fault, parseBody } from './json-body.ts';
import { type ShowWay, showWay } from './json-path.ts';
import { personalPaths } from './personal-places.ts';
import { type HashText, keyedHash } from './pii-hash.ts';
import { compileRedact, type Redact } from './redact.ts';
import { compileRowHour, type RowHour } from './row-hour.ts';
import { formatTimestamp } from './temporal.ts';

/**
 * Largest JSON row, in bytes with its LF: Firehose's limit for one record (1,000 KiB) less room for the system columns,
 * whose values are not known when a body is checked.
 */
export const MAX_ROW_BYTES = 996 * 1024;

/**
 * Bodies up to this size, in bytes, are not measured as rows before they are accepted: short instants and defaults do
 * grow on the way, but a hundredfold only where somebody means to, and such an event is then kept as a failed one.
 */
const UNMEASURED_BODY_BYTES = 8 * 1024;

/** What a deployment decides. */
export interface CodecOptions {
  /** How values are framed when they are written; any framing is read. `confluent` by default. */
  readonly framing?: Framing | undefined;
  /** Whether the Avro data is compressed by zlib, for Glue's framing alone; `none` by default. */
  readonly compression?: 'none' | 'zlib' | undefined;
  /** Hashes personal data. Only those who encode events of a type with hashed fields need it. */
  readonly piiKey?: Uint8Array | undefined;
}

/**
 * Every transcoding of one event type, compiled once from its history. Bytes in, bytes out, so that nothing outside
 * knows how a value looks in between.
 */
export interface Codec {
  readonly history: SchemaHistory;
  readonly layout: Layout;
  /**
   * One JSON body to one framed Avro value, or every fault of the body. Personal data is hashed or dropped on the way.
   *
   * @param version the version that its writer states, or the one that superseded it, or the newest where that hides
   *   personal data which the stated one would keep. Where none is stated, the newest that takes the body; the faults
   *   are then those that the newest finds.
   * @throws SluiceError SLUICE_PII_KEY where a version hashes personal data and there is no key; nothing else.
   */
  encode(body: Uint8Array, version?: number): Encoded;
  /** The same for a body that `parseBody` has parsed already. */
  encodeParsed(body: Uint8Array, parsed: { readonly value: unknown; readonly keys: number }, version?: number): Encoded;
  /** A body without the personal data that is hashed or dropped, for people to look into; see `compileRedact`. */
  readonly redact: Redact;
  /** JSONPath of a place in a body, for people to read: keys that are personal data are hidden. */
  readonly showWay: ShowWay;
  /** Framed Avro values of any version to JSON rows of the newest. A value that cannot be read harms no other. */
  toRows(values: readonly FramedValue[]): Rows;
  /** JSON rows, as `toRows` gives them, to CSV in the table's columns. A line that is no row harms no other. */
  toCsv(rows: Uint8Array): Csv;
  /** Where a JSON row lies when rows are partitioned by event time; see `compileRowHour`. */
  readonly rowHour: RowHour;
  /** Framed Avro values to CSV: `toRows` and `toCsv` in one. */
  avroToCsv(values: readonly FramedValue[]): Csv & { readonly unread: readonly UnreadValue[] };
}

export type Encoded =
  | {
      readonly ok: true;
      /** Avro data in registry framing. */
      readonly value: Buffer;
      /** The version that it was written with. */
      readonly version: number;
      /** The key field's value as text; null where the schema names none or the event has none. */
      readonly key: Buffer | null;
      /** What the schema's event id field holds; undefined where the schema names none. */
      readonly eventId: string | undefined;
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** A framed value with what its row's system columns hold. */
export interface FramedValue {
  readonly value: Uint8Array;
  readonly eventId: string;
  /** Epoch milliseconds. */
  readonly ingestedAt: number;
  readonly partition: number;
  readonly offset: bigint;
  readonly replayId: string | null;
}

export interface Rows {
  /** JSON objects, one a line, each ended by LF: those of the values that could be read, in their order. */
  readonly data: Buffer;
  /** For each row, where in `data` it ends. */
  readonly ends: readonly number[];
  /** For each row, the index of its value. */
  readonly indexes: readonly number[];
  readonly unread: readonly UnreadValue[];
}

export interface UnreadValue {
  readonly index: number;
  readonly code: ErrorCode;
  /** JSONPath of the field at fault. */
  readonly path: string;
  readonly reason: string;
  /** The version it was written with, where that could be told. */
  readonly version: number | null;
  /** The schema id, where a version that this codec does not know may read the value. */
  readonly wantedId?: number | string | undefined;
}

export interface Csv {
  readonly data: Buffer;
  /** Zero-based lines of the input that were no rows. */
  readonly malformed: readonly { readonly line: number; readonly reason: string }[];
}

/**
 * Compiles the codec of a history. Decoders of old versions are compiled when the first of their values comes.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID where no table can hold its columns, or a default is no value of its type.
 */
export function compileCodec(history: SchemaHistory, options: CodecOptions = {}): Codec {
  return new CompiledCodec(history, options);
}

/** What reads the rows of one version; it throws where they cannot be read. */
interface Reader {
  readonly version: number;
  readonly decode: Decoder;
}

/** What writes one version. */
interface Writer {
  readonly version: SchemaVersion;
  readonly head: Buffer;
  readonly encode: Encoder;
  /** Why nobody may write it any more. */
  readonly refusal: Fault | undefined;
}

class CompiledCodec implements Codec {
  readonly history: SchemaHistory;
  readonly layout: Layout;
  readonly showWay: ShowWay;
  readonly redact: Redact;
  readonly rowHour: RowHour;
  readonly #options: CodecOptions;
  readonly #hash: HashText | undefined;
  readonly #writers = new Map<number, Writer>();
  readonly #context = new EncodeContext();
  readonly #writeRow: RowWriter;
  readonly #readers = new Map<number | string, Reader>();
  readonly #rows = new ByteLines();
  readonly #csv = new ByteLines();

  constructor(history: SchemaHistory, options: CodecOptions) {
    this.history = history;
    this.#options = options;
    if (options.compression === 'zlib' && options.framing !== 'glue') {
      throw new SluiceError('SLUICE_USAGE', 'values are compressed in the framing "glue" only');
    }
    this.#hash = options.piiKey === undefined ? undefined : keyedHash(options.piiKey);
    const roots = [...history.versions, ...history.refused].flatMap(({ root }) => root ?? []);
    const marks = new Set(roots.flatMap(personalFields).map(({ field }) => field.pii));
    this.showWay = marks.size === 0 ? showWay : personalPaths(roots);
    this.redact = marks.has('hash') || marks.has('drop') ? compileRedact(roots) : (body) => body;
    this.layout = deriveLayout(history);
    this.#writer(history.newest);
    this.#writeRow = compileRowWriter(csvColumns(this.layout));
    this.rowHour = compileRowHour(history, this.layout);
  }

  encode(body: Uint8Array, version?: number): Encoded {
    const parsed = parseBody(body);
    return parsed.ok ? this.encodeParsed(body, parsed, version) : parsed;
  }

  encodeParsed(body: Uint8Array, parsed: { value: unknown; keys: number }, stated?: number): Encoded {
    const { history } = this;
    if (stated !== undefined) {
      const version = history.versions.find((candidate) => candidate.version === stated);
      if (version === undefined) return { ok: false, faults: [unknownVersion(history, stated)] };
      const writer = this.#writer(successorOf(history, version));
      const encoded = this.#encodeAs(writer, body, parsed);
      if (writer.refusal === undefined) return encoded;
      // What was accepted before the newest version came should not fail where that takes it.
      const hidden = this.#encodeAs(this.#writer(history.newest), body, parsed);
      return hidden.ok ? hidden : encoded;
    }
    const newest = this.#encodeAs(this.#writer(history.newest), body, parsed);
    if (newest.ok) return newest;
    for (let index = history.versions.length - 2; index >= 0; index -= 1) {
      const older = history.versions[index]!;
      if (successorOf(history, older) !== older) continue;
      const encoded = this.#encodeAs(this.#writer(older), body, parsed);
      if (encoded.ok) return encoded;
    }
    return newest;
  }

  #encodeAs(writer: Writer, body: Uint8Array, { value, keys }: { value: unknown; keys: number }): Encoded {
    const { version, head, refusal } = writer;
    if (refusal !== undefined) return { ok: false, faults: [refusal] };
    const context = this.#context;
    context.reset();
    context.sink.bytes(head);
    writer.encode(value, context);
    if (context.faults.length > 0) {
      // A key that appears twice was met once; its faults may be those of the wrong one of the two.
      return { ok: false, faults: [...duplicateKeys(body, this.showWay), ...context.faults] };
    }
    if (context.keys !== keys) return { ok: false, faults: duplicateKeys(body, this.showWay) };
    const { eventId: eventIdField, key: keyField } = version.settings;
    const eventId = ownMember(value, eventIdField) as string | undefined;
    if (eventId !== undefined && !isEventId(eventId)) {
      return { ok: false, faults: [fault('SLUICE_EVENT_ID', `$.${eventIdField}`, 'send such an id')] };
    }
    const framed = context.sink.copyFrom(0);
    if (body.length > UNMEASURED_BODY_BYTES && !this.#fitsRow(framed)) {
      return {
        ok: false,
        faults: [fault('SLUICE_ROW_TOO_LARGE', '$', `send an event whose row fits ${MAX_ROW_BYTES} bytes`)],
      };
    }
    const key = this.#keyOf(version, ownMember(value, keyField));
    return {
      ok: true,
      value: this.#options.compression === 'zlib' ? compressFrame(framed) : framed,
      version: version.version,
      key,
      eventId,
    };
  }

  toRows(values: readonly FramedValue[]): Rows {
    const lines = this.#rows.reset();
    const indexes: number[] = [];
    const unread: UnreadValue[] = [];
    values.forEach((framed, index) => {
      let version: number | null = null;
      let id: number | string | undefined;
      try {
        const frame = readFrame(framed.value);
        id = frame.id;
        const reader = this.#reader(id);
        version = reader.version;
        const source = new AvroSource(frame.bytes, frame.start);
        const members = reader.decode(source);
        source.expectEnd();
        if (!lines.append(`{${systemMembers(framed, version)}${members}}`, MAX_ROW_BYTES + SYSTEM_BYTES)) {
          unread.push({ index, code: 'SLUICE_ROW_TOO_LARGE', path: '$', reason: 'its row is too large', version });
          return;
        }
        indexes.push(index);
      } catch (error) {
        const { code, message } = asSluiceError(error);
        const wantedId = code === 'SLUICE_SCHEMA_ID_UNKNOWN' || code === 'SLUICE_VERSION_REFUSED' ? id : undefined;
        unread.push({ index, code, path: pathOf(error, this.showWay), reason: message, version, wantedId });
      }
    });
    return { data: lines.bytes(), ends: lines.ends(), indexes, unread };
  }

  toCsv(rows: Uint8Array): Csv {
    const lines = this.#csv.reset();
    const malformed: { line: number; reason: string }[] = [];
    const text = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength).toString('utf8');
    const parts = text.split('\n');
    // Every row is ended by LF, so what follows the last one is empty.
    if (parts.at(-1) === '') parts.pop();
    parts.forEach((part, line) => {
      try {
        const row = parseRow(part);
        if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new Error('it is no JSON object');
        const members = row as Record<string, unknown>;
        if (typeof members._event_id !== 'string') throw new Error('it has no _event_id');
        lines.append(this.#writeRow(members).slice(0, -1));
      } catch (error) {
        malformed.push({ line, reason: (error as Error).message });
      }
    });
    return { data: lines.bytes(), malformed };
  }

  avroToCsv(values: readonly FramedValue[]): Csv & { readonly unread: readonly UnreadValue[] } {
    const { data, unread } = this.toRows(values);
    return { ...this.toCsv(data), unread };
  }

  #writer(version: SchemaVersion): Writer {
    const known = this.#writers.get(version.version);
    if (known !== undefined) return known;
    const head = frameHead(this.#options.framing ?? 'confluent', version.ids);
    const encode = compileEncoder(version.root, this.#hash);
    const hashed = this.#hash === undefined ? hashedField(version) : undefined;
    const writer = {
      version,
      head,
      encode: hashed === undefined ? encode : refusing(keyMissing(version, hashed)),
      refusal: this.#exposure(version),
    };
    this.#writers.set(version.version, writer);
    return writer;
  }

  #reader(id: number | string): Reader {
    const known = this.#readers.get(id);
    if (known !== undefined) return known;
    const reader = this.#compileReader(id);
    this.#readers.set(id, reader);
    return reader;
  }

  #compileReader(id: number | string): Reader {
    const { eventType, versions, refused, newest } = this.history;
    const hasId = ({ ids }: { readonly ids: SchemaIds }): boolean => ids.confluent === id || ids.glue === id;
    const rejected = refused.find(hasId);
    const writer = versions.find(hasId) ?? rejected;
    if (writer === undefined) {
      throw new SluiceError('SLUICE_SCHEMA_ID_UNKNOWN', `no version of ${eventType} has the schema id ${id}`);
    }
    const { version, root } = writer;
    // What a refused version did wrong, a later one may have put right; and only that one says how its events are read.
    if (rejected !== undefined && (root === undefined || newest.version < version)) {
      const message = `v${version} of ${eventType} is refused: ${rejected.reason}; publish a version that puts it right`;
      return { version, decode: refusing(new SluiceError('SLUICE_VERSION_REFUSED', message)) };
    }
    const columns = new Map(
      this.layout.columns.flatMap((column) => (column.source === null ? [] : [[pathKey(column.source), column]])),
    );
    try {
      const decode = compileRowDecoder(root!, newest.root, (path) => {
        const column = columns.get(path);
        return column === undefined ? undefined : { name: column.name, json: column.form === 'json' };
      });
      return { version, decode };
    } catch (error) {
      return { version, decode: refusing(error) };
    }
  }

  /** What a version would give away that a later one hides. */
  #exposure(version: SchemaVersion): Fault | undefined {
    const { versions, newest } = this.history;
    for (const later of versions.slice(versions.indexOf(version) + 1)) {
      const path = exposedField(version.root, later.root);
      if (path === undefined) continue;
      const why = `v${version.version} keeps what v${later.version} hashes or drops; send it as v${newest.version}`;
      return fault('SLUICE_VERSION_REFUSED', path, why);
    }
    return undefined;
  }

  /** The Kafka key: what the record holds, and so no personal data but a hash of it. */
  #keyOf({ root, settings }: SchemaVersion, value: unknown): Buffer | null {
    const field = root.fields.find(({ name }) => name === settings.key);
    if (value === undefined || value === null || field?.pii === 'drop') return null;
    return Buffer.from(field?.pii === 'hash' ? this.#hash!(value as string) : String(value));
  }

  #fitsRow(framed: Buffer): boolean {
    const { id, bytes, start } = readFrame(framed);
    try {
      return Buffer.byteLength(this.#reader(id).decode(new AvroSource(bytes, start))) <= MAX_ROW_BYTES;
    } catch (error) {
      // Its version takes it and the newest cannot read it: it is kept as a failed event, as a short one is.
      if (error instanceof SluiceError) return true;
      throw error;
    }
  }
}

function refusing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** The first field that a version hashes. */
function hashedField({ root }: SchemaVersion): PersonalField | undefined {
  return personalFields(root).find(({ field }) => field.pii === 'hash');
}

function keyMissing({ eventType, version }: SchemaVersion, { path }: PersonalField): SluiceError {
  return new SluiceError('SLUICE_PII_KEY', `${eventType} v${version} hashes ${path}; give its codec a key (piiKey)`);
}

/** @throws Error that does not quote the row. */
function parseRow(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is no JSON');
  }
}

function unknownVersion({ versions, refused }: SchemaHistory, stated: number): Fault {
  const rejected = refused.find(({ version }) => version === stated);
  if (rejected !== undefined) return fault('SLUICE_VERSION_REFUSED', '$', `v${stated} is refused: ${rejected.reason}`);
  const known = versions.map(({ version }) => version).join(', ');
  return fault('SLUICE_VERSION_UNKNOWN', '$', `there is no v${stated}; state one of ${known}, or none`);
}

/** A member of a parsed object, but for those that every object inherits. */
function ownMember(object: unknown, name: string | undefined): unknown {
  return name !== undefined && Object.hasOwn(object as object, name)
    ? (object as Record<string, unknown>)[name]
    : undefined;
}

/** Room for the system columns of a row: the event id takes the most, 128 bytes at the edge. */
const SYSTEM_BYTES = 2 * 1024;

function systemMembers(framed: FramedValue, version: number): string {
  const { eventId, ingestedAt, partition, offset, replayId } = framed;
  return (
    `"_event_id":${JSON.stringify(eventId)},"_schema_version":${version},` +
    `"_ingested_at":"${formatTimestamp(ingestedAt, 3, ' ')}","_kafka_partition":${partition},` +
    `"_kafka_offset":${offset},"_replay_id":${replayId === null ? 'null' : JSON.stringify(replayId)}`
  );
}
