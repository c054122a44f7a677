import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newFolder, sluice } from '../support/cli.ts';
import { HISTORIES, SCHEMAS } from '../support/schemas.ts';
import { parseStrictly } from '../support/strict-html.ts';

const docs = (out: string, schemas: string, ...args: string[]) =>
  sluice(['schema', 'docs', '--out', out, '--schemas', schemas, ...args]);
const FILES = ['index.html', ...HISTORIES.map(({ eventType }) => join('types', `${eventType}.html`)), 'style.css'];

/** Every file of a folder, by its path. */
function filesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

function schemasOf(examples?: string): string {
  const schemas = newFolder();
  for (const type of ['acme.order', 'acme.refund']) {
    mkdirSync(join(schemas, type));
    writeFileSync(join(schemas, type, 'v1.avsc'), '{"type":"record","name":"E","fields":[]}');
  }
  if (examples !== undefined) writeFileSync(join(schemas, 'acme.order', 'examples.json'), examples);
  return schemas;
}

describe.concurrent('sluice schema docs', () => {
  test('writes the catalogue, and lists its files', async () => {
    const out = join(newFolder(), 'some', 'where');
    const result = await docs(out, SCHEMAS, '--json');
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toEqual({ folder: out, files: FILES.map((file) => join(out, file)), removed: [] });
    const files = filesOf(out);
    expect(Object.keys(files).sort()).toEqual([...FILES].sort());
    for (const [path, text] of Object.entries(files)) if (path.endsWith('.html')) parseStrictly(text);
    expect(files[join('types', 'aviation.flight.html')]).toContain('&quot;constructor&quot;: &quot;Airbus');
  });

  test('writes the same bytes again, wherever the schemas are', async () => {
    const [once, twice, copy] = [newFolder(), newFolder(), join(newFolder(), 'copy')];
    cpSync(SCHEMAS, copy, { recursive: true });
    expect((await docs(once!, SCHEMAS)).exitCode).toBe(0);
    for (const _ of [1, 2]) expect((await docs(twice!, copy!)).exitCode).toBe(0);
    expect(filesOf(twice!)).toEqual(filesOf(once!));
  });

  test('removes the page of an event type that is no more, and leaves other files alone', async () => {
    const [out, schemas] = [newFolder(), schemasOf()];
    await docs(out, schemas);
    writeFileSync(join(out, 'types', 'mine.html'), '<p>mine</p>');
    writeFileSync(join(out, 'README.md'), 'mine');
    rmSync(join(schemas, 'acme.refund'), { recursive: true });
    const result = await docs(out, schemas, '--json');
    expect(result.json()).toMatchObject({ removed: [join(out, 'types', 'acme.refund.html')] });
    expect(Object.keys(filesOf(out)).sort()).toEqual(
      ['README.md', 'index.html', 'style.css', join('types', 'acme.order.html'), join('types', 'mine.html')].sort(),
    );
  });

  test('writes nothing where a file is in the way that is somebody else’s, and exits 2', async () => {
    const out = newFolder();
    writeFileSync(join(out, 'style.css'), 'p { color: red }\n');
    const result = await docs(out, schemasOf(), '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      error: { code: 'SLUICE_USAGE', message: expect.stringContaining(join(out, 'style.css')) },
    });
    expect(filesOf(out)).toEqual({ 'style.css': 'p { color: red }\n' });
  });

  test.for([
    ['that are not JSON', '{', 'examples.json'],
    ['of another form', '{"valid": {}}', 'valid must be an array'],
  ] as const)('exits 2 with examples %s', async ([, examples, named]) => {
    const result = await docs(newFolder(), schemasOf(examples), '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      error: { code: 'SLUICE_SCHEMA_INVALID', message: expect.stringContaining(named) },
    });
  });

  test('exits 2 where there is no event type, or no folder to write to', async () => {
    const empty = await docs(newFolder(), newFolder(), '--json');
    expect(empty).toMatchObject({ exitCode: 2 });
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    const blocked = await docs(join(file, 'out'), schemasOf(), '--json');
    expect(blocked).toMatchObject({ exitCode: 2 });
    expect(blocked.json()).toMatchObject({ error: { code: 'SLUICE_STORAGE' } });
  });
});
