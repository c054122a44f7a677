import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TypeEnvironment } from '../../src/handlers/environment.ts';
import { type EventTypeOptions, openEventType } from '../../src/handlers/event-type.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ORDER, ORDERS } from './fixtures/fixture.ts';

/** A folder of schemas with the first version of the orders. */
function schemas() {
  const folder = temporaryFolder();
  mkdirSync(join(folder, ORDER));
  const write = (version: number, definition: unknown): void =>
    writeFileSync(join(folder, ORDER, `v${version}.avsc`), JSON.stringify(definition));
  write(1, ORDERS.versions[0]!.definition);
  return { folder, write, publishSecond: () => write(2, ORDERS.versions[1]!.definition) };
}

async function open(
  registry: string,
  more: Partial<EventTypeOptions> = {},
  environment: Partial<TypeEnvironment> = {},
) {
  const log: string[] = [];
  let now = 1_000_000;
  const opened = await openEventType(
    { eventType: ORDER, stage: 'test', registry, framing: 'glue', contract: undefined, ...environment },
    { piiKey: undefined, env: {}, log: (line) => log.push(line), now: () => now, ...more },
  );
  const newest = () => opened.codecOf(ORDER)!.history.newest.version;
  const wait = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { ...opened, log, newest, wait };
}

describe('the event type of a function', () => {
  test('is the only one that it knows, whatever else the registry has', async () => {
    const { folder } = schemas();
    mkdirSync(join(folder, 'broken.type'));
    writeFileSync(join(folder, 'broken.type', 'v1.avsc'), 'no schema');
    const { codecOf, newest } = await open(folder);
    expect(newest()).toBe(1);
    expect(codecOf('broken.type')).toBeUndefined();
  });

  test('learns a version when somebody asks for it', async () => {
    const { folder, publishSecond } = schemas();
    const { learn, newest, log } = await open(folder);
    publishSecond();
    expect(newest()).toBe(1);
    await learn(ORDER, 'v2');
    expect(newest()).toBe(2);
    expect(log).toEqual(['shop.order: v2 is taken in']);
  });

  test('looks for versions by itself at an invocation, a minute after it last looked', async () => {
    const { folder, publishSecond } = schemas();
    const { refresh, newest, wait } = await open(folder);
    publishSecond();
    wait(59_999);
    await refresh();
    expect(newest()).toBe(1);
    wait(1);
    await refresh();
    expect(newest()).toBe(2);
  });

  test('goes on with what it knows while the registry has nothing, and says so', async () => {
    const { folder } = schemas();
    const { refresh, newest, wait, log } = await open(folder);
    rmSync(folder, { recursive: true });
    wait(60_000);
    await refresh();
    expect(newest()).toBe(1);
    expect(log).toHaveLength(1);
  });

  test('says that the registry has another contract than the one deployed', async () => {
    const { folder, publishSecond } = schemas();
    publishSecond();
    const { log } = await open(folder, {}, { contract: 'of-yesterday' });
    expect(log).toEqual([`shop.order: the registry's contract is ${ORDERS.digest} (v2), deployed was of-yesterday`]);
    expect((await open(folder, {}, { contract: ORDERS.digest })).log).toEqual([]);
  });

  test('cannot be opened without a version, or in a framing that the registry has no ids for', async () => {
    await expect(open(temporaryFolder())).rejects.toMatchObject({ code: 'SLUICE_SCHEMA_INVALID' });
    await expect(open('glue://any', {}, { framing: 'confluent' })).rejects.toMatchObject({ code: 'SLUICE_USAGE' });
  });

  test('needs a key where it hashes, but for functions that encode nothing', async () => {
    const { folder, write } = schemas();
    const fields = [
      { name: 'id', type: 'string' },
      { name: 'customer', type: 'string', pii: 'hash' },
    ];
    write(1, { type: 'record', name: 'Event', sluice: {}, fields });
    await expect(open(folder)).rejects.toMatchObject({
      code: 'SLUICE_PII_KEY',
      message: expect.stringContaining('customer'),
    });
    expect((await open(folder, { piiKey: 'none' })).newest()).toBe(1);
    const { codecOf } = await open(folder, { piiKey: Buffer.from('0f8f1c1e8d5b4f439a550c4b1d2c8a11') });
    expect(codecOf(ORDER)!.encode(Buffer.from('{"id":"o-1","customer":"ada"}')).ok).toBe(true);
  });
});
