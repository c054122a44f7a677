import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { compileDecoder } from '../../src/codec/decode.ts';
import { compileEncoder, EncodeContext } from '../../src/codec/encode.ts';
import { duplicateKeys, parseBody } from '../../src/codec/json-body.ts';
import { MAX_FAULTS } from '../../src/errors.ts';
import { parseSchema } from '../../src/schema/ast.ts';
import { avscType, isBack, schemaSample } from '../support/avro-arbitraries.ts';

const record = (fields: readonly unknown[], rest: object = {}) => ({ type: 'record', name: 'R', fields, ...rest });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });

function encode(schema: unknown, body: string) {
  const parsed = parseBody(Buffer.from(body));
  if (!parsed.ok) throw new Error(parsed.faults[0]?.advice);
  const context = new EncodeContext();
  compileEncoder(parseSchema(schema))(parsed.value, context);
  return { bytes: context.sink.copyFrom(0), faults: context.faults, keys: context.keys, textKeys: parsed.keys };
}

/** What a body of one field `v` is stored as and read back as, or the code it is refused with. */
function stored(type: unknown, json: string): unknown {
  const schema = record([field('v', type)]);
  const { bytes, faults } = encode(schema, `{"v":${json}}`);
  if (faults.length > 0) {
    expect(faults.map(({ path }) => path)).toEqual(faults.map(() => expect.stringMatching(/^\$\.v/)));
    return faults.map(({ code }) => code.replace('SLUICE_', '')).join(' ');
  }
  const root = parseSchema(schema);
  return JSON.parse(compileDecoder(root, root)(new AvroSource(bytes, 0))).v;
}

const faultsOf = (schema: unknown, body: string) =>
  encode(schema, body).faults.map(({ code, path }) => [code.replace('SLUICE_', ''), path]);

describe('any value of any schema', () => {
  test('becomes the bytes that avsc writes for it, every key counted', () => {
    fc.assert(
      fc.property(schemaSample, ({ schema, text, avro: value }) => {
        const { bytes, faults, keys, textKeys } = encode(schema, text);
        expect(faults).toEqual([]);
        expect(keys).toBe(textKeys);
        expect(bytes.toString('hex')).toBe(avscType(schema).toBuffer(value).toString('hex'));
      }),
      { numRuns: 400 },
    );
  });

  test('comes back as it was sent, in canonical form', () => {
    fc.assert(
      fc.property(schemaSample, ({ schema, text: sent, back }) => {
        const root = parseSchema(schema);
        const text = compileDecoder(root, root)(new AvroSource(encode(schema, sent).bytes, 0));
        const parsed = parseBody(Buffer.from(text));
        expect(parsed.ok && isBack(parsed.value, back), text).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('that is none of the schema is refused with a fault that names a place, never thrown at', () => {
    fc.assert(
      fc.property(schemaSample, fc.jsonValue(), ({ schema }, value) => {
        for (const fault of encode(schema, JSON.stringify(value)).faults) {
          expect(fault).toEqual({
            code: expect.stringMatching(/^SLUICE_/),
            path: expect.stringMatching(/^\$/),
            rule: expect.stringMatching(/./),
            advice: expect.stringMatching(/./),
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});

const decimal = (precision: number, scale: number, rest: object = { type: 'bytes' }) => ({
  logicalType: 'decimal',
  precision,
  scale,
  ...rest,
});
const logical = (type: string, logicalType: string) => ({ type, logicalType });
const timestamp = logical('long', 'timestamp-millis');
const uuid = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

test.each<[type: unknown, json: string, expected: unknown]>([
  ['null', 'null', null],
  ['null', '0', 'TYPE'],
  ['boolean', 'true', true],
  ['boolean', '"true"', 'TYPE'],
  ['boolean', '1', 'TYPE'],

  ['int', '2147483647', 2147483647],
  ['int', '2147483648', 'RANGE'],
  ['int', '-2147483648', -2147483648],
  ['int', '-2147483649', 'RANGE'],
  ['int', '1.0', 1],
  ['int', '1e2', 100],
  ['int', '-0', 0],
  ['int', '-0.0', 0],
  ['int', '1.5', 'TYPE'],
  ['int', '1e400', 'RANGE'],
  ['int', '-1e400', 'RANGE'],
  ['int', '"1"', 'TYPE'],
  ['int', 'true', 'TYPE'],
  ['int', 'null', 'TYPE'],
  ['int', '[1]', 'TYPE'],

  ['long', '9007199254740991', 9007199254740991],
  ['long', '-9007199254740991', -9007199254740991],
  ['long', '9007199254740992', 'PRECISION'],
  ['long', '9007199254740993', 'PRECISION'],
  ['long', '9223372036854775807', 'RANGE'],
  ['long', '1e18', 'PRECISION'],
  ['long', '1e19', 'RANGE'],
  ['long', '1e400', 'RANGE'],
  ['long', '-0', 0],
  ['long', '1.0', 1],
  ['long', '1.5', 'TYPE'],
  ['long', '"9223372036854775807"', '9223372036854775807'],
  ['long', '"-9223372036854775808"', '-9223372036854775808'],
  ['long', '"9223372036854775808"', 'RANGE'],
  ['long', '"-9223372036854775809"', 'RANGE'],
  ['long', '"99999999999999999999"', 'RANGE'],
  ['long', '"12"', 12],
  ['long', '"-12"', -12],
  ['long', '"0"', 0],
  ['long', '"-0"', 'FORMAT'],
  ['long', '"01"', 'FORMAT'],
  ['long', '"00000000000000000001"', 'FORMAT'],
  ['long', '"+1"', 'FORMAT'],
  ['long', '" 1"', 'FORMAT'],
  ['long', '"1e2"', 'FORMAT'],
  ['long', '"1.0"', 'FORMAT'],
  ['long', '"0x10"', 'FORMAT'],
  ['long', '"١"', 'FORMAT'],
  ['long', '""', 'FORMAT'],
  ['long', 'false', 'TYPE'],

  ['double', '0.1', 0.1],
  ['double', '-0.0', -0],
  ['double', '1e308', 1e308],
  ['double', '1e400', 'RANGE'],
  ['double', '5e-324', 5e-324],
  ['double', '9007199254740993', 9007199254740992],
  ['double', '"NaN"', 'NaN'],
  ['double', '"-Infinity"', '-Infinity'],
  ['double', '"nan"', 'FORMAT'],
  ['double', '"1.5"', 'FORMAT'],
  ['double', '"constructor"', 'FORMAT'],
  ['double', 'null', 'TYPE'],
  ['float', '0.1', 0.1],
  ['float', '-0.0', -0],
  ['float', '3.4028235e38', 3.4028235e38],
  ['float', '3.5e38', 'RANGE'],
  ['float', '1e-50', 0],
  ['float', '"Infinity"', 'Infinity'],

  ['string', '"a,\\"\\\\\\n\\u0000😀"', 'a,"\\\n\0😀'],
  ['string', '"\\ud83d\\ude00"', '😀'],
  ['string', '"\\ud83d"', 'TEXT'],
  ['string', '"a\\ude00b"', 'TEXT'],
  ['string', '1', 'TYPE'],
  ['string', 'null', 'TYPE'],

  ['bytes', '""', ''],
  ['bytes', '"AP8="', 'AP8='],
  ['bytes', '"AP8"', 'FORMAT'],
  ['bytes', '"AP9="', 'FORMAT'],
  ['bytes', '"AP-_"', 'FORMAT'],
  ['bytes', '"AP8=\\n"', 'FORMAT'],
  ['bytes', '"A P8="', 'FORMAT'],
  ['bytes', '"*"', 'FORMAT'],
  ['bytes', '[0]', 'TYPE'],
  [{ type: 'fixed', name: 'F', size: 2 }, '"AP8="', 'AP8='],
  [{ type: 'fixed', name: 'F', size: 2 }, '"AA=="', 'LENGTH'],
  [{ type: 'fixed', name: 'F', size: 2 }, '"AP8A"', 'LENGTH'],
  [{ type: 'fixed', name: 'F', size: 0 }, '""', ''],

  [{ type: 'enum', name: 'E', symbols: ['a', 'b'] }, '"b"', 'b'],
  [{ type: 'enum', name: 'E', symbols: ['a', 'b'] }, '"B"', 'ENUM_SYMBOL'],
  [{ type: 'enum', name: 'E', symbols: ['a', 'b'], default: 'a' }, '"c"', 'ENUM_SYMBOL'],
  [{ type: 'enum', name: 'E', symbols: ['a', 'b'] }, '0', 'TYPE'],

  [logical('string', 'uuid'), `"${uuid}"`, uuid],
  [logical('string', 'uuid'), `"${uuid.toUpperCase()}"`, uuid.toUpperCase()],
  [logical('string', 'uuid'), `"${uuid.replaceAll('-', '')}"`, 'FORMAT'],
  [logical('string', 'uuid'), `"{${uuid}}"`, 'FORMAT'],
  [logical('string', 'uuid'), `"${uuid}\\n"`, 'FORMAT'],
  [{ name: 'U', size: 16, ...logical('fixed', 'uuid') }, `"${uuid.toUpperCase()}"`, uuid],
  [{ name: 'U', size: 16, ...logical('fixed', 'uuid') }, '1', 'TYPE'],
  [{ name: 'D', size: 12, ...logical('fixed', 'duration') }, '"AQAAAAIAAAADAAAA"', 'AQAAAAIAAAADAAAA'],

  [decimal(5, 2), '"123.45"', '123.45'],
  [decimal(5, 2), '"-123.45"', '-123.45'],
  [decimal(5, 2), '"1"', '1.00'],
  [decimal(5, 2), '"1.5"', '1.50'],
  [decimal(5, 2), '"1.500"', '1.50'],
  [decimal(5, 2), '"001.5"', '1.50'],
  [decimal(5, 2), '"-0"', '0.00'],
  [decimal(5, 2), '"1.005"', 'PRECISION'],
  [decimal(5, 2), '"1000"', 'RANGE'],
  [decimal(5, 2), '"999.99"', '999.99'],
  [decimal(5, 2), '"1e2"', 'FORMAT'],
  [decimal(5, 2), '"1,5"', 'FORMAT'],
  [decimal(5, 2), '".5"', 'FORMAT'],
  [decimal(5, 2), '"5."', 'FORMAT'],
  [decimal(5, 2), '"+5"', 'FORMAT'],
  [decimal(5, 2), '" 5"', 'FORMAT'],
  [decimal(5, 2), '5', 'TYPE'],
  [decimal(2, 2), '"0.99"', '0.99'],
  [decimal(2, 2), '"1.00"', 'RANGE'],
  [decimal(9, 0, { type: 'fixed', name: 'F', size: 2 }), '"32767"', '32767'],
  [decimal(9, 0, { type: 'fixed', name: 'F', size: 2 }), '"-32768"', '-32768'],
  [decimal(9, 0, { type: 'fixed', name: 'F', size: 2 }), '"32768"', 'RANGE'],

  [logical('int', 'date'), '"2024-02-29"', '2024-02-29'],
  [logical('int', 'date'), '"2023-02-29"', 'FORMAT'],
  [logical('int', 'date'), '"2024-02-30"', 'FORMAT'],
  [logical('int', 'date'), '"0000-01-01"', 'RANGE'],
  [logical('int', 'date'), '"10000-01-01"', 'FORMAT'],
  [logical('int', 'date'), '"29.2.2024"', 'FORMAT'],
  [logical('int', 'date'), '19782', 'TYPE'],
  [logical('int', 'time-millis'), '"23:59:59.5"', '23:59:59.500'],
  [logical('int', 'time-millis'), '"24:00:00"', 'FORMAT'],
  [logical('int', 'time-millis'), '"12:00:00.0001"', 'PRECISION'],
  [logical('int', 'time-millis'), '0', 'TYPE'],
  [logical('long', 'time-micros'), '"12:00:00.000001"', '12:00:00.000001'],
  [timestamp, '"2024-02-29T23:59:58.5+01:00"', '2024-02-29T22:59:58.500Z'],
  [timestamp, '1709251198500', '2024-02-29T23:59:58.500Z'],
  [timestamp, '-1', '1969-12-31T23:59:59.999Z'],
  [timestamp, '-0', '1970-01-01T00:00:00.000Z'],
  [timestamp, '"2024-02-29T23:59:58"', 'FORMAT'],
  [timestamp, '"2024-02-30T23:59:58Z"', 'FORMAT'],
  [timestamp, '"2024-02-29T23:59:58.0001Z"', 'PRECISION'],
  [timestamp, '"0000-02-29T23:59:58Z"', 'RANGE'],
  [timestamp, '253402300800000', 'RANGE'],
  [timestamp, '1e400', 'RANGE'],
  [timestamp, '1.5', 'TYPE'],
  [timestamp, '9007199254740993', 'RANGE'],
  [timestamp, '"1709251198500"', 'FORMAT'],
  [timestamp, 'null', 'TYPE'],
  [logical('long', 'timestamp-nanos'), '"2024-02-29T23:59:58.123456789Z"', '2024-02-29T23:59:58.123456789Z'],
  [logical('long', 'timestamp-nanos'), '1709251198123456789', 'PRECISION'],
  [logical('long', 'timestamp-nanos'), '"2300-01-01T00:00:00Z"', 'RANGE'],
  [logical('long', 'local-timestamp-millis'), '"2024-02-29T23:59:58"', '2024-02-29T23:59:58.000'],
  [logical('long', 'local-timestamp-millis'), '"2024-02-29T23:59:58Z"', 'FORMAT'],

  [{ type: 'array', items: 'int' }, '[1,2]', [1, 2]],
  [{ type: 'array', items: 'int' }, '[]', []],
  [{ type: 'array', items: 'int' }, '{"0":1}', 'TYPE'],
  [{ type: 'array', items: 'int' }, '[1,"x",2.5]', 'TYPE TYPE'],
  [{ type: 'map', values: 'int' }, '{"b":1,"2":2,"1":3}', { 1: 3, 2: 2, b: 1 }],
  [{ type: 'map', values: 'int' }, '[]', 'TYPE'],
  [{ type: 'map', values: 'int' }, '{"\\ud800":1}', 'TEXT'],
  [{ type: 'map', values: 'int' }, '{"constructor":1,"toString":2}', { constructor: 1, toString: 2 }],

  [['null', 'int'], 'null', null],
  [['null', 'int'], '1', 1],
  [['null', 'int'], '"1"', 'TYPE'],
  [['null', 'int'], '{"int":1}', 'TYPE'],
  [['int', 'string', 'boolean'], '"1"', '1'],
  [['int', 'long'], '{"long":1}', { long: 1 }],
  [['int', 'long'], '1', 'UNION_BRANCH'],
  [['null', 'int', 'long'], 'null', null],
  [['null', 'int', 'long'], '{"null":null}', 'UNION_BRANCH'],
  [['int', 'long'], '{"int":1,"long":2}', 'UNION_BRANCH'],
  [['int', 'long'], '{}', 'UNION_BRANCH'],
  [['int', 'long'], '{"int":"x"}', 'TYPE'],
  [['int', 'long'], '{"constructor":1}', 'UNION_BRANCH'],
  [['int', 'long'], '[1]', 'UNION_BRANCH'],
])('%j takes %s as %j', (type, json, expected) => {
  expect(stored(type, json)).toEqual(expected);
});

describe('a record', () => {
  const schema = record([
    field('id', 'string', { doc: 'Id of the event' }),
    field('n', 'int', { default: 7 }),
    field('inner', record([field('depthKm', 'double')], { name: 'I' })),
  ]);

  test('reports every fault at once, each with its path', () => {
    expect(faultsOf(schema, '{"n":"x","inner":{"depth_km":1},"odd key":{"a":1}}')).toEqual([
      ['FIELD_MISSING', '$.id'],
      ['TYPE', '$.n'],
      ['FIELD_MISSING', '$.inner.depthKm'],
      ['FIELD_UNKNOWN', '$.inner.depth_km'],
      ['FIELD_UNKNOWN', "$['odd key']"],
    ]);
  });

  test('advises: what a missing field is for, and which field an unknown one may mean', () => {
    const advice = encode(schema, '{"inner":{"depth_km":1},"zz":1}').faults.map((fault) => fault.advice);
    expect(advice[0]).toContain('Id of the event');
    expect(advice[2]).toContain('"depthKm"');
    expect(advice[3]).not.toContain('did you mean');
  });

  test('fills what has a default, and takes null for no default', () => {
    const { faults } = encode(schema, '{"id":"a","inner":{"depthKm":1}}');
    expect(faults).toEqual([]);
    expect(faultsOf(schema, '{"id":"a","n":null,"inner":{"depthKm":1}}')).toEqual([['TYPE', '$.n']]);
  });

  test.each(['[]', '1', '"x"', 'null', 'true', '[{"id":"a"}]'])('is not %s', (body) => {
    expect(faultsOf(schema, body)).toEqual([['TYPE', '$']]);
  });

  test('does not take the members of Object for fields, nor fields for them', () => {
    expect(faultsOf(record([]), '{"__proto__":{},"constructor":1}')).toEqual([
      ['FIELD_UNKNOWN', '$.__proto__'],
      ['FIELD_UNKNOWN', '$.constructor'],
    ]);
    const named = record([field('constructor', 'string'), field('hasOwnProperty', 'int', { default: 1 })]);
    expect(faultsOf(named, '{}')).toEqual([['FIELD_MISSING', '$.constructor']]);
    expect(faultsOf(named, '{"constructor":"a"}')).toEqual([]);
  });

  test('that holds itself is taken as deep as JSON may nest', () => {
    const list = record([field('next', ['null', 'R'])]);
    const nested = (depth: number) => `${'{"next":'.repeat(depth)}null${'}'.repeat(depth)}`;
    expect(encode(list, nested(64)).bytes.toString('hex')).toBe(`${'02'.repeat(63)}00`);
  });
});

test('a map keeps a key called __proto__, there and back', () => {
  const schema = record([field('v', { type: 'map', values: 'int' })]);
  const { bytes, keys, textKeys } = encode(schema, '{"v":{"__proto__":1,"a":2}}');
  expect(keys).toBe(textKeys);
  const root = parseSchema(schema);
  expect(compileDecoder(root, root)(new AvroSource(bytes, 0))).toBe('{"v":{"__proto__":1,"a":2}}');
});

test.each([
  ['a record', '{"m":{},"m":{},"u":{"int":1},"a":[]}'],
  ['a map', '{"m":{"x":1,"x":1},"u":{"int":1},"a":[]}'],
  ['a map, by way of an escape', '{"m":{"x":1,"\\u0078":1},"u":{"int":1},"a":[]}'],
  ['a map, called __proto__', '{"m":{"__proto__":1,"__proto__":2},"u":{"int":1},"a":[]}'],
  ['a tagged union', '{"m":{},"u":{"int":1,"int":2},"a":[]}'],
  ['a tagged union in an array', '{"m":{},"u":{"int":1},"a":[{"long":1},{"long":1,"long":1}]}'],
])('a key that appears twice in %s shows in the count', (_where, body) => {
  const schema = record([
    field('m', { type: 'map', values: 'int' }),
    field('u', ['int', 'long']),
    field('a', { type: 'array', items: ['int', 'long'] }),
  ]);
  const { faults, keys, textKeys } = encode(schema, body);
  expect(faults).toEqual([]);
  expect(textKeys - keys).toBe(1);
  expect(duplicateKeys(Buffer.from(body))).toHaveLength(1);
});

describe('a default', () => {
  test.each([
    ['a day that no calendar has', logical('int', 'date'), 3_000_000],
    ['a time beyond the day', logical('int', 'time-millis'), 86_400_000],
    ['an instant beyond the year 9999', timestamp, 8e15],
    ['a text that is no UUID', logical('string', 'uuid'), 'abc'],
    ['a decimal of too many digits', decimal(2, 0), '\x03\xe8'],
    ['a decimal of too many digits, in a list', { type: 'array', items: decimal(2, 0) }, ['\x03\xe8']],
  ])('of %s makes the schema invalid, as events without the field could not be read', (_what, type, value) => {
    const schema = parseSchema(record([field('v', type, { default: value })]));
    expect(() => compileEncoder(schema)).toThrow(expect.objectContaining({ code: 'SLUICE_SCHEMA_INVALID' }));
    expect(() => compileEncoder(schema)).toThrow(/default of "v"/);
  });
});

describe('large bodies', () => {
  const wide = record(Array.from({ length: 2000 }, (_, index) => field(`field${index}`, 'int', { default: 0 })));

  test('of faults get a bounded answer', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `"k${index}":0`).join(',');
    expect(encode(wide, `{${many}}`).faults).toHaveLength(MAX_FAULTS);
    const items = record([field('a', { type: 'array', items: 'int' })]);
    expect(encode(items, `{"a":[${'"x",'.repeat(200_000)}"x"]}`).faults).toHaveLength(MAX_FAULTS);
    const long = 'x'.repeat(500_000);
    const answer = JSON.stringify(encode(wide, `{"${long}":0,"${long}y":1}`).faults);
    expect(answer.length).toBeLessThan(2000);
  });

  test('of unknown keys are not compared with every field, which would take longer than a test may', () => {
    const spelled = Array.from({ length: 70_000 }, (_, index) => `"FIELD_${index}":0`).join(',');
    const { faults } = encode(wide, `{${spelled}}`);
    expect(faults).toHaveLength(MAX_FAULTS);
    expect(faults[7]?.advice).toContain('"field7"');
  });

  test('of one long text are taken or refused for what it says', () => {
    const [nines, zeros] = ['9'.repeat(900_000), '0'.repeat(900_000)];
    expect(stored('long', `"${nines}"`)).toBe('RANGE');
    expect(stored('long', `"${zeros}1"`)).toBe('FORMAT');
    expect(stored(decimal(5, 2), `"${nines}"`)).toBe('RANGE');
    expect(stored(decimal(5, 2), `"${zeros}1.5${zeros}"`)).toBe('1.50');
    expect(stored(decimal(5, 2), `"1.${zeros}1"`)).toBe('PRECISION');
    expect(stored(logical('int', 'time-millis'), `"12:00:00.${zeros}"`)).toBe('12:00:00.000');
    expect(stored('double', nines)).toBe('RANGE');
    expect(stored('bytes', `"${'AAAA'.repeat(200_000)}"`)).toHaveLength(800_000);
    expect(stored('string', `"${'é'.repeat(400_000)}"`)).toHaveLength(400_000);
  });
});
