import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openConfluentRegistry } from '../../../src/adapters/registry/confluent.ts';
import { openFolderRegistry } from '../../../src/adapters/registry/folder.ts';
import { type KeepOptions, keepSchemas } from '../../../src/adapters/registry/kept.ts';
import type { Registry } from '../../../src/ports/registry.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { ORDERS, orderOf, registryContract } from '../../support/registry-contract.ts';
import { startProxy, type TestProxy } from '../../support/registry-proxy.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let folders = 0;
function freshFolder(): string {
  folders += 1;
  return join(home, String(folders), 'kept');
}

registryContract('a folder that keeps a registry', () => {
  const behind = join(home, 'behind');
  const folder = freshFolder();
  return {
    open: () => keepSchemas(openFolderRegistry(behind), folder),
    async addForeign(name) {
      writeFileSync(join(behind, name), '');
    },
  };
});

/** A version as Confluent's API gives it. */
function version(number: number, definition: unknown, id = number): object {
  return { subject: 'a.order-value', id, version: number, schema: JSON.stringify(definition) };
}

describe('a registry whose answers are kept', () => {
  // Its answers are written down here: what is at stake is what becomes of them when there are none.
  let proxy: TestProxy;
  let folder: string;
  let told: string[];
  const clock = manualClock();
  let versions: object[];
  beforeEach(async () => {
    proxy = await startProxy();
    folder = freshFolder();
    told = [];
    versions = [version(1, ORDERS[0]), version(2, ORDERS[1])];
    proxy.answer = (what) => {
      if (what === 'GET /subjects') return { status: 200, body: versions.length === 0 ? [] : ['a.order-value'] };
      const [, number] = /^GET \/subjects\/a\.order-value\/versions\/(\w+)/.exec(what) ?? [];
      const found =
        number === 'latest'
          ? versions.at(-1)
          : versions.find((each) => 'version' in each && String(each.version) === number);
      return found === undefined
        ? { status: 404, body: { error_code: 40401, message: 'not there' } }
        : { status: 200, body: found };
    };
  });
  afterEach(() => proxy.down());

  const open = (options: KeepOptions = {}, into = folder): Registry =>
    keepSchemas(openConfluentRegistry({ url: proxy.origin, timeoutMs: 2_000, pause: async () => {} }), into, {
      clock,
      onStale: ({ code }) => told.push(`stale: ${code}`),
      onFresh: () => told.push('fresh'),
      onWarning: (message) => told.push(message),
      ...options,
    });
  const numbers = async (registry: Registry) => (await registry.versions('a.order')).map((each) => each.version);

  it('goes on answering when the registry is away, after a restart, too', async () => {
    const registry = open();
    const before = await registry.versions('a.order');
    expect(before).toHaveLength(2);
    await proxy.down();
    for (const asked of [registry, open()]) {
      told.length = 0;
      expect(await asked.versions('a.order')).toEqual(before);
      expect(await asked.eventTypes()).toEqual(['a.order']);
      expect(await asked.versions('a.order')).toEqual(before);
      expect(told).toEqual(['stale: SLUICE_REGISTRY_UNAVAILABLE']);
    }
  });

  it('says that the registry is away where it has kept nothing', async () => {
    const registry = open();
    await registry.versions('a.order');
    await proxy.down();
    const away = { code: 'SLUICE_REGISTRY_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') };
    await expect(registry.versions('a.other')).rejects.toMatchObject(away);
    await expect(registry.versions('../a.order')).resolves.toEqual([]);
    const empty = open({}, freshFolder());
    await expect(empty.versions('a.order')).rejects.toMatchObject(away);
    await expect(empty.eventTypes()).rejects.toMatchObject(away);
    // Nothing is asked at rest, and the reason is still told.
    await expect(empty.versions('a.order')).rejects.toMatchObject(away);
    await expect(registry.publish('a.order', 3, ORDERS[2])).rejects.toMatchObject(away);
  });

  it('is fresh again when the registry is back, and says so once', async () => {
    const registry = open();
    await registry.versions('a.order');
    await proxy.down();
    expect(await numbers(registry)).toEqual([1, 2]);
    await proxy.up();
    versions.push(version(3, ORDERS[2]));
    expect(await numbers(registry)).toEqual([1, 2]);
    clock.advance(1_000);
    // Whoever tries again does not wait for it.
    expect(await numbers(registry)).toEqual([1, 2]);
    await vi.waitFor(async () => expect(await numbers(registry)).toEqual([1, 2, 3]));
    expect(told).toEqual(['stale: SLUICE_REGISTRY_UNAVAILABLE', 'fresh']);
    await proxy.down();
    expect(await numbers(open())).toEqual([1, 2, 3]);
  });

  it('keeps versions and event types that the registry has lost', async () => {
    await open().versions('a.order');
    versions = [version(2, ORDERS[1])];
    proxy.asked.length = 0;
    expect(await numbers(open())).toEqual([1, 2]);
    versions = [];
    const registry = open();
    expect(await numbers(registry)).toEqual([1, 2]);
    expect(await registry.eventTypes()).toEqual(['a.order']);
    expect(told).toEqual([]);
  });

  it('believes the registry where that has changed what never changes, and says so once', async () => {
    await open().versions('a.order');
    versions = [version(1, ORDERS[0]), version(2, ORDERS[2], 9)];
    const registry = open();
    for (let time = 0; time < 2; time += 1) {
      expect((await registry.versions('a.order'))[1]).toMatchObject({ ids: { confluent: 9 }, definition: ORDERS[2] });
    }
    expect(told).toEqual([expect.stringContaining('a.order v2 is another text')]);
    await proxy.down();
    expect((await open().versions('a.order'))[1]).toMatchObject({ ids: { confluent: 9 }, definition: ORDERS[2] });
  });

  it('keeps why a version cannot be read', async () => {
    versions.push({ ...version(3, {}), schemaType: 'JSON' });
    const before = await open().versions('a.order');
    expect(before[2]).toMatchObject({ unreadable: 'its type is JSON, and not AVRO' });
    await proxy.down();
    expect(await open().versions('a.order')).toEqual(before);
  });

  it('calls texts by their SHA-256, and leaves nothing else behind', async () => {
    await open().versions('a.order');
    const digests = ORDERS.slice(0, 2).map((definition) =>
      createHash('sha256').update(JSON.stringify(definition)).digest('hex'),
    );
    expect(readdirSync(folder).sort()).toEqual(['a.order.json', ...digests.map((digest) => `${digest}.avsc`)].sort());
    for (const digest of digests) {
      expect(
        createHash('sha256')
          .update(readFileSync(join(folder, `${digest}.avsc`)))
          .digest('hex'),
      ).toBe(digest);
    }
  });

  it('writes nothing while there is nothing new', async () => {
    await open().versions('a.order');
    rmSync(join(folder, 'a.order.json'));
    // What is gone is missed by whoever opens the folder, and written again.
    await open().versions('a.order');
    expect(readdirSync(folder)).toContain('a.order.json');
    const registry = open();
    await registry.versions('a.order');
    rmSync(folder, { recursive: true });
    await registry.versions('a.order');
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });

  describe.each(['a.order.json', '.avsc'])('with its file %s', (end) => {
    const spoil = (change: (text: string) => string): void => {
      // Of the two texts, the newer.
      const name = readdirSync(folder).find(
        (each) => each.endsWith(end) && (end !== '.avsc' || readFileSync(join(folder, each), 'utf8').includes('note')),
      )!;
      writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));
    };

    it.each<[string, (text: string) => string]>([
      ['empty', () => ''],
      ['half-written', (text) => text.slice(0, text.length / 2)],
      ['changed in one letter', (text) => text.replace('o', 'O')],
      [
        'changed in one digit',
        (text) => (/\d/.test(text) ? text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)) : '0'),
      ],
      ['of another JSON', () => '{}'],
      ['of zeros', (text) => '\0'.repeat(text.length)],
    ])('%s, does not believe it, and mends it', async (_, change) => {
      const whole = await open().versions('a.order');
      spoil(change);
      await proxy.down();
      const rest = end === '.avsc' ? whole.slice(0, 1) : [];
      const answer = await open()
        .versions('a.order')
        .catch(() => []);
      expect(answer).toEqual(rest);
      await proxy.up();
      expect(await open().versions('a.order')).toEqual(whole);
      await proxy.down();
      expect(await open().versions('a.order')).toEqual(whole);
    });
  });

  it('answers all the same when the folder takes no writes, and says so once', async () => {
    writeFileSync(join(home, 'a file'), '');
    const registry = open({}, join(home, 'a file', 'kept'));
    expect(await numbers(registry)).toEqual([1, 2]);
    expect(await numbers(registry)).toEqual([1, 2]);
    expect(told).toEqual([expect.stringContaining('cannot be kept')]);
  });

  it('passes on what is not about being away', async () => {
    const registry = open();
    await registry.versions('a.order');
    proxy.answer = () => ({ status: 422, body: { error_code: 42201, message: 'not so' } });
    await expect(registry.versions('a.order')).rejects.toMatchObject({ code: 'SLUICE_REGISTRY_REFUSED' });
    await expect(registry.publish('a.order', 3, orderOf())).rejects.toMatchObject({ code: 'SLUICE_REGISTRY_REFUSED' });
    expect(told).toEqual([]);
  });
});
