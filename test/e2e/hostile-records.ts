import avro from 'avsc';
import { CompressionTypes, type IHeaders } from 'kafkajs';
import type { ErrorCode } from '../../src/errors.ts';
import { EVENT_TYPE, SCHEMA } from './hostile-schema.ts';

/** A record that another producer writes straight into the topic, and what must become of it. */
export interface HostileRecord {
  readonly name: string;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
  readonly timestamp?: string;
  readonly compression?: CompressionTypes;
  /** Kept as a failed event with this code, and at this path where one is given. */
  readonly failed?: { readonly code: ErrorCode; readonly path?: string };
  /** Delivered, with these columns. Its event id is its place in the topic where none is given. */
  readonly delivered?: Readonly<Record<string, unknown>>;
}

const type = avro.Type.forSchema(structuredClone(SCHEMA) as avro.Schema, { wrapUnions: true });
const NULLS = Object.fromEntries(SCHEMA.fields.map(({ name }) => [name, null]));

/** A framed value by another Avro writer, which checks no logical type. */
export function writeAvro(schemaId: number, fields: object): Buffer {
  const frame = Buffer.alloc(5);
  frame.writeInt32BE(schemaId, 1);
  const event = { ...NULLS, text: 'x', place: { city: '', floor: 0 }, ...fields };
  return Buffer.concat([frame, type.toBuffer(event)]);
}

const failed = (name: string, value: Buffer | null, code: ErrorCode, path?: string): HostileRecord => ({
  name,
  value,
  failed: path === undefined ? { code } : { code, path },
});

export function hostileRecords(schemaId: number): HostileRecord[] {
  const good = writeAvro(schemaId, { text: 'good' });
  const frame = good.subarray(0, 5);
  const avroOf = (fields: object) => writeAvro(schemaId, fields);
  const tail = (...bytes: number[]) => Buffer.concat([frame, Buffer.from(bytes)]);
  const delivered = (name: string, headers: IHeaders, columns: object = {}, timestamp?: string): HostileRecord => ({
    name,
    value: avroOf({ text: name }),
    headers,
    delivered: { text: name, ...columns },
    ...(timestamp === undefined ? {} : { timestamp }),
  });
  return [
    failed('a tombstone', null, 'SLUICE_TOMBSTONE', '$'),
    failed('an empty value', Buffer.alloc(0), 'SLUICE_AVRO_FRAMING', '$'),
    failed('garbage', Buffer.from('deadbeef00ff', 'hex'), 'SLUICE_AVRO_FRAMING'),
    failed('JSON', Buffer.from('{"text":"x,\\n\\\\N"}'), 'SLUICE_AVRO_FRAMING'),
    failed('text of all that is escaped', Buffer.from('a,b\\c\nd\re\x1bf\\N\0"\u2028'), 'SLUICE_AVRO_FRAMING'),
    failed('half a frame', frame.subarray(0, 4), 'SLUICE_AVRO_FRAMING'),
    failed(
      "an unknown id in the other registry's framing",
      Buffer.concat([Buffer.from([3, 0]), Buffer.alloc(16, 7), good]),
      'SLUICE_SCHEMA_ID_UNKNOWN',
    ),
    failed(
      'what is said to be compressed and is not',
      Buffer.concat([Buffer.from([3, 5]), Buffer.alloc(16, 7), good]),
      'SLUICE_AVRO_FRAMING',
    ),
    failed(
      'an unknown schema id',
      Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), good.subarray(5)]),
      'SLUICE_SCHEMA_ID_UNKNOWN',
    ),
    failed(
      'a negative schema id',
      Buffer.concat([Buffer.from([0, 255, 255, 255, 255]), good.subarray(5)]),
      'SLUICE_SCHEMA_ID_UNKNOWN',
    ),
    failed('nothing after the frame', frame, 'SLUICE_AVRO_DATA', '$.text'),
    failed('Avro that ends early', good.subarray(0, -1), 'SLUICE_AVRO_DATA'),
    failed('Avro with a byte left over', Buffer.concat([good, Buffer.from([0])]), 'SLUICE_AVRO_DATA'),
    failed('a text longer than the record', tail(0xfe, 0xff, 0xff, 0x7f), 'SLUICE_AVRO_DATA', '$.text'),
    failed('a text of negative length', tail(0x01), 'SLUICE_AVRO_DATA', '$.text'),
    failed('a length that never ends', tail(...Array<number>(20).fill(0xff)), 'SLUICE_AVRO_DATA', '$.text'),
    failed('a text that is no UTF-8', tail(0x02, 0xff, ...good.subarray(10)), 'SLUICE_AVRO_DATA', '$.text'),
    failed('a union branch that there is not', tail(0x02, 0x78, 0x08), 'SLUICE_AVRO_DATA', '$.a_boolean'),
    failed('a date in the year 2739877', avroOf({ a_date: { int: 1_000_000_000 } }), 'SLUICE_AVRO_DATA', '$.a_date'),
    failed(
      'a timestamp in the year 11970',
      avroOf({ ts_millis: { long: 315_569_520_000_000 } }),
      'SLUICE_AVRO_DATA',
      '$.ts_millis',
    ),
    failed('a time after midnight', avroOf({ time_millis: { int: 86_400_000 } }), 'SLUICE_AVRO_DATA', '$.time_millis'),
    failed('a time before midnight', avroOf({ time_micros: { long: -1 } }), 'SLUICE_AVRO_DATA', '$.time_micros'),
    failed(
      'a decimal of too many digits',
      avroOf({ a_decimal: { bytes: Buffer.alloc(6, 0x7f) } }),
      'SLUICE_AVRO_DATA',
      '$.a_decimal',
    ),
    failed('a UUID that is none', avroOf({ a_uuid: { string: 'not-a-uuid' } }), 'SLUICE_AVRO_DATA', '$.a_uuid'),
    failed('a row of 2 MB', avroOf({ a_string: { string: 'x'.repeat(2_000_000) } }), 'SLUICE_ROW_TOO_LARGE', '$'),
    failed('7 MB of commas', Buffer.alloc(7_000_000, ','), 'SLUICE_AVRO_FRAMING', '$'),
    failed('7 MB that are no text', Buffer.alloc(7_000_000, 0xff), 'SLUICE_AVRO_FRAMING', '$'),
    delivered('no headers', {}, { _replay_id: null }),
    delivered(
      'all headers',
      {
        'event-id': 'stranger-1',
        'ingested-at': '1700000000123',
        'message-id': 'deadbeef-1',
        'replay-id': 'r-1',
        traceparent: '00-a-b-01',
      },
      { _event_id: 'stranger-1', _ingested_at: '2023-11-14 22:13:20.123', _replay_id: 'r-1' },
    ),
    delivered('an event id that is empty', { 'event-id': '' }),
    delivered('an event id that is no UTF-8', { 'event-id': Buffer.from([0xff]) }),
    delivered('another event id that is no UTF-8', { 'event-id': Buffer.from([0xfe]) }),
    delivered('an event id of 500 KB', { 'event-id': 'x'.repeat(500_000) }),
    delivered('an event id of two lines', { 'event-id': 'a\nb' }),
    delivered('an event id twice', { 'event-id': ['first', 'last'] }, { _event_id: 'last' }),
    delivered('a message id of 500 KB', { 'message-id': 'x'.repeat(500_000) }),
    delivered(
      'a replay id of all that is escaped',
      { 'replay-id': 'a,b\\c\nd\x1be' },
      { _replay_id: 'a,b\\c\nd\x1be' },
    ),
    delivered(
      'an ingestion time that is none',
      { 'ingested-at': 'yesterday' },
      { _ingested_at: '2023-11-14 22:13:20.456' },
      '1700000000456',
    ),
    delivered('an ingestion time in the year 33658', { 'ingested-at': '999999999999999' }),
    delivered('no ingestion time, and a record of the year 0', {}, {}, '-62167219200000'),
    delivered(
      'headers called like members of every object',
      JSON.parse('{"__proto__":"x","constructor":"y","toString":"z"}'),
    ),
    { ...delivered('a batch compressed with gzip', {}), compression: CompressionTypes.GZIP },
    {
      ...delivered('a batch compressed with zstd, which our client cannot read', {}),
      compression: CompressionTypes.ZSTD,
    },
    {
      name: 'a replay id of 2 MB',
      value: avroOf({ text: 'x' }),
      headers: { 'replay-id': 'x'.repeat(2_000_000) },
      failed: { code: 'SLUICE_ROW_TOO_LARGE', path: '$' },
    },
  ];
}

/** A record that must be delivered whatever stands beside it. */
export const neighbour = (schemaId: number, index: number) => writeAvro(schemaId, { text: `neighbour-${index}` });

/** The event id of a record that brings none. */
export const placeOf = (partition: number, offset: number) => `${EVENT_TYPE}:${partition}:${offset}`;
