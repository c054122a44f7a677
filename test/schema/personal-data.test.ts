import { describe, expect, test } from 'vitest';
import { type Field, parseSchema } from '../../src/schema/ast.ts';
import { schemaVersion } from '../../src/schema/history.ts';
import { holdsPersonalData, personalFields } from '../../src/schema/personal-data.ts';

const record = (name: string, fields: readonly unknown[]) => ({ type: 'record', name, fields });
const marked = (type: unknown, rest: object): Field =>
  parseSchema(record('R', [{ name: 'v', type, ...rest }])).fields[0]!;
const refusal = (type: unknown, rest: object): string => {
  try {
    schemaVersion('a.b', 1, record('R', [{ name: 'v', type, ...rest }]));
  } catch (error) {
    expect(error).toMatchObject({ code: 'SLUICE_SCHEMA_INVALID' });
    return (error as Error).message;
  }
  throw new Error('it was taken');
};

const STAMP = { type: 'long', logicalType: 'timestamp-millis' };
const UUID = { type: 'string', logicalType: 'uuid' };
const TEXTS = { type: 'array', items: 'string' };

describe('the mark of personal data', () => {
  test.for<[string, unknown, object]>([
    ['hash', 'string', {}],
    ['hash', { type: 'string' }, { default: '' }],
    ['hash', ['null', 'string'], { default: null }],
    ['hash', ['string', 'null'], {}],
    ['hash', { type: 'string', logicalType: 'of-nobody' }, {}],
    ['drop', ['null', 'int'], {}],
    ['drop', 'null', {}],
    ['drop', STAMP, { default: 0 }],
    ['drop', ['int', TEXTS, 'null'], {}],
    ['drop', record('P', [{ name: 'a', type: 'int' }]), { default: { a: 1 } }],
    ['clear', 'string', {}],
    ['clear', record('P', [{ name: 'a', type: 'int' }]), {}],
  ])('%s is kept on %j', ([pii, type, rest]) => {
    expect(marked(type, { pii, ...rest }).pii).toBe(pii);
    expect(() => schemaVersion('a.b', 1, record('R', [{ name: 'v', type, pii, ...rest }]))).not.toThrow();
  });

  test('is kept on a field that has its logical type beside its type', () => {
    const field = marked('long', { logicalType: 'timestamp-millis', pii: 'clear' });
    expect(field).toMatchObject({ pii: 'clear', node: { kind: 'long', logical: { type: 'timestamp-millis' } } });
  });

  test('is absent from a field that has none', () => {
    expect('pii' in marked('string', {})).toBe(false);
  });

  test.for<[string, unknown, object]>([
    ['an int', 'int', { default: 0 }],
    ['bytes', 'bytes', {}],
    ['a UUID', UUID, {}],
    ['a UUID or null', ['null', UUID], {}],
    ['texts', TEXTS, {}],
    ['text or a number', ['string', 'int'], {}],
    ['text, a number or null', ['null', 'string', 'int'], {}],
    ['an enum', { type: 'enum', name: 'E', symbols: ['a'] }, {}],
    ['a record', record('P', []), {}],
  ])('hash is refused on %s, with the field and the way out', ([, type, rest]) => {
    expect(refusal(type, { pii: 'hash', ...rest })).toMatch(
      /^a\.b v1: \$\.v: pii "hash" is for a string .*; mark it "drop" or "clear", or /,
    );
  });

  test('drop is refused where nothing could be written instead', () => {
    expect(refusal('string', { pii: 'drop' })).toMatch(/\$\.v: pii "drop" needs .*; make the field nullable, or give/);
    expect(refusal(['int', 'string'], { pii: 'drop' })).toContain('$.v: ');
  });

  test.for([['hashed'], ['HASH'], [true], [null], [['hash']], [{}], ['']])('%j is refused', ([pii]) => {
    expect(refusal('string', { pii })).toMatch(/\$\.v: pii is "hash", "drop" or "clear", not /);
  });

  test.for<[unknown]>([
    [{ type: 'string', pii: 'hash' }],
    [{ type: 'array', items: { type: 'string', pii: 'hash' } }],
    [{ ...record('P', []), pii: 'clear' }],
    [['null', { type: 'string', pii: 'hash' }]],
  ])('is refused where it stands in a type, since it would not be heeded there: %j', ([type]) => {
    expect(refusal(type, {})).toMatch(/\$\.v\S*: pii marks a field: write it beside the name of the field/);
  });
});

describe('personalFields', () => {
  const person = record('Person', [
    { name: 'email', type: 'string', pii: 'hash' },
    { name: 'friends', type: { type: 'array', items: 'Person' } },
    { name: 'age', type: 'int' },
  ]);
  const root = parseSchema(
    record('Root', [
      { name: 'owner', type: ['null', person] },
      { name: 'others', type: { type: 'map', values: 'Person' } },
      {
        name: 'notes',
        type: { type: 'map', values: record('Note', [{ name: 'text', type: 'string', pii: 'clear' }]) },
      },
      { name: 'phone', type: ['null', 'string'], pii: 'drop' },
    ]),
  );

  test('finds each marked field once, wherever it is, recursion included', () => {
    expect(personalFields(root).map(({ path, field }) => [path, field.pii])).toEqual([
      ['$.owner.email', 'hash'],
      ['$.notes{}.text', 'clear'],
      ['$.phone', 'drop'],
    ]);
  });

  test('is what makes a type hold personal data', () => {
    expect(root.fields.map(({ node }) => holdsPersonalData(node))).toEqual([true, true, true, false]);
  });
});
