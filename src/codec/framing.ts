import { deflateSync, inflateSync } from 'node:zlib';
import { SluiceError } from '../errors.ts';
import type { SchemaIds } from '../schema/history.ts';

/**
 * How a record value says which schema wrote it, before its Avro data.
 *
 * `confluent`: 0x00, the schema id as a big-endian int32.
 * Source: Confluent Schema Registry documentation, "Wire format".
 *
 * `glue`: 0x03, 0x00 or (where zlib compressed what follows) 0x05, the schema version id as a UUID in network order.
 * Source: AWS Glue Schema Registry's Java library, `AWSSchemaRegistryConstants`.
 */
export const FRAMINGS = ['confluent', 'glue'] as const;

export type Framing = (typeof FRAMINGS)[number];

const CONFLUENT_MAGIC = 0x00;
const CONFLUENT_BYTES = 5;
const GLUE_MAGIC = 0x03;
const GLUE_BYTES = 18;
const UNCOMPRESSED = 0x00;
const ZLIB = 0x05;

/** Most bytes that a compressed value may grow to: what a topic takes uncompressed. */
export const MAX_INFLATED_BYTES = 8 * 1024 * 1024;

/** A framed value, taken apart. */
export interface Framed {
  /** The id in its framing: a number is Confluent's, a text Glue's. */
  readonly id: number | string;
  /** Holds the Avro data, from `start` to its end. */
  readonly bytes: Uint8Array;
  readonly start: number;
}

/**
 * The bytes that go before a version's Avro data, for values that are not compressed.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when the version's registry has no id for this framing.
 */
export function frameHead(framing: Framing, ids: SchemaIds): Buffer {
  if (framing === 'confluent' && ids.confluent !== undefined) {
    const head = Buffer.alloc(CONFLUENT_BYTES);
    head[0] = CONFLUENT_MAGIC;
    head.writeInt32BE(ids.confluent, 1);
    return head;
  }
  if (framing === 'glue' && ids.glue !== undefined) {
    return Buffer.concat([Buffer.of(GLUE_MAGIC, UNCOMPRESSED), Buffer.from(ids.glue.replaceAll('-', ''), 'hex')]);
  }
  throw new SluiceError('SLUICE_SCHEMA_INVALID', `the registry gives no schema ids for the framing "${framing}"`);
}

/** A value of Glue's framing with its data compressed, or as it is where that is no shorter. */
export function compressFrame(value: Buffer): Buffer {
  const data = deflateSync(value.subarray(GLUE_BYTES));
  if (GLUE_BYTES + data.length >= value.length) return value;
  const compressed = Buffer.concat([value.subarray(0, GLUE_BYTES), data]);
  compressed[1] = ZLIB;
  return compressed;
}

/**
 * Takes a framed value apart, whichever framing it has.
 *
 * @throws SluiceError SLUICE_AVRO_FRAMING when it has none, or what is compressed cannot be read.
 */
export function readFrame(value: Uint8Array): Framed {
  if (value[0] === CONFLUENT_MAGIC && value.length >= CONFLUENT_BYTES) {
    const id = new DataView(value.buffer, value.byteOffset, value.byteLength).getInt32(1);
    return { id, bytes: value, start: CONFLUENT_BYTES };
  }
  if (value[0] === GLUE_MAGIC && value.length >= GLUE_BYTES) {
    const head = Buffer.from(value.buffer, value.byteOffset, GLUE_BYTES);
    const id = head.toString('hex', 2).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    if (head[1] === UNCOMPRESSED) return { id, bytes: value, start: GLUE_BYTES };
    if (head[1] === ZLIB) return { id, bytes: inflate(value.subarray(GLUE_BYTES)), start: 0 };
    const byte = head.toString('hex', 1, 2);
    throw new SluiceError('SLUICE_AVRO_FRAMING', `its compression byte is 0x${byte}, not 0x00 or 0x05 (zlib)`);
  }
  const head = Buffer.from(value.subarray(0, CONFLUENT_BYTES)).toString('hex');
  throw new SluiceError(
    'SLUICE_AVRO_FRAMING',
    `the value begins with 0x${head}, and neither with 0x00 and a schema id nor with 0x03 and a schema version id`,
  );
}

function inflate(data: Uint8Array): Buffer {
  try {
    const inflated: unknown = inflateSync(data, { maxOutputLength: MAX_INFLATED_BYTES, info: true });
    // What `info` asks for is documented, but not in the types.
    const { buffer, engine } = inflated as { readonly buffer: Buffer; readonly engine: { bytesWritten: number } };
    // zlib stops at the end of its stream, and would let pass whatever follows.
    if (engine.bytesWritten === data.length) return buffer;
  } catch (cause) {
    const message = `its data cannot be decompressed: ${(cause as Error).message}`;
    throw new SluiceError('SLUICE_AVRO_FRAMING', message, { cause });
  }
  throw new SluiceError('SLUICE_AVRO_FRAMING', 'its data cannot be decompressed: bytes are left after its end');
}
