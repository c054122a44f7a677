import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newFolder, sluice } from '../support/cli.ts';
import { SCHEMAS } from '../support/schemas.ts';

const order = (fields: readonly object[], rest: object = {}) => ({ type: 'record', name: 'Order', ...rest, fields });

/** Formatted as nobody else would: a copy must not lose that. */
const TEXT = `${JSON.stringify(order([{ name: 'id', type: 'string' }]), null, '\t')}\n\n`;

function newSchemas(): string {
  const schemas = newFolder();
  mkdirSync(join(schemas, 'acme.order'));
  writeFileSync(join(schemas, 'acme.order', 'v1.avsc'), TEXT);
  return schemas;
}

describe.concurrent('sluice schema new-version', () => {
  test('copies the newest version byte for byte, and says what to do next', async () => {
    const schemas = newSchemas();
    const first = await sluice(['schema', 'new-version', 'acme.order', '--schemas', schemas]);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toContain(join('acme.order', 'v2.avsc'));
    expect(first.stdout).toContain('sluice schema check acme.order');
    const second = await sluice(['schema', 'new-version', 'acme.order', '--schemas', schemas, '--json']);
    const [v2, v3] = [2, 3].map((version) => join(schemas, 'acme.order', `v${version}.avsc`));
    expect(second.json()).toEqual({ event_type: 'acme.order', version: 3, file: v3, copied_from: v2 });
    for (const file of [v2!, v3!]) expect(readFileSync(file, 'utf8')).toBe(TEXT);
  });

  test('is found by the check until it is changed', async () => {
    const schemas = newSchemas();
    await sluice(['schema', 'new-version', 'acme.order', '--schemas', schemas]);
    const { exitCode, stdout } = await sluice(['schema', 'check', '--schemas', schemas]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('LINT_VERSION_NEW');
  });

  test('of an event type without a schema exits 2 and writes nothing', async () => {
    const schemas = newSchemas();
    const result = await sluice(['schema', 'new-version', 'acme.refund', '--schemas', schemas, '--json']);
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code: 'SLUICE_EVENT_TYPE_UNKNOWN' } });
    expect(readdirSync(schemas, { recursive: true }).sort()).toEqual(['acme.order', join('acme.order', 'v1.avsc')]);
  });
});

describe.concurrent('sluice schema diff', () => {
  const diff = (a: string, b: string, ...args: string[]) =>
    sluice(['schema', 'diff', a, b, '--schemas', SCHEMAS, ...args]);
  const file = (definition: unknown): string => {
    const path = join(newFolder(), 'schema.avsc');
    writeFileSync(path, typeof definition === 'string' ? definition : JSON.stringify(definition));
    return path;
  };

  test('of two versions that follow one another exits 0, and shows each change with its field', async () => {
    const { exitCode, stdout } = await diff('seismic.earthquake@1', 'seismic.earthquake@2');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/│ type +│ \$\.magnitude +│ double +│ \[null, double\]/);
    expect(stdout).toMatch(/│ added +│ \$\.location\.utc_offset_minutes +│ +│ \[null, int\]/);
    expect(stdout).not.toContain('affected');
  });

  test('the other way round exits 1, with what it breaks', async () => {
    const result = await diff('seismic.earthquake@2', 'seismic.earthquake@1', '--json');
    expect(result.exitCode).toBe(1);
    const { changes, findings } = result.json<{ changes: object[]; findings: object[] }>();
    expect(changes).toContainEqual({ change: 'removed', path: '$.title', before: '[null, string]', after: null });
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'API_FIELD_KEPT', path: '$.title' }));
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'WIRE_UNION_BRANCHES_KEPT', path: '$.magnitude' }));
  });

  test('of a schema with itself is none', async () => {
    expect(await diff('aviation.flight@1', 'aviation.flight@1')).toMatchObject({
      exitCode: 0,
      stdout: 'no difference\n',
    });
    const same = await diff('aviation.flight@1', join(SCHEMAS, 'aviation.flight', 'v1.avsc'), '--json');
    expect(same.json()).toEqual({ changes: [], findings: [] });
  });

  test('of two files names every kind of change', async () => {
    const item = (fields: readonly object[]) => ({ type: 'array', items: { type: 'record', name: 'Item', fields } });
    const status = (symbols: readonly string[]) => ({ type: 'enum', name: 'Status', symbols, default: 'open' });
    const a = file(
      order(
        [
          { name: 'id', type: 'string' },
          { name: 'note', type: 'string', default: '' },
          { name: 'items', type: item([{ name: 'sku', type: 'string' }]) },
          { name: 'status', type: status(['open']) },
        ],
        { doc: 'One', sluice: { key: 'id' } },
      ),
    );
    const b = file(
      order(
        [
          { name: 'id', type: 'string', doc: 'Its id' },
          { name: 'remark', aliases: ['note'], type: 'string', default: '-' },
          {
            name: 'items',
            type: [
              'null',
              item([
                { name: 'sku', type: 'string' },
                { name: 'count', type: 'int', default: 1 },
              ]),
            ],
          },
          { name: 'status', type: status(['open', 'paid']) },
        ],
        { doc: 'Two', sluice: { key: 'id', partitions: 8 } },
      ),
    );
    const { changes } = (await diff(a, b, '--json')).json<{ changes: Record<string, unknown>[] }>();
    expect(changes.map(({ change, path, before, after }) => [change, path, before, after])).toEqual([
      ['doc', '$', 'One', 'Two'],
      ['setting', '$ sluice.partitions', null, '8'],
      ['doc', '$.id', null, 'Its id'],
      ['renamed', '$.remark', 'note', 'remark'],
      ['default', '$.remark', '""', '"-"'],
      ['type', '$.items', 'array of record Item', '[null, array of record Item]'],
      ['added', '$.items[].count', null, 'int'],
      ['type', '$.status', 'enum Status (open, default open)', 'enum Status (open, paid, default open)'],
    ]);
  });

  test.for([
    ['a version that does not exist', 'aviation.flight@2', 'SLUICE_USAGE', 'no 2'],
    ['an event type that does not exist', 'acme.order@1', 'SLUICE_EVENT_TYPE_UNKNOWN', 'acme.order'],
    ['a file that does not exist', 'nothing.avsc', 'SLUICE_USAGE', 'nothing.avsc'],
    ['a file that is not JSON', file('{'), 'SLUICE_SCHEMA_INVALID', 'is not JSON'],
    ['a file that is no event schema', file('"int"'), 'SLUICE_SCHEMA_INVALID', 'must be a record'],
  ] as const)('exits 2 with %s', async ([, name, code, named]) => {
    const result = await diff('aviation.flight@1', name, '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code, message: expect.stringContaining(named) } });
  });
});
