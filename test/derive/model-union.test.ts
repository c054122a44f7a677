import AjvDraft04 from 'ajv-draft-04';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/derive/model-keywords.ts';
import { eitherModel } from '../../src/derive/model-union.ts';

const compile = (model: Model) =>
  new AjvDraft04.default({ strict: true, allowUnionTypes: true, ownProperties: true }).compile(model);

const LEAVES: Model[] = [
  {},
  { type: 'boolean' },
  { type: 'string' },
  { type: 'string', pattern: '^a' },
  { type: 'string', pattern: '^b' },
  { type: 'string', enum: ['a', 'b'] },
  { type: ['string', 'null'], enum: ['b', 'c', null] },
  { type: 'integer', minimum: -5, maximum: 5 },
  { type: ['integer', 'string'], pattern: '^a' },
  { type: ['number', 'string'], pattern: '^(NaN)$' },
  { type: 'integer', minimum: 0 },
];

const { model } = fc.letrec<{ model: Model }>((tie) => ({
  model: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...LEAVES),
    fc.record({ type: fc.constant('array'), items: tie('model') }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('model') }),
    fc
      .record({
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('model')),
        isRequired: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      })
      .map(({ properties, isRequired }) => {
        const required = Object.keys(properties).filter((_, index) => isRequired[index]);
        return { type: 'object', properties, ...(required.length ? { required } : {}), additionalProperties: false };
      }),
  ),
}));

const scalar = fc.constantFrom<unknown>(null, true, 'a', 'b', 'c', 'aa', 'NaN', -6, 0, 5, 6, 1.5);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 3 }),
  ),
}));

describe('a model of two', () => {
  it('takes whatever one of them takes', () => {
    fc.assert(
      fc.property(model, model, fc.array(value, { minLength: 5, maxLength: 20 }), (earlier, later, values) => {
        const [before, after, both] = [earlier, later, eitherModel(earlier, later)].map(compile);
        for (const body of values) if (before!(body) || after!(body)) expect(both!(body)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('takes no more than it must where the two are objects that differ by their members', () => {
    const [earlier, later] = [
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } }, required: ['a', 'b'] },
      { type: 'object', properties: { a: { type: 'string' }, c: { type: 'boolean' } }, required: ['a', 'c'] },
    ].map((object) => ({ ...object, additionalProperties: false }));
    expect(eitherModel(earlier!, later!)).toEqual({
      type: 'object',
      properties: { a: { type: 'string' }, c: { type: 'boolean' }, b: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    });
  });

  it('is the later one, words and all, where they differ by words only', () => {
    const later = { type: 'string', description: 'new' };
    expect(eitherModel({ type: 'string', description: 'old' }, later)).toBe(later);
  });
});
