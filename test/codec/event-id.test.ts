import { expect, it } from 'vitest';
import { isEventId } from '../../src/codec/event-id.ts';

it('an event id is 1 to 128 characters that need no escape in headers, URLs and file names', () => {
  for (const id of ['a', 'A-Z_0.9:~', 'x'.repeat(128)]) expect(isEventId(id)).toBe(true);
  for (const id of ['', 'x'.repeat(129), 'a b', 'a/b', 'a\n', 'ä', 'a,b', '%41']) expect(isEventId(id)).toBe(false);
});
