import { describe, expect, test } from 'vitest';
import { compileRedact, isRedacted } from '../../src/codec/redact.ts';
import { parseSchema } from '../../src/schema/ast.ts';

const record = (name: string, ...fields: object[]) => ({ type: 'record', name, fields });
const field = (name: string, type: unknown, pii?: string) => ({ name, type, ...(pii === undefined ? {} : { pii }) });
const person = record(
  'Person',
  field('email', ['null', 'string'], 'hash'),
  field('name', 'string', 'clear'),
  field('size', 'double'),
);
const root = parseSchema(
  record(
    'Root',
    field('id', 'string'),
    field('who', person),
    field('others', { type: 'array', items: 'Person' }),
    field('by_name', { type: 'map', values: 'Person' }),
    field('phone', ['null', { type: 'map', values: 'string' }], 'drop'),
    field('choice', ['Person', record('Robot', field('serial', 'string'))]),
  ),
);

const redact = (body: string, ...roots: (typeof root)[]) =>
  String(compileRedact(roots.length === 0 ? [root] : roots)(Buffer.from(body)));

describe('a redacted body', () => {
  test('has placeholders where values are hashed or dropped, at any depth', () => {
    const ada = { email: 'ada@b.c', name: 'Ada', size: 1.5 };
    const hidden = { email: '[personal data]', name: 'Ada', size: 1.5 };
    const body = {
      id: 'x',
      who: ada,
      others: [ada, ada],
      by_name: { a: ada },
      phone: { home: '1' },
      choice: { Person: ada },
    };
    expect(JSON.parse(redact(JSON.stringify(body)))).toEqual({
      id: 'x',
      who: hidden,
      others: [hidden, hidden],
      by_name: { a: hidden },
      phone: '[personal data]',
      choice: { Person: hidden },
    });
  });

  test('keeps all other bytes: spaces, digits that no number holds, escapes, the order of keys', () => {
    const text = (email: string) =>
      `{ "who" : {"size": 1.00000000000000000001, "email":${email} ,"name":"\\u0041da"},\n"id":"é😀"}`;
    expect(redact(text('"ada"'))).toBe(text('"[personal data]"'));
    expect(redact(text('null'))).toBe(text('null'));
  });

  test('hides both values of a key that comes twice', () => {
    expect(redact('{"who":{"email":"ada","email":"bob"}}')).toBe(
      '{"who":{"email":"[personal data]","email":"[personal data]"}}',
    );
  });

  test.for([
    ['a misspelt name', '{"who":{"e-mail":"ada"}}', '{"who":{"e-mail":"[not declared]"}}'],
    ['a name that an object inherits', '{"constructor":"ada"}', '{"constructor":"[not declared]"}'],
    ['an object for a text', '{"id":{"email":"ada"}}', '{"id":"[not declared]"}'],
    ['a text for an object', '{"who":"ada"}', '{"who":"[not declared]"}'],
    ['an array for an object', '{"who":["ada"]}', '{"who":"[not declared]"}'],
    ['an object for an array', '{"others":{"email":"ada"}}', '{"others":"[not declared]"}'],
    ['a branch without its name', '{"choice":{"email":"ada"}}', '{"choice":{"email":"[not declared]"}}'],
    ['an array at the root', '["ada"]', '"[not declared]"'],
    ['a text at the root', '"ada"', '"[not declared]"'],
    ['a hashed value of another type', '{"who":{"email":[{"x":"ada"}]}}', '{"who":{"email":"[personal data]"}}'],
  ])('hides what nobody has declared: %s', ([, body, expected]) => {
    expect(redact(body!)).toBe(expected);
  });

  test('hides what any version hides, and shows what any version declares', () => {
    const later = parseSchema(record('Root', field('id', ['null', 'string'], 'hash'), field('more', 'int')));
    expect(redact('{"id":"ada","more":1,"who":{"size":2},"neither":3}', root, later)).toBe(
      '{"id":"[personal data]","more":1,"who":{"size":2},"neither":"[not declared]"}',
    );
  });

  test.for([['{"id":"ada"'], ['ada@example.com'], ['['.repeat(70) + ']'.repeat(70)], ['{"id":"\u0001"}']])(
    'is only a number of bytes where it is no JSON that is taken: %s',
    ([body]) => {
      expect(redact(body!)).toBe(`[personal data]: ${Buffer.byteLength(body!)} bytes that are no JSON`);
    },
  );

  test('is made of any bytes', () => {
    const redacted = String(compileRedact([root])(Buffer.from([0x7b, 0xff, 0x7d])));
    expect(redacted).toBe('[personal data]: 3 bytes that are no JSON');
  });

  test('can be told from one that was not redacted', () => {
    const told = (body: string): boolean => isRedacted(Buffer.from(body));
    expect([redact('{"who":{"email":"ada"}}'), redact('{"x":1}'), redact('ada')].map(told)).toEqual([true, true, true]);
    expect([redact('{"who":{"email":null}}'), redact('{"id":"[x]"}'), redact('{}')].map(told)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('follows a type that holds itself', () => {
    const tree = parseSchema(record('T', field('email', 'string', 'hash'), field('next', ['null', 'T'])));
    expect(redact('{"email":"a","next":{"email":"b","next":{"email":"c","next":null}}}', tree)).toBe(
      '{"email":"[personal data]","next":{"email":"[personal data]","next":{"email":"[personal data]","next":null}}}',
    );
  });
});
