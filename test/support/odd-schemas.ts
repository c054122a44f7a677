const record = (fields: readonly unknown[], rest: object = {}) => ({
  type: 'record',
  name: 'Odd',
  doc: 'Odd',
  ...rest,
  fields,
});
const field = (name: string, type: unknown, rest: object = {}) => ({ name, type, doc: 'A field', ...rest });
const times = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));
const nested = (levels: number): unknown =>
  times(levels, (level) => level).reduce<unknown>((type) => ({ type: 'array', items: type }), 'int');

/** Words that mean something in Java, Python, TypeScript, SQL or JavaScript's objects. */
const RESERVED = (
  'class def function return import package public static void int null true false None lambda yield await async let ' +
  'var enum interface type namespace select from where order group table user constructor prototype toString ' +
  'hasOwnProperty valueOf length name schema record'
).split(' ');

/**
 * Schemas that Avro's own parser takes, each with the place where Sluice refuses it; without one where it is taken.
 */
export const ODD_SCHEMAS: readonly (readonly [string, unknown, string?])[] = [
  ['a record without fields', record([])],
  ['a record that holds itself by a union', record([field('next', ['null', 'Odd'], { default: null })])],
  ['a record that holds itself by an array', record([field('kids', { type: 'array', items: 'Odd' })])],
  ['a record that holds itself by a map of unions', record([field('kids', { type: 'map', values: ['null', 'Odd'] })])],
  ['a record that holds itself without an end', record([field('self', 'Odd')])],
  [
    'two records that hold each other',
    record([field('other', record([field('back', ['null', 'Odd'])], { name: 'Other' }))]),
  ],
  [
    'namespaces of every kind',
    record(
      [
        field('a', record([], { name: 'Inner', namespace: 'other' })),
        field('b', record([], { name: 'x.y.Inner' })),
        field('c', record([], { name: 'Inner' })),
        field('d', ['null', 'other.Inner', 'x.y.Inner', 'Inner']),
        field('e', record([], { name: 'Plain', namespace: '' })),
      ],
      { namespace: 'acme.odd' },
    ),
  ],
  [
    'aliases with and without a namespace',
    record([field('a', 'int', { aliases: ['b', 'c'] })], { namespace: 'acme', aliases: ['Old', 'other.Older'] }),
  ],
  [
    'a union of many',
    record([
      field('any', [
        'null',
        'boolean',
        'int',
        'long',
        'float',
        'double',
        'bytes',
        'string',
        { type: 'array', items: 'int' },
        { type: 'map', values: 'int' },
      ]),
    ]),
  ],
  ['a union of one', record([field('one', ['int'])])],
  ['a union of null alone', record([field('none', ['null'])])],
  ['a union of two records', record([field('by', [record([], { name: 'Card' }), record([], { name: 'Cash' })])])],
  ['a fixed of no bytes', record([field('nothing', { type: 'fixed', name: 'Nothing', size: 0 })])],
  ['a duration', record([field('lasts', { type: 'fixed', name: 'Lasts', size: 12, logicalType: 'duration' })])],
  ['a uuid of 16 bytes', record([field('id', { type: 'fixed', name: 'Id', size: 16, logicalType: 'uuid' })])],
  [
    'an enum with a default',
    record([field('s', { type: 'enum', name: 'S', symbols: ['a', 'b'], default: 'a' }, { default: 'b' })]),
  ],
  ['reserved words of several languages as fields', record(RESERVED.map((word) => field(word, 'int')))],
  [
    'reserved words of several languages as symbols and types',
    record([field('w', { type: 'enum', name: 'class', symbols: RESERVED.filter((word) => !(word in {})) })]),
  ],
  [
    "names of JavaScript's own members as symbols",
    record([field('w', { type: 'enum', name: 'E', symbols: ['constructor', 'toString'] })]),
    '$.w',
  ],
  ['300 fields', record(times(300, (index) => field(`f${index}`, ['null', 'string'], { default: null })))],
  ['an error instead of a record', { ...record([]), type: 'error' }],
  [
    'unknown properties everywhere',
    record([field('a', { type: 'int', 'x-y': [1] }, { order: 'ignore', 'x-z': {} })], { x: null }),
  ],
  ['a date of a long', record([field('a', { type: 'long', logicalType: 'date' })])],
  ['a decimal of a string', record([field('a', { type: 'string', logicalType: 'decimal', precision: 4 })])],
  ['a decimal without a precision', record([field('a', { type: 'bytes', logicalType: 'decimal' })])],
  [
    'a decimal of more scale than precision',
    record([field('a', { type: 'bytes', logicalType: 'decimal', precision: 2, scale: 3 })]),
  ],
  ['a uuid of 15 bytes', record([field('a', { type: 'fixed', name: 'F', size: 15, logicalType: 'uuid' })])],
  ['a logical type of nobody', record([field('a', { type: 'int', logicalType: 'colour' })])],
  [
    'a logical type on a reference',
    record([field('a', { type: 'fixed', name: 'F', size: 2 }), field('b', { type: 'F', logicalType: 'uuid' })]),
    '$.b',
  ],
  ['types that nest deeply', record([field('a', nested(150))])],

  ['a root that is a string', 'string', '$'],
  ['a root that is an enum', { type: 'enum', name: 'E', symbols: ['a'] }, '$'],
  ['a root that is a union', ['null', record([])], '$'],
  ['a root that is an array', { type: 'array', items: 'int' }, '$'],
  ['a root that is a map', { type: 'map', values: 'int' }, '$'],
  ['a root that is a fixed', { type: 'fixed', name: 'F', size: 2 }, '$'],
  ['a field with a name that is not ASCII', record([field('größe', 'int')]), '$'],
  ['a field called __proto__', record([JSON.parse('{"name":"__proto__","type":"int"}')]), '$'],
  ['types that nest deeper than any body', record([field('a', nested(250))]), `$.a${'.items'.repeat(199)}`],
  [
    'a decimal of 2,000 digits',
    record([field('a', { type: 'bytes', logicalType: 'decimal', precision: 2000 })]),
    '$.a',
  ],
  ["a default of a union's second branch", record([field('a', ['null', 'int'], { default: 3 })]), '$.a'],
  [
    'a date in the year 12000',
    record([field('a', { type: 'int', logicalType: 'date' }, { default: 3_700_000 })]),
    '$.a',
  ],
  ['a field called like a system column', record([field('_kafka_offset', 'int')]), '$._kafka_offset'],
  ['fields that differ in letter case', record([field('Total', 'int'), field('total', 'int')]), '$.total'],
  [
    'records that unfold to a million columns',
    record([
      field(
        'a',
        times(20, (level) => level).reduce<unknown>(
          (type, level) =>
            record([field('a', type), field('b', typeof type === 'string' ? type : (type as { name: string }).name)], {
              name: `L${level}`,
            }),
          'int',
        ),
      ),
    ]),
    '$',
  ],
  [
    'one definition twice',
    record([field('a', { type: 'fixed', name: 'F', size: 1 }), field('b', { type: 'fixed', name: 'F', size: 1 })]),
    '$.b',
  ],
  ['an empty enum', record([field('e', { type: 'enum', name: 'E', symbols: [] })]), '$.e'],
  ['an empty union', record([field('u', [])]), '$.u'],
];
