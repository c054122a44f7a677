import { expect, it } from 'vitest';
import { deriveTopic } from '../../src/derive/topic.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';

function historyOf(...settings: unknown[]) {
  return schemaHistory(
    'a.b',
    settings.map((sluice, index) => schemaVersion('a.b', index + 1, { type: 'record', name: 'A', fields: [], sluice })),
  );
}

it('is called after the event type, has the partitions of the newest version and takes records of 8 MiB, stored uncompressed', () => {
  expect(deriveTopic(historyOf({ partitions: 2 }, { partitions: 7 }))).toEqual({
    name: 'a.b',
    partitions: 7,
    config: { 'max.message.bytes': '8388608', 'compression.type': 'uncompressed' },
  });
});

it('has four partitions where the schema names no number', () => {
  expect(deriveTopic(historyOf({})).partitions).toBe(4);
});
