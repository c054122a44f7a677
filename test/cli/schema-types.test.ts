import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deriveClient } from '../../src/derive/client.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { HISTORIES, historyOf, SCHEMAS } from '../support/schemas.ts';

const CLIENT = readFileSync(new URL('../../src/client/client.ts', import.meta.url), 'utf8');
const types = (...args: string[]) => sluice(['schema', 'types', ...args, '--schemas', SCHEMAS]);

describe.concurrent('sluice schema types', () => {
  test('prints the module of all event types, or of one', async () => {
    expect(await types()).toEqual(
      expect.objectContaining({ exitCode: 0, stderr: '', stdout: deriveClient(HISTORIES, CLIENT) }),
    );
    const one = await types('aviation.flight', '--json');
    expect(one.json()).toEqual({
      event_types: { 'aviation.flight': 1 },
      file: null,
      source: deriveClient([historyOf('aviation.flight')], CLIENT),
    });
  });

  test('writes a file, and writes over its own', async () => {
    const file = join(newFolder(), 'sluice.ts');
    const first = await types('aviation.flight', '--out', file);
    expect(first).toMatchObject({ exitCode: 0, stdout: `wrote ${file}: aviation.flight v1\n` });
    expect(readFileSync(file, 'utf8')).toBe(deriveClient([historyOf('aviation.flight')], CLIENT));
    const second = await types('--out', file, '--json');
    const versions = Object.fromEntries(HISTORIES.map(({ eventType, newest }) => [eventType, newest.version]));
    expect(second.json()).toEqual({ event_types: versions, file });
    expect(readFileSync(file, 'utf8')).toBe(deriveClient(HISTORIES, CLIENT));
  });

  test('leaves a file alone that is somebody else’s, and exits 2', async () => {
    const file = join(newFolder(), 'mine.ts');
    writeFileSync(file, 'export const mine = 1;\n');
    const result = await types('--out', file, '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code: 'SLUICE_USAGE', message: expect.stringContaining(file) } });
    expect(readFileSync(file, 'utf8')).toBe('export const mine = 1;\n');
  });

  test('exits 2 where there is nothing to write of, or nowhere to write', async () => {
    expect((await types('acme.order', '--json')).json()).toMatchObject({
      error: { code: 'SLUICE_EVENT_TYPE_UNKNOWN' },
    });
    const folder = newFolder();
    mkdirSync(join(folder, 'schemas'));
    const empty = await sluice(['schema', 'types', '--schemas', join(folder, 'schemas'), '--json']);
    expect(empty).toMatchObject({ exitCode: 2 });
    expect(empty.json()).toMatchObject({ error: { code: 'SLUICE_SCHEMA_INVALID' } });
    const nowhere = await types('--out', join(folder, 'no', 'folder', 'sluice.ts'), '--json');
    expect(nowhere).toMatchObject({ exitCode: 2 });
    expect(nowhere.json()).toMatchObject({ error: { code: 'SLUICE_STORAGE' } });
  });
});
