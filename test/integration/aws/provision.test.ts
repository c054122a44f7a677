import { randomUUID } from 'node:crypto';
import { CreateRegistryCommand, GlueClient } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CustomResourceEvent } from '../../../src/adapters/aws/lambda-events.ts';
import { createKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { openGlueRegistry } from '../../../src/adapters/registry/glue.ts';
import { deleteGlueSchema } from '../../../src/adapters/registry/glue-delete.ts';
import { SluiceError } from '../../../src/errors.ts';
import { createProvisionHandler } from '../../../src/handlers/provision.ts';
import { fixture, ORDERS } from '../../handlers/fixtures/fixture.ts';
import { useBroker } from '../../support/broker.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

const broker = useBroker();
let moto: Moto;
let glue: GlueClient;
const REGISTRY = 'sluice-prod';
const at = () => ({ endpoint: moto.endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS });

beforeAll(async () => {
  moto = await startMoto();
  glue = new GlueClient(at());
  await glue.send(new CreateRegistryCommand({ RegistryName: REGISTRY }));
});
afterAll(async () => {
  glue?.destroy();
  await moto?.stop();
});

const registry = () => openGlueRegistry({ registryName: REGISTRY, ...at() });

/** The function, and an event type of its own; `of` makes that the one of an event. */
function open() {
  const eventType = `shop.order-${randomUUID().slice(0, 8)}`;
  const log: string[] = [];
  const handler = createProvisionHandler(
    async () => ({
      kafka: broker.kafka,
      registry: (registryName) => openGlueRegistry({ registryName, ...at() }),
      deleteSchema: (registryName, name) => deleteGlueSchema({ registryName, ...at() }, name),
    }),
    { log: (line) => log.push(line) },
  );
  const of = (name: 'create' | 'update' | 'delete', more: object = {}): CustomResourceEvent => {
    const event = fixture<CustomResourceEvent>(`custom-resource-${name}`);
    const { Topic: topic } = event.ResourceProperties as { Topic: object };
    const properties = {
      ...event.ResourceProperties,
      EventType: eventType,
      Topic: { ...topic, name: eventType },
      ...more,
    };
    return { ...event, ResourceProperties: properties };
  };
  return { eventType, handler, of, log };
}

async function partitionsOf(topic: string): Promise<number> {
  const admin = broker.kafka.admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) return 0;
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]!.partitions.length;
  } finally {
    await admin.disconnect();
  }
}

const versionsOf = async (eventType: string) => (await registry().versions(eventType)).map(({ version }) => version);

describe('what an event type needs beside its stack', () => {
  it('is created, grows with the stack, and stays as it is when that is done again', async () => {
    const { eventType, handler, of } = open();
    const id = `${REGISTRY}/${eventType}/${eventType}`;
    const created = { PhysicalResourceId: id, Data: { TopicPartitions: '2', LatestVersion: '1' } };
    expect(await handler(of('create'))).toEqual(created);
    expect(await handler(of('create'))).toEqual(created);
    expect([await partitionsOf(eventType), await versionsOf(eventType)]).toEqual([2, [1]]);

    const updated = { PhysicalResourceId: id, Data: { TopicPartitions: '3', LatestVersion: '2' } };
    expect(await handler(of('update'))).toEqual(updated);
    expect(await handler(of('update'))).toEqual(updated);
    expect([await partitionsOf(eventType), await versionsOf(eventType)]).toEqual([3, [1, 2]]);
    const [first, second] = await registry().versions(eventType);
    expect([first, second]).toMatchObject(ORDERS.versions.map(({ definition }) => ({ definition })));
  });

  it('never shrinks: a rollback finds its topic and versions, and leaves those that came since', async () => {
    const { eventType, handler, of } = open();
    await handler(of('update'));
    const rolledBack = { ...of('update'), ResourceProperties: of('create').ResourceProperties };
    expect((await handler(rolledBack)).Data).toEqual({ TopicPartitions: '3', LatestVersion: '2' });
    expect([await partitionsOf(eventType), await versionsOf(eventType)]).toEqual([3, [1, 2]]);
  });

  it('takes records in its topic as soon as it is there, and in the partitions that it got', async () => {
    const { eventType, handler, of } = open();
    await handler(of('create'));
    await handler(of('update'));
    const log = createKafkaEventLog({ cluster: broker.kafka });
    const keys = Array.from({ length: 50 }, (_, index) => Buffer.from(`key-${index}`));
    const common = { topic: eventType, value: Buffer.from('x'), headers: {}, timestamp: 1 };
    const results = await log.append(keys.map((key) => ({ ...common, key })));
    await log.close();
    expect(new Set(results.map((result) => result.ok && result.partition))).toEqual(new Set([0, 1, 2]));
  });

  it('is refused where a version breaks a rule, which the reason names; then nothing is made', async () => {
    const { eventType, handler, of, log } = open();
    const [first] = ORDERS.versions;
    const broken = {
      ...(first!.definition as object),
      fields: [
        { name: 'id', type: 'string' },
        { name: 'customer', type: 'int' },
      ],
    };
    const versions = [JSON.stringify(first!.definition), JSON.stringify(broken)];
    const refusal = await handler(of('create', { Versions: versions })).catch((error) => error);
    expect(refusal).toBeInstanceOf(Error);
    expect(refusal.message).toMatch(/^SLUICE_SCHEMA_INVALID: .*\b[A-Z]+(?:_[A-Z]+)+: v2 \$\.customer: /);
    expect(log).toEqual([refusal.message]);
    expect([await partitionsOf(eventType), await versionsOf(eventType)]).toEqual([0, []]);
  });

  it('is refused where a published version is another text now', async () => {
    const { handler, of } = open();
    await handler(of('create'));
    const { definition } = ORDERS.versions[0]!;
    const changed = { ...(definition as object), doc: 'said afterwards' };
    await expect(handler(of('create', { Versions: [JSON.stringify(changed)] }))).rejects.toThrow(/v1/);
    await expect(handler(of('create', { Topic: {} }))).rejects.toThrow(
      /^SLUICE_CONFIGURATION: the property Topic.name /,
    );
  });

  it('stays when its stack is deleted, unless the stack says otherwise', async () => {
    const { eventType, handler, of } = open();
    await handler(of('update'));
    const id = 'sluice-prod/shop.order/shop.order';
    expect(await handler(of('delete'))).toEqual({ PhysicalResourceId: id });
    expect([await partitionsOf(eventType), await versionsOf(eventType)]).toEqual([3, [1, 2]]);
    for (const _ of ['once', 'again']) {
      expect(await handler(of('delete', { RemovalPolicy: 'delete' }))).toEqual({ PhysicalResourceId: id });
      await expect.poll(() => partitionsOf(eventType), { timeout: 10_000 }).toBe(0);
      expect(await versionsOf(eventType)).toEqual([]);
    }
  });

  it('waits for a cluster that does not answer yet, and not for what will never be right', async () => {
    const { handler, of, eventType } = open();
    let tries = 0;
    const log: string[] = [];
    const waiting = createProvisionHandler(
      async () => {
        tries += 1;
        if (tries < 3) throw new SluiceError('SLUICE_LOG_UNAVAILABLE', 'no broker yet');
        return { kafka: broker.kafka, registry, deleteSchema: async () => {} };
      },
      { log: (line) => log.push(line), patience: { most: 60_000, pause: 1 } },
    );
    expect((await waiting(of('create'))).Data).toEqual({ TopicPartitions: '2', LatestVersion: '1' });
    expect(log).toEqual(Array(2).fill('SLUICE_LOG_UNAVAILABLE: no broker yet; again in 1 ms'));
    expect(await handler(of('create'))).toMatchObject({ PhysicalResourceId: `${REGISTRY}/${eventType}/${eventType}` });
    await expect(waiting(of('create', { Versions: ['{}'] }))).rejects.toThrow('SLUICE_SCHEMA_INVALID');
    expect(log).toHaveLength(3);
  });

  it('is no hindrance to a deletion where it never came about', async () => {
    const handler = createProvisionHandler(
      () => Promise.reject(new SluiceError('SLUICE_LOG_UNAVAILABLE', 'no cluster')),
      { log: () => {}, patience: { most: 0, pause: 1 } },
    );
    const { of } = open();
    const event = { ...of('delete'), ResourceProperties: {} };
    expect(await handler(event)).toEqual({ PhysicalResourceId: event.PhysicalResourceId });
    await expect(handler(of('create'))).rejects.toThrow('SLUICE_LOG_UNAVAILABLE: no cluster');
  });
});
