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

const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * Any character but half ones, which have no UTF-8. fast-check has such a unit, too, and takes a third of a second to make
 * a table of all of them.
 */
const character: fc.Arbitrary<string> = fc.integer({ min: 0, max: 0x10ffff - SURROGATES.count }).map(
  (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count),
  (text) => {
    const code = typeof text === 'string' && [...text].length === 1 ? text.codePointAt(0)! : Number.NaN;
    if (Number.isNaN(code) || !(text as string).isWellFormed()) throw new Error('no character');
    return code < SURROGATES.first ? code : code - SURROGATES.count;
  },
);

/** What people write: letters, marks that combine, what is written from the right, and pictures of several characters. */
const grapheme = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) },
  { weight: 1, arbitrary: fc.integer({ min: 0xa1, max: 0x24f }).map((code) => String.fromCharCode(code)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'e\u0301',
      '\u1e69',
      'ß',
      'İ',
      'ı',
      'ﬁ',
      'Ω',
      'Ж',
      'ش',
      'א',
      'क्षि',
      '日',
      '한',
      '👨‍👩‍👧',
      '🇨🇭',
      '❤️',
      '👍🏽',
    ),
  },
);

/** Well-formed text of any kind, tens of characters at most. Shrinks to the empty text, character by character. */
export const text: fc.Arbitrary<string> = leaning(
  fc.string({ unit: character, maxLength: 400 }),
  [4, fc.constantFrom(...HOSTILE_TEXTS)],
  [3, fc.string({ unit: grapheme, maxLength: 60 })],
  [3, fc.string({ unit: character, maxLength: 60 })],
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
