import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codecLookup, readEventTypes } from '../../src/local/event-types.ts';
import { HISTORIES, SCHEMAS } from '../support/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function folderOf(...eventTypes: string[]): string {
  const folder = temporaryFolder();
  for (const eventType of eventTypes) {
    mkdirSync(join(folder, eventType));
    writeFileSync(join(folder, eventType, 'v1.avsc'), '{"type":"record","name":"E","fields":[]}');
  }
  return folder;
}

describe('reading event types', () => {
  it('gives the history of every event type of a folder', async () => {
    expect((await readEventTypes(SCHEMAS)).map(({ digest }) => digest)).toEqual(HISTORIES.map(({ digest }) => digest));
  });

  it('gives none for a folder without any', async () => {
    expect(await readEventTypes(temporaryFolder())).toEqual([]);
  });

  it.each([
    ['a.b', 'a_b'],
    ['x', 'raw.x'],
    ['x', 'all-x'],
    ['failed.events', 'y'],
  ])('refuses %s beside %s, whose views or tables would share a name', async (...eventTypes) => {
    await expect(readEventTypes(folderOf(...eventTypes))).rejects.toMatchObject({ code: 'SLUICE_SCHEMA_INVALID' });
  });
});

describe('a codec lookup', () => {
  const codecOf = codecLookup(HISTORIES);

  it('finds the codec of each event type, and the same one every time', () => {
    for (const history of HISTORIES) {
      expect(codecOf(history.eventType)?.history).toBe(history);
      expect(codecOf(history.eventType)).toBe(codecOf(history.eventType));
    }
  });

  it.each(['unknown', '__proto__', 'constructor', 'toString', ''])('finds none for "%s"', (eventType) => {
    expect(codecOf(eventType)).toBeUndefined();
  });
});
