import { deriveLayout, type Layout, pathKey } from '../derive/layout.ts';
import { asSluiceError, type ErrorCode, type Fault } from '../errors.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { AvroSource } from './avro-source.ts';
import { ByteLines } from './byte-lines.ts';
import { compileRowWriter, csvColumns, type RowWriter } from './csv.ts';
import { compileRowDecoder, type Decoder, pathOf } from './decode.ts';
import { compileEncoder, EncodeContext } from './encode.ts';
import { isEventId } from './event-id.ts';
import { FRAME_BYTES, readFrame, unknownSchemaId, writeFrame } from './framing.ts';
import { duplicateKeys, fault, parseBody } from './json-body.ts';
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

/**
 * Every transcoding of one event type, compiled once from its history. Bytes in, bytes out, so that nothing outside
 * knows how a value looks in between.
 */
export interface Codec {
  readonly history: SchemaHistory;
  readonly layout: Layout;
  /** One JSON body to one framed Avro value of the newest version, or every fault of the body. Never throws. */
  encode(body: Uint8Array): Encoded;
  /** The same for a body that `parseBody` has parsed already. */
  encodeParsed(body: Uint8Array, parsed: { readonly value: unknown; readonly keys: number }): Encoded;
  /** Framed Avro values of any version to JSON rows of the newest. A value that cannot be read harms no other. */
  toRows(values: readonly FramedValue[]): Rows;
  /** JSON rows, as `toRows` gives them, to CSV in the table's columns. A line that is no row harms no other. */
  toCsv(rows: Uint8Array): Csv;
  /** Framed Avro values to CSV: `toRows` and `toCsv` in one. */
  avroToCsv(values: readonly FramedValue[]): Csv & { readonly unread: readonly UnreadValue[] };
}

export type Encoded =
  | {
      readonly ok: true;
      /** Confluent framing: 0x00, schema id, Avro data. */
      readonly value: Buffer;
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
}

export interface Csv {
  readonly data: Buffer;
  /** Zero-based lines of the input that were no rows. */
  readonly malformed: readonly { readonly line: number; readonly reason: string }[];
}

/** Compiles the codec of a history. Decoders of old versions are compiled when the first of their values comes. */
export function compileCodec(history: SchemaHistory): Codec {
  return new CompiledCodec(history);
}

class CompiledCodec implements Codec {
  readonly history: SchemaHistory;
  readonly layout: Layout;
  readonly #encode;
  readonly #context = new EncodeContext();
  readonly #writeRow: RowWriter;
  readonly #readers = new Map<number, { readonly version: number; readonly decode: Decoder }>();
  readonly #rows = new ByteLines();
  readonly #csv = new ByteLines();

  constructor(history: SchemaHistory) {
    this.history = history;
    this.layout = deriveLayout(history);
    this.#encode = compileEncoder(history.newest.root);
    this.#writeRow = compileRowWriter(csvColumns(this.layout));
  }

  encode(body: Uint8Array): Encoded {
    const parsed = parseBody(body);
    return parsed.ok ? this.encodeParsed(body, parsed) : parsed;
  }

  encodeParsed(body: Uint8Array, { value, keys }: { value: unknown; keys: number }): Encoded {
    const { newest } = this.history;
    const context = this.#context;
    context.reset();
    writeFrame(context.sink.reserve(FRAME_BYTES), 0, newest.id);
    context.sink.position = FRAME_BYTES;
    this.#encode(value, context);
    if (context.faults.length > 0) {
      // A key that appears twice was met once; its faults may be those of the wrong one of the two.
      return { ok: false, faults: [...duplicateKeys(body), ...context.faults] };
    }
    if (context.keys !== keys) return { ok: false, faults: duplicateKeys(body) };
    const { eventId: eventIdField, key: keyField } = newest.settings;
    const eventId = ownMember(value, eventIdField) as string | undefined;
    if (eventId !== undefined && !isEventId(eventId)) {
      return { ok: false, faults: [fault('SLUICE_EVENT_ID', `$.${eventIdField}`, 'send such an id')] };
    }
    const avro = context.sink.copyFrom(0);
    if (body.length > UNMEASURED_BODY_BYTES && this.#rowBytes(avro) > MAX_ROW_BYTES) {
      return {
        ok: false,
        faults: [fault('SLUICE_ROW_TOO_LARGE', '$', `send an event whose row fits ${MAX_ROW_BYTES} bytes`)],
      };
    }
    const key = ownMember(value, keyField);
    return { ok: true, value: avro, key: key === undefined || key === null ? null : Buffer.from(String(key)), eventId };
  }

  toRows(values: readonly FramedValue[]): Rows {
    const lines = this.#rows.reset();
    const indexes: number[] = [];
    const unread: UnreadValue[] = [];
    values.forEach((framed, index) => {
      let version: number | null = null;
      try {
        const reader = this.#reader(readFrame(framed.value));
        version = reader.version;
        const source = new AvroSource(framed.value, FRAME_BYTES);
        const members = reader.decode(source);
        source.expectEnd();
        if (!lines.append(`{${systemMembers(framed, version)}${members}}`, MAX_ROW_BYTES + SYSTEM_BYTES)) {
          unread.push({ index, code: 'SLUICE_ROW_TOO_LARGE', path: '$', reason: 'its row is too large', version });
          return;
        }
        indexes.push(index);
      } catch (error) {
        const { code, message } = asSluiceError(error);
        unread.push({ index, code, path: pathOf(error), reason: message, version });
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
        const row: unknown = JSON.parse(part);
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

  #reader(id: number): { readonly version: number; readonly decode: Decoder } {
    const known = this.#readers.get(id);
    if (known !== undefined) return known;
    const writer = this.history.versions.find((version) => version.id === id);
    if (writer === undefined) throw unknownSchemaId(id, this.history.eventType);
    const columns = new Map(
      this.layout.columns.flatMap((column) => (column.source === null ? [] : [[pathKey(column.source), column]])),
    );
    const reader = {
      version: writer.version,
      decode: compileRowDecoder(writer.root, this.history.newest.root, (path) => {
        const column = columns.get(path);
        return column === undefined ? undefined : { name: column.name, json: column.form === 'json' };
      }),
    };
    this.#readers.set(id, reader);
    return reader;
  }

  #rowBytes(avro: Buffer): number {
    return Buffer.byteLength(this.#reader(this.history.newest.id).decode(new AvroSource(avro, FRAME_BYTES)));
  }
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
