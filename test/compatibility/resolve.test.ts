import { describe, expect, test } from 'vitest';
import { incompatibilities } from '../../src/compatibility/resolve.ts';
import { parseSchema } from '../../src/schema/ast.ts';

const record = (name: string, fields: readonly unknown[], rest: object = {}) => ({
  type: 'record',
  name,
  ...rest,
  fields,
});
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, ...rest });
const between = (writer: unknown, reader: unknown) =>
  incompatibilities(parseSchema(writer), parseSchema(reader)).map(({ obstacle, path }) => `${obstacle} ${path}`);
const of = (type: unknown) => record('R', [field('v', type)]);

describe('incompatibilities', () => {
  test('name the place, through arrays, maps, unions and records', () => {
    const deep = (type: unknown) =>
      of({ type: 'array', items: { type: 'map', values: ['null', record('I', [field('x', type)])] } });
    expect(between(deep('string'), deep('int'))).toEqual(['type $.v[]{}.x']);
    expect(between(deep('int'), deep('long'))).toEqual([]);
  });

  test('are all told, each once', () => {
    const writer = record('R', [field('a', 'string'), field('b', 'string'), field('c', ['null', 'int'])]);
    const reader = record('Q', [field('a', 'int')]);
    expect(between(writer, reader)).toEqual(['name $']);
    const renamed = record('R', [field('a', 'int'), field('b', 'boolean'), field('c', 'int'), field('d', 'int')]);
    expect(between(writer, renamed)).toEqual(['type $.a', 'type $.b', 'branch $.c', 'field $.d']);
  });

  test('of a recursive schema are found behind its recursion, and do not repeat for ever', () => {
    const tree = (type: unknown) =>
      record('Tree', [field('kids', { type: 'array', items: 'Tree' }), field('leaf', type)]);
    expect(between(tree('string'), tree('string'))).toEqual([]);
    expect(between(tree('string'), tree('int'))).toEqual(['type $.leaf']);
  });

  test('between a union and what it may hold follow the branch of the same type', () => {
    expect(between(of('int'), of(['null', 'string']))).toEqual(['branch $.v']);
    expect(between(of('int'), of(['null', 'long']))).toEqual([]);
    expect(between(of(['int', 'string']), of(['long', 'string']))).toEqual([]);
    expect(between(of(['null', record('I', [])]), of(['null', record('I', [field('x', 'int')])]))).toEqual([
      'field $.v.x',
    ]);
  });

  test('of names: the short one counts, or an alias with its namespace', () => {
    const named = (name: string, rest: object = {}) => of(record(name, [], rest));
    expect(between(named('a.I'), named('b.I'))).toEqual([]);
    expect(between(named('a.I'), named('b.J'))).toEqual(['name $.v']);
    expect(between(named('a.I'), named('b.J', { aliases: ['a.I'] }))).toEqual([]);
    expect(between(named('a.I'), named('b.J', { aliases: ['I'] }))).toEqual(['name $.v']);
  });
});
