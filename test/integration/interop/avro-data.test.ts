import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApacheAvro, startApacheAvro } from '../../../contracts/readers/apache-avro.ts';
import { startFastavro } from '../../../contracts/readers/fastavro.ts';
import type { AvroReader, Closing } from '../../../contracts/readers/shapes.ts';
import { compileCodec } from '../../../src/codec/codec.ts';
import { schemaHistory, schemaVersion } from '../../../src/schema/history.ts';
import { avscType, evolution } from '../../support/avro-arbitraries.ts';
import {
  anyEvent,
  codecOf,
  dataOf,
  EXAMPLES,
  eventSchema,
  expectEvent,
  expectSameRow,
  framedAs,
  type InteropEvent,
  rowOf,
  writtenBy,
} from '../../support/interop.ts';

/** A schema id; any will do where the data alone is what is exchanged. */
const ID = 7;
const RUNS = 200;

let apache: ApacheAvro;
let fastavro: Closing<AvroReader>;
beforeAll(async () => {
  [apache, fastavro] = await Promise.all([startApacheAvro(), startFastavro()]);
});
afterAll(async () => {
  await Promise.all([apache?.close(), fastavro?.close()]);
});

async function theyReadOurs(they: AvroReader, event: InteropEvent): Promise<void> {
  const data = dataOf(writtenBy(codecOf(event.schema), event));
  const [read] = await they.decode(event.schema, event.schema, [data]);
  expectEvent(read, event);
}

async function weReadTheirs(encode: AvroReader['encode'], event: InteropEvent): Promise<void> {
  const [data] = await encode(event.schema, [event.told]);
  expectSameRow(codecOf(event.schema, { confluent: ID }), framedAs(ID, data!), event);
}

describe.each<[string, () => AvroReader]>([
  ["Apache Avro's Java library", () => apache],
  ['fastavro', () => fastavro],
])('%s', (_name, they) => {
  test('reads what Sluice writes', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, (event) => theyReadOurs(they(), event)),
      { numRuns: RUNS },
    );
  });

  test('writes what Sluice reads', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, (event) => weReadTheirs(they().encode, event)),
      { numRuns: RUNS },
    );
  });

  test.each(EXAMPLES)('reads and writes $name', async (event) => {
    await theyReadOurs(they(), event);
    await weReadTheirs(they().encode, event);
  });
});

test('Sluice reads arrays and maps that Apache Avro writes in several blocks, with their sizes', async () => {
  await fc.assert(
    fc.asyncProperty(anyEvent, (event) =>
      weReadTheirs((schema, values) => apache.encode(schema, values, { blocks: true }), event),
    ),
    { numRuns: RUNS },
  );
});

test('Apache Avro resolves what an older schema wrote to a newer one as Sluice does', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(evolution, async ({ writer, reader, samples }) => {
      const [older, newer] = [eventSchema(writer), eventSchema(reader)];
      const codec = compileCodec(
        schemaHistory('interop.event', [
          schemaVersion('interop.event', 1, older, { confluent: 1 }),
          schemaVersion('interop.event', 2, newer, { confluent: 2 }),
        ]),
      );
      const data = avscType(older).toBuffer({ values: samples.map(({ avro }) => avro) });
      const resolved = await apache.decode(older, newer, [data]).catch((error: Error) => {
        // Renaming may leave a default without the member that it was for. Avro refuses such a schema; avsc, by which
        // changes are generated, lets it pass where that member is a record without fields.
        if (!error.message.includes('Invalid default for field')) throw error;
        refused += 1;
      });
      if (resolved === undefined) return;
      // Written again as the newer version, it is the same row.
      const [before, after] = [framedAs(1, data), framedAs(2, (await apache.encode(newer, resolved))[0]!)];
      expect(rowOf(codec, before)).toEqual({ ...rowOf(codec, after), _schema_version: 1 });
    }),
    { numRuns: RUNS },
  );
  expect(refused).toBeLessThan(RUNS / 10);
});
