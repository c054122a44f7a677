import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFolderRegistry } from '../../../src/adapters/registry/folder.ts';
import { readHistories, readHistory } from '../../../src/local/event-types.ts';
import { orderOf, registryContract } from '../../support/registry-contract.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const schema = (...names: string[]) =>
  JSON.stringify({ type: 'record', name: 'Event', fields: names.map((name) => ({ name, type: 'int', default: 0 })) });

/** A schemas folder with the given files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const shared = mkdtempSync(join(tmpdir(), 'sluice-test-'));
afterAll(() => rmSync(shared, { recursive: true, force: true }));

registryContract('a folder', () => ({
  open: () => openFolderRegistry(shared),
  async addForeign(name) {
    mkdirSync(join(shared, `.${name}`));
    writeFileSync(join(shared, `.${name}`, 'v1.avsc'), JSON.stringify(orderOf()));
    writeFileSync(join(shared, name), '');
  },
}));

describe('a registry that is a folder', () => {
  it('lists the folders that hold a version, by name', async () => {
    const folder = folderOf({
      'b.second/v1.avsc': schema('x'),
      'a.first/v1.avsc': schema('x'),
      'no-version/README.md': '',
      'no-version/v0.avsc': schema('x'),
      'no-version/v01.avsc': schema('x'),
      'no-version/v1.avsc.bak': schema('x'),
      '.git/v1.avsc': schema('x'),
      'v1.avsc': schema('x'),
    });
    expect(await openFolderRegistry(folder).eventTypes()).toEqual(['a.first', 'b.second']);
  });

  it('reads the versions of an event type by number, not by name', async () => {
    const versions = Array.from({ length: 11 }, (_, index) => index + 1);
    const folder = folderOf({
      ...Object.fromEntries(
        versions.map((n) => [`a.b/v${n}.avsc`, schema(...versions.slice(0, n).map((m) => `f${m}`))]),
      ),
      'a.b/examples.json': 'not read',
    });
    const history = await readHistory(openFolderRegistry(folder), 'a.b');
    expect(history.versions.map(({ version }) => version)).toEqual(versions);
    expect(history.newest.root.fields).toHaveLength(11);
    expect(history.eventType).toBe('a.b');
  });

  it('reads all histories at once', async () => {
    const folder = folderOf({ 'b.b/v1.avsc': schema('x'), 'a.a/v1.avsc': schema('y') });
    const histories = await readHistories(openFolderRegistry(folder));
    expect(histories.map(({ eventType }) => eventType)).toEqual(['a.a', 'b.b']);
  });

  it.each(['unknown', '../a.b', 'a.b/../a.b', 'A.B', '', '.', '..', '__proto__', 'a.b/v1.avsc', 'a%2eb'])(
    'knows no event type "%s"',
    async (eventType) => {
      const folder = folderOf({ 'a.b/v1.avsc': schema('x') });
      await expect(readHistory(openFolderRegistry(folder), eventType)).rejects.toMatchObject({
        code: 'SLUICE_EVENT_TYPE_UNKNOWN',
      });
    },
  );

  it.each([
    ['the first version is missing', { 'a.b/v2.avsc': schema('x') }, 'v1 is missing'],
    ['a file is no JSON', { 'a.b/v1.avsc': '{' }, 'a.b/v1.avsc is not JSON'],
    ['a file is no Avro', { 'a.b/v1.avsc': '{"type":"record","name":"E"}' }, 'a.b v1'],
    ['a file is no record', { 'a.b/v1.avsc': '"string"' }, 'a.b v1'],
    [
      'a folder has a name that no topic may have',
      { 'A B/v1.avsc': schema('x') },
      '"A B" is no event type; rename the folder',
    ],
  ])('says what is wrong when %s', async (_, files, message) => {
    await expect(readHistories(openFolderRegistry(folderOf(files)))).rejects.toThrow(message);
  });

  it('says which folder it cannot read', async () => {
    const folder = join(temporaryFolder(), 'nowhere');
    await expect(openFolderRegistry(folder).eventTypes()).rejects.toMatchObject({
      code: 'SLUICE_SCHEMA_INVALID',
      message: expect.stringContaining(folder),
    });
  });
});
