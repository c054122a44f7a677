import {
  CreateRegistryCommand,
  CreateSchemaCommand,
  DeleteSchemaCommand,
  GlueClient,
  RegisterSchemaVersionCommand,
} from '@aws-sdk/client-glue';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GlueRegistryOptions, openGlueRegistry } from '../../../src/adapters/registry/glue.ts';
import type { Registry } from '../../../src/ports/registry.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';
import { freshType, ORDERS, orderOf, registryContract } from '../../support/registry-contract.ts';
import { startProxy, type TestProxy } from '../../support/registry-proxy.ts';

const REGISTRY = 'sluice-test';

let moto: Moto;
let proxy: TestProxy;
let client: GlueClient;
/** Names of the schemas that were created, for the one answer that moto does not give. */
const created = new Set<string>();
beforeAll(async () => {
  moto = await startMoto();
  proxy = await startProxy(moto.endpoint);
  proxy.answer = listSchemas;
  client = new GlueClient({ region: MOTO_REGION, endpoint: proxy.origin, credentials: MOTO_CREDENTIALS });
  await client.send(new CreateRegistryCommand({ RegistryName: REGISTRY }));
});
afterEach(async () => {
  proxy.answer = listSchemas;
  await proxy.up();
});
afterAll(async () => {
  client?.destroy();
  await proxy?.down();
  await moto?.stop();
});

/**
 * moto answers 500 to ListSchemas. The proxy before it has seen what was created, and answers in the documented shape,
 * two schemas a page.
 */
function listSchemas(what: string, body: string): { readonly status: number; readonly body: unknown } | undefined {
  const input = JSON.parse(body) as { SchemaName?: string; NextToken?: string };
  if (what === 'POST CreateSchema') created.add(input.SchemaName!);
  if (what !== 'POST ListSchemas') return undefined;
  const at = Number(input.NextToken ?? 0);
  const page = [...created].slice(at, at + 2);
  const Schemas = page.map((SchemaName) => ({ RegistryName: REGISTRY, SchemaName, SchemaStatus: 'AVAILABLE' }));
  return { status: 200, body: { Schemas, ...(at + 2 < created.size ? { NextToken: String(at + 2) } : {}) } };
}

const open = (more: Partial<GlueRegistryOptions> = {}): Registry =>
  openGlueRegistry({
    registryName: REGISTRY,
    region: MOTO_REGION,
    endpoint: proxy.origin,
    credentials: MOTO_CREDENTIALS,
    ...more,
  });

registryContract('AWS Glue Schema Registry', () => ({
  open,
  requests: () => proxy.asked.length,
  // A schema's name has no blanks.
  addForeign: (name) => create(name.replaceAll(' ', '__')),
}));

async function create(name: string, format: 'AVRO' | 'JSON' = 'AVRO', text = JSON.stringify(orderOf())): Promise<void> {
  const RegistryId = { RegistryName: REGISTRY };
  await client.send(
    new CreateSchemaCommand({
      RegistryId,
      SchemaName: name,
      DataFormat: format,
      Compatibility: 'NONE',
      SchemaDefinition: text,
    }),
  );
}

describe('AWS Glue Schema Registry', () => {
  it('gives UUIDs in lower case, and judges a new schema beside all earlier versions', async () => {
    const eventType = freshType();
    const asked: unknown[] = [];
    proxy.answer = (what, body) => {
      if (what === 'POST CreateSchema') asked.push(JSON.parse(body));
      return listSchemas(what, body);
    };
    const { ids } = await open().publish(eventType, 1, ORDERS[0]);
    expect(ids).toEqual({ glue: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) });
    expect(asked).toMatchObject([{ SchemaName: eventType, DataFormat: 'AVRO', Compatibility: 'BACKWARD_ALL' }]);
  });

  it('is asked once while there is no new version, and twice for a new one', async () => {
    const eventType = freshType();
    const [reader, writer] = [open(), open()];
    await writer.publish(eventType, 1, ORDERS[0]);
    await reader.versions(eventType);
    const asked = async (): Promise<string[]> => {
      const before = proxy.asked.length;
      await reader.versions(eventType);
      return proxy.asked.slice(before);
    };
    expect(await asked()).toEqual(['POST GetSchema']);
    await writer.publish(eventType, 2, ORDERS[1]);
    expect(await asked()).toEqual(['POST GetSchema', 'POST GetSchemaVersion']);
    expect(await asked()).toEqual(['POST GetSchema']);
  });

  it('says that an earlier version has the text', async () => {
    const eventType = freshType();
    await open().publish(eventType, 1, ORDERS[0]);
    await expect(open().publish(eventType, 2, ORDERS[0])).rejects.toMatchObject({
      code: 'SLUICE_SCHEMA_PUBLISHED',
      message: expect.stringContaining('v2 has the text of v1'),
    });
  });

  it('gives what is no Avro without a definition', async () => {
    const eventType = freshType();
    await create(eventType, 'JSON', '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}');
    expect(await open().versions(eventType)).toMatchObject([
      { version: 1, unreadable: 'its type is JSON, and not AVRO' },
    ]);
  });

  it('goes on with versions it has seen when their schema is deleted', async () => {
    const eventType = freshType();
    const registry = open();
    await registry.publish(eventType, 1, ORDERS[0]);
    await client.send(new DeleteSchemaCommand({ SchemaId: { RegistryName: REGISTRY, SchemaName: eventType } }));
    expect(await registry.versions(eventType)).toHaveLength(1);
    expect(await open().versions(eventType)).toEqual([]);
  });

  it('takes another version that was registered meanwhile for what it is', async () => {
    const eventType = freshType();
    const SchemaId = { RegistryName: REGISTRY, SchemaName: eventType };
    await open().publish(eventType, 1, ORDERS[0]);
    let isTaken = false;
    proxy.answer = async (what) => {
      if (what === 'POST RegisterSchemaVersion' && !isTaken) {
        isTaken = true;
        const SchemaDefinition = JSON.stringify(ORDERS[1]);
        await client.send(new RegisterSchemaVersionCommand({ SchemaId, SchemaDefinition }));
      }
      return undefined;
    };
    await expect(open().publish(eventType, 2, ORDERS[2])).rejects.toMatchObject({
      code: 'SLUICE_SCHEMA_PUBLISHED',
      message: expect.stringContaining('v2 became v3'),
    });
  });

  it('sends no text that is longer than Glue takes', async () => {
    const before = proxy.asked.length;
    const long = { ...orderOf(), doc: 'x'.repeat(170_000) };
    await expect(open().publish(freshType(), 1, long)).rejects.toMatchObject({
      code: 'SLUICE_REGISTRY_REFUSED',
      message: expect.stringContaining('170000'),
    });
    expect(proxy.asked.slice(before)).toEqual(['POST GetSchema']);
  });

  it('says how to create the registry where there is none', async () => {
    proxy.answer = () => undefined;
    await expect(open({ registryName: 'nowhere' }).publish('a.b', 1, ORDERS[0])).rejects.toMatchObject({
      code: 'SLUICE_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining("aws glue create-registry --registry-name 'nowhere'"),
    });
    expect(await open({ registryName: 'nowhere' }).versions('a.b')).toEqual([]);
  });
});

// moto judges nothing: what it accepts is AVAILABLE at once. These answers have the shapes of the API reference.
describe('AWS Glue Schema Registry, while it judges', () => {
  const ID = 'B7B4A7F0-9C96-4E4A-A687-FB5DE9EF0C63';
  /** Answers of a schema with v1, and v2 in a state. */
  const judging = (statusOf: (look: number) => string, diff?: string) => {
    let looks = 0;
    proxy.answer = (what, body) => {
      const input = JSON.parse(body) as { SchemaVersionId?: string; SchemaVersionNumber?: { VersionNumber: number } };
      const number = input.SchemaVersionNumber?.VersionNumber ?? 2;
      switch (what) {
        case 'POST GetSchema':
          return ok({
            RegistryName: REGISTRY,
            Compatibility: 'BACKWARD_ALL',
            SchemaStatus: 'AVAILABLE',
            LatestSchemaVersion: 1,
            NextSchemaVersion: looks === 0 && statusOf(0) === 'NONE' ? 2 : 3,
          });
        case 'POST RegisterSchemaVersion':
          looks = 1;
          return ok({ SchemaVersionId: ID, Status: 'PENDING' });
        case 'POST GetSchemaVersion': {
          const Status = number === 1 ? 'AVAILABLE' : statusOf(looks++);
          const SchemaDefinition = JSON.stringify(ORDERS[number - 1]);
          return ok({ SchemaVersionId: ID, VersionNumber: number, Status, SchemaDefinition, DataFormat: 'AVRO' });
        }
        case 'POST GetSchemaVersionsDiff':
          return diff === undefined ? { status: 500, body: {} } : ok({ Diff: diff });
        default:
          throw new Error(what);
      }
    };
  };
  const ok = (body: unknown) => ({ status: 200, body });

  it('waits until a version is judged, longer each time', async () => {
    const clock = manualClock();
    const pauses: number[] = [];
    const pause = async (ms: number): Promise<void> => {
      pauses.push(ms);
      clock.advance(ms);
    };
    judging((look) => (look === 0 ? 'NONE' : look < 8 ? 'PENDING' : 'AVAILABLE'));
    expect(await open({ clock, pause }).publish('a.b', 2, ORDERS[1])).toEqual({
      isNew: true,
      ids: { glue: ID.toLowerCase() },
    });
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_000, 3_000]);
  });

  it('does not wait longer than 30 s', async () => {
    const clock = manualClock();
    let waited = 0;
    const pause = async (ms: number): Promise<void> => {
      waited += ms;
      clock.advance(ms);
    };
    judging((look) => (look === 0 ? 'NONE' : 'PENDING'));
    await expect(open({ clock, pause }).publish('a.b', 2, ORDERS[1])).rejects.toMatchObject({
      code: 'SLUICE_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('has not judged the new version of a.b within 30 s'),
    });
    expect(waited).toBeGreaterThan(25_000);
    expect(waited).toBeLessThanOrEqual(30_000);
  });

  it.each([
    ['', undefined],
    ['; beside v1: -"note"', '-"note"'],
  ])('says by which rule it refuses a version%s', async (quoted, diff) => {
    judging((look) => (look === 0 ? 'NONE' : 'FAILURE'), diff);
    await expect(open().publish('a.b', 2, ORDERS[1])).rejects.toMatchObject({
      code: 'SLUICE_REGISTRY_REFUSED',
      message: `the Glue schema registry "${REGISTRY}" refuses the new version of a.b by its compatibility mode BACKWARD_ALL${quoted}`,
    });
  });

  it('lacks a version that is judged, and asks for it again', async () => {
    let status = 'PENDING';
    judging(() => status);
    const registry = open();
    expect(await registry.versions('a.b')).toMatchObject([{ version: 1 }]);
    status = 'AVAILABLE';
    expect(await registry.versions('a.b')).toMatchObject([{ version: 1 }, { version: 2, definition: ORDERS[1] }]);
  });

  it('lacks a version that is being deleted', async () => {
    judging(() => 'DELETING');
    expect(await open().versions('a.b')).toMatchObject([{ version: 1 }]);
  });

  it('gives a version that was refused without a definition; its number is taken', async () => {
    judging(() => 'FAILURE');
    expect(await open().versions('a.b')).toMatchObject([{ version: 1 }, { version: 2, unreadable: 'Glue refused it' }]);
    await expect(open().publish('a.b', 2, ORDERS[1])).rejects.toMatchObject({
      code: 'SLUICE_SCHEMA_PUBLISHED',
      message: expect.stringContaining('publish v3'),
    });
  });
});

describe('AWS Glue Schema Registry, when it is away', () => {
  const fail = (name: string, status: number) => {
    proxy.answer = () => ({ status, body: { __type: name, message: `says ${name}` } });
  };
  const calls = (registry: Registry): readonly [string, () => Promise<unknown>][] => [
    ['eventTypes', () => registry.eventTypes()],
    ['versions', () => registry.versions('a.b')],
    ['publish', () => registry.publish('a.b', 1, ORDERS[0])],
  ];

  it('is not available, and is so at once when it is back', async () => {
    const eventType = freshType();
    const registry = open();
    await registry.publish(eventType, 1, ORDERS[0]);
    await proxy.down();
    for (const [, call] of calls(registry)) {
      await expect(call()).rejects.toMatchObject({ code: 'SLUICE_REGISTRY_UNAVAILABLE' });
    }
    await proxy.up();
    expect(await registry.versions(eventType)).toHaveLength(1);
  });

  it('waits for an answer for a limited time', async () => {
    proxy.answer = () => 'hang';
    for (const [, call] of calls(open({ timeoutMs: 200 }))) {
      await expect(call()).rejects.toMatchObject({
        code: 'SLUICE_REGISTRY_UNAVAILABLE',
        message: expect.stringContaining('did not answer in time (200 ms at most)'),
      });
    }
  });

  it.each([
    ['ThrottlingException', 400],
    ['InternalServiceException', 500],
    ['ServiceUnavailableException', 503],
  ])('is asked three times when it answers %s', async (name, status) => {
    fail(name, status);
    const before = proxy.asked.length;
    await expect(open().versions('a.b')).rejects.toMatchObject({
      code: 'SLUICE_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining(name),
    });
    expect(proxy.asked.length - before).toBe(3);
  });

  it.each([
    'AccessDeniedException',
    'UnrecognizedClientException',
    'ExpiredTokenException',
    'InvalidSignatureException',
  ])('says what credentials it wants when it answers %s, and nothing of those that it has', async (name) => {
    const secretAccessKey = 'never-shown-secret';
    proxy.answer = () => ({ status: 400, body: { __type: name, message: `quotes ${secretAccessKey}` } });
    const error = await open({ credentials: { accessKeyId: 'AKID', secretAccessKey } })
      .versions('a.b')
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      code: 'SLUICE_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining(`(${name}): give the AWS SDK credentials`),
    });
    expect(String((error as Error).stack)).not.toContain(secretAccessKey);
  });

  it('passes on why Glue does not do what it is asked', async () => {
    const eventType = freshType();
    proxy.answer = (what) =>
      what === 'POST RegisterSchemaVersion'
        ? { status: 400, body: { __type: 'InvalidInputException', Message: 'Schema definition is not valid' } }
        : undefined;
    await expect(open().publish(eventType, 1, ORDERS[0])).rejects.toMatchObject({
      code: 'SLUICE_REGISTRY_REFUSED',
      message: expect.stringContaining('Schema definition is not valid'),
    });
  });
});
