import { describe, expect, it } from 'vitest';
import { deriveModel } from '../../src/derive/model.ts';
import { compileModelValidator } from '../../src/stages/model-validator.ts';
import { historyOfFields } from '../support/histories.ts';
import { examplesOf, HISTORIES } from '../support/schemas.ts';

describe('a model validator', () => {
  it.each(HISTORIES.map((history) => [history.eventType, history] as const))(
    'takes every valid example of %s',
    (eventType, history) => {
      const validate = compileModelValidator(deriveModel(history));
      for (const { body } of examplesOf(eventType).valid) expect(validate(body)).toBeUndefined();
    },
  );

  it('does not find in every object an optional field that is called like a member of all objects', () => {
    const fields = [{ name: 'constructor', type: ['null', 'string'], default: null }];
    const validate = compileModelValidator(deriveModel(historyOfFields('test.event', [fields])));
    expect(validate({})).toBeUndefined();
    expect(validate({ constructor: 'c' })).toBeUndefined();
    expect(validate({ constructor: 1 })).toMatchObject({ code: 'SLUICE_MODEL', path: '$.constructor' });
  });

  it('says at which JSONPath a body differs from its model', () => {
    const validate = compileModelValidator({
      type: 'object',
      required: ['list'],
      properties: {
        list: { type: 'array', items: { type: 'integer' } },
        'odd/name~': { type: 'object', additionalProperties: { type: 'string' } },
      },
    });
    expect(validate({ list: [1, 2] })).toBeUndefined();
    const pathOf = (body: unknown) => validate(body)?.path;
    expect(pathOf([])).toBe('$');
    expect(pathOf({})).toBe('$');
    expect(pathOf({ list: {} })).toBe('$.list');
    expect(pathOf({ list: [1, 'two'] })).toBe('$.list[1]');
    expect(pathOf({ list: [], 'odd/name~': { 0: 'x', '1': 2 } })).toBe("$['odd/name~']['1']");
    expect(validate({})).toMatchObject({ code: 'SLUICE_MODEL', rule: expect.any(String), advice: expect.any(String) });
  });

  it('shows the place as it is told to', () => {
    const model = { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } };
    expect(compileModelValidator(model, (way) => JSON.stringify(way))({ ada: ['x', 1] })?.path).toBe('["ada",1]');
  });

  it('refuses a model with a keyword that draft-04 does not know', () => {
    expect(() => compileModelValidator({ type: 'object', minimumProperties: 1 })).toThrow('minimumProperties');
    expect(() => compileModelValidator({ type: 'integer', exclusiveMinimum: 1 })).toThrow('exclusiveMinimum');
  });
});
