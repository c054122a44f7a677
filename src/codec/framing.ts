import { SluiceError } from '../errors.ts';

/**
 * Confluent's wire format: one zero byte, the schema id as a big-endian int32, the Avro data.
 * Source: Confluent Schema Registry documentation, "Wire format".
 */
export const FRAME_BYTES = 5;
const MAGIC = 0;

/** Writes the frame's head to the first five bytes of `target` at `offset`. */
export function writeFrame(target: Buffer, offset: number, schemaId: number): void {
  target[offset] = MAGIC;
  target.writeInt32BE(schemaId, offset + 1);
}

/**
 * The schema id of a framed value; its Avro data begins at `FRAME_BYTES`.
 *
 * @throws SluiceError SLUICE_AVRO_FRAMING when it is no frame.
 */
export function readFrame(value: Uint8Array): number {
  if (value.length < FRAME_BYTES || value[0] !== MAGIC) {
    const head = Buffer.from(value.subarray(0, FRAME_BYTES)).toString('hex');
    throw new SluiceError('SLUICE_AVRO_FRAMING', `the value begins with 0x${head}, not with 0x00 and a schema id`);
  }
  return new DataView(value.buffer, value.byteOffset, value.byteLength).getInt32(1);
}

/** What to say of a frame whose schema id no version of the event type has. */
export function unknownSchemaId(id: number, eventType: string): SluiceError {
  return new SluiceError('SLUICE_SCHEMA_ID_UNKNOWN', `no version of ${eventType} has the schema id ${id}`);
}
