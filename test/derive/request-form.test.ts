import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isEventId } from '../../src/codec/event-id.ts';
import { EVENT_ID_PATTERN, TRACEPARENT_PATTERN, VERSION_PATTERN } from '../../src/derive/request-form.ts';
import { statedVersion } from '../../src/stages/http-form.ts';

/** As Java's `matches` reads a pattern. */
const matches = (pattern: string, text: string) => new RegExp(`^(?:${pattern})$(?![\\s\\S])`).test(text);

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[A-Za-z0-9._:~-]{0,130}$/),
  fc.stringMatching(/^[0-9]{1,12}\n?$/),
);

const isVersion = (text: string): boolean => {
  try {
    return statedVersion(text, undefined) !== undefined;
  } catch {
    return false;
  }
};

it('the patterns take the ids and versions that every host of the edge takes', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(matches(EVENT_ID_PATTERN, text)).toBe(isEventId(text));
      expect(matches(VERSION_PATTERN, text)).toBe(isVersion(text));
    }),
    { numRuns: 2_000 },
  );
});

it('a trace is printable and not longer than makes sense', () => {
  for (const trace of ['00-aa-bb-01', '!~', '~'.repeat(512)]) expect(matches(TRACEPARENT_PATTERN, trace)).toBe(true);
  for (const trace of ['', ' ', 'a b', 'é', 'a\n', '~'.repeat(513)])
    expect(matches(TRACEPARENT_PATTERN, trace)).toBe(false);
});
