import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../../samples/index.ts';
import { checkSchemas } from '../../src/compatibility/check.ts';
import { draftFrom, startingDraft } from '../../src/infer/draft.ts';
import { type Inferred, inferSchema } from '../../src/infer/infer.ts';
import { layOut } from '../../src/infer/layout.ts';
import { readJsonSamples } from '../../src/infer/samples.ts';
import { schemaVersion } from '../../src/schema/history.ts';
import { SCHEMAS } from '../support/schemas.ts';

type Field = { name: string; type: unknown; default?: unknown; doc: string };

const infer = (...values: unknown[]): Inferred =>
  inferSchema(
    'acme.thing',
    values.map((value) => ({ field: value })),
  );
const fieldsOf = ({ definition }: Pick<Inferred, 'definition'>) => definition.fields as Field[];
const typeOf = (...values: unknown[]) => fieldsOf(infer(...values))[0]!.type;
const draft = (events: unknown, eventType = 'acme.thing') =>
  draftFrom(eventType, readJsonSamples(Buffer.from(JSON.stringify(events))));
const logical = (type: string, logicalType: string) => ({ type, logicalType });
const times = (count: number, ...values: unknown[]) => Array.from({ length: count }, () => values).flat();
const errorsOf = (eventType: string, definition: unknown) =>
  checkSchemas([{ eventType, versions: [{ version: 1, definition }] }]).findings.map(({ rule, path }) => [rule, path]);

describe('the type of a field', () => {
  test.for<[string, unknown[], unknown]>([
    ['true and false', [true, false], 'boolean'],
    ['whole numbers of 32 bits', [1, -(2 ** 31)], 'int'],
    ['larger whole numbers', [1, 2 ** 31], 'long'],
    ['whole numbers beyond 2^53', [1, 2 ** 60], 'double'],
    ['fractions', [1, 0.5], 'double'],
    ['whole numbers, some of them as text', [1, '9223372036854775807'], 'long'],
    ['numbers and the names of those that JSON cannot write', [0.5, 'NaN'], 'double'],
    ['texts', ['a', 'b'], 'string'],
    ['nulls alone', [null], ['null', 'string']],
    ['a null among others', [1, null], ['null', 'int']],
    ['days', ['2026-01-31', '1999-12-31'], logical('int', 'date')],
    ['days of which one does not exist', ['2026-01-31', '2026-02-30'], 'string'],
    ['instants', ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.250+01:00'], logical('long', 'timestamp-millis')],
    ['finer instants', ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.1234Z'], logical('long', 'timestamp-micros')],
    ['the finest instants', ['2026-01-31T12:00:00.123456789Z'], logical('long', 'timestamp-nanos')],
    ['instants too fine and too far away', ['2026-01-31T12:00:00.123456789Z', '1500-01-31T12:00:00Z'], 'string'],
    ['local times', ['2026-01-31T12:00:00', '2026-01-31 12:00:00.5'], logical('long', 'local-timestamp-millis')],
    ['instants and local times', ['2026-01-31T12:00:00', '2026-01-31T12:00:00Z'], 'string'],
    ['times of day', ['23:59:58', '00:00:00.5'], logical('int', 'time-millis')],
    ['finer times of day', ['23:59:58.123456'], logical('long', 'time-micros')],
    ['UUIDs', ['0f8f1c1e-8d5b-4f43-9a55-0c4b1d2c8a11'], logical('string', 'uuid')],
    ['amounts', ['19.90', '-0.05'], { ...logical('bytes', 'decimal'), precision: 12, scale: 2 }],
    ['long amounts', ['1234567890123.45'], { ...logical('bytes', 'decimal'), precision: 17, scale: 2 }],
    ['versions', ['1.5', '1.6'], 'string'],
    ['digits after the point that vary', ['1.50', '1.505'], 'string'],
    ['amounts with leading zeros', ['01.50'], 'string'],
    ['a zero below zero, which no decimal has', ['-0.00', '1.00'], 'string'],
    ['lists', [[1], [2, 3]], { type: 'array', items: 'int' }],
    ['lists with gaps', [[1, null], []], { type: 'array', items: ['null', 'int'] }],
    ['empty lists', [[], []], { type: 'array', items: 'string' }],
    ['small whole numbers and texts', [1, 'a'], ['int', 'string']],
    ['texts that are days, and a number', [1, '2026-01-31'], ['int', 'string']],
    ['one value and lists of it', ['a', ['a', 'b'], null], ['null', 'string', { type: 'array', items: 'string' }]],
    ['objects that are empty', [{}], { type: 'map', values: 'string' }],
    ['objects with keys that no field can have', [{ 'a b': 1 }, { c: 2.5 }], { type: 'map', values: 'double' }],
    [
      'objects whose keys vary',
      [{ a: 'x' }, { b: 'y' }, { c: 'z' }, { d: 'x' }, { e: null }],
      { type: 'map', values: ['null', 'string'] },
    ],
    ['few texts, seen often', times(30, 'open', 'paid'), { type: 'enum', name: 'Field', symbols: ['open', 'paid'] }],
    ['few texts, seen seldom', times(10, 'open', 'paid'), 'string'],
    ['ten texts, each seen seldom', times(6, ...'abcdefghij'), 'string'],
    ['one text, always the same', times(100, 'open'), 'string'],
    ['few texts of which one is no symbol', times(30, 'open', 'take-off'), 'string'],
    ['many texts', times(30, ...'abcdefghijklm'), 'string'],
  ])('of %s', ([, values, type]) => {
    expect(typeOf(...values)).toEqual(type);
    expect(draft(values.map((value) => ({ field: value }))).problems).toEqual([]);
  });

  test('of milliseconds since 1970 is an instant where its name speaks of time, and said to be a guess', () => {
    const { definition, unsure } = inferSchema('acme.thing', [{ sent_at: 1_769_903_998_500, size: 1_769_903_998_500 }]);
    expect(fieldsOf({ definition }).map(({ type }) => type)).toEqual([logical('long', 'timestamp-millis'), 'long']);
    expect(unsure).toContainEqual(expect.stringMatching(/^\$\.sent_at: .*plain long/));
  });

  test('of objects is a record, whose members may be missing', () => {
    const seen = infer({ city: 'Bern', zip: '3000' }, { city: 'Ulm' });
    const doc = expect.any(String);
    expect(fieldsOf(seen)[0]!.type).toEqual({
      type: 'record',
      name: 'Field',
      fields: [
        { name: 'city', type: 'string', doc },
        { name: 'zip', type: ['null', 'string'], default: null, doc: 'Observed: 1 of 2 objects; 4 characters' },
      ],
    });
  });

  test('names every type differently, the root included', () => {
    const { definition, problems } = draft([{ thing: { a: { a: { a: 1 } } }, b: { a: { x: 1 } } }]);
    expect(problems).toEqual([]);
    const names = JSON.stringify(definition).match(/"record","name":"\w+"/g)!;
    expect(new Set(names).size).toBe(6);
  });
});

describe('a schema', () => {
  test('requires what was never missing, keeps the order of keys, and says in docs what was observed', () => {
    const { definition } = inferSchema('acme.big-order', [
      { id: 'a', b: 0.1, a: null },
      { c: [1], id: 'b', b: 6.4 },
    ]);
    expect(definition).toEqual({
      type: 'record',
      name: 'BigOrder',
      namespace: 'acme',
      doc: 'Inferred from 2 samples',
      sluice: { eventId: 'id' },
      fields: [
        { name: 'id', type: 'string', doc: 'Observed: 2 of 2 samples; 1 character' },
        { name: 'b', type: 'double', doc: 'Observed: 2 of 2 samples; 0.1 to 6.4' },
        { name: 'a', type: ['null', 'string'], default: null, doc: 'Observed: 0 of 2 samples' },
        {
          name: 'c',
          type: ['null', { type: 'array', items: 'int' }],
          default: null,
          doc: 'Observed: 1 of 2 samples; 1 item',
        },
      ],
    });
  });

  test.for<[string, object[], object]>([
    ['an id that is its own', [{ id: 'a' }, { id: 'b' }], { eventId: 'id' }],
    ['an id called after the event type', [{ thing_id: 'a' }], { eventId: 'thing_id' }],
    ['no id that repeats', [{ id: 'a' }, { id: 'a' }], { key: 'id' }],
    ['no id that may be missing', [{ id: 'a', n: 1 }, { n: 1 }], { key: 'id' }],
    ['no id that cannot be one', [{ id: 'a b' }], { key: 'id' }],
    ['an id beside a key', [{ id: 'a', customer_id: 7 }], { eventId: 'id', key: 'customer_id' }],
    ['no key where two could be', [{ id: 'a', customer_id: 7, shopId: 'x' }], { eventId: 'id' }],
    ['the instant before the day', [{ day: '2026-01-31', at: '2026-01-31T12:00:00Z' }], { eventTime: 'at' }],
    ['the day where there is no instant', [{ day: '2026-01-31' }], { eventTime: 'day' }],
    [
      'the instant whose name says most',
      [{ seen: '2026-01-31T12:00:00Z', occurred_at: '2026-01-31T12:00:00Z' }],
      { eventTime: 'occurred_at' },
    ],
  ])('proposes %s', ([, events, settings]) => {
    expect(draft(events)).toMatchObject({ definition: { sluice: settings }, problems: [] });
    expect((draft(events).definition as { sluice: object }).sluice).toEqual(settings);
  });

  test('is refused where a key of the event is no legal name, with the way out', () => {
    const { problems } = inferSchema('acme.thing', [{ 'Airport Name': 'x', ok: 1 }]);
    expect(problems).toEqual([expect.stringMatching(/^\$\['Airport Name'\]: .*map/)]);
  });

  test('is refused where numbers and texts could not be told apart', () => {
    expect(infer(0.5, 'a').problems).toEqual([expect.stringMatching(/^\$\.field: /)]);
  });

  test('is refused where two columns would have one name', () => {
    expect(draft([{ a: 1, A: 2 }]).problems).toHaveLength(1);
  });

  test('is refused with each sample that is no event', () => {
    const samples = readJsonSamples(Buffer.from('{"a":1}\n{"a":\n[2]\n{"a":1,"a":2}\n'));
    const starts = draftFrom('acme.thing', samples).problems.map((problem) => problem.slice(0, 9));
    expect(starts).toEqual(['sample 2:', 'sample 3:']);
    const twice = readJsonSamples(Buffer.from('{"a":1}\n{"a":1,"a":2}\n'));
    expect(draftFrom('acme.thing', twice).problems).toEqual([expect.stringMatching(/^sample 2: \$\.a: .*once/)]);
  });

  test('to start from, where there are no samples, is found good by the check', () => {
    expect(errorsOf('acme.thing', startingDraft('acme.thing').definition)).toEqual([]);
  });
});

describe('real data', () => {
  test.for(SAMPLES)('$source: events and raw rows are all taken, and the check finds nothing', (sample) => {
    for (const events of [[...sample.events()], sample.rows()]) {
      // A row of CSV has headers that are no names; the command line renames them.
      if ('Airport Name' in (events[0] as object)) continue;
      const { definition, problems } = draft(events, sample.eventType);
      expect(problems).toEqual([]);
      expect(errorsOf(sample.eventType, definition)).toEqual([]);
    }
  });
});

test('generated events of one shape are all taken, by the same schema each time', () => {
  fc.assert(
    fc.property(eventSets, (events) => {
      const { definition, problems } = draft(events);
      expect(problems).toEqual([]);
      expect(layOut(draft(events).definition)).toBe(layOut(definition));
      schemaVersion('acme.thing', 1, JSON.parse(layOut(definition)));
    }),
    { numRuns: 300 },
  );
});

test('schemas are laid out as those of this repository', () => {
  const text = readFileSync(`${SCHEMAS}aviation.flight/v1.avsc`, 'utf8');
  expect(layOut(JSON.parse(text))).toBe(text);
});

/** A shape: how one place's values are generated. */
const values: fc.Arbitrary<fc.Arbitrary<unknown>> = fc.letrec<{ shape: fc.Arbitrary<unknown> }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<fc.Arbitrary<unknown>>(
      fc.boolean(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'grapheme' }),
      fc.uuid(),
      fc.constantFrom('open', 'paid', 'sent'),
      fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }).map((d) => d.toJSON()),
      fc
        .date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
        .map((d) => d.toJSON().slice(0, 10)),
      fc.integer({ min: -99999, max: 99999 }).map((cents) => (cents / 100).toFixed(2)),
      fc.dictionary(fc.string(), fc.integer(), { maxKeys: 4 }),
    ),
    tie('shape').map((items) => fc.array(items, { maxLength: 3 })),
    tie('shape').map((value) => fc.option(value)),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('id', 'a', 'B', 'at', 'constructor', 'x_1', 'shop_id'), tie('shape')), {
        maxLength: 3,
        selector: ([name]) => name,
      })
      .map((members) => fc.record(Object.fromEntries(members), { requiredKeys: [] })),
  ),
})).shape;

const eventSets = fc
  .uniqueArray(fc.tuple(fc.constantFrom('id', 'c', 'D', 'time', 'toString', 'x_2', 'user_id'), values), {
    minLength: 1,
    selector: ([name]) => name,
  })
  .chain((members) => fc.array(fc.record(Object.fromEntries(members), { requiredKeys: [] }), { minLength: 1 }));
