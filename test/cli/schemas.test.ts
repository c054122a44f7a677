import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newFolder, sluice } from '../support/cli.ts';

/** Broken schemas, each with the place that the message must name. */
const BROKEN: readonly (readonly [string, unknown, string])[] = [
  ['a type that does not exist', record({ name: 'total', type: 'decimal' }), '$.total: unknown type "decimal"'],
  [
    'a nested type without a type',
    record({ name: 'to', type: { type: 'record', name: 'To', fields: [{ name: 'zip' }] } }),
    '$.to.zip: ',
  ],
  ['a default that does not fit', record({ name: 'lines', type: 'int', default: 'none' }), '$.lines: '],
  ['a key that is not a field', { ...record(), sluice: { key: 'customer' } }, '"customer"'],
];

describe.concurrent('the schemas folder', () => {
  test.for(BROKEN)(
    'with %s is refused before anything is started; the message names file and place',
    async ([, schema, place]) => {
      const folder = newFolder();
      const file = schemaFile(folder, JSON.stringify(schema));
      const data = join(folder, 'data');
      const { exitCode, stdout, stderr } = await sluice(['up', '--schemas', folder, '--data', data]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain('sluice: SLUICE_SCHEMA_INVALID: ');
      expect(stderr).toContain(file);
      expect(stderr).toContain(place);
      expect(existsSync(data)).toBe(false);
    },
  );

  test('with a file that is not JSON is refused, naming it', async () => {
    const folder = newFolder();
    const file = schemaFile(folder, '{"type": "record",');
    const { exitCode, stderr } = await sluice(['status', '--schemas', folder, '--data', join(folder, 'data')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${file} is not JSON`);
  });

  test.for(['up', 'status', 'failed list'])(
    'that does not exist keeps "%s" from running, and is named',
    async (verb) => {
      const folder = join(newFolder(), 'schemas');
      const result = await sluice([...verb.split(' '), '--schemas', folder, '--json', '--data', `${folder}-data`]);
      expect(result.exitCode).toBe(2);
      expect(result.json()).toMatchObject({
        error: { code: 'SLUICE_SCHEMA_INVALID', message: `the schemas folder ${folder} does not exist` },
      });
      expect(existsSync(`${folder}-data`)).toBe(false);
    },
  );

  test('without any event type keeps "up" from running, and the message says what to add', async () => {
    const folder = newFolder();
    const { exitCode, stderr } = await sluice(['up', '--schemas', folder, '--data', join(folder, 'data')]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`add <event type>/v1.avsc to ${folder}`);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  test('without a type of the samples keeps "up --once" from running', async () => {
    const folder = newFolder();
    schemaFile(folder, JSON.stringify(record()));
    const result = await sluice(['up', '--once', '--json', '--schemas', folder, '--data', join(folder, 'data')]);
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      error: { code: 'SLUICE_USAGE', message: expect.stringContaining('seismic.earthquake') },
    });
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});

function record(...fields: unknown[]) {
  return { type: 'record', name: 'Order', fields: [{ name: 'id', type: 'string' }, ...fields] };
}

/** Puts a text where the first version of an event type belongs. */
function schemaFile(folder: string, text: string): string {
  mkdirSync(join(folder, 'acme.order'));
  const file = join(folder, 'acme.order/v1.avsc');
  writeFileSync(file, text);
  return file;
}
