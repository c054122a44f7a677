import { expect, it } from 'vitest';
import { partitionFolder } from '../../src/derive/partition.ts';

it('names day and hour in UTC, two digits each, as partition projection expects them', () => {
  expect(partitionFolder(Date.UTC(2026, 0, 2, 3, 59, 59, 999))).toBe('dt=2026-01-02/hour=03/');
  expect(partitionFolder(Date.UTC(2026, 11, 31, 23))).toBe('dt=2026-12-31/hour=23/');
});
