import { describe, expect, test } from 'vitest';
import { deriveLayout } from '../../src/derive/layout.ts';
import { deriveModel } from '../../src/derive/model.ts';
import { deriveOpenApi } from '../../src/derive/openapi.ts';
import { withPersonalNote } from '../../src/derive/personal-note.ts';
import { deriveTable, MAX_COMMENT_LENGTH } from '../../src/derive/table.ts';
import { tableColumns } from '../../src/derive/table-columns.ts';
import { deriveTypes } from '../../src/derive/types.ts';
import { historyOfFields } from '../support/histories.ts';

const person = (name: string) => ({
  type: 'record',
  name,
  fields: [
    { name: 'email', type: 'string', pii: 'hash' },
    { name: 'age', type: 'int' },
  ],
});

const HISTORY = historyOfFields('shop.order', [
  [
    { name: 'id', type: 'string', doc: 'The id' },
    { name: 'name', type: 'string', pii: 'clear' },
    { name: 'phone', type: ['null', 'string'], pii: 'drop', doc: 'With the code of its country' },
    { name: 'buyer', type: person('Buyer') },
    { name: 'guest', type: person('Guest'), pii: 'clear' },
    { name: 'gone', type: person('Gone'), pii: 'drop', default: { email: '', age: 0 } },
    { name: 'others', type: { type: 'array', items: 'Buyer' } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    {
      name: 'tree',
      type: { type: 'record', name: 'Tree', fields: [{ name: 'next', type: ['null', 'Tree'] }] },
      pii: 'clear',
    },
  ],
]);

describe('personal data', () => {
  const layout = deriveLayout(HISTORY);

  test('is marked on each column that holds some, by the mark of its own or of what is around it', () => {
    expect(Object.fromEntries(layout.columns.map(({ name, pii }) => [name, pii]))).toEqual({
      id: undefined,
      name: 'clear',
      phone: 'drop',
      buyer_email: 'hash',
      buyer_age: undefined,
      guest_email: 'hash',
      guest_age: 'clear',
      gone_email: 'drop',
      gone_age: 'drop',
      others: 'within',
      tags: undefined,
      tree: 'clear',
    });
    expect(tableColumns(layout).flatMap((column) => ('pii' in column ? [column.name] : []))).toHaveLength(9);
  });

  test('is told by the comment of the column in Glue', () => {
    const { Columns } = deriveTable(layout, { bucketUri: 's3://b' }).StorageDescriptor;
    const comments = Object.fromEntries(Columns.map(({ Name, Comment }) => [Name, Comment]));
    expect(comments).toMatchObject({
      id: 'The id',
      name: '(personal data: readable)',
      phone: 'With the code of its country (personal data: not kept)',
      buyer_email: '(personal data: hashed)',
      others: '(personal data within)',
      tags: undefined,
    });
  });

  test('is told there however long the doc is, and within what Glue takes', () => {
    const long = historyOfFields('a.b', [[{ name: 'x', type: 'string', pii: 'hash', doc: 'word '.repeat(100) }]]);
    const comment = deriveTable(deriveLayout(long), { bucketUri: 's3://b' }).StorageDescriptor.Columns.at(-1)!.Comment;
    expect(comment).toHaveLength(MAX_COMMENT_LENGTH);
    expect(comment).toMatch(/^word .*\.\.\. \(personal data: hashed\)$/);
  });

  test('is marked in OpenAPI, and described in the types of senders', () => {
    const { components } = deriveOpenApi([HISTORY]) as never as { components: { schemas: Record<string, Properties> } };
    const { properties } = components.schemas['shop.order']!;
    expect(properties.phone).toMatchObject({ 'x-pii': 'drop', description: 'With the code of its country' });
    expect(properties.buyer!.properties!.email).toEqual({ type: 'string', 'x-pii': 'hash' });
    // What stands beside a reference would be ignored.
    expect(properties.tree).toEqual({ allOf: [{ $ref: expect.any(String) }], 'x-pii': 'clear' });
    expect(JSON.stringify(properties.tags)).not.toContain('pii');

    const types = deriveTypes(HISTORY);
    expect(types).toContain('/** With the code of its country (personal data: not kept) */\n  phone: string | null;');
    expect(types).toContain('/** (personal data: hashed) */\n  email: string;');
    expect(types).toContain('/** The id */\n');
  });

  test('is described in the request model', () => {
    const { properties } = deriveModel(HISTORY) as never as Properties;
    expect(properties.phone).toMatchObject({ description: 'With the code of its country (personal data: not kept)' });
    expect(properties.buyer!.properties!.email).toEqual({ description: '(personal data: hashed)', type: 'string' });
    expect(properties.tags).not.toHaveProperty('description');
  });

  test('changes no doc of what is none', () => {
    expect(withPersonalNote('x', undefined)).toBe('x');
    expect(withPersonalNote(undefined, undefined)).toBeUndefined();
    expect(withPersonalNote(' ', 'hash')).toBe('(personal data: hashed)');
  });
});

interface Properties {
  readonly properties: Readonly<Record<string, { readonly properties?: Record<string, unknown> }>>;
}
