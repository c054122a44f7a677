import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKafkaClient } from '../../src/adapters/kafka/client.ts';
import { topicName } from '../../src/derive/names.ts';
import { type Runtime, startRuntime } from '../../src/local/runtime.ts';
import { FIRST, SECOND, writeVersions } from '../support/order-schemas.ts';

const TYPE = 'acme.order';
const root = mkdtempSync(join(tmpdir(), 'sluice-registry-'));
const schemas = join(root, 'schemas');
let runtime: Runtime;
beforeAll(async () => {
  writeVersions(schemas, TYPE, [FIRST]);
  runtime = await startRuntime({ schemasDir: schemas, dataDir: join(root, 'data'), port: 0 });
});
afterAll(async () => {
  await runtime?.stop();
  rmSync(root, { recursive: true, force: true });
});

const send = async (event: object): Promise<number> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${runtime.url}/events/${TYPE}`, { method: 'POST', headers, body: JSON.stringify(event) });
  return answer.status;
};

test('a consumer of the topic reads every record by the schemas that the pipeline serves, new versions too', async () => {
  const registry = new SchemaRegistry({ host: `${runtime.url}/registry` });
  const consumer = createKafkaClient({ brokers: runtime.brokers.split(',') }).consumer({ groupId: 'a-reader' });
  const read: unknown[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topicName(TYPE)], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => void read.push({ ...(await registry.decode(message.value!)) }),
    });
    expect(await send({ id: 'first' })).toBe(202);
    await expect.poll(() => read, { timeout: 30_000 }).toEqual([{ id: 'first' }]);
    writeVersions(schemas, TYPE, [SECOND], 2);
    expect(await registry.getLatestSchemaId(`${TYPE}-value`)).toBe(await registry.getRegistryId(`${TYPE}-value`, 2));
    // The edge looks now and then; a registry is asked each time.
    await expect.poll(() => send({ id: 'second', total: 2 }), { timeout: 10_000 }).toBe(202);
    await expect.poll(() => read, { timeout: 30_000 }).toEqual([{ id: 'first' }, { id: 'second', total: 2 }]);
  } finally {
    await consumer.disconnect();
  }
});
