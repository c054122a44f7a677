import fc from 'fast-check';
import { leaning } from './leaning.ts';

/** Text that has broken CSV, JSON or UTF-8 somewhere before. */
export const HOSTILE_TEXTS = [
  '',
  '\\N',
  '\\\\N',
  '\\',
  '\\n',
  ',',
  '"',
  "'",
  '\n',
  '\r',
  '\r\n',
  '\x1b',
  '\x1bn',
  '\x1be\x1br',
  '\t',
  '\0',
  ' ',
  ' x ',
  'NULL',
  'null',
  '=cmd()',
  '\u2028\u0085',
  '\ufeff',
  '😀 مرحبا ÅÅ',
  'a,b\\c"d\ne\rf\x1bg',
] as const;

/** More of the same, kept apart from what is joined at random below: each means something only where it stands alone. */
const LONELY_TEXTS = [
  '\ufefffirst',
  'e\u0301 and \u1e69\u0323',
  '\u{10ffff}\u{10000}',
  '\ud7ff\ue000\uffff\ufffe',
  '\u202etxet\u202c',
  'NaN',
  '-0',
  '1e999',
  '[personal data',
  '{"a":1}',
  '</script>',
  "'; DROP TABLE x; --",
] as const;

/** Well-formed text of any kind, tens of characters at most. Shrinks to the empty text. */
export const text: fc.Arbitrary<string> = leaning(
  fc.string({ unit: 'binary', maxLength: 400 }),
  [4, fc.constantFrom(...HOSTILE_TEXTS)],
  [3, fc.string({ unit: 'grapheme', maxLength: 60 })],
  [3, fc.string({ unit: 'binary', maxLength: 60 })],
  [4, fc.array(fc.constantFrom(...HOSTILE_TEXTS), { maxLength: 6 }).map((parts) => parts.join(''))],
  [2, fc.constantFrom(...LONELY_TEXTS)],
);

/** Text of 10 to 40 thousand characters: one short text over and over, so that it costs nothing to make and to shrink. */
export const longText: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('x', 'é', '\\', '"', '\n', '😀', 'a,b\\N\x1b\r\n'), fc.integer({ min: 10_000, max: 40_000 }))
  .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)));

/** Keys that JavaScript's objects sort first, take for their own, or that are hard to write into a path. */
const ODD_KEYS = ['2', '10', '-1', '01', '4294967295', '__proto__', 'constructor', 'toString', "it's", '"', 'a.b', '$'];

/** A key of a map. Shrinks to the empty key. */
export const mapKey: fc.Arbitrary<string> = fc.oneof(
  { withCrossShrink: true },
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 4, arbitrary: fc.constantFrom(...ODD_KEYS) },
  { weight: 6, arbitrary: text },
);
