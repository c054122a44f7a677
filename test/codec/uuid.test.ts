import { expect, test } from 'vitest';
import { isUuid } from '../../src/codec/uuid.ts';

test.each([
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  '6BA7B810-9DAD-11D1-80B4-00C04FD430C8',
  `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`,
])('%s is a UUID', (text) => {
  expect(isUuid(text)).toBe(true);
});

test.each([
  '',
  '6ba7b8109dad11d180b400c04fd430c8',
  '{6ba7b810-9dad-11d1-80b4-00c04fd430c8}',
  'urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  '6ba7b810-9dad-11d1-80b4-00c04fd430cg',
  '6ba7b810-9dad-11d1-80b4-00c04fd430c',
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8\n',
  ' 6ba7b810-9dad-11d1-80b4-00c04fd430c8',
])('%j is none', (text) => {
  expect(isUuid(text)).toBe(false);
});
