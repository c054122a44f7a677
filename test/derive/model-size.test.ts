import AjvDraft04 from 'ajv-draft-04';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodiesOf, NoBody } from '../../contracts/arbitraries/bodies.ts';
import { refusedBodiesOf } from '../../contracts/arbitraries/refused.ts';
import { deriveModel } from '../../src/derive/model.ts';
import { MODEL_KEYWORDS, type Model } from '../../src/derive/model-keywords.ts';
import { deriveDeployedModel, MAX_MODEL_BYTES } from '../../src/derive/model-size.ts';
import { generatedSubjects, REAL_SUBJECTS, ZOO_SUBJECTS } from '../support/contract-subjects.ts';
import { historyOfFields } from '../support/histories.ts';

const subjects = [...REAL_SUBJECTS, ...ZOO_SUBJECTS, ...generatedSubjects(4, 20)];

const compile = (model: Model) =>
  new AjvDraft04.default({ strict: true, allowUnionTypes: true, ownProperties: true }).compile(model);

/** The keywords of a model; names of fields and definitions are none. */
function keywordsOf(model: Model): string[] {
  return Object.entries(model).flatMap(([keyword, value]) => {
    if (keyword === 'properties' || keyword === 'definitions') {
      return [keyword, ...Object.values(value as Record<string, Model>).flatMap(keywordsOf)];
    }
    const isModel = (keyword === 'items' || keyword === 'additionalProperties') && typeof value === 'object';
    return isModel ? [keyword, ...keywordsOf(value as Model)] : [keyword];
  });
}

/** The least limit at which a model is deployed without its descriptions alone, and the greatest at which it is not. */
const limits = { descriptions: (model: Model) => Buffer.byteLength(JSON.stringify(model)) - 1, fields: () => 64 };

describe.each(subjects.map((subject) => [subject.eventType, subject] as const))(
  'the model of %s',
  (_name, { history }) => {
    it('is deployed whole, in the documented subset of draft-04', () => {
      const { model, without } = deriveDeployedModel(history);
      expect(without).toBe('nothing');
      expect(model).toEqual(deriveModel(history));
      expect(Buffer.byteLength(JSON.stringify(model))).toBeLessThanOrEqual(MAX_MODEL_BYTES);
      expect(MODEL_KEYWORDS).toEqual(expect.arrayContaining(keywordsOf(model)));
      compile(model);
    });

    it.each(['descriptions', 'fields'] as const)('takes every good body without %s', (without) => {
      const whole = deriveModel(history);
      const deployed = deriveDeployedModel(history, limits[without](whole));
      const validate = compile(deployed.model);
      expect(MODEL_KEYWORDS).toEqual(expect.arrayContaining(keywordsOf(deployed.model)));
      const { root, settings } = history.newest;
      try {
        const taken = fc.property(bodiesOf(root, settings), ({ text }) => validate(JSON.parse(text)));
        fc.assert(taken, { numRuns: 20 });
      } catch (error) {
        if (!(error instanceof NoBody)) throw error;
      }
      if (deployed.without !== 'descriptions') return;
      const strict = compile(whole);
      const same = fc.property(refusedBodiesOf(root), ({ text }) => {
        const value = heldBy(text);
        expect(validate(value)).toBe(strict(value));
      });
      try {
        fc.assert(same, { numRuns: 20 });
      } catch (error) {
        if (!(error instanceof NoBody)) throw error;
      }
    });
  },
);

/** What a body holds; nothing that a model takes where it is no JSON. */
function heldBy(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

it('a field may be called as a keyword is', () => {
  const names = ['description', 'items', 'properties', 'additionalProperties', 'definitions'];
  const history = historyOfFields('a.named', [names.map((name) => ({ name, type: 'int', doc: 'x'.repeat(100) }))]);
  const { model, without } = deriveDeployedModel(history, 1_000);
  expect(without).toBe('descriptions');
  const integer = { type: 'integer', minimum: -2147483648, maximum: 2147483647 };
  expect(model.properties).toEqual(Object.fromEntries(names.map((name) => [name, integer])));
});
