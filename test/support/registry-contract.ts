import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegisteredVersion, Registry } from '../../src/ports/registry.ts';
import { publishedText } from '../../src/schema/published-text.ts';
import { schemaSample } from './avro-arbitraries.ts';

/** What an adapter brings to be held to the port's promises. */
export interface RegistryFixture {
  /** The registry under test, opened anew: what is published through one of them is there for all. */
  readonly open: () => Registry;
  /** Puts something into the registry that is no event type: a subject, schema or folder of that name. */
  readonly addForeign: (name: string) => Promise<void>;
  /** Requests that have been made of the registry; none where reading costs nothing. */
  readonly requests?: () => number;
  /** Whether the registry may keep a text several times that many register at the same moment. */
  readonly mayRepeat?: boolean;
}

/** Generated schemas that make the round trip. */
const GENERATED = 40;

let types = 0;

/** An event type that no other test uses: registries are shared. */
export function freshType(name = 'order'): string {
  types += 1;
  return `contract${types}.${name}`;
}

const id = { name: 'id', type: 'string' };
const note = { name: 'note', type: ['null', 'string'], default: null };
const paid = { name: 'paid', type: 'boolean', default: false };

export function orderOf(
  ...fields: readonly unknown[]
): { readonly fields: readonly unknown[] } & Record<string, unknown> {
  return { type: 'record', name: 'Order', namespace: 'shop', fields: [id, ...fields] };
}

/** Three versions, each of which may follow the one before. */
export const ORDERS = [orderOf(), orderOf(note), orderOf(note, paid)] as const;

/** What registries that parse a schema could lose. */
const EVERYTHING = {
  type: 'record',
  name: 'Everything',
  namespace: 'shop.full',
  doc: 'A doc with "quotes", a line\nbreak and an Ä.',
  aliases: ['OldEverything', 'other.Everything'],
  sluice: { key: 'id', eventId: 'id', partitions: 8, compatibility: { API: 'none' } },
  owner: { team: 'shop', pager: [1, 2, { three: null }] },
  fields: [
    { name: 'id', type: 'string', doc: 'Its id.', aliases: ['key', 'identity'], pii: false },
    {
      name: 'total',
      type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2, unit: 'EUR' },
      default: '\u0000ÿ',
    },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' }, order: 'descending' },
    { name: 'day', type: ['null', { type: 'int', logicalType: 'date' }], default: null },
    {
      name: 'state',
      type: {
        type: 'enum',
        name: 'State',
        symbols: ['NEW', 'DONE'],
        default: 'NEW',
        aliases: ['Status'],
        doc: 'How far.',
      },
      default: 'NEW',
    },
    { name: 'before', type: ['null', 'State'], default: null },
    { name: 'tags', type: { type: 'map', values: { type: 'array', items: 'float' } }, default: { a: [1.5] } },
    { name: 'sum', type: { type: 'fixed', name: 'other.Sum', size: 2 }, default: '\u0001\u0002' },
    { name: 'next', type: ['null', 'Everything'], default: null },
  ],
};

/**
 * The promises of the `Registry` port, as tests. Call it inside a test file, once an adapter.
 * @param fixture is asked for only when tests run.
 */
export function registryContract(name: string, fixture: () => RegistryFixture): void {
  describe(`${name} keeps the promises of a registry`, () => {
    let shared: RegistryFixture | undefined;
    const fixtureOf = (): RegistryFixture => {
      shared ??= fixture();
      return shared;
    };
    const open = (): Registry => fixtureOf().open();
    const publishAll = async (registry: Registry, eventType: string, definitions: readonly unknown[]) => {
      const published = [];
      for (const [index, definition] of definitions.entries()) {
        published.push(await registry.publish(eventType, index + 1, definition));
      }
      return published;
    };

    it.each(['contract.nobody', 'No Type', '', '..', '../x', 'a/b', '%2e', '__proto__', 'x'.repeat(300)])(
      'knows no version of "%s"',
      async (eventType) => {
        expect(await open().versions(eventType)).toEqual([]);
      },
    );

    it('has a version for all who read once it is published, with its ids', async () => {
      const eventType = freshType();
      const registry = open();
      expect(await registry.versions(eventType)).toEqual([]);
      const [published] = await publishAll(registry, eventType, [ORDERS[0]]);
      expect(published!.isNew).toBe(true);
      expect(Object.values(published!.ids).length).toBeGreaterThan(0);
      for (const reader of [registry, open()]) {
        const versions = await reader.versions(eventType);
        expect(versions).toMatchObject([
          { version: 1, ids: published!.ids, source: expect.stringContaining(eventType) },
        ]);
        expect(textsOf(versions)).toEqual([publishedText(ORDERS[0])]);
      }
    });

    it('gives versions oldest first, each with ids of its own, and the same ones every time', async () => {
      const eventType = freshType();
      const reader = open();
      expect(await reader.versions(eventType)).toEqual([]);
      const published = await publishAll(open(), eventType, ORDERS);
      const expected = ORDERS.map((definition, index) => ({
        version: index + 1,
        ids: published[index]!.ids,
        text: publishedText(definition),
      }));
      for (const registry of [reader, open(), reader, open()]) {
        const versions = await registry.versions(eventType);
        expect(versions.map(({ version, ids }, index) => ({ version, ids, text: textsOf(versions)[index] }))).toEqual(
          expected,
        );
      }
      expect(new Set(published.map(({ ids }) => JSON.stringify(ids))).size).toBe(ORDERS.length);
    });

    it('takes ten versions and more in the order of their numbers', async () => {
      const eventType = freshType();
      const fields = Array.from({ length: 11 }, (_, index) => ({ name: `f${index}`, type: 'int', default: index }));
      const definitions = fields.map((_, index) => orderOf(...fields.slice(0, index)));
      await publishAll(open(), eventType, definitions);
      const versions = await open().versions(eventType);
      expect(versions.map(({ version }) => version)).toEqual(definitions.map((_, index) => index + 1));
      expect(textsOf(versions)).toEqual(definitions.map(publishedText));
    });

    it('publishes nothing twice: the same version again is the one that is there', async () => {
      const eventType = freshType();
      const [first, second] = await publishAll(open(), eventType, ORDERS.slice(0, 2));
      for (const registry of [open(), open()]) {
        expect(await registry.publish(eventType, 1, ORDERS[0])).toEqual({ isNew: false, ids: first!.ids });
        // Written another way, it is the same text.
        const { namespace: _, ...rest } = ORDERS[1]!;
        const again = await registry.publish(eventType, 2, { ...rest, name: 'shop.Order' });
        expect(again).toEqual({ isNew: false, ids: second!.ids });
      }
      expect(await open().versions(eventType)).toHaveLength(2);
    });

    it('refuses another text for a version that is there', async () => {
      const eventType = freshType();
      await publishAll(open(), eventType, ORDERS.slice(0, 2));
      const before = await open().versions(eventType);
      const changes = [ORDERS[2], ORDERS[1], { ...ORDERS[0], doc: 'A doc is a part of it.' }];
      for (const definition of changes) {
        await expect(open().publish(eventType, 1, definition)).rejects.toMatchObject({
          code: 'SLUICE_SCHEMA_PUBLISHED',
          message: expect.stringContaining(`${eventType} v1`),
        });
      }
      expect(await open().versions(eventType)).toEqual(before);
    });

    it('refuses a number that is not the next', async () => {
      const eventType = freshType();
      const refused = (version: number, next: number) =>
        expect(open().publish(eventType, version, ORDERS[2])).rejects.toMatchObject({
          code: 'SLUICE_SCHEMA_PUBLISHED',
          message: expect.stringContaining(`v${next}, not v${version}`),
        });
      await refused(2, 1);
      await publishAll(open(), eventType, ORDERS.slice(0, 1));
      await refused(3, 2);
      await refused(0, 2);
      expect(await open().versions(eventType)).toHaveLength(1);
    });

    it('keeps docs, settings, aliases, logical types, defaults and whatever else a schema holds', async () => {
      const eventType = freshType();
      await publishAll(open(), eventType, [EVERYTHING]);
      const versions = await open().versions(eventType);
      expect(textsOf(versions)).toEqual([publishedText(EVERYTHING)]);
    });

    it('keeps generated schemas', { timeout: 60_000 }, async () => {
      const writer = open();
      await fc.assert(
        fc.asyncProperty(schemaSample, async ({ schema }) => {
          const eventType = freshType('generated');
          await publishAll(writer, eventType, [schema]);
          for (const reader of [writer, open()]) {
            expect(textsOf(await reader.versions(eventType))).toEqual([publishedText(schema)]);
          }
        }),
        { numRuns: GENERATED },
      );
    });

    it('lists event types by name, and nothing else', async () => {
      const group = freshType('').slice(0, -1);
      const names = ['b.c', 'a.z', 'a', 'b-c', 'a10', 'a9'].map((end) => `${group}.${end}`);
      for (const eventType of names) await publishAll(open(), eventType, [ORDERS[0]]);
      for (const foreign of ['Upper', 'two..dots', 'x y']) await fixtureOf().addForeign(`${group}.${foreign}`);
      const listed = await open().eventTypes();
      expect(listed).toEqual(listed.toSorted());
      expect(listed.filter((eventType) => eventType.startsWith(group))).toEqual(names.toSorted());
    });

    it('answers many who ask at the same time with one reading', async () => {
      const eventType = freshType();
      await publishAll(open(), eventType, ORDERS);
      const requests = fixtureOf().requests ?? (() => 0);
      const alone = open();
      let before = requests();
      const versions = await alone.versions(eventType);
      const cost = requests() - before;
      const crowded = open();
      before = requests();
      const answers = await Promise.all(Array.from({ length: 100 }, () => crowded.versions(eventType)));
      expect(requests() - before).toBe(cost);
      for (const answer of answers) expect(answer).toEqual(versions);
    });

    it('gives each who asks a list of his own', async () => {
      const eventType = freshType();
      const registry = open();
      await publishAll(registry, eventType, ORDERS);
      const [mine, yours] = await Promise.all([registry.versions(eventType), registry.versions(eventType)]);
      mine.length = 0;
      expect(yours).toHaveLength(3);
      expect(await registry.versions(eventType)).toHaveLength(3);
    });

    it('has one version when many publish it at the same time', async () => {
      const eventType = freshType();
      await publishAll(open(), eventType, [ORDERS[0]]);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 5 }, () => open().publish(eventType, 2, ORDERS[1])),
      );
      // One who loses a race may be told to publish again; that must do it.
      expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ code: expect.stringMatching(/^SLUICE_/) });
      }
      const { isNew, ids } = await open().publish(eventType, 2, ORDERS[1]);
      expect(isNew).toBe(false);
      const versions = await open().versions(eventType);
      expect(versions.slice(0, 2)).toMatchObject([{ version: 1 }, { version: 2, ids }]);
      if (fixtureOf().mayRepeat !== true) expect(versions).toHaveLength(2);
      expect(new Set(textsOf(versions).slice(1))).toEqual(new Set([publishedText(ORDERS[1])]));
    });
  });
}

function textsOf(versions: readonly RegisteredVersion[]): string[] {
  return versions.map((version) =>
    'definition' in version ? publishedText(version.definition) : `unreadable: ${version.unreadable}`,
  );
}
