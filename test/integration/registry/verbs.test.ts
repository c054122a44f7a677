import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { layOut } from '../../../src/infer/layout.ts';
import { type Apicurio, startApicurio } from '../../support/apicurio.ts';
import { newFolder, sluice, startSluice } from '../../support/cli.ts';
import { BREAKING, FIRST, order, SECOND, THIRD, writeVersions } from '../../support/order-schemas.ts';
import { freshType } from '../../support/registry-contract.ts';
import { startProxy, type TestProxy } from '../../support/registry-proxy.ts';

let apicurio: Apicurio;
let proxy: TestProxy;
let env: { readonly SLUICE_REGISTRY: string };
beforeAll(async () => {
  apicurio = await startApicurio();
  proxy = await startProxy(new URL(apicurio.url).origin);
  env = { SLUICE_REGISTRY: `${proxy.origin}${new URL(apicurio.url).pathname}` };
});
afterAll(async () => {
  await proxy?.down();
  await apicurio?.stop();
});
afterEach(() => {
  proxy.answer = () => undefined;
});

/** A folder of schemas with one event type, and the verbs on it. */
function typeOf(versions: readonly unknown[]) {
  const eventType = freshType();
  const schemas = newFolder();
  writeVersions(schemas, eventType, versions);
  const verb = (name: string, ...args: string[]) =>
    sluice(['schema', name, eventType, '--schemas', schemas, ...args], { env });
  return { eventType, schemas, verb, file: (version: number) => join(schemas, eventType, `v${version}.avsc`) };
}

/** What somebody does who knows nothing of git. */
async function register(eventType: string, definition: unknown): Promise<void> {
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
  const subject = `${apicurio.url}/subjects/${eventType}-value/versions`;
  const answer = await fetch(subject, {
    method: 'POST',
    headers,
    body: JSON.stringify({ schema: JSON.stringify(definition) }),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}

async function configure(eventType: string, compatibility: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ compatibility });
  const answer = await fetch(`${apicurio.url}/config/${eventType}-value`, { method: 'PUT', headers, body });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}

const versionsOf = async (eventType: string): Promise<unknown> =>
  (await fetch(`${apicurio.url}/subjects/${eventType}-value/versions`)).json();

describe('between git and a registry', () => {
  test('what somebody registered by hand is seen, pulled, and found to break a rule', async () => {
    const { eventType, verb, file } = typeOf([FIRST, SECOND]);
    expect(await verb('drift')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/v2 +│ only in git/) });
    const published = await verb('publish');
    expect(published).toMatchObject({ exitCode: 0, stderr: '' });
    expect(published.stdout).toMatch(/: published v1 \(id \d+\)\n.*: published v2 \(id \d+\)\n/);
    expect(await verb('publish')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('0 published, 2 already'),
    });
    expect(await verb('drift')).toMatchObject({ exitCode: 0, stdout: 'no difference in 1 event type\n' });

    await configure(eventType, 'NONE');
    await register(eventType, BREAKING);
    const drift = await verb('drift', '--json');
    expect(drift.exitCode).toBe(1);
    expect(drift.json()).toMatchObject({ differences: [{ version: 3, difference: 'only_in_registry' }] });
    const behind = await verb('check', '--against', env.SLUICE_REGISTRY);
    expect(behind).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('REPLAY_PUBLISHED_KEPT') });

    expect(await verb('pull')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`wrote ${file(3)}\n`) });
    expect(readFileSync(file(3), 'utf8')).toBe(layOut(BREAKING));
    expect(await verb('drift')).toMatchObject({ exitCode: 0 });
    const broken = await verb('check', '--against', env.SLUICE_REGISTRY);
    expect(broken).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('WIRE_NEW_FIELD_HAS_DEFAULT') });
    expect(broken.stdout).not.toContain('REPLAY_PUBLISHED');
  });

  test('what the registry refuses is said with its reason, and nothing after it is published', async () => {
    // Sluice lets a type widen; this registry, by its own mode, does not.
    const wider = order({ name: 'total', type: 'long', default: 0, doc: 'In cents' });
    const late = { name: 'late', type: 'int', default: 0, doc: 'Follows what is refused' };
    const strict = typeOf([SECOND, wider, { ...wider, fields: [...wider.fields, late] }]);
    await configure(strict.eventType, 'FULL_TRANSITIVE');
    const refused = await strict.verb('publish', '--json');
    expect(refused.exitCode).toBe(1);
    expect(refused.json()).toMatchObject({
      versions: [
        { version: 1, outcome: 'published' },
        {
          version: 2,
          outcome: 'refused',
          error: { code: 'SLUICE_REGISTRY_REFUSED', message: expect.stringContaining('409') },
        },
      ],
    });
    expect(await versionsOf(strict.eventType)).toEqual([1]);
  });

  test('a version that git has changed is not published over the one that is there', async () => {
    const { eventType, schemas, verb } = typeOf([FIRST, SECOND]);
    expect(await verb('publish')).toMatchObject({ exitCode: 0 });
    writeVersions(schemas, eventType, [{ ...FIRST, doc: 'Another' }]);
    expect(await verb('publish')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('REPLAY_PUBLISHED_SAME'),
    });
    const pulled = await verb('pull');
    expect(pulled).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('$: doc was An order, is Another') });
    expect(await versionsOf(eventType)).toEqual([1, 2]);
  });

  test('publishing that is interrupted ends with whole versions, and goes on where it stopped', async () => {
    const { eventType, schemas, verb } = typeOf([FIRST, SECOND, THIRD]);
    const cli = startSluice(['schema', 'publish', eventType, '--schemas', schemas], { env });
    proxy.answer = async (what) => {
      if (what.startsWith('POST') && what.endsWith('/versions')) {
        cli.interrupt();
        await sleep(300);
      }
      return undefined;
    };
    const { exitCode, stdout, stderr } = await cli.ended;
    expect(exitCode).toBe(130);
    expect(stdout).toContain(`${eventType}: published v1`);
    expect(stdout).toContain('1 published, 0 already there');
    expect(stderr).toContain('SLUICE_STOPPING: interrupted by SIGINT');
    expect(await versionsOf(eventType)).toEqual([1]);
    proxy.answer = () => undefined;
    expect(await verb('publish')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('2 published, 1 already'),
    });
    expect(await versionsOf(eventType)).toEqual([1, 2, 3]);
  });

  test('a registry that goes away half-way leaves what was published, and says which that is', async () => {
    const { eventType, verb } = typeOf([FIRST, SECOND]);
    let registered = 0;
    proxy.answer = (what) => {
      if (!what.startsWith('POST') || !what.endsWith('/versions')) return undefined;
      registered += 1;
      return registered === 1 ? undefined : { status: 503, body: { error_code: 503, message: 'not now' } };
    };
    const cut = await verb('publish', '--json');
    expect(cut.exitCode).toBe(2);
    expect(cut.json()).toMatchObject({
      versions: [{ version: 1, outcome: 'published' }],
      error: { code: 'SLUICE_REGISTRY_UNAVAILABLE', message: expect.stringContaining('not now') },
    });
    expect(await versionsOf(eventType)).toEqual([1]);
  });
});
