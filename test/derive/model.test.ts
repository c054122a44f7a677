import AjvDraft04 from 'ajv-draft-04';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileEncoder, EncodeContext } from '../../src/codec/encode.ts';
import { parseBody } from '../../src/codec/json-body.ts';
import { deriveModel } from '../../src/derive/model.ts';
import { MODEL_KEYWORDS, type Model } from '../../src/derive/model-keywords.ts';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { schemaSample } from '../support/avro-arbitraries.ts';

const record = (fields: readonly unknown[], rest: object = {}) => ({ type: 'record', name: 'R', fields, ...rest });
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });

const historyOf = (definition: unknown): SchemaHistory =>
  schemaHistory('test.type', [schemaVersion('test.type', 1, definition)]);

const modelOf = (definition: unknown) => deriveModel(historyOf(definition));
const propertyOf = (type: unknown) => (modelOf(record([field('v', type)])).properties as Record<string, Model>).v;

// `ownProperties`: a field may be called like a member of Object.
const draft04 = new AjvDraft04.default({ strict: true, allowUnionTypes: true, ownProperties: true });
const compile = (model: Model) => draft04.compile(model);

const valueOfBody = (body: string): unknown => {
  const parsed = parseBody(Buffer.from(body));
  if (!parsed.ok) throw new Error(body);
  return parsed.value;
};

const encoderTakes = (history: SchemaHistory, value: unknown): boolean => {
  const context = new EncodeContext();
  compileEncoder(history.newest.root)(value, context);
  return context.faults.length === 0;
};

/** Every keyword of a model, wherever a schema may stand in it. */
function keywordsOf(model: Model): string[] {
  const schemas = [
    ...Object.values((model.properties ?? {}) as Record<string, Model>),
    ...Object.values((model.definitions ?? {}) as Record<string, Model>),
    ...[model.items, model.additionalProperties].filter((part): part is Model => typeof part === 'object'),
  ];
  return [...Object.keys(model), ...schemas.flatMap(keywordsOf)];
}

describe('a model', () => {
  test('never refuses what the encoder takes', () => {
    fc.assert(
      fc.property(schemaSample, ({ schema, text }) => {
        const validate = compile(modelOf(schema));
        expect(validate(valueOfBody(text)), JSON.stringify(validate.errors)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('never refuses what the encoder takes, even by a hair', () => {
    const near = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        0,
        -0,
        1.5,
        2 ** 31,
        -(2 ** 31),
        2 ** 53,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        1e300,
        '',
        '0',
        '-5',
      ),
      fc.constantFrom('NaN', '-Infinity', '+1', '1.50', '-0.0', '1e5', '00', 'AA==', 'AAAA', 'A', '9'.repeat(19)),
      fc.constantFrom('2024-02-29', '2024-02-30', '23:59:59', '24:00:00.5', '2024-02-29 23:59:59.5Z', 'A', 'unknown'),
      fc.constantFrom('2024-02-29t23:59:59z', '2024-02-29T23:59:59', '6BA7B810-9dad-11d1-80b4-00c04fd430c8'),
      fc.jsonValue({ maxDepth: 2 }),
    );
    /** Puts other values into the place of some. */
    const disturb = (value: unknown, replacements: readonly (readonly [number, unknown])[]): unknown => {
      let at = 0;
      const walk = (part: unknown): unknown => {
        at += 1;
        const replacement = replacements.find(([place]) => place === at);
        if (replacement !== undefined) return replacement[1];
        if (Array.isArray(part)) return part.map(walk);
        if (typeof part !== 'object' || part === null) return part;
        return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item)]));
      };
      return walk(value);
    };
    const replacements = fc.array(fc.tuple(fc.integer({ min: 2, max: 12 }), near), { minLength: 1, maxLength: 3 });
    let taken = 0;
    fc.assert(
      fc.property(
        schemaSample,
        fc.array(replacements, { minLength: 5, maxLength: 5 }),
        ({ schema, sent }, attempts) => {
          const history = historyOf(schema);
          const validate = compile(deriveModel(history));
          for (const attempt of attempts) {
            const value = disturb(sent, attempt);
            if (!encoderTakes(history, value)) continue;
            taken += 1;
            expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(taken).toBeGreaterThan(20);
  });

  test('uses the keywords of its list alone, and is what draft-04 allows', () => {
    fc.assert(
      fc.property(schemaSample, ({ schema }) => {
        const model = modelOf(schema);
        expect(MODEL_KEYWORDS).toEqual(expect.arrayContaining(keywordsOf(model)));
        // Draft-04 has no empty `required`.
        expect(JSON.stringify(model)).not.toContain('"required":[]');
      }),
      { numRuns: 100 },
    );
  });

  test('names its type, version and contract', () => {
    const history = historyOf(record([field('v', 'int', { doc: 'A value' })]));
    expect(deriveModel(history)).toEqual({
      $schema: 'http://json-schema.org/draft-04/schema#',
      title: 'test.type v1',
      description: `Contract ${history.digest}`,
      type: 'object',
      properties: { v: { description: 'A value', type: 'integer', minimum: -2147483648, maximum: 2147483647 } },
      required: ['v'],
      additionalProperties: false,
    });
  });

  test('is that of the newest version', () => {
    const [first, second] = [record([field('a', 'int')]), record([field('b', 'string', { default: '' })])];
    const history = schemaHistory('t', [schemaVersion('t', 1, first), schemaVersion('t', 2, second)]);
    const model = deriveModel(history);
    expect(model).toMatchObject({ title: 't v2', properties: { b: { type: 'string' } } });
    expect('required' in model).toBe(false);
  });
});

describe('what a model refuses without asking the codec', () => {
  const refuses = (type: unknown, ...values: unknown[]) => {
    const validate = compile(modelOf(record([field('v', type)])));
    for (const v of values) expect(validate({ v }), JSON.stringify(v)).toBe(false);
  };

  test('missing and unknown fields', () => {
    const validate = compile(modelOf(record([field('a', 'int'), field('b', 'int', { default: 1 })])));
    expect([{ a: 1 }, { a: 1, b: 2 }, {}, { b: 1 }, { a: 1, c: 1 }, [], null].map((value) => validate(value))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('values of another shape', () => {
    refuses('int', '1', 1.5, 2 ** 31, -(2 ** 31) - 1, null, true, [1], {});
    refuses('long', 1.5, '1.5', 'x', null, true);
    refuses('double', '1', 'nan', null);
    refuses('string', 1, null);
    refuses('boolean', 'true', 0);
    refuses('bytes', 'é', 'A=A', 1);
    refuses({ type: 'enum', name: 'E', symbols: ['a'] }, 'b', 'A', null);
    refuses(['null', { type: 'enum', name: 'E', symbols: ['a'] }], 'b', 0);
    refuses({ type: 'array', items: 'int' }, ['x'], {}, 'x');
    refuses({ type: 'map', values: 'int' }, { a: 'x' }, [], 1);
    refuses({ type: 'int', logicalType: 'date' }, '2024-2-1', 5, '2024-02-01T00:00:00Z');
    refuses({ type: 'int', logicalType: 'time-millis' }, '1:00:00', 5);
    refuses({ type: 'long', logicalType: 'timestamp-millis' }, '2024-02-01', 1.5, null);
    refuses({ type: 'string', logicalType: 'uuid' }, '6ba7b8109dad11d180b400c04fd430c8');
    refuses({ type: 'bytes', logicalType: 'decimal', precision: 4 }, '1e5', 5, '.5');
  });
});

describe('recursive records', () => {
  const tree = record([field('v', 'int'), field('kids', { type: 'array', items: 'a.b.Tree' })], { name: 'a.b.Tree' });

  test('are defined once and referred to', () => {
    const validate = compile(modelOf(record([field('one', tree), field('two', 'a.b.Tree')])));
    const value = { one: { v: 1, kids: [{ v: 2, kids: [] }] }, two: { v: 3, kids: [] } };
    expect(validate(value)).toBe(true);
    expect(validate({ ...value, two: { v: 3, kids: [{ v: 'x', kids: [] }] } })).toBe(false);
  });

  test('may be the root', () => {
    const validate = compile(modelOf(tree));
    expect(
      [
        { v: 1, kids: [{ v: 2, kids: [] }] },
        { v: 1, kids: [{}] },
      ].map((value) => validate(value)),
    ).toEqual([true, false]);
  });

  test('of similar names are not taken for each other', () => {
    const other = record([field('w', 'string'), field('kids', { type: 'array', items: 'a_b.Tree' })], {
      name: 'a_b.Tree',
    });
    const validate = compile(modelOf(record([field('one', tree), field('two', other)])));
    expect(validate({ one: { v: 1, kids: [] }, two: { w: 'x', kids: [{ w: 'y', kids: [] }] } })).toBe(true);
  });
});

test('what the subset cannot say is left to the codec', () => {
  expect(propertyOf(['int', 'string'])).toEqual({});
  expect(propertyOf(['null', 'int', 'long'])).toEqual({});
  expect(propertyOf(['null', record([field('next', ['null', 'I'])], { name: 'I' })])).toEqual({});
  expect(propertyOf(['null', 'long'])).toMatchObject({ type: ['integer', 'string', 'null'] });
  expect(propertyOf(['null', { type: 'enum', name: 'E', symbols: ['a'] }])).toEqual({
    type: ['string', 'null'],
    enum: ['a', null],
  });
});
