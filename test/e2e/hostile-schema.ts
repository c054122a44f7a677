/** The event type of the hostile tests: one field of every Avro type and of every logical type; only `text` must be sent. */
export const EVENT_TYPE = 'probe.everything';

const optional = (name: string, type: unknown) => ({ name, type: ['null', type], default: null });
const logical = (type: string, logicalType: string, more: object = {}) => ({ type, logicalType, ...more });

export const SCHEMA = {
  type: 'record',
  name: 'Everything',
  namespace: 'probe',
  sluice: { key: 'text', partitions: 2 },
  fields: [
    { name: 'text', type: 'string' },
    optional('a_boolean', 'boolean'),
    optional('an_int', 'int'),
    optional('a_long', 'long'),
    optional('a_float', 'float'),
    optional('a_double', 'double'),
    optional('a_bytes', 'bytes'),
    optional('a_fixed', { type: 'fixed', name: 'Four', size: 4 }),
    optional('a_string', 'string'),
    optional('an_enum', { type: 'enum', name: 'Colour', symbols: ['red', 'green'] }),
    optional('longs', { type: 'array', items: 'long' }),
    optional('labels', { type: 'map', values: 'string' }),
    optional('counts', { type: 'map', values: 'long' }),
    {
      name: 'place',
      type: {
        type: 'record',
        name: 'Place',
        fields: [
          { name: 'city', type: 'string' },
          { name: 'floor', type: 'int', default: 0 },
        ],
      },
      default: { city: '', floor: 0 },
    },
    optional('nested', {
      type: 'record',
      name: 'Nested',
      fields: [
        { name: 'label', type: 'string' },
        { name: 'amount', type: ['null', 'double'], default: null },
      ],
    }),
    // Two of its branches share a shape, so it is tagged.
    { name: 'a_union', type: ['null', 'long', 'string'], default: null },
    optional('tree', {
      type: 'record',
      name: 'Tree',
      fields: [
        { name: 'label', type: 'string' },
        { name: 'children', type: { type: 'array', items: 'Tree' }, default: [] },
      ],
    }),
    optional('a_decimal', logical('bytes', 'decimal', { precision: 12, scale: 2 })),
    optional('a_fixed_decimal', {
      type: 'fixed',
      name: 'Money',
      size: 3,
      logicalType: 'decimal',
      precision: 6,
      scale: 1,
    }),
    optional('a_uuid', logical('string', 'uuid')),
    optional('a_duration', { type: 'fixed', name: 'Span', size: 12, logicalType: 'duration' }),
    optional('a_date', logical('int', 'date')),
    optional('time_millis', logical('int', 'time-millis')),
    optional('time_micros', logical('long', 'time-micros')),
    optional('ts_millis', logical('long', 'timestamp-millis')),
    optional('ts_micros', logical('long', 'timestamp-micros')),
    optional('ts_nanos', logical('long', 'timestamp-nanos')),
    optional('local_millis', logical('long', 'local-timestamp-millis')),
    optional('local_micros', logical('long', 'local-timestamp-micros')),
    optional('local_nanos', logical('long', 'local-timestamp-nanos')),
  ],
};
