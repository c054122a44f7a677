import { CreateRegistryCommand, CreateSchemaCommand, GetSchemaVersionCommand, GlueClient } from '@aws-sdk/client-glue';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFrame } from '../../../src/codec/framing.ts';
import { type GlueSerde, startGlueSerde } from '../../oracles/glue.ts';
import {
  anyEvent,
  codecOf,
  dataOf,
  EXAMPLES,
  expectSameRow,
  framedAs,
  type InteropEvent,
  writtenBy,
} from '../../support/interop.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

const FRAMES = 200;
/** Each registers a schema twice, which takes the registry some dozen milliseconds. */
const RECORDS = 40;

/** The registry that AWS's library asks where none is configured. */
const REGISTRY = { RegistryName: 'default-registry' };

let moto: Moto;
let serde: GlueSerde;
let registry: GlueClient;
beforeAll(async () => {
  moto = await startMoto();
  serde = await startGlueSerde(moto.endpoint, MOTO_REGION);
  registry = new GlueClient({ endpoint: moto.endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS });
  await registry.send(new CreateRegistryCommand(REGISTRY));
});
afterAll(async () => {
  registry?.destroy();
  await serde?.close();
  await moto?.stop();
});

/** A codec that reads and writes Confluent's framing: for what is in the frames of Glue. */
const PLAIN_ID = 7;
const plainCodec = (event: InteropEvent) => codecOf(event.schema, { confluent: PLAIN_ID });
const avroDataOf = (event: InteropEvent): Buffer => dataOf(writtenBy(plainCodec(event), event));

describe.each(['none', 'zlib'] as const)("Glue's framing, compression %s", (compression) => {
  const glueCodec = (event: InteropEvent, glue: string) =>
    codecOf(event.schema, { glue }, { framing: 'glue', compression });

  test("what Sluice frames, AWS's library takes apart", async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, fc.uuid(), async (event, id) => {
        const ours = writtenBy(glueCodec(event, id), event);
        expect(await serde.unframe(ours)).toEqual({ id, data: avroDataOf(event) });
      }),
      { numRuns: FRAMES },
    );
  });

  test("what AWS's library frames, Sluice takes apart and reads", async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, fc.uuid(), async (event, id) => {
        const theirs = await serde.frame(id, avroDataOf(event), compression);
        const { bytes, start } = readFrame(theirs);
        expect(Buffer.from(bytes.subarray(start))).toEqual(avroDataOf(event));
        expectSameRow(glueCodec(event, id), theirs, event);
      }),
      { numRuns: FRAMES },
    );
  });

  let topics = 0;

  /** The library's Kafka serializers look schemas up in a registry, and register what is not there. */
  async function throughKafkaSerializers(event: InteropEvent): Promise<void> {
    const topic = `${compression}-${topics++}`;
    const glue = await registerAs(`${topic}-ours`, event.schema);
    const read = await serde.deserialize(topic, writtenBy(glueCodec(event, glue), event));
    expectSameRow(plainCodec(event), framedAs(PLAIN_ID, read), event);

    const theirs = await serde.serialize(topic, event.schema, avroDataOf(event), compression);
    expectSameRow(glueCodec(event, await newestIdOf(topic)), theirs, event);
  }

  test("what Sluice writes, AWS's Kafka deserializer reads, and the other way round", async () => {
    await fc.assert(fc.asyncProperty(anyEvent, throughKafkaSerializers), { numRuns: RECORDS });
  });

  test.each(EXAMPLES)('so it is with $name', throughKafkaSerializers);
});

test("AWS's library refuses what Sluice refuses to take for a frame of Glue's", async () => {
  const frame = await serde.frame('b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63', Buffer.from('AAAAAAAA'), 'none');
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(frame);
    copy[at] = byte;
    return copy;
  };
  for (const value of [frame.subarray(0, 17), changed(0, 1), changed(0, 4), changed(1, 1), changed(1, 4)]) {
    expect(await serde.unframe(Buffer.from(value))).toBeUndefined();
    expect(() => readFrame(value)).toThrow(expect.objectContaining({ code: 'SLUICE_AVRO_FRAMING' }));
  }
});

/** Registers a schema, and gives the id of its version. */
async function registerAs(name: string, schema: unknown): Promise<string> {
  const created = await registry.send(
    new CreateSchemaCommand({
      RegistryId: REGISTRY,
      SchemaName: name,
      DataFormat: 'AVRO',
      Compatibility: 'NONE',
      SchemaDefinition: JSON.stringify(schema),
    }),
  );
  return created.SchemaVersionId!;
}

/** The id of a schema's newest version, which AWS's library has registered under the name of its topic. */
async function newestIdOf(name: string): Promise<string> {
  const found = await registry.send(
    new GetSchemaVersionCommand({
      SchemaId: { ...REGISTRY, SchemaName: name },
      SchemaVersionNumber: { LatestVersion: true },
    }),
  );
  return found.SchemaVersionId!;
}
