import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBack } from '../../../contracts/arbitraries/back.ts';
import { jsonText, parsed } from '../../../contracts/readers/json.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom('"', '\\', ':', ',', '{', '}', '\n', 'é', ' '), { maxLength: 6 }).map((all) => all.join('')),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.double().filter(Number.isFinite),
    text,
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constant('__proto__')), tie('value'), { maxKeys: 4 }),
  ),
}));

test('what is written as text is read back, minus zero and keys of any characters included', () => {
  fc.assert(fc.property(value, (one) => isBack(parsed(jsonText(one)), one)));
});

test.each([
  ['an escaped key', '{"\\"": 1, "\\\\" : 2, "\\u0061":3}', { '"': 1, '\\': 2, a: 3 }],
  ['escapes in values only', '{"a": "\\":", "b": ["\\\\", "\\""]}', { a: '":', b: ['\\', '"'] }],
  ['an escaped key behind an escaped value', '["\\\\", {"\\n": "\\n"}]', ['\\', { '\n': '\n' }]],
])('%s is read', (_name, json, read) => {
  expect(parsed(json)).toEqual(read);
});

test('keys that V8 takes for one another are kept apart', () => {
  // https://github.com/nodejs/node/issues/63785: the second text reads as the first's key in some versions.
  expect(Object.keys(parsed('{"\\\\":1}') as object)).toEqual(['\\']);
  expect(Object.keys(parsed('{"\\"":1}') as object)).toEqual(['"']);
});

test.each(['', '{"a\\', '{"\\"":}', '"\\', '[1', '{"\\"":1} x'])('%j is no JSON', (json) => {
  expect(() => parsed(json)).toThrow();
});
