import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type ApacheAvro, type AvroValues, startApacheAvro } from '../../oracles/avro-values.ts';
import { type Confluent, startConfluent } from '../../oracles/confluent.ts';
import {
  anyEvent,
  codecOf,
  dataOf,
  EXAMPLES,
  expectEvent,
  expectSameRow,
  framedAs,
  type InteropEvent,
  writtenBy,
} from '../../support/interop.ts';

/** A schema id; any will do where the data alone is what is exchanged. */
const ID = 7;
const RUNS = 300;

let apache: ApacheAvro;
let confluent: Confluent;
beforeAll(async () => {
  [apache, confluent] = await Promise.all([startApacheAvro(), startConfluent()]);
});
afterAll(async () => {
  await Promise.all([apache?.close(), confluent?.close()]);
});

async function theyReadOurs(they: AvroValues, event: InteropEvent): Promise<void> {
  expectEvent(await they.read(event.schema, dataOf(writtenBy(codecOf(event.schema), event))), event);
}

async function weReadTheirs(write: AvroValues['write'], event: InteropEvent): Promise<void> {
  const data = await write(event.schema, event.told);
  expectSameRow(codecOf(event.schema, { confluent: ID }), framedAs(ID, data), event);
}

describe.each<[string, () => AvroValues]>([
  ["Apache Avro's Java library", () => apache],
  ['fastavro', () => confluent.fastavro],
])('%s', (_name, they) => {
  test('reads what Sluice writes', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, (event) => theyReadOurs(they(), event)),
      { numRuns: RUNS },
    );
  });

  test('writes what Sluice reads', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvent, (event) => weReadTheirs(they().write, event)),
      { numRuns: RUNS },
    );
  });

  test.each(EXAMPLES)('reads and writes $name', async (event) => {
    await theyReadOurs(they(), event);
    await weReadTheirs(they().write, event);
  });
});

test('Sluice reads arrays and maps that Apache Avro writes in several blocks, with their sizes', async () => {
  await fc.assert(
    fc.asyncProperty(anyEvent, (event) => weReadTheirs((schema, value) => apache.write(schema, value, true), event)),
    { numRuns: RUNS },
  );
});
