import { describe, expect, it } from 'vitest';
import { deriveTypes } from '../../src/derive/types.ts';
import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { examplesOf, HISTORIES } from '../support/schemas.ts';
import { compileStrictly } from '../support/typescript.ts';
import { ALSO, EVERYTHING, FULL } from './everything.ts';

/**
 * Compiles the types derived from a history, strictly, beside one constant of type `name` for each body.
 *
 * @returns what the compiler says: of the types themselves, and of each body.
 */
function compile(history: SchemaHistory, name: string, bodies: readonly unknown[]) {
  const sources = new Map([
    ['/event.ts', deriveTypes(history)],
    [
      '/bodies.ts',
      [
        `import type { ${name} } from './event.ts';`,
        ...bodies.map((body, index) => `export const body${index}: ${name} = ${JSON.stringify(body)};`),
      ].join('\n'),
    ],
  ]);
  const found = compileStrictly(sources, 'browser');
  return {
    types: found.filter(({ file }) => file !== '/bodies.ts').map(({ text }) => text),
    bodies: bodies.map((_, index) =>
      found.filter(({ file, line }) => file === '/bodies.ts' && line === index + 2).map(({ text }) => text),
    ),
  };
}

describe('the TypeScript types of an event type', () => {
  it('take what the edge takes', () => {
    const bodies = [{}, ...ALSO].map((change) => ({ ...FULL, ...change }));
    expect(compile(EVERYTHING, 'TestEveryThing', bodies)).toEqual({ types: [], bodies: bodies.map(() => []) });
  });

  it('let a field be left out where it has a default, and not else', () => {
    const { maybe: _maybe, plain: _plain, ...optional } = FULL;
    const { flag: _flag, ...incomplete } = FULL;
    const found = compile(EVERYTHING, 'TestEveryThing', [optional, incomplete]);
    expect(found.bodies[0]).toEqual([]);
    expect(found.bodies[1]).toEqual([expect.stringMatching(/'flag' is missing/)]);
  });

  it('refuse what is not of its type', () => {
    const wrong = [
      { flag: 'true' },
      { flag: null },
      { small: '1' },
      { exact: 'nan' },
      { cost: 12.5 },
      { day: 20000 },
      { color: 'BLUE' },
      { tags: ['a', 1] },
      { matrix: [['x']] },
      { attributes: { a: true } },
      { place: { name: 'x' } },
      { place: null },
      { maybe: 1 },
      { maybe_color: 'BLUE' },
      { plain: true },
      { tagged: 'text' },
      { tagged: { string: 1 } },
      { tagged: { Place: { name: 'x', color: 'RED' } } },
      { tree: { value: 1, children: [{ value: 'x' }] } },
      { thing: { b: 1 } },
      { unknown: 1 },
    ];
    const bodies = wrong.map((change) => ({ ...FULL, ...change }));
    const found = compile(EVERYTHING, 'TestEveryThing', bodies);
    expect(found.types).toEqual([]);
    const counts = wrong.map((change, index) => ({ change, errors: found.bodies[index]?.length }));
    expect(counts).toEqual(wrong.map((change) => ({ change, errors: 1 })));
  });

  it.each(HISTORIES.map(({ eventType }) => eventType))('take every valid example of %s', (eventType) => {
    const history = HISTORIES.find((candidate) => candidate.eventType === eventType)!;
    const name = /export interface (\w+)/.exec(deriveTypes(history))![1]!;
    const bodies = examplesOf(eventType).valid.map(({ body }) => body);
    expect(compile(history, name, bodies)).toEqual({ types: [], bodies: bodies.map(() => []) });
  });

  it('carry the docs, and how a value is written where the type cannot say', () => {
    const text = deriveTypes(EVERYTHING);
    expect(text).toContain('/** All of it. *\\/ Even this. */\nexport interface TestEveryThing {');
    expect(text).toContain('  /**\n   * First line\n   * second line\n   */\n  flag: boolean;');
    expect(text).toContain(
      '  /** Decimal text such as "12.50": at most 12 digits, 2 of them after the point. */\n  cost: string;',
    );
    expect(text).toContain('  maybe_place?: Place | null;');
    expect(text).toContain("/** A color */\nexport type Color = 'RED' | 'GREEN';");
    expect(text).toContain(`// Derived from the contract ${EVERYTHING.digest}`);
  });

  it('are named apart where records of two namespaces share a name, or one is called like the event', () => {
    const record = (name: string) => ({ type: 'record', name, fields: [] });
    const history = schemaHistory('a.b', [
      schemaVersion('a.b', 1, {
        type: 'record',
        name: 'E',
        fields: ['x.Thing', 'y.Thing', 'x.A_b', 'ab', 'X', '_', 'Array', 'Record'].map((name, index) => ({
          name: `f${index}`,
          type: record(name),
        })),
      }),
    ]);
    expect(
      compile(history, 'AB', [Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`f${index}`, {}]))]),
    ).toEqual({
      types: [],
      bodies: [[]],
    });
    expect([...deriveTypes(history).matchAll(/^export interface (\w+)/gm)].map(([, name]) => name)).toEqual([
      ...['AB', 'Thing', 'YThing', 'XAB', 'Ab', 'X', 'Type', 'Array', 'Record'],
    ]);
  });

  it('are those of the newest version', () => {
    const version = (number: number, name: string) =>
      schemaVersion('a', number, { type: 'record', name: 'A', fields: [{ name, type: 'int' }] });
    const text = deriveTypes(schemaHistory('a', [version(1, 'old'), version(2, 'fresh')]));
    expect(text).toContain('fresh: number;');
    expect(text).not.toContain('old');
  });
});
