import fc from 'fast-check';
import { expect, test } from 'vitest';
import { childPath } from '../../src/codec/json-path.ts';

test('plain names follow a dot, items stand in brackets, other names in quotes', () => {
  expect(childPath('$', 'depth_km')).toBe('$.depth_km');
  expect(childPath('$.tags', 3)).toBe('$.tags[3]');
  expect(childPath('$', 'odd key')).toBe("$['odd key']");
  expect(childPath('$', '')).toBe("$['']");
  expect(childPath('$', '7')).toBe("$['7']");
});

test('quotes, backslashes and control characters are escaped as in a normalized path', () => {
  expect(childPath('$', `it's`)).toBe(`$['it\\'s']`);
  expect(childPath('$', 'a"b')).toBe(`$['a"b']`);
  expect(childPath('$', 'a\\b')).toBe(`$['a\\\\b']`);
  expect(childPath('$', '\\"')).toBe(`$['\\\\"']`);
  expect(childPath('$', 'a\nb\0c')).toBe(`$['a\\nb\\u0000c']`);
});

test('a path is one line of well-formed text, and short however long a name is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.boolean(), (name, cut) => {
      const path = childPath('$', cut ? `${name}\ud83d` : name);
      expect(path.isWellFormed()).toBe(true);
      expect(path).not.toMatch(/[\0-\x1f]/);
    }),
  );
  expect(childPath('$', 'x'.repeat(1_000_000)).length).toBeLessThan(200);
  expect(childPath('$', '\0'.repeat(1_000_000)).length).toBeLessThan(1000);
});
