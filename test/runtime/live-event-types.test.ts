import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openFolderRegistry } from '../../src/adapters/registry/folder.ts';
import { SluiceError } from '../../src/errors.ts';
import type { Registry } from '../../src/ports/registry.ts';
import { type LiveEventTypesOptions, openLiveEventTypes } from '../../src/runtime/live-event-types.ts';
import { contentIds, type SchemaHistory } from '../../src/schema/history.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TYPE = 'a.b';
const record = (...names: string[]) => ({
  type: 'record',
  name: 'Event',
  fields: names.map((name) => ({ name, type: 'int', default: 0 })),
});
const [V1, V2, V3] = [record('x'), record('x', 'y'), record('x', 'y', 'z')];
const BROKEN = { ...record('x'), fields: [...record('x').fields, { name: 'w', type: 'int' }] };
const idOf = (definition: object) => contentIds(definition).confluent;
const never = 2 ** 30;

/** A folder of schemas, the event types in it, and what was said and asked meanwhile. */
async function open(options: Partial<LiveEventTypesOptions> = {}, wrap: (registry: Registry) => Registry = (r) => r) {
  const folder = temporaryFolder();
  const publish = (version: number, text: object | string, eventType = TYPE): void => {
    mkdirSync(join(folder, eventType), { recursive: true });
    const json = typeof text === 'string' ? text : JSON.stringify(text);
    writeFileSync(join(folder, eventType, `v${version}.avsc`), json);
  };
  publish(1, V1);
  const log: string[] = [];
  let asked = 0;
  const files = openFolderRegistry(folder);
  const counting: Registry = {
    ...files,
    versions(eventType) {
      asked += 1;
      return files.versions(eventType);
    },
  };
  const registry = wrap(counting);
  const types = await openLiveEventTypes({
    registry,
    pollMs: never,
    isStrict: true,
    log: (line) => log.push(line),
    ...options,
  });
  onTestFinished(types.close);
  const versions = () => types.codecOf(TYPE)?.history.versions.map(({ version }) => version);
  asked = 0;
  return { ...types, folder, publish, log, versions, asked: () => asked };
}

describe('the event types of a running pipeline', () => {
  it('take in a version when somebody asks for it', async () => {
    const { learn, publish, codecOf, versions, log } = await open();
    const before = codecOf(TYPE);
    await learn(TYPE);
    expect(codecOf(TYPE)).toBe(before);
    publish(2, V2);
    await learn(TYPE, idOf(V2));
    expect(versions()).toEqual([1, 2]);
    expect(codecOf(TYPE)).not.toBe(before);
    expect(log).toEqual(['a.b: v2 is taken in']);
  });

  it('look by themselves only where they are told to: what is frozen between invocations has no use for a timer', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { learn, publish, versions } = await open({ pollMs: undefined });
    expect(vi.getTimerCount()).toBe(0);
    publish(2, V2);
    await learn(TYPE);
    expect([versions(), vi.getTimerCount()]).toEqual([[1, 2], 0]);
    await open();
    expect(vi.getTimerCount()).toBe(1);
  });

  it('take in a version by themselves', async () => {
    const { publish, versions, histories } = await open({ pollMs: 5 });
    publish(2, V2);
    await expect.poll(versions).toEqual([1, 2]);
    publish(3, V3);
    await expect.poll(versions).toEqual([1, 2, 3]);
    expect(histories().map(({ newest }) => newest.version)).toEqual([3]);
  });

  it('go on with what was known where somebody objects to what came, and say why once', async () => {
    const objection = ({ newest }: SchemaHistory) => (newest.version === 1 ? undefined : 'not without a key');
    const { learn, publish, versions, log } = await open({ objection });
    publish(2, V2);
    await learn(TYPE);
    await learn(TYPE);
    expect(versions()).toEqual([1]);
    expect(log).toEqual(['not without a key; going on with what was known, until the next start']);
  });

  it('start with what is there, whoever objects: what cannot run is for the start to say', async () => {
    expect((await open({ objection: () => 'never' })).versions()).toEqual([1]);
  });

  it('ask the registry once for a thousand that want the same id', async () => {
    const { learn, publish, versions, asked } = await open();
    publish(2, V2);
    await Promise.all(Array.from({ length: 1_000 }, () => learn(TYPE, idOf(V2))));
    expect(versions()).toEqual([1, 2]);
    expect(asked()).toBe(1);
  });

  it('ask once more for an id that was registered after the question that is under way', async () => {
    const gates: (() => void)[] = [];
    let armed = false;
    const { learn, publish, versions, asked } = await open({}, (registry) => ({
      ...registry,
      async versions(eventType) {
        const answer = await registry.versions(eventType);
        if (armed) await new Promise<void>((resolve) => gates.push(resolve));
        return answer;
      },
    }));
    armed = true;
    const early = learn(TYPE);
    await expect.poll(() => gates.length).toBe(1);
    publish(2, V2);
    const late = [learn(TYPE, idOf(V2)), learn(TYPE, idOf(V2))];
    armed = false;
    gates[0]!();
    await Promise.all([early, ...late]);
    expect(versions()).toEqual([1, 2]);
    expect(asked()).toBe(2);
  });

  it('remember for a while that nobody knows an id, and ask for others', async () => {
    let now = 0;
    const { learn, publish, asked, versions } = await open({ now: () => now });
    for (const id of [7, 7, 'seven', 7]) await learn(TYPE, id);
    expect(asked()).toBe(2);
    publish(2, V2);
    await learn(TYPE, idOf(V2));
    expect(versions()).toEqual([1, 2]);
    now = 60_000;
    await learn(TYPE, 7);
    expect(asked()).toBe(4);
  });

  it('know a version that a writer states by its number', async () => {
    const { learn, publish, asked, versions } = await open();
    publish(2, V2);
    await Promise.all([learn(TYPE, 'v2'), learn(TYPE, 'v2')]);
    expect(versions()).toEqual([1, 2]);
    await learn(TYPE, 'v3');
    await learn(TYPE, 'v3');
    expect(asked()).toBe(2);
  });

  it('know no ids of event types that they do not know', async () => {
    const { learn, asked } = await open();
    await learn('stranger', 7);
    await learn('__proto__', 7);
    expect(asked()).toBe(0);
  });

  it('go on where the registry is away, and say so once', async () => {
    let isAway = false;
    const { learn, publish, versions, log } = await open({}, (registry) => ({
      ...registry,
      versions: (eventType) =>
        isAway
          ? Promise.reject(new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', 'no answer'))
          : registry.versions(eventType),
    }));
    isAway = true;
    publish(2, V2);
    for (const id of [1, 2, 3]) await learn(TYPE, id);
    expect(versions()).toEqual([1]);
    expect(log).toEqual(['a.b: no news of its schema: SLUICE_REGISTRY_UNAVAILABLE: no answer']);
    isAway = false;
    await learn(TYPE, idOf(V2));
    expect(versions()).toEqual([1, 2]);
  });

  it('go on without a version that breaks a rule, and with the one that puts it right', async () => {
    const { learn, publish, codecOf, log } = await open();
    publish(2, BROKEN);
    await learn(TYPE, idOf(BROKEN));
    expect(codecOf(TYPE)!.history).toMatchObject({ newest: { version: 1 }, refused: [{ version: 2 }] });
    expect(log).toEqual([expect.stringMatching(/^a\.b: v2 is refused: .*WIRE_NEW_FIELD_HAS_DEFAULT/)]);
    publish(3, V2);
    await learn(TYPE);
    expect(codecOf(TYPE)!.history).toMatchObject({ newest: { version: 3 }, refused: [{ version: 2 }] });
    expect(log).toHaveLength(2);
  });

  it('take in a file that was half written when they first looked', async () => {
    const { learn, publish, versions } = await open();
    publish(2, JSON.stringify(V2).slice(0, 40));
    await learn(TYPE);
    expect(versions()).toEqual([1]);
    publish(2, V2);
    await learn(TYPE);
    expect(versions()).toEqual([1, 2]);
  });

  it.each([
    ['changed', (open: { publish: (version: number, text: object) => void }) => open.publish(1, V3)],
    ['removed', (open: { folder: string }) => rmSync(join(open.folder, TYPE), { recursive: true })],
  ])('stay as they were where a published version is %s, since rows were written with it', async (_, spoil) => {
    const opened = await open();
    spoil(opened);
    await opened.learn(TYPE);
    await opened.learn(TYPE);
    expect(opened.codecOf(TYPE)!.history.newest.definition).toEqual(V1);
    expect(opened.log).toHaveLength(1);
  });

  it('leave out a type without a usable version where the registry is shared with others', async () => {
    const foreign = (registry: Registry): Registry => ({
      ...registry,
      eventTypes: async () => ['not.avro', TYPE],
      versions: async (eventType) =>
        eventType === TYPE
          ? registry.versions(eventType)
          : [{ version: 1, ids: { confluent: 9 }, source: 'there', unreadable: 'it is Protobuf' }],
    });
    const { histories, log } = await open({ isStrict: false }, foreign);
    expect(histories().map(({ eventType }) => eventType)).toEqual([TYPE]);
    expect(log).toEqual([expect.stringMatching(/^not\.avro is left out: .*it is Protobuf/)]);
    await expect(open({ isStrict: true }, foreign)).rejects.toMatchObject({ code: 'SLUICE_SCHEMA_INVALID' });
  });
});
