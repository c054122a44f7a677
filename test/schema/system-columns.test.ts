import { expect, test } from 'vitest';
import { SYSTEM_COLUMNS } from '../../src/schema/system-columns.ts';

test('the system columns are these, in this order: every object ever written holds them so', () => {
  expect(SYSTEM_COLUMNS.map(({ name, type }) => `${name} ${type}`)).toEqual([
    '_event_id string',
    '_schema_version int',
    '_ingested_at timestamp',
    '_kafka_partition int',
    '_kafka_offset bigint',
    '_replay_id string',
  ]);
});
