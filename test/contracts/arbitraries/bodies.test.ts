import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { avscType } from '../../../contracts/arbitraries/avsc-type.ts';
import { isBack } from '../../../contracts/arbitraries/back.ts';
import { type BodySample, bodiesOf, NoBody } from '../../../contracts/arbitraries/bodies.ts';
import { KEY } from '../../../contracts/arbitraries/key.ts';
import { schemas } from '../../../contracts/arbitraries/schemas.ts';
import { parsed } from '../../../contracts/readers/json.ts';
import { AvroSource } from '../../../src/codec/avro-source.ts';
import { compileCodec } from '../../../src/codec/codec.ts';
import { compileDecoder } from '../../../src/codec/decode.ts';
import { readFrame } from '../../../src/codec/framing.ts';
import { parseSchema } from '../../../src/schema/ast.ts';
import { schemaHistory, schemaVersion } from '../../../src/schema/history.ts';
import { HISTORIES } from '../../support/schemas.ts';

const MAX_BODY_BYTES = 1024 * 1024 - 4096;

/** Holds a sample against the codec and against avsc. */
function judgeOf(definition: object) {
  const version = schemaVersion('acme.any', 1, definition);
  const codec = compileCodec(schemaHistory('acme.any', [version]), { piiKey: KEY });
  const decode = compileDecoder(version.root, version.root);
  const type = avscType(definition);
  const bodies = bodiesOf(version.root, version.settings);
  const judge = ({ text, back, avro }: BodySample) => {
    const encoded = codec.encode(Buffer.from(text));
    if (!encoded.ok) throw new Error(`refused: ${JSON.stringify(encoded.faults)}: ${text}`);
    const { bytes, start } = readFrame(encoded.value);
    const decoded = decode(new AvroSource(bytes, start));
    expect(isBack(parsed(decoded), back), `${text} came back as ${decoded}`).toBe(true);
    expect(Buffer.from(bytes.subarray(start)).toString('hex')).toBe(type.toBuffer(avro).toString('hex'));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  };
  return { bodies, judge };
}

describe('a body of any schema', () => {
  test('is taken, comes back as the sample says, and is stored as avsc stores it', () => {
    const cases = schemas.chain((schema) => {
      const { bodies, judge } = judgeOf(schema);
      return fc.array(bodies, { minLength: 1, maxLength: 8 }).map((samples) => ({ samples, judge }));
    });
    fc.assert(
      fc.property(cases, ({ samples, judge }) => samples.forEach(judge)),
      { numRuns: 80 },
    );
  });

  test.each(HISTORIES.map((history) => [history.eventType, history.newest] as const))('of %s, too', (_, newest) => {
    const { bodies, judge } = judgeOf(newest.definition);
    fc.assert(fc.property(bodies, judge), { numRuns: 300 });
  });

  test('is made fast enough to be made by the thousand', () => {
    const newest = HISTORIES.find(({ eventType }) => eventType === 'aviation.flight')!.newest;
    const samples = fc.sample(bodiesOf(newest.root, newest.settings), { numRuns: 1000, seed: 1 });
    // Wall clocks say little where others run: what takes the time is how much is made.
    const characters = samples.reduce((sum, { text }) => sum + text.length, 0);
    expect(characters).toBeGreaterThan(1000 * 100);
    expect(characters).toBeLessThan(1000 * 2000);
  });
});

const record = (fields: readonly object[], rest: object = {}) => ({ type: 'record', name: 'R', fields, ...rest });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });
const logical = (type: string, logicalType: string) => ({ type, logicalType });

type Seen = { readonly text: string; readonly value: unknown };
const writes = (pattern: RegExp) => (seen: Seen) => pattern.test(seen.text);
const is = (value: unknown) => (seen: Seen) => Object.is(seen.value, value);
const holds = (part: string) => (seen: Seen) => String(seen.value).includes(part);
const keyed = (key: string) => (seen: Seen) => Object.hasOwn(seen.value as object, key);
const size = (seen: Seen) => Object.keys(seen.value as object).length;

const EDGES: readonly (readonly [string, unknown, Readonly<Record<string, (seen: Seen) => boolean>>])[] = [
  [
    'int',
    'int',
    {
      least: is(-(2 ** 31)),
      greatest: is(2 ** 31 - 1),
      'with a fraction of zero': writes(/:-?\d+\.0\}/),
      'with an exponent': writes(/e0|E-1/),
      'minus zero': writes(/:-0\}/),
    },
  ],
  [
    'long',
    'long',
    {
      least: is('-9223372036854775808'),
      greatest: is('9223372036854775807'),
      'greatest safe': is(2 ** 53 - 1),
      'first that is not safe': is('9007199254740992'),
      'small as text': writes(/:"-?\d{1,9}"\}/),
      'as a number': writes(/:-?\d+\}/),
    },
  ],
  [
    'float',
    'float',
    {
      greatest: writes(/3\.4028234663852886e\+38|3\.40282347e\+38/),
      denormal: writes(/1\.40129846/),
      'minus zero': writes(/:-0/),
      'too small to be told from zero': writes(/1e-60/),
      'not a number': is('NaN'),
      infinite: is('Infinity'),
      'infinite below zero': is('-Infinity'),
    },
  ],
  [
    'double',
    'double',
    {
      greatest: is(Number.MAX_VALUE),
      least: is(-Number.MAX_VALUE),
      'smallest denormal': is(5e-324),
      'largest denormal': is(2.225073858507201e-308),
      'minus zero': is(-0),
      'not a number': is('NaN'),
      infinite: is('Infinity'),
      'infinite below zero': is('-Infinity'),
      'more digits than needed': writes(/\d\.\d{20}/),
    },
  ],
  [
    'string',
    'string',
    {
      empty: is(''),
      'the sign for NULL': is('\\N'),
      comma: holds(','),
      quote: holds('"'),
      backslash: holds('\\'),
      LF: holds('\n'),
      CR: holds('\r'),
      ESC: holds('\x1b'),
      NUL: holds('\0'),
      'surrogate pair': holds('😀'),
      'last character': holds('\u{10ffff}'),
      'combining mark': holds('e\u0301'),
      'byte-order mark first': ({ value }) => String(value).startsWith('\ufeff'),
      'tens of kilobytes': ({ value }) => String(value).length >= 10_000,
      'all escaped': writes(/:"(\\u[0-9a-f]{4})+"/),
      'capitals in escapes': writes(/\\u[0-9A-F]*[A-F]/),
      'escaped slash': writes(/\\\//),
      'white space around': writes(/\t\r\n {2}/),
    },
  ],
  [
    'bytes',
    'bytes',
    { empty: is(''), 'one byte': writes(/"[^"]{2}=="/), 'tens of kilobytes': ({ text }) => text.length > 10_000 },
  ],
  [
    'decimal',
    { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 4 },
    {
      greatest: is(`${'9'.repeat(26)}.9999`),
      least: is(`-${'9'.repeat(26)}.9999`),
      'with zeros in front': writes(/"-?000\d/),
      'with zeros behind': writes(/0000000"/),
      'without its zeros': writes(/:"-?\d+"\}/),
      'minus zero': writes(/"-0\.0000"/),
    },
  ],
  [
    'uuid',
    logical('string', 'uuid'),
    {
      nil: is('00000000-0000-0000-0000-000000000000'),
      'in capitals': writes(/"[0-9A-F-]*[A-F][0-9A-F-]*"/),
      'in both': writes(/"[0-9A-F]*[A-F][0-9A-F]*-.*[a-f].*"/),
    },
  ],
  [
    'date',
    logical('int', 'date'),
    {
      first: is('0001-01-01'),
      last: is('9999-12-31'),
      'day before 1970': is('1969-12-31'),
      'leap day': is('2000-02-29'),
      'no leap day': is('1900-02-28'),
    },
  ],
  [
    'time of day',
    logical('long', 'time-micros'),
    { first: is('00:00:00.000000'), last: is('23:59:59.999999'), 'without a fraction': writes(/:\d\d:\d\d"/) },
  ],
  [
    'instant',
    logical('long', 'timestamp-millis'),
    {
      first: is('0001-01-01T00:00:00.000Z'),
      last: is('9999-12-31T23:59:59.999Z'),
      'before 1970': is('1969-12-31T23:59:59.999Z'),
      'east of UTC': writes(/\+\d\d:\d\d"/),
      'west of UTC': writes(/-\d\d:[1-5]\d"/),
      'of an unknown offset': writes(/-00:00"/),
      'small letters': writes(/\dt\d.*z"/),
      'with a space': writes(/\d \d/),
      'as a number': writes(/:-?\d+\}/),
      'without a fraction': writes(/:\d\dZ"/),
      'more digits of a second than it has': writes(/\.\d{7}/),
    },
  ],
  [
    'array',
    { type: 'array', items: 'string' },
    { empty: (seen) => size(seen) === 0, 'hundreds of items': (seen) => size(seen) >= 100 },
  ],
  [
    'map',
    { type: 'map', values: 'int' },
    {
      empty: (seen) => size(seen) === 0,
      'hundreds of entries': (seen) => size(seen) >= 100,
      'empty key': keyed(''),
      'key 2': keyed('2'),
      'key 10': keyed('10'),
      'key -1': keyed('-1'),
      'key 01': keyed('01'),
      'key __proto__': keyed('__proto__'),
      'key constructor': keyed('constructor'),
      'escaped key': writes(/"\\u[0-9a-f]{4}/),
    },
  ],
  ['optional', ['null', 'long'], { null: is(null), value: ({ value }) => value !== null }],
  [
    'tagged union',
    ['null', 'int', 'double'],
    { null: is(null), 'first branch': keyedOrNull('int'), 'second branch': keyedOrNull('double') },
  ],
];

function keyedOrNull(key: string) {
  return (seen: Seen) => seen.value !== null && keyed(key)(seen);
}

test.each(EDGES)('every edge of a %s comes up', (_, type, edges) => {
  const root = parseSchema(record([field('v', type)]));
  const samples = fc.sample(bodiesOf(root), { numRuns: 3000, seed: 7 });
  const seen = samples.map(({ text, back }) => {
    const { v } = back as { v: unknown };
    return { text, value: v };
  });
  const missing = Object.entries(edges).filter(([, isEdge]) => !seen.some(isEdge));
  expect(missing.map(([name]) => name)).toEqual([]);
});

test('fields come in any order, and those with a default also not at all', () => {
  const root = parseSchema(record([field('a', 'int'), field('b', 'int', { default: 5 }), field('c', 'int')]));
  const samples = fc.sample(bodiesOf(root), { numRuns: 2000, seed: 1 });
  const orders = new Set(samples.map(({ text }) => Object.keys(parsed(text) as object).join('')));
  expect([...orders].sort()).toEqual(['abc', 'ac', 'acb', 'bac', 'bca', 'ca', 'cab', 'cba']);
  const absent = samples.filter(({ avro }) => (avro as { b: unknown }).b === undefined);
  expect(absent.every(({ back }) => (back as { b: unknown }).b === 5)).toBe(true);
});

describe('what fails', () => {
  const definition = record([
    field('number', 'long'),
    field('text', 'string'),
    field('list', { type: 'array', items: { type: 'record', name: 'Item', fields: [field('at', 'double')] } }),
    field('optional', ['null', 'string'], { default: null }),
    field('when', logical('long', 'timestamp-micros')),
    field('map', { type: 'map', values: 'bytes' }),
  ]);
  const bodies = bodiesOf(parseSchema(definition));

  const smallest = (holds: (back: Record<string, unknown>) => boolean) =>
    fc.check(
      fc.property(bodies, ({ back }) => holds(back as Record<string, unknown>)),
      { seed: 11, numRuns: 5000 },
    ).counterexample?.[0].text;

  const rest = '"when":"1970-01-01T00:00:00.000000Z","map":{}';

  test('by a text shrinks to that text, and to nothing else', () => {
    expect(smallest(({ text }) => !String(text).includes('\x1b'))).toBe(
      `{"number":0,"text":"\\u001b","list":[],${rest}}`,
    );
  });

  test('by an item of a list shrinks to that item', () => {
    const isSmall = ({ at }: { at: unknown }) => typeof at !== 'number' || at < 1000;
    expect(smallest(({ list }) => (list as { at: unknown }[]).every(isSmall))).toMatch(
      /^\{"number":0,"text":"","list":\[\{"at":[\d.e+]+\}\],"when":"1970-01-01T00:00:00.000000Z","map":\{\}\}$/,
    );
  });

  test('by a number shrinks to the border', () => {
    const text = smallest(({ number }) => Number(number) <= 300);
    expect(text).toMatch(new RegExp(`^\\{"number":301,"text":"","list":\\[\\],${rest.replace(/[.{}]/g, '\\$&')}\\}$`));
  });
});

describe('a schema that holds itself', () => {
  test('ends, now and then as deep as a body may nest', () => {
    const node = record([
      field('name', 'string'),
      field('kids', { type: 'array', items: 'R' }),
      field('by', { type: 'map', values: ['null', 'R'] }),
    ]);
    const samples = fc.sample(bodiesOf(parseSchema(node)), { numRuns: 400, seed: 1 });
    const depth = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
    const depths = samples.map(({ text }) => depth(parsed(text)));
    expect(depths.filter((levels) => levels > 4 && levels < 20).length).toBeGreaterThan(20);
    expect(Math.max(...depths)).toBe(64);
  });

  test('without an end has no body', () => {
    expect(() => bodiesOf(parseSchema(record([field('self', 'R')])))).toThrow(NoBody);
  });
});

test('personal data does not come back', () => {
  const root = parseSchema(
    record([
      field('hashed', ['null', 'string'], { pii: 'hash' }),
      field('dropped', ['string', 'null'], { pii: 'drop', default: 'nobody' }),
      field('clear', 'string', { pii: 'clear' }),
    ]),
  );
  for (const { back, text } of fc.sample(bodiesOf(root), { numRuns: 300, seed: 1 })) {
    const { hashed, dropped, clear } = back as Record<string, string | null>;
    if (hashed !== null) expect(hashed).toMatch(/^[0-9a-f]{64}$/);
    expect(dropped).toBeNull();
    expect((parsed(text) as { clear: string }).clear).toBe(clear);
  }
});
