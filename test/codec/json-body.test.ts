import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  duplicateKeys,
  MAX_DEPTH,
  type ParsedBody,
  parseBody,
  splitArray,
  splitLines,
} from '../../src/codec/json-body.ts';
import { MAX_FAULTS } from '../../src/errors.ts';
import { isBack, jsonText, text } from '../support/avro-arbitraries.ts';

const parse = (body: string | Uint8Array): ParsedBody => parseBody(typeof body === 'string' ? Buffer.from(body) : body);

function parsedValue(body: string): unknown {
  const parsed = parse(body);
  if (!parsed.ok) throw new Error(parsed.faults[0]?.advice);
  return parsed.value;
}

function codeOf(body: string | Uint8Array): string | undefined {
  const parsed = parse(body);
  return parsed.ok ? undefined : parsed.faults[0]?.code;
}

/** JSON values with keys that need escapes, repeat within a value, and look like Object's own members. */
const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 5 },
    fc.oneof(fc.constantFrom(null, true, false), fc.double({ noNaN: true, noDefaultInfinity: true }), text),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'a', '7')), tie('value')), {
        maxLength: 4,
      })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** Bytes that are JSON, nearly JSON, or nothing of the kind. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  json.map((value) => Buffer.from(jsonText(value))),
  fc.tuple(json, fc.nat(), fc.nat({ max: 255 })).map(([value, at, byte]) => {
    const bytes = Buffer.from(jsonText(value));
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
  fc
    .array(fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '\\"', 'a', '1', ' ', '\n', '\r\n', '\ufeff', 'é'))
    .map((parts) => Buffer.from(parts.join(''))),
);

describe('parseBody', () => {
  test('gives back what JSON text was made from, whatever its keys', () => {
    fc.assert(
      fc.property(fc.array(json), (value) => isBack(parsedValue(jsonText(value)), value)),
      { numRuns: 300 },
    );
  });

  test('reads an escaped key right although a key of the same first bytes was read before', () => {
    // V8 13.6 and 14.6 take the second key for the first (nodejs/node#63785).
    expect(Object.keys(parsedValue('{"h":[],"\\\\":0}') as object)).toEqual(['h', '\\']);
    expect(Object.keys(parsedValue('{"h":1,"\\"":2}') as object)).toEqual(['h', '"']);
    expect(Object.keys(parsedValue('{"h":1,"\\n":2}') as object)).toEqual(['h', '\n']);
    expect(Object.keys(parsedValue('{"h":1,"\\u0041":2}') as object)).toEqual(['h', 'A']);
    expect(Object.keys(parsedValue('{"g":1,"\\\\n":2}') as object)).toEqual(['g', '\\n']);
    expect(Object.keys(parsedValue('{"g":1,"\\nx":2}') as object)).toEqual(['g', '\nx']);
  });

  test('agrees with JSON.parse on what is JSON, and never throws', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const parsed = parseBody(bytes);
        let isJson = true;
        try {
          JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
        } catch {
          isJson = false;
        }
        expect(parsed.ok).toBe(isJson);
        if (!parsed.ok) expect(parsed.faults).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['nothing', '', 'SLUICE_BODY_EMPTY'],
    ['white space only', ' \t\r\n', 'SLUICE_BODY_EMPTY'],
    ['a byte-order mark', '\ufeff{}', 'SLUICE_BODY_ENCODING'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'SLUICE_JSON_SYNTAX'],
    ['half a UTF-8 character', Buffer.from([0x22, 0xc3, 0x22]), 'SLUICE_BODY_ENCODING'],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'SLUICE_BODY_ENCODING'],
    ['a NUL outside of text', '{}\0', 'SLUICE_JSON_SYNTAX'],
    ['a raw control character in text', '"a\nb"', 'SLUICE_JSON_SYNTAX'],
    ['a trailing comma', '{"a":1,}', 'SLUICE_JSON_SYNTAX'],
    ['a comment', '{"a":1/**/}', 'SLUICE_JSON_SYNTAX'],
    ['NaN', '{"a":NaN}', 'SLUICE_JSON_SYNTAX'],
    ['a leading zero', '{"a":01}', 'SLUICE_JSON_SYNTAX'],
    ['two documents', '{}{}', 'SLUICE_JSON_SYNTAX'],
    ['a single quote', "{'a':1}", 'SLUICE_JSON_SYNTAX'],
  ])('refuses %s', (_what, body, code) => {
    expect(codeOf(body)).toBe(code);
  });

  test('takes 64 levels and refuses 65, and ten thousand as well', () => {
    const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
    expect(codeOf(nested(MAX_DEPTH, '[', ']'))).toBeUndefined();
    expect(codeOf(nested(MAX_DEPTH + 1, '[', ']'))).toBe('SLUICE_JSON_TOO_DEEP');
    expect(codeOf(nested(10_000, '[', ']'))).toBe('SLUICE_JSON_TOO_DEEP');
    expect(codeOf(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)).toBe('SLUICE_JSON_TOO_DEEP');
    expect(codeOf('[{'.repeat(10_000))).toBe('SLUICE_JSON_TOO_DEEP');
  });

  test('counts neither brackets nor colons inside of text, whatever is escaped there', () => {
    const hostile = JSON.stringify(`${'['.repeat(100)}"\\"\\\\{:\\`);
    expect(parse(`{"a":${hostile},${hostile}:"\\\\"}`)).toMatchObject({ ok: true, keys: 2 });
    expect(parse('{"\\"":"\\\\","b":"\\\\\\""}')).toMatchObject({ ok: true, keys: 2 });
    expect(parse('["\\u0022:[", {"a:": {":": ":"}}]')).toMatchObject({ ok: true, keys: 2 });
  });

  test('says where JSON breaks, in well-formed text even where half a character is quoted', () => {
    // V8 quotes the first ten characters.
    const parsed = parse(`z{"a":"${'😀'.repeat(9)}"}`);
    expect(parsed).toMatchObject({ ok: false, faults: [{ code: 'SLUICE_JSON_SYNTAX', path: '$' }] });
    if (!parsed.ok) expect(parsed.faults[0]!.advice.isWellFormed()).toBe(true);
  });

  test('keeps a key called __proto__ as a key', () => {
    expect(Object.entries(parsedValue('{"__proto__":{"a":1}}') as object)).toEqual([['__proto__', { a: 1 }]]);
    expect(Object.entries(parsedValue('{"__proto__":{"a":1},"\\n":2}') as object)).toEqual([
      ['__proto__', { a: 1 }],
      ['\n', 2],
    ]);
  });
});

describe('duplicateKeys', () => {
  const places = (body: string) => duplicateKeys(Buffer.from(body)).map(({ path }) => path);

  test('names every repetition with its path', () => {
    expect(places('{"a":1,"b":[{"c":1,"d":2,"c":3}],"a":{"e e":1,"e e":2}}')).toEqual([
      '$.b[0].c',
      '$.a',
      "$.a['e e']",
    ]);
  });

  test('sees through escapes and takes keys of different objects for different', () => {
    expect(places('{"a":1,"\\u0061":2}')).toEqual(['$.a']);
    expect(places('[{"a":1},{"a":1}]')).toEqual([]);
    expect(places('{"__proto__":1,"constructor":2,"toString":3}')).toEqual([]);
  });

  test('finds some exactly where the text has more keys than the value', () => {
    const keysOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? (Array.isArray(value) ? 0 : Object.keys(value).length) +
          Object.values(value).reduce((sum: number, item) => sum + keysOf(item), 0)
        : 0;
    const objects = fc.array(fc.tuple(fc.constantFrom('a', 'b', '\n', '__proto__'), json), { maxLength: 4 });
    fc.assert(
      fc.property(objects, (entries) => {
        const body = `[{${entries.map(([key, value]) => `${JSON.stringify(key)}:${jsonText(value)}`).join(',')}}]`;
        const parsed = parse(body);
        if (!parsed.ok) throw new Error(body);
        const isUnique = new Set(entries.map(([key]) => key)).size === entries.length;
        expect(keysOf(parsed.value) === parsed.keys).toBe(isUnique);
        expect(places(body).length === 0).toBe(isUnique);
      }),
      { numRuns: 300 },
    );
  });

  test('stops at a bounded number of faults', () => {
    expect(places(`{${Array(5000).fill('"a":1').join(',')}}`)).toHaveLength(MAX_FAULTS);
  });
});

describe('splitLines', () => {
  const lines = (body: string) => splitLines(Buffer.from(body)).map((line) => Buffer.from(line).toString());

  test('ends lines at LF and CRLF and leaves blank ones out', () => {
    expect(lines('a\nb\r\n\r\n \t\nc')).toEqual(['a', 'b', 'c']);
    expect(lines('')).toEqual([]);
    expect(lines('\n\n')).toEqual([]);
  });

  test('gives every line that is not blank, as it is', () => {
    const line = json.map(jsonText);
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', '\n\n'), (given, end) => {
        expect(lines(given.join(end))).toEqual(given);
      }),
    );
  });

  test('never throws and loses no byte that is not white space', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const solid = (list: Iterable<number>) => [...list].filter((byte) => ![0x20, 9, 10, 13].includes(byte));
        expect(splitLines(bytes).flatMap((line) => solid(line))).toEqual(solid(bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe('splitArray', () => {
  const items = (body: string) =>
    splitArray(Buffer.from(body))?.map((item) =>
      Buffer.from(item.buffer, item.byteOffset, item.length).toString().trim(),
    );

  test('gives the items of any JSON array, each a text of its own', () => {
    fc.assert(
      fc.property(fc.array(json), fc.constantFrom('', ' ', '\n'), (values, space) => {
        const given = values.map(jsonText);
        expect(items(`${space}[${given.join(`${space},`)}${space}]${space}`)).toEqual(given.map((item) => item.trim()));
      }),
      { numRuns: 300 },
    );
  });

  test('keeps items that are no JSON apart', () => {
    expect(items('[{"a":1}, nonsense, {"b" 2}, 01, ]')).toEqual(['{"a":1}', 'nonsense', '{"b" 2}', '01', '']);
    expect(items('[]')).toEqual([]);
    expect(items('[ ]')).toEqual([]);
    expect(items('[,]')).toEqual(['', '']);
  });

  test.each([
    '',
    '{}',
    '1',
    '"[]"',
    '[',
    ']',
    '[1',
    '[1}',
    '[1]]',
    '[1][2]',
    '[1],2',
    'x[1]',
    '["a]',
    '[{]}',
    '\ufeff[1]',
  ])('cannot tell the items of %j', (body) => {
    expect(items(body)).toBeUndefined();
  });

  test('never throws', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        splitArray(bytes);
      }),
      { numRuns: 500 },
    );
  });
});
