import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDefault } from '../../src/codec/defaults.ts';
import { parseSchema } from '../../src/schema/ast.ts';
import { schemaVersion } from '../../src/schema/history.ts';
import { avscType, schemaSample } from '../support/avro-arbitraries.ts';

test('the bytes of a default are those that avsc writes for a missing field', () => {
  const withDefault = schemaSample.filter(({ schema }) => schema.fields.some((field) => 'default' in field));
  fc.assert(
    fc.property(withDefault, ({ schema }) => {
      for (const field of parseSchema(schema).fields.filter((candidate) => candidate.default !== undefined)) {
        const alone = { ...schema, fields: schema.fields.filter(({ name }) => name === field.name) };
        const nothing = Object.assign(Object.create(null), { [field.name]: undefined });
        expect(encodeDefault(field.node, field.default).toString('hex')).toBe(
          avscType(alone).toBuffer(nothing).toString('hex'),
        );
      }
    }),
    { numRuns: 200 },
  );
});

describe('a default', () => {
  const schema = (type: unknown, value: unknown) => ({
    type: 'record',
    name: 'R',
    fields: [{ name: 'a', type, default: value }],
  });
  const bytes = (type: unknown, value: unknown) => {
    const { root } = schemaVersion('t', 1, schema(type, value));
    return encodeDefault(root.fields[0]!.node, root.fields[0]!.default).toString('hex');
  };

  test('of a map or an array holds items', () => {
    expect(bytes({ type: 'array', items: 'int' }, [1, 2])).toBe('04020400');
    expect(bytes({ type: 'map', values: ['int', 'null'] }, { a: 1 })).toBe('0202610002' + '00');
  });

  test('of a record may leave fields to their own defaults', () => {
    const inner = {
      type: 'record',
      name: 'I',
      fields: [
        { name: 'x', type: 'int', default: 5 },
        { name: 'y', type: 'string' },
      ],
    };
    expect(bytes(inner, { y: 'q' })).toBe('0a0271');
  });

  test('of bytes is Latin-1 text', () => {
    expect(bytes('bytes', '\0ÿ')).toBe('0400ff');
  });
});
