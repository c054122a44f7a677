import { describe, expect, it } from 'vitest';
import { inlineReferences, type Reference } from '../../../src/adapters/registry/references.ts';
import { avscType } from '../../support/avro-arbitraries.ts';

/** Schemas by subject. */
type Shelf = Readonly<Record<string, { readonly definition: unknown; readonly references?: readonly unknown[] }>>;

const inline = (shelf: Shelf, definition: unknown, references: readonly unknown[]) =>
  inlineReferences(definition, references, async ({ subject }: Reference) => {
    const found = shelf[subject];
    if (found === undefined) throw new Error(`${subject} leads nowhere`);
    return { references: [], ...found };
  });
const to = (name: string, subject = name) => ({ name, subject, version: 1 });
const record = (name: string, ...types: readonly unknown[]) => ({
  type: 'record',
  name,
  fields: types.map((type, index) => ({ name: `f${index}`, type })),
});

describe('references of a schema', () => {
  it('are put where their type is named first, and stay names after it', async () => {
    const part = record('a.Part', 'int');
    const whole = await inline(
      { 'a.Part': { definition: part } },
      record('a.Whole', ['null', 'Part'], { type: 'map', values: 'a.Part' }),
      [to('a.Part')],
    );
    expect(whole).toEqual(
      record('a.Whole', ['null', { ...part, name: 'Part', namespace: 'a' }], { type: 'map', values: 'a.Part' }),
    );
    expect(() => avscType(whole)).not.toThrow();
  });

  it('may have references, also to one another’s', async () => {
    const shelf = {
      x: { definition: { type: 'enum', name: 'X', symbols: ['A'] } },
      y: { definition: record('n.Y', 'n.Z', 'n.Y'), references: [to('n.Z', 'z')] },
      z: { definition: { type: 'fixed', name: 'n.Z', size: 2 } },
    };
    const whole = await inline(shelf, record('m.W', 'n.Y', 'n.Z', 'X'), [to('n.Y', 'y'), to('X', 'x'), to('n.Z', 'z')]);
    expect(whole).toMatchObject({
      fields: [
        { type: { name: 'Y', fields: [{ type: { name: 'Z', namespace: 'n' } }, { type: 'n.Y' }] } },
        { type: 'n.Z' },
        { type: 'X' },
      ],
    });
  });

  it('do not come to belong to the namespace that they are put into', async () => {
    const plain = { type: 'enum', name: 'Plain', symbols: ['A'] };
    const whole = await inline({ Plain: { definition: plain } }, { ...record('W', 'int', ['null', 'Plain']) }, [
      to('Plain'),
    ]);
    expect(whole).toMatchObject({ fields: [{}, { type: ['null', { name: 'Plain', namespace: '' }] }] });
  });

  it.each<[string, Shelf, readonly unknown[], string]>([
    ['leads nowhere', {}, [to('a.B')], 'leads nowhere'],
    ['is none', {}, [{ name: 'a.B' }], 'is none'],
    ['leads to a type of another name', { 'a.B': { definition: record('a.C') } }, [to('a.B')], 'another type'],
    ['leads to no named type', { 'a.B': { definition: 'string' } }, [to('a.B')], 'another type'],
  ])('are refused when one %s', async (_, shelf, references, why) => {
    await expect(inline(shelf, record('W', 'a.B'), references)).rejects.toThrow(why);
  });

  it('are limited in number, and may go round in circles', async () => {
    const circle = { 'a.B': { definition: record('a.B', ['null', 'a.C']), references: [to('a.C')] } };
    const round = { ...circle, 'a.C': { definition: record('a.C', ['null', 'a.B']), references: [to('a.B')] } };
    await expect(inline(round, record('W', 'a.B'), [to('a.B')])).resolves.toMatchObject({ name: 'W' });
    const many = Array.from({ length: 101 }, (_, index) => to(`a.T${index}`));
    const shelf = Object.fromEntries(many.map(({ name }) => [name, { definition: record(name) }]));
    await expect(inline(shelf, record('W'), many)).rejects.toThrow('more than 100 references');
  });
});
