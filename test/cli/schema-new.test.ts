import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDataFile } from '../../samples/packages.ts';
import { compileCodec } from '../../src/codec/codec.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { bodyOf, type Examples } from '../support/schemas.ts';

const TYPE = 'acme.order';
const LINES = ['o-1', 'o-2', 'o-3'].map((id) => `{"id":"${id}","total":"19.90"}\n`).join('');

function file(name: string, text: string): string {
  const path = join(newFolder(), name);
  writeFileSync(path, text);
  return path;
}

/** The schema that was written, and its examples. */
function written(schemas: string, type = TYPE) {
  const read = (name: string) => JSON.parse(readFileSync(join(schemas, type, name), 'utf8')) as unknown;
  const version = schemaVersion(type, 1, read('v1.avsc'));
  return { version, examples: read('examples.json') as Examples, codec: compileCodec(schemaHistory(type, [version])) };
}

const make = (schemas: string, ...args: string[]) => sluice(['schema', 'new', TYPE, '--schemas', schemas, ...args]);

describe.concurrent('sluice schema new', () => {
  test.for([
    ['lines', LINES],
    ['an array', `[${LINES.trim().replaceAll('\n', ',')}]`],
    ['one object over several lines', JSON.stringify({ id: 'o-1', total: '19.90' }, null, 2)],
  ] as const)('infers a schema from %s, with examples that it takes', async ([, text]) => {
    const schemas = join(newFolder(), 'schemas');
    const result = await make(schemas, '--from', file('orders.json', text));
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain(join(schemas, TYPE, 'v1.avsc'));
    expect(result.stdout).toContain(`sluice schema check ${TYPE}`);
    const { version, examples, codec } = written(schemas);
    expect(version.root.fields.map(({ name }) => name)).toEqual(['id', 'total']);
    expect(version.settings.eventId).toBe('id');
    expect(examples.valid.length).toBeGreaterThan(0);
    for (const { body, since } of examples.valid) {
      expect(since).toBe(1);
      expect(codec.encode(bodyOf(body)).ok).toBe(true);
    }
    expect(await sluice(['schema', 'check', '--schemas', schemas])).toMatchObject({ exitCode: 0 });
  });

  test('reads standard input, and says in JSON what it wrote and what it was unsure of', async () => {
    const schemas = newFolder();
    const result = await sluice(['schema', 'new', TYPE, '--from', '-', '--json', '--schemas', schemas], {
      input: LINES,
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.json()).toEqual({
      event_type: TYPE,
      version: 1,
      files: ['v1.avsc', 'examples.json'].map((name) => join(schemas, TYPE, name)),
      unsure: expect.arrayContaining([expect.stringMatching(/^\$\.total: a decimal/)]),
      problems: [],
    });
  });

  test('without samples writes a schema to start from, which the check finds good', async () => {
    const schemas = newFolder();
    expect(await make(schemas)).toMatchObject({ exitCode: 0, stderr: '' });
    const { examples, codec } = written(schemas);
    for (const { body } of examples.valid) expect(codec.encode(bodyOf(body)).ok).toBe(true);
    expect(await sluice(['schema', 'check', '--schemas', schemas])).toMatchObject({ exitCode: 0 });
  });

  test('never overwrites a schema, and points to new-version', async () => {
    const schemas = newFolder();
    mkdirSync(join(schemas, TYPE));
    writeFileSync(join(schemas, TYPE, 'v1.avsc'), 'mine');
    const result = await make(schemas, '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      error: { code: 'SLUICE_USAGE', message: expect.stringContaining(`sluice schema new-version ${TYPE}`) },
    });
    expect(readdirSync(join(schemas, TYPE))).toEqual(['v1.avsc']);
    expect(readFileSync(join(schemas, TYPE, 'v1.avsc'), 'utf8')).toBe('mine');
  });

  test('never overwrites examples', async () => {
    const schemas = newFolder();
    mkdirSync(join(schemas, TYPE));
    writeFileSync(join(schemas, TYPE, 'examples.json'), 'mine');
    expect(await make(schemas)).toMatchObject({ exitCode: 2 });
    expect(readFileSync(join(schemas, TYPE, 'examples.json'), 'utf8')).toBe('mine');
  });

  test('refuses an event type whose table would be called as another', async () => {
    const schemas = newFolder();
    await make(schemas);
    const result = await sluice(['schema', 'new', 'acme_order', '--json', '--schemas', schemas]);
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { message: expect.stringContaining(TYPE) } });
  });

  test('exits 1 with each sample that is no event, and writes nothing', async () => {
    const schemas = newFolder();
    const result = await make(schemas, '--from', file('orders.ndjson', `${LINES}{"id":\n[]\n`));
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toContain('sample 4: ');
    expect(result.stderr).toContain('sample 5: an event is a JSON object');
    expect(existsSync(join(schemas, TYPE))).toBe(false);
  });

  test.for([
    ['a file that does not exist', ['--from', 'nothing.ndjson'], 'nothing.ndjson cannot be read (ENOENT)'],
    ['a file without a sample', ['--from', file('empty.ndjson', '\n')], 'holds no sample'],
    ['CSV whose rows differ in length', ['--from', file('a.csv', 'a,b\n1\n')], 'is no CSV with a header'],
    ['CSV of two columns of one name', ['--rename', '--from', file('a.csv', 'A b,a_b\n1,2\n')], '"a_b"'],
    ['--rename for JSON', ['--rename', '--from', file('a.json', '{}')], '--rename is for CSV'],
  ] as const)('exits 2 with %s', async ([, args, message]) => {
    const schemas = newFolder();
    const result = await make(schemas, '--json', ...args);
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      error: { code: 'SLUICE_USAGE', message: expect.stringContaining(message) },
    });
    expect(readdirSync(schemas)).toEqual([]);
  });

  test('exits 2 with a name that no event type has', async () => {
    expect(await sluice(['schema', 'new', '../Order', '--schemas', newFolder()])).toMatchObject({ exitCode: 2 });
  });

  test('takes CSV: numbers, truths and texts by column, an empty cell as null', async () => {
    const schemas = newFolder();
    const rows = 'id,size,good,zip,note,rate\na,1,true,01234,"x, ""y""\nz",0.5\nb,,false,99999,,1\n';
    expect(await make(schemas, '--csv', '--from', file('rows.txt', rows))).toMatchObject({ exitCode: 0 });
    const { version, examples } = written(schemas);
    const types = (version.definition.fields as { type: unknown }[]).map(({ type }) => type);
    expect(types).toEqual(['string', ['null', 'int'], 'boolean', 'string', ['null', 'string'], 'double']);
    expect(examples.valid.map(({ body }) => body)).toEqual([
      { id: 'a', size: 1, good: true, zip: '01234', note: 'x, "y"\nz', rate: 0.5 },
      { id: 'b', size: null, good: false, zip: '99999', note: null, rate: 1 },
    ]);
  });

  test('says which headers of real CSV are no names, and takes all of it with --rename', async () => {
    const schemas = newFolder();
    const csv = file('birdstrikes.csv', readDataFile('birdstrikes.csv'));
    const refused = await make(schemas, '--from', csv);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain("$['Airport Name']: ");
    expect(refused.stderr).toContain('--rename');
    expect(existsSync(join(schemas, TYPE))).toBe(false);
    expect(await make(schemas, '--from', csv, '--rename')).toMatchObject({ exitCode: 0, stderr: '' });
    const { version } = written(schemas);
    expect(version.root.doc).toBe('Inferred from 10,000 samples');
    expect(version.settings.eventTime).toBe('flight_date');
    expect(version.root.fields.map(({ name }) => name)).toContain('cost_total');
    expect(await sluice(['schema', 'check', '--schemas', schemas])).toMatchObject({ exitCode: 0 });
  });
});
