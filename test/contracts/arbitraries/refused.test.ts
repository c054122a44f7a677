import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BodyOptions } from '../../../contracts/arbitraries/bodies.ts';
import { BREAKAGES } from '../../../contracts/arbitraries/broken.ts';
import { KEY } from '../../../contracts/arbitraries/key.ts';
import { type BrokenBody, brokenBodiesOf, refusedBodiesOf } from '../../../contracts/arbitraries/refused.ts';
import { schemas } from '../../../contracts/arbitraries/schemas.ts';
import { compileCodec } from '../../../src/codec/codec.ts';
import { schemaHistory, schemaVersion } from '../../../src/schema/history.ts';
import { HISTORIES } from '../../support/schemas.ts';

function judgeOf(definition: object) {
  const version = schemaVersion('acme.any', 1, definition);
  const codec = compileCodec(schemaHistory('acme.any', [version]), { piiKey: KEY });
  const bodies = brokenBodiesOf(version.root, version.settings);
  const judge = ({ text, path, codes, breakage }: BrokenBody) => {
    const encoded = codec.encode(Buffer.from(text));
    if (encoded.ok) throw new Error(`${breakage} at ${path} is taken: ${text}`);
    // One thing is wrong, and one thing is said.
    const said = encoded.faults.map((fault) => [fault.path, codes.includes(fault.code)]);
    expect(said, `${breakage}: ${JSON.stringify(encoded.faults)}: ${text}`).toEqual([[path, true]]);
  };
  return { root: version.root, settings: version.settings as BodyOptions, bodies, judge };
}

const MIXED = {
  type: 'record',
  name: 'Mixed',
  sluice: { eventId: 'id' },
  fields: [
    { name: 'id', type: 'string' },
    { name: 'int', type: 'int' },
    { name: 'long', type: 'long' },
    { name: 'hash', type: 'string', pii: 'hash' },
    { name: 'secrets', type: { type: 'map', values: 'int' }, default: {}, pii: 'drop' },
    { name: 'fixed', type: { type: 'fixed', name: 'F', size: 3 } },
    { name: 'enum', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-nanos' } },
    { name: 'tagged', type: { type: 'array', items: ['null', 'int', 'double'] } },
    { name: 'plain', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 }] },
  ],
};

describe('a body that was broken at one place', () => {
  test('is refused at that place with one of its codes, whatever the schema', () => {
    const cases = schemas.chain((schema) => {
      const { bodies, judge } = judgeOf(schema);
      return fc.array(bodies, { minLength: 1, maxLength: 8 }).map((broken) => ({ broken, judge }));
    });
    fc.assert(
      fc.property(cases, ({ broken, judge }) => broken.forEach(judge)),
      { numRuns: 80 },
    );
  });

  test.each([
    ...HISTORIES.map((history) => [history.eventType, history.newest.definition] as const),
    ['one of everything', MIXED] as const,
  ])('of %s, too', (_, definition) => {
    const { bodies, judge } = judgeOf(definition);
    fc.assert(fc.property(bodies, judge), { numRuns: 400 });
  });

  test('is broken in every way that there is', () => {
    const samples = fc.sample(judgeOf(MIXED).bodies, { numRuns: 3000, seed: 5 });
    const count = Object.fromEntries(BREAKAGES.map((name) => [name, 0]));
    for (const { breakage } of samples) count[breakage] = count[breakage]! + 1;
    expect(Object.entries(count).filter(([, times]) => times < 5)).toEqual([]);
  });

  test('hides the keys of senders within personal data, and no others', () => {
    const samples = fc.sample(judgeOf(MIXED).bodies, { numRuns: 3000, seed: 6 });
    const within = samples.map(({ path }) => path).filter((path) => path.startsWith('$.secrets['));
    expect(new Set(within)).toEqual(new Set(["$.secrets['[personal data]']"]));
    expect(samples.some(({ path }) => path === '$.__proto__')).toBe(true);
  });

  test('gives no more than what the contract says', () => {
    const { root, settings } = judgeOf(MIXED);
    const [sample] = fc.sample(refusedBodiesOf(root, settings), { numRuns: 1, seed: 1 });
    expect(Object.keys(sample!).sort()).toEqual(['codes', 'path', 'text']);
  });

  test('shrinks to what is broken, with everything else minimal', () => {
    const { bodies } = judgeOf({ type: 'record', name: 'R', fields: MIXED.fields.slice(1, 3) });
    const { counterexample } = fc.check(
      fc.property(bodies, ({ path, breakage }) => !(path === '$.long' && breakage === 'bad format')),
      { seed: 3, numRuns: 3000 },
    );
    expect(counterexample?.[0].text).toBe('{"int":0,"long":"01"}');
  });
});
