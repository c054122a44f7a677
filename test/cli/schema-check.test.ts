import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../src/compatibility/rules.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { SCHEMAS } from '../support/schemas.ts';

const order = (...fields: readonly object[]) => ({
  type: 'record',
  name: 'Order',
  doc: 'An order',
  fields: [{ name: 'id', type: 'string', doc: 'Its id' }, ...fields],
});
const total = { name: 'total', type: 'int', doc: 'In cents' };
const BREAKING = [order(), order(total)];
const CLEAN = [order(), order({ ...total, default: 0 })];

interface Document {
  readonly judged: readonly { event_type: string; versions: number[]; compatibility: string; reason: string | null }[];
  readonly findings: readonly Record<string, unknown>[];
}

/** A schemas folder with one event type. */
function folderOf(versions: readonly unknown[], folder = join(newFolder(), 'schemas')): string {
  mkdirSync(join(folder, 'acme.order'), { recursive: true });
  versions.forEach((definition, index) => {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    writeFileSync(join(folder, 'acme.order', `v${index + 1}.avsc`), text);
  });
  return folder;
}

const check = (schemas: string, ...args: string[]) => sluice(['schema', 'check', '--schemas', schemas, ...args]);

describe.concurrent('sluice schema check', () => {
  test('finds the schemas that come with Sluice clean', async () => {
    const result = await check(SCHEMAS, '--json');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const { judged, findings } = result.json<Document>();
    expect(findings).toEqual([]);
    expect(judged.map(({ event_type }) => event_type)).toEqual([
      'aviation.birdstrike',
      'aviation.flight',
      'seismic.earthquake',
    ]);
  });

  test('shows a person what is wrong where, who is affected and what to do instead, and exits 1', async () => {
    const { exitCode, stdout, stderr } = await check(folderOf(BREAKING));
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/^│ Result +│ Check +│ Field +│ Details +│$/m);
    expect(stdout).toMatch(
      /^│ error +│ WIRE_NEW_FIELD_HAS_DEFAULT +│ acme\.order v2 \$\.total +│ .*\(beside v1\) +│$/m,
    );
    expect(stdout).toMatch(
      /^│ ok +│ CSV, TABLE, QUERY, REPLAY, LINT +│ acme\.order +│ v1 to v2, BACKWARD_TRANSITIVE +│$/m,
    );
    expect(stdout).toContain('  WIRE_NEW_FIELD_HAS_DEFAULT\n    affected: every reader');
    expect(stdout).toContain('    instead:  give the field a default');
    expect(stdout).toContain('1 error, 1 warning in 1 event type');
  });

  test('prints each finding whole, as one document', async () => {
    for (const option of [['--json'], ['--format', 'json']]) {
      const result = await check(folderOf(BREAKING), ...option);
      expect(result.exitCode).toBe(1);
      expect(result.json<Document>()).toEqual({
        judged: [{ event_type: 'acme.order', versions: [1, 2], compatibility: 'BACKWARD_TRANSITIVE', reason: null }],
        findings: ['WIRE_NEW_FIELD_HAS_DEFAULT', 'API_FIELD_OPTIONAL'].map((rule) => ({
          rule,
          surface: rule.slice(0, rule.indexOf('_')),
          severity: rule.startsWith('API') ? 'warning' : 'error',
          event_type: 'acme.order',
          version: 2,
          against: [1],
          path: '$.total',
          message: expect.stringContaining('no default'),
          affected: expect.any(String),
          advice: expect.any(String),
          accepted: null,
        })),
      });
    }
  });

  test('prints JUnit with a test case for each rule', async () => {
    const { exitCode, stdout } = await check(folderOf(BREAKING), '--format', 'junit');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`<testsuite name="acme.order" tests="${RULES.length}" failures="1">`);
    expect(stdout.match(/<testcase /g)).toHaveLength(RULES.length);
    expect(stdout.match(/<failure message="\$\.total: /g)).toHaveLength(1);
  });

  test('prints annotations that GitHub shows beside the file', async () => {
    const schemas = folderOf(BREAKING);
    const { stdout } = await check(schemas, '--format', 'github-actions');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^::error file=.*acme\.order\/v2\.avsc,title=WIRE_NEW_FIELD_HAS_DEFAULT::acme\.order \$\.total: .*%0Agive/,
    );
    expect((await check(folderOf(CLEAN), '--format', 'github-actions')).stdout).toBe('');
  });

  test('writes nothing that a format would take for its own', async () => {
    const doc = '</failure>\u0001"&\n::error::%0A';
    const schemas = folderOf([
      order(),
      { ...order({ ...total, type: ['null', 'intt'], doc }), doc: '\u001b[31m' },
      '{"<&>"',
    ]);
    const junit = await check(schemas, '--format', 'junit');
    expect(junit.exitCode).toBe(1);
    expect(junit.stdout).not.toMatch(/[\u0000-\u0008\u001b]/);
    expect(junit.stdout.match(/<failure /g)?.length).toBe(junit.stdout.match(/<\/failure>/g)?.length);
    const lines = (await check(schemas, '--format', 'github-actions')).stdout.trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^::(error|warning) file=/);
  });

  test('judges one event type where one is named', async () => {
    const schemas = folderOf(BREAKING);
    folderOf([order()], schemas);
    mkdirSync(join(schemas, 'acme.refund'));
    writeFileSync(join(schemas, 'acme.refund', 'v1.avsc'), JSON.stringify(order()));
    const result = await check(schemas, 'acme.refund', '--json');
    expect(result.exitCode).toBe(0);
    expect(result.json<Document>().judged.map(({ event_type }) => event_type)).toEqual(['acme.refund']);
  });

  test('exits 0 with warnings alone, and shows the reason why a type asks for less', async () => {
    const [v1, v2] = BREAKING;
    const sluice = { compatibility: 'NONE', compatibilityReason: 'nobody has sent it yet' };
    const { exitCode, stdout } = await check(folderOf([v1, { ...v2, sluice }]));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/│ accepted +│ WIRE_NEW_FIELD_HAS_DEFAULT .*accepted: nobody has sent it yet/);
    expect(stdout).toContain('NONE (nobody has sent it yet)');
  });

  test('holds the folder to another one that was published', async () => {
    const published = folderOf(CLEAN);
    expect((await check(folderOf(CLEAN), '--against', published)).exitCode).toBe(0);
    const result = await check(folderOf([order({ ...total, default: 1 })]), '--against', published, '--json');
    expect(result.exitCode).toBe(1);
    const found = result.json<Document>().findings.map(({ rule, version }) => `${rule} ${version}`);
    expect(found).toContain('REPLAY_PUBLISHED_SAME 1');
    expect(found).toContain('REPLAY_PUBLISHED_KEPT 2');
  });

  test('holds the folder to a git revision of itself', async () => {
    const root = newFolder();
    const schemas = folderOf([order()], join(root, 'below', 'schemas'));
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        stdio: 'pipe',
      });
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'published');
    folderOf(CLEAN, schemas);
    expect(await check(schemas, '--against', 'HEAD')).toMatchObject({ exitCode: 0, stderr: '' });
    folderOf([order({ ...total, default: 1 })], schemas);
    const result = await check(schemas, '--against', 'HEAD', '--json');
    expect(result.exitCode).toBe(1);
    expect(result.json<Document>().findings).toContainEqual(expect.objectContaining({ rule: 'REPLAY_PUBLISHED_SAME' }));
  });

  test.for([
    ['a revision that is none', ['--against', 'no-such-ref'], 'SLUICE_USAGE', 'no-such-ref'],
    ['an option as a revision', ['--against', '--all'], 'SLUICE_USAGE', '--all'],
    ['a folder without schemas', ['--against', import.meta.dirname], 'SLUICE_SCHEMA_INVALID', 'has no event type'],
    ['an event type that is none', ['acme.nothing'], 'SLUICE_EVENT_TYPE_UNKNOWN', 'acme.nothing'],
  ] as const)('exits 2 with %s', async ([, args, code, named]) => {
    const result = await check(SCHEMAS, ...args, '--format', 'json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code, message: expect.stringContaining(named) } });
  });

  test('exits 2 where the schemas folder does not exist', async () => {
    const { exitCode, stderr } = await check(join(newFolder(), 'nothing'));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('does not exist');
  });
});
