import avro from 'avsc';

/** avsc's type of a schema, with unions wrapped and longs as bigint: what takes `BodySample.avro`. */
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
