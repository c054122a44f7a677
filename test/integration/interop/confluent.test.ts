import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Confluent, startConfluent } from '../../oracles/confluent.ts';
import {
  anyEvent,
  codecOf,
  EXAMPLES,
  expectEvent,
  expectSameRow,
  type InteropEvent,
  writtenBy,
} from '../../support/interop.ts';

const RUNS = 200;

// A registry of the client's own, in memory: what is at stake here is the frame, and what is in it.
let confluent: Confluent;
beforeAll(async () => {
  confluent = await startConfluent();
});
afterAll(() => confluent?.close());

let topics = 0;

async function bothWays(event: InteropEvent): Promise<void> {
  const topic = `topic-${topics++}`;
  const codec = codecOf(event.schema, { confluent: await confluent.register(topic, event.schema) });
  const ours = writtenBy(codec, event);
  expectEvent(await confluent.deserialize(topic, ours), event);
  const theirs = await confluent.serialize(topic, event.schema, event.told);
  expect(theirs.subarray(0, 5)).toEqual(ours.subarray(0, 5));
  expectSameRow(codec, theirs, event);
}

test("Confluent's deserializer reads what Sluice writes, and Sluice what its serializer writes", async () => {
  await fc.assert(fc.asyncProperty(anyEvent, bothWays), { numRuns: RUNS });
});

test.each(EXAMPLES)('so it is with $name', bothWays);
