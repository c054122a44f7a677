import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';

const logical = (type: unknown, logicalType: string, more = {}) => ({ type, logicalType, ...more });
const fixed = (name: string, size: number) => ({ type: 'fixed', name, size });

/** A schema with everything that Avro has. */
export const EVERYTHING: SchemaHistory = schemaHistory('test.every-thing', [
  schemaVersion('test.every-thing', 1, {
    type: 'record',
    name: 'Everything',
    namespace: 'com.example',
    doc: 'All of it. */ Even this.',
    fields: [
      { name: 'nothing', type: 'null', default: null },
      { name: 'flag', type: 'boolean', doc: 'First line\nsecond line' },
      { name: 'small', type: 'int' },
      { name: 'big', type: 'long' },
      { name: 'ratio', type: 'float' },
      { name: 'exact', type: 'double' },
      { name: 'text', type: 'string' },
      { name: 'raw', type: 'bytes' },
      { name: 'hash', type: fixed('Hash', 16) },
      { name: 'id', type: logical('string', 'uuid') },
      { name: 'uid', type: { ...fixed('Uid', 16), logicalType: 'uuid' } },
      { name: 'cost', type: logical('bytes', 'decimal', { precision: 12, scale: 2 }) },
      { name: 'day', type: logical('int', 'date') },
      { name: 'clock', type: logical('int', 'time-millis') },
      { name: 'fine_clock', type: logical('long', 'time-micros') },
      { name: 'at', type: logical('long', 'timestamp-millis') },
      { name: 'at_micros', type: logical('long', 'timestamp-micros') },
      { name: 'at_nanos', type: logical('long', 'timestamp-nanos') },
      { name: 'at_local', type: logical('long', 'local-timestamp-millis') },
      { name: 'span', type: { ...fixed('Span', 12), logicalType: 'duration' } },
      { name: 'color', type: { type: 'enum', name: 'Color', symbols: ['RED', 'GREEN'], doc: 'A color' } },
      { name: 'tags', type: { type: 'array', items: 'string' } },
      { name: 'matrix', type: { type: 'array', items: { type: 'array', items: 'double' } } },
      { name: 'attributes', type: { type: 'map', values: ['null', 'long'] } },
      {
        name: 'place',
        doc: 'Where',
        type: {
          type: 'record',
          name: 'Place',
          fields: [
            { name: 'name', type: 'string' },
            { name: 'color', type: 'Color' },
          ],
        },
      },
      { name: 'maybe', type: ['null', 'string'], default: null },
      { name: 'maybe_color', type: ['null', 'Color'], default: null },
      { name: 'maybe_big', type: ['null', 'long'], default: null },
      { name: 'maybe_place', type: ['null', 'Place'], default: null },
      { name: 'plain', type: ['null', 'string', 'int', 'Place'], default: null },
      { name: 'tagged', type: ['null', 'string', 'bytes', 'com.example.Place'], default: null },
      {
        name: 'tree',
        doc: 'A tree',
        type: {
          type: 'record',
          name: 'Tree',
          fields: [
            { name: 'value', type: 'int' },
            { name: 'children', type: { type: 'array', items: 'Tree' }, default: [] },
            { name: 'next', type: ['null', 'Tree'], default: null },
          ],
        },
      },
      {
        name: 'thing',
        type: { type: 'record', name: 'com.a.Thing', fields: [{ name: 'a', type: 'int', default: 1 }] },
      },
      {
        name: 'other',
        type: { type: 'record', name: 'com.b.Thing', fields: [{ name: 'b', type: 'int', default: 2 }] },
      },
    ],
  }),
]);

/** A body that has every field. */
export const FULL = {
  nothing: null,
  flag: true,
  small: -1,
  big: 9007199254740991,
  ratio: 0.5,
  exact: 1e300,
  text: '',
  raw: 'AP8=',
  hash: 'AAAAAAAAAAAAAAAAAAAAAA==',
  id: '123e4567-e89b-12d3-a456-426614174000',
  uid: '123E4567-E89B-12D3-A456-426614174000',
  cost: '-12.5',
  day: '2026-01-31',
  clock: '23:59:58.5',
  fine_clock: '23:59:58.123456',
  at: '2026-01-31T23:59:58.5+02:00',
  at_micros: '2026-01-31T23:59:58Z',
  at_nanos: '2026-01-31 23:59:58.123456789z',
  at_local: '2026-01-31T23:59:58',
  span: 'AAAAAAAAAAAAAAAA',
  color: 'RED',
  tags: ['a', ''],
  matrix: [[1, 'NaN'], []],
  attributes: { a: 1, b: '9223372036854775807', c: null },
  place: { name: 'x', color: 'GREEN' },
  maybe: 'x',
  maybe_color: 'RED',
  maybe_big: '-9223372036854775808',
  maybe_place: { name: 'x', color: 'GREEN' },
  plain: 7,
  tagged: { 'com.example.Place': { name: 'x', color: 'RED' } },
  tree: { value: 1, children: [{ value: 2, next: { value: 3 } }], next: null },
  thing: { a: 1 },
  other: {},
} as const;

/** Other values that fields take. */
export const ALSO: readonly Readonly<Record<string, unknown>>[] = [
  { big: '9223372036854775807', ratio: 'NaN', exact: '-Infinity', cost: '0000000000000.500' },
  { at: 0, at_micros: -1, at_nanos: 9007199254740991, at_local: 1 },
  { maybe: null, maybe_color: null, maybe_big: null, maybe_place: null, plain: null, tagged: null },
  { plain: 'text', tagged: { string: 'text' }, raw: '' },
  { plain: { name: 'x', color: 'RED' }, tagged: { bytes: 'AA==' } },
  { maybe_big: 1, attributes: {}, tags: [], matrix: [] },
];

/** Values that fields refuse. */
export const WRONG: readonly Readonly<Record<string, unknown>>[] = [
  { flag: 'true' },
  { flag: null },
  { small: 2147483648 },
  { small: 1.5 },
  { big: 'x' },
  { exact: 'nan' },
  { hash: 'AA==' },
  { cost: 12.5 },
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
  { tagged: { string: 'x', bytes: '' } },
  { tree: { value: 1, children: [{ value: 'x' }] } },
  { unknown: 1 },
];
