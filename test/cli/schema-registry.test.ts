import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layOut } from '../../src/infer/layout.ts';
import { contentIds } from '../../src/schema/history.ts';
import { type ServedFolder, serveFolder } from '../local/http/registry.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { BREAKING, FIRST, order, SECOND, THIRD, writeVersions } from '../support/order-schemas.ts';

/** A folder of schemas, and one that stands for a registry. */
function bothFolders(ours: Readonly<Record<string, readonly unknown[]>>, theirs: typeof ours = {}) {
  const folder = newFolder();
  const [schemas, registry] = [join(folder, 'schemas'), join(folder, 'registry')];
  for (const [eventType, versions] of Object.entries(ours)) writeVersions(schemas, eventType, versions);
  for (const [eventType, versions] of Object.entries(theirs)) writeVersions(registry, eventType, versions);
  return {
    schemas,
    registry,
    publish: (...args: string[]) => sluice(['schema', 'publish', '--schemas', schemas, '--to', registry, ...args]),
    pull: (...args: string[]) => sluice(['schema', 'pull', '--schemas', schemas, '--from', registry, ...args]),
    drift: (...args: string[]) => sluice(['schema', 'drift', '--schemas', schemas, '--against', registry, ...args]),
  };
}

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.avsc')).sort()
    : [];
const idOf = (definition: unknown): string => Object.values(contentIds(definition)).join(', ');

describe.concurrent('sluice schema publish', () => {
  test('brings versions to the registry in order, and says which were there', async () => {
    const { registry, publish } = bothFolders(
      { 'acme.order': [FIRST, SECOND], 'acme.refund': [FIRST] },
      { 'acme.order': [FIRST] },
    );
    const dry = await publish('--dry-run');
    expect(dry).toMatchObject({ exitCode: 0, stderr: '' });
    expect(dry.stdout).toContain('acme.order: would publish v2\n');
    expect(filesIn(registry)).toEqual(['acme.order/v1.avsc']);
    const first = await publish();
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout.split('\n')).toEqual([
      `acme.order: v1 is already there (id ${idOf(FIRST)})`,
      `acme.order: published v2 (id ${idOf(SECOND)})`,
      `acme.refund: published v1 (id ${idOf(FIRST)})`,
      '',
      `2 published, 1 already there: ${registry}`,
      '',
    ]);
    expect(filesIn(registry)).toEqual(['acme.order/v1.avsc', 'acme.order/v2.avsc', 'acme.refund/v1.avsc']);
    expect((await publish()).stdout).toContain('0 published, 3 already there');
  });

  test('publishes one type alone where one is named, and says each outcome in a document', async () => {
    const { registry, publish } = bothFolders(
      { 'acme.order': [FIRST, SECOND], 'acme.refund': [BREAKING] },
      { 'acme.order': [FIRST] },
    );
    const result = await publish('acme.order', '--json');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toEqual({
      registry,
      versions: [
        { event_type: 'acme.order', version: 1, outcome: 'present', ids: contentIds(FIRST), error: null },
        { event_type: 'acme.order', version: 2, outcome: 'published', ids: contentIds(SECOND), error: null },
      ],
      judged: [{ event_type: 'acme.order', versions: [1, 2], compatibility: 'BACKWARD_TRANSITIVE', reason: null }],
      findings: [],
    });
    expect(filesIn(registry)).toEqual(['acme.order/v1.avsc', 'acme.order/v2.avsc']);
  });

  test('publishes nothing of a type that fails the check, and goes on with the others', async () => {
    const { registry, publish } = bothFolders({ 'acme.order': [FIRST, BREAKING], 'acme.refund': [FIRST] });
    const { exitCode, stdout, stderr } = await publish();
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/^│ error +│ WIRE_NEW_FIELD_HAS_DEFAULT +│ acme\.order v2 \$\.must/m);
    expect(stdout).toContain('acme.refund: published v1');
    expect(stdout).toContain('1 published, 0 already there, 1 event type held back by the check');
    expect(filesIn(registry)).toEqual(['acme.refund/v1.avsc']);
  });

  test('holds git to what was published: a text that changed and a version that is gone are findings', async () => {
    const changed = bothFolders({ 'acme.order': [{ ...FIRST, doc: 'Another' }, SECOND] }, { 'acme.order': [FIRST] });
    const first = await changed.publish('--json');
    expect(first.exitCode).toBe(1);
    expect(first.json()).toMatchObject({
      versions: [],
      findings: [{ rule: 'REPLAY_PUBLISHED_SAME', event_type: 'acme.order', version: 1 }],
    });
    expect(filesIn(changed.registry)).toEqual(['acme.order/v1.avsc']);
    const { publish } = bothFolders({ 'acme.order': [FIRST] }, { 'acme.order': [FIRST, SECOND] });
    const gone = await publish();
    expect(gone.exitCode).toBe(1);
    expect(gone.stdout).toContain('REPLAY_PUBLISHED_KEPT');
  });

  test('prints what the check finds for other programs, and the outcomes beside it', async () => {
    const { publish } = bothFolders({ 'acme.order': [FIRST, BREAKING], 'acme.refund': [FIRST] });
    const junit = await publish('--format', 'junit', '--dry-run');
    expect(junit.exitCode).toBe(1);
    expect(junit.stdout).toMatch(/^<\?xml[\s\S]*<failure [\s\S]*<\/testsuites>\n$/);
    expect(junit.stderr).toBe('acme.refund: would publish v1\n');
    const github = await publish('--format', 'github-actions');
    expect(github.exitCode).toBe(1);
    for (const line of github.stdout.trimEnd().split('\n')) expect(line).toMatch(/^::(error|warning) file=/);
    expect(github.stderr).toContain('acme.refund: published v1');
  });

  test('says what the registry refuses, and why; later versions of the type wait', async () => {
    const { schemas, registry, publish } = bothFolders(
      { 'acme.order': [FIRST, SECOND, THIRD], 'acme.refund': [FIRST] },
      { 'acme.order': ['{', SECOND] },
    );
    const unreadable = await publish('acme.order');
    expect(unreadable.exitCode).toBe(1);
    expect(unreadable.stdout).toMatch(/^acme\.order: v1 is refused: SLUICE_SCHEMA_PUBLISHED: .*cannot be read/m);
    expect(unreadable.stdout).not.toMatch(/^acme\.order: .*v[23] \(/m);
    expect(unreadable.stdout).toContain('0 published, 0 already there, 1 refused');
    expect(filesIn(registry)).toHaveLength(2);
    // A registry that takes nothing.
    const served: ServedFolder = await serveFolder();
    try {
      served.write('acme.refund', 1, FIRST);
      const readOnly = await sluice(['schema', 'publish', '--schemas', schemas, '--to', served.url, '--json']);
      expect(readOnly.exitCode).toBe(1);
      expect(readOnly.json()).toMatchObject({
        versions: [
          {
            event_type: 'acme.order',
            version: 1,
            outcome: 'refused',
            error: { code: 'SLUICE_REGISTRY_REFUSED', message: expect.stringContaining('read-only here') },
          },
          {
            event_type: 'acme.refund',
            version: 1,
            outcome: 'present',
            ids: { confluent: contentIds(FIRST).confluent },
          },
        ],
      });
    } finally {
      await served.close();
    }
  });
});

describe.concurrent('sluice schema pull', () => {
  test('writes what is missing as people lay it out, and nothing twice', async () => {
    const { schemas, pull } = bothFolders(
      { 'acme.order': [FIRST] },
      { 'acme.order': [FIRST, SECOND], 'acme.refund': [FIRST] },
    );
    const before = readFileSync(join(schemas, 'acme.order/v1.avsc'), 'utf8');
    const one = await pull('acme.refund');
    expect(one).toMatchObject({ exitCode: 0, stderr: '' });
    expect(one.stdout).toBe(`wrote ${join(schemas, 'acme.refund/v1.avsc')}\nnext: sluice schema check acme.refund\n`);
    const rest = await pull('--json');
    expect(rest.exitCode).toBe(0);
    expect(rest.json()).toMatchObject({ written: [join(schemas, 'acme.order/v2.avsc')], differences: [] });
    expect(readFileSync(join(schemas, 'acme.order/v1.avsc'), 'utf8')).toBe(before);
    expect(readFileSync(join(schemas, 'acme.order/v2.avsc'), 'utf8')).toBe(layOut(SECOND));
    expect(await pull()).toMatchObject({ exitCode: 0, stdout: 'the registry has nothing that is not here\n' });
  });

  test('makes the folder where there is none', async () => {
    const { schemas, pull, drift } = bothFolders({}, { 'acme.order': [FIRST] });
    expect((await pull()).exitCode).toBe(0);
    expect(filesIn(schemas)).toEqual(['acme.order/v1.avsc']);
    expect(await drift()).toMatchObject({ exitCode: 0, stdout: 'no difference in 1 event type\n' });
  });

  test('never writes over a file: it says what differs and what it could not read', async () => {
    const { schemas, pull } = bothFolders({ 'acme.order': [FIRST] }, { 'acme.order': [SECOND, '{', SECOND] });
    const before = readFileSync(join(schemas, 'acme.order/v1.avsc'), 'utf8');
    const { exitCode, stdout } = await pull();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`wrote ${join(schemas, 'acme.order/v3.avsc')}`);
    expect(stdout).toMatch(/^│ acme\.order │ v1 +│ different text in git: \$\.total is removed +│$/m);
    expect(stdout).toMatch(/^│ acme\.order │ v2 +│ cannot be read in the registry: .*not JSON/m);
    expect(readFileSync(join(schemas, 'acme.order/v1.avsc'), 'utf8')).toBe(before);
    expect(filesIn(schemas)).toEqual(['acme.order/v1.avsc', 'acme.order/v3.avsc']);
  });
});

describe.concurrent('sluice schema drift', () => {
  test('shows each version on which the two disagree', async () => {
    const { drift } = bothFolders(
      { 'acme.order': [{ ...FIRST, doc: 'Changed' }, SECOND], 'acme.ours': [FIRST], 'acme.same': [FIRST] },
      { 'acme.order': [FIRST], 'acme.theirs': [FIRST], 'acme.same': [FIRST] },
    );
    const { exitCode, stdout, stderr } = await drift();
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/^│ Type +│ Version +│ Difference +│$/m);
    const rows = stdout.split('\n').filter((line) => line.includes('acme.'));
    expect(rows.map((row) => row.replace(/^│ | +│$/g, '').split(/ +│ /))).toEqual([
      ['acme.order', 'v1', 'different text in git: $: doc was An order, is Changed'],
      ['acme.order', 'v2', 'only in git'],
      ['acme.ours', 'v1', 'only in git'],
      ['acme.theirs', 'v1', 'only in the registry'],
    ]);
    const one = await drift('acme.theirs', '--json');
    expect(one.exitCode).toBe(1);
    expect(one.json()).toMatchObject({
      compared: ['acme.theirs'],
      differences: [
        { event_type: 'acme.theirs', version: 1, difference: 'only_in_registry', changes: [], reason: null },
      ],
    });
    expect(await drift('acme.same')).toMatchObject({ exitCode: 0, stdout: 'no difference in 1 event type\n' });
  });

  test('minds neither layout nor what superseded a version since', async () => {
    const { drift } = bothFolders(
      { 'acme.order': [{ ...FIRST, sluice: { supersededBy: 2 } }, SECOND] },
      { 'acme.order': [layOut(FIRST), SECOND] },
    );
    expect(await drift('--json')).toMatchObject({ exitCode: 0 });
  });
});

describe.concurrent('a registry beside the schemas', () => {
  test('may be what the check holds the folder to', async () => {
    const served = await serveFolder();
    try {
      const { schemas } = bothFolders({ 'acme.order': [FIRST, SECOND] });
      const check = () => sluice(['schema', 'check', '--schemas', schemas, '--against', served.url, '--json']);
      expect(await check()).toMatchObject({ exitCode: 0 });
      served.write('acme.order', 1, FIRST);
      expect(await check()).toMatchObject({ exitCode: 0 });
      served.write('acme.order', 2, order({ name: 'note', type: 'string', default: '', doc: 'Their own' }));
      served.write('acme.order', 3, THIRD);
      const { exitCode, json } = await check();
      expect(exitCode).toBe(1);
      const { findings } = json<{ findings: { rule: string; version: number }[] }>();
      const replay = findings.filter(({ rule }) => rule.startsWith('REPLAY_PUBLISHED'));
      expect(replay.map(({ rule, version }) => `${rule} ${version}`).sort()).toEqual([
        'REPLAY_PUBLISHED_KEPT 3',
        'REPLAY_PUBLISHED_SAME 2',
      ]);
    } finally {
      await served.close();
    }
  });

  test.each([
    ['publish', '--to'],
    ['pull', '--from'],
    ['drift', '--against'],
  ])('of %s is that of SLUICE_REGISTRY where %s names none; without both it cannot run', async (verb, flag) => {
    const { schemas, registry } = bothFolders({ 'acme.order': [FIRST] }, { 'acme.order': [FIRST] });
    const run = (address: string | undefined, ...args: string[]) =>
      sluice(['schema', verb, '--schemas', schemas, ...args], { env: { SLUICE_REGISTRY: address } });
    expect(await run(registry)).toMatchObject({ exitCode: 0 });
    for (const address of [undefined, '']) {
      const { exitCode, stdout, stderr } = await run(address);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(`SLUICE_USAGE: no registry is named: give ${flag} ADDRESS, or set SLUICE_REGISTRY`);
    }
    const wrong = await run(registry, flag, 'ftp://host', '--json');
    expect(wrong).toMatchObject({ exitCode: 2 });
    expect(wrong.json()).toMatchObject({ error: { code: 'SLUICE_USAGE' } });
    const away = await run(undefined, flag, 'http://127.0.0.1:1', '--json');
    expect(away).toMatchObject({ exitCode: 2 });
    expect(away.json()).toMatchObject({ error: { code: 'SLUICE_REGISTRY_UNAVAILABLE' } });
    for (const nobody of ['acme.nobody', '../registry']) {
      const unknown = await run(registry, nobody, '--json');
      expect(unknown).toMatchObject({ exitCode: 2 });
      expect(unknown.json()).toMatchObject({ error: { code: 'SLUICE_EVENT_TYPE_UNKNOWN' } });
    }
    rmSync(join(schemas, 'acme.order'), { recursive: true });
    expect(filesIn(schemas)).toEqual([]);
  });
});
