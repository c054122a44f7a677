import { MAX_EVENT_BYTES } from '../../src/stages/accept.ts';
import { EVENT_TYPE } from './hostile-schema.ts';

/** One hostile request and what must become of it. */
export interface HostileBody {
  readonly name: string;
  readonly body: string | Buffer;
  /** `/events/<the event type>` by default. */
  readonly path?: string;
  /** Header lines; a content type of JSON by default. */
  readonly headers?: readonly string[];
  /** The status, and each fault as "CODE path", in order; the code alone where no value of the body is at fault. */
  readonly refused?: { readonly status: number; readonly faults: readonly string[] };
  /** Columns of its row, read by SQL from the de-duplicated view. A column of JSON text is given as a value. */
  readonly accepted?: Readonly<Record<string, unknown>>;
}

/** A value of a column that holds JSON text. */
export class Json {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** A body with `text` and the given members, which are JSON text. */
const event = (members: string) => `{"text":"x",${members}}`;

const refusedAs = (name: string, body: string | Buffer, ...faults: string[]): HostileBody => ({
  name,
  body,
  refused: { status: faults[0]!.includes('TOO_LARGE') ? 413 : 400, faults },
});
/** A member that is refused with one fault at itself. */
const member = (name: string, json: string, code: string, path = `$.${name}`): HostileBody =>
  refusedAs(
    `${name}: ${json.length > 60 ? `${json.slice(0, 57)}...` : json}`,
    event(`"${name}":${json}`),
    `${code} ${path}`,
  );
const acceptedAs = (name: string, body: string, accepted: Readonly<Record<string, unknown>>): HostileBody => ({
  name,
  body,
  accepted,
});
/** A member that is accepted, and the value of its column. */
const value = (name: string, json: string, expected: unknown): HostileBody =>
  acceptedAs(`${name}: ${json.length > 60 ? `${json.slice(0, 57)}...` : json}`, event(`"${name}":${json}`), {
    text: 'x',
    [name]: expected,
  });
/** A text that must come back as it is. */
const text = (name: string, given: string): HostileBody =>
  acceptedAs(`text: ${name}`, JSON.stringify({ text: given, a_string: `<${given}>`, labels: { [given]: given } }), {
    text: given,
    a_string: `<${given}>`,
    labels: new Json({ [given]: given }),
  });

const SYNTAX: readonly HostileBody[] = [
  refusedAs('an object that is not closed', '{"text":"x"', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a text that is not closed', '{"text":"x}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a trailing comma', '{"text":"x",}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('single quotes', "{'text':'x'}", 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a key without quotes', '{text:"x"}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a comment', '{"text":"x"/* y */}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('two values', '{"text":"x"} {"text":"y"}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('an escape that JSON does not know', '{"text":"\\x41"}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('half an escape', '{"text":"\\u12"}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a raw line feed in a text', '{"text":"a\nb"}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a raw tab in a text', '{"text":"a\tb"}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a raw NUL in a text', '{"text":"a\0b"}', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a NUL after the body', '{"text":"x"}\0', 'SLUICE_JSON_SYNTAX $'),
  refusedAs('NaN as a number', event('"a_double":NaN'), 'SLUICE_JSON_SYNTAX $'),
  refusedAs('Infinity as a number', event('"a_double":-Infinity'), 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a number with a leading zero', event('"an_int":007'), 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a number with a plus', event('"an_int":+7'), 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a hexadecimal number', event('"an_int":0x7'), 'SLUICE_JSON_SYNTAX $'),
  refusedAs('a number without a fraction after its point', event('"a_double":1.'), 'SLUICE_JSON_SYNTAX $'),
  refusedAs('an empty body', '', 'SLUICE_BODY_EMPTY $'),
  refusedAs('a body of white space', ' \t\r\n ', 'SLUICE_BODY_EMPTY $'),
  refusedAs('a no-break space before the body', '\u00a0{"text":"x"}', 'SLUICE_JSON_SYNTAX $'),
];

const ENCODING: readonly HostileBody[] = [
  refusedAs('a byte-order mark', '\ufeff{"text":"x"}', 'SLUICE_BODY_ENCODING $'),
  refusedAs('nothing but a byte-order mark', '\ufeff', 'SLUICE_BODY_ENCODING $'),
  refusedAs('UTF-16', Buffer.from('\ufeff{"text":"é"}', 'utf16le'), 'SLUICE_BODY_ENCODING $'),
  refusedAs('Latin-1', Buffer.from('{"text":"é"}', 'latin1'), 'SLUICE_BODY_ENCODING $'),
  refusedAs('an overlong NUL', Buffer.from('{"text":"\xc0\x80"}', 'latin1'), 'SLUICE_BODY_ENCODING $'),
  refusedAs('a surrogate in UTF-8', Buffer.from('{"text":"\xed\xa0\x80"}', 'latin1'), 'SLUICE_BODY_ENCODING $'),
  refusedAs('half a character at the end', Buffer.from('{"text":"\xf0\x9f"}', 'latin1'), 'SLUICE_BODY_ENCODING $'),
  refusedAs(
    'a character beyond U+10FFFF',
    Buffer.from('{"text":"\xf4\x90\x80\x80"}', 'latin1'),
    'SLUICE_BODY_ENCODING $',
  ),
];

/** A `tree` of so many records. */
function treeOf(levels: number): string {
  return `${'{"label":"t","children":['.repeat(levels)}${']}'.repeat(levels)}`;
}

const SIZE_AND_DEPTH: readonly HostileBody[] = [
  refusedAs(
    '10,000 arrays within each other',
    event(`"longs":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    'SLUICE_JSON_TOO_DEEP $',
  ),
  refusedAs(
    '10,000 objects within each other',
    `${'{"text":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    'SLUICE_JSON_TOO_DEEP $',
  ),
  refusedAs('10,000 arrays that are not closed', '['.repeat(10_000), 'SLUICE_JSON_TOO_DEEP $'),
  refusedAs('a recursive record of 40 levels', event(`"tree":${treeOf(40)}`), 'SLUICE_JSON_TOO_DEEP $'),
  acceptedAs('a recursive record of 31 levels', event(`"tree":${treeOf(31)}`), {
    tree: new Json(JSON.parse(treeOf(31))),
  }),
  refusedAs('a body beyond 1 MiB', `{"text":"${'x'.repeat(1024 * 1024)}"}`, 'SLUICE_BODY_TOO_LARGE'),
  refusedAs(
    'a body of one byte more than the limit',
    '{"text":"x"}'.padEnd(MAX_EVENT_BYTES + 1),
    'SLUICE_BODY_TOO_LARGE',
  ),
  acceptedAs('a body of just the limit', '{"text":"x"}'.padEnd(MAX_EVENT_BYTES), { text: 'x' }),
  refusedAs(
    'a row that no delivery record holds',
    `{"text":"${'x'.repeat(MAX_EVENT_BYTES - 11)}"}`,
    'SLUICE_ROW_TOO_LARGE $',
  ),
  ...Object.entries({
    'a million characters': 'x'.repeat(1_000_000),
    '500 KB of line feeds': '\n'.repeat(500_000),
    '500 KB of commas': ','.repeat(500_000),
    '500 KB of quotes': '"'.repeat(500_000),
    '500 KB of backslashes': '\\'.repeat(500_000),
    '500 KB of emoji': '😀'.repeat(125_000),
    '500 KB of all that is escaped': ',\\"\n\r\t'.repeat(85_000),
    '100 KB of ESC': '\x1b'.repeat(100_000),
  }).map(([name, given]) => acceptedAs(name, JSON.stringify({ text: given }), { text: given })),
  acceptedAs('100,000 items', event(`"longs":[${'7,'.repeat(99_999)}8]`), {
    longs: new Json([...Array<number>(99_999).fill(7), 8]),
  }),
  refusedAs('a key of 500 KB', event(`"${'k'.repeat(500_000)}":1`), `SLUICE_FIELD_UNKNOWN $['${'k'.repeat(100)}…']`),
  refusedAs(
    '10,000 fields that nobody knows, of which 100 are told',
    event(Array.from({ length: 10_000 }, (_, index) => `"f${index}":1`).join(',')),
    ...Array.from({ length: 100 }, (_, index) => `SLUICE_FIELD_UNKNOWN $.f${index}`),
  ),
];

const KEYS: readonly HostileBody[] = [
  refusedAs('a field twice', '{"text":"a","text":"b"}', 'SLUICE_JSON_DUPLICATE_KEY $.text'),
  refusedAs('a field twice, once escaped', '{"text":"a","te\\u0078t":"b"}', 'SLUICE_JSON_DUPLICATE_KEY $.text'),
  refusedAs(
    'a field of a record twice',
    event('"place":{"city":"a","city":"a"}'),
    'SLUICE_JSON_DUPLICATE_KEY $.place.city',
  ),
  refusedAs('a key of a map twice', event('"labels":{"a":"1","a":"1"}'), 'SLUICE_JSON_DUPLICATE_KEY $.labels.a'),
  refusedAs(
    '__proto__ twice in a map',
    event('"labels":{"__proto__":"1","__proto__":"2"}'),
    'SLUICE_JSON_DUPLICATE_KEY $.labels.__proto__',
  ),
  refusedAs('an unknown field', event('"nobody":1'), 'SLUICE_FIELD_UNKNOWN $.nobody'),
  refusedAs('a field in another letter case', event('"A_LONG":1'), 'SLUICE_FIELD_UNKNOWN $.A_LONG'),
  refusedAs(
    'an unknown field of a record',
    event('"place":{"city":"a","zip":"b"}'),
    'SLUICE_FIELD_UNKNOWN $.place.zip',
  ),
  refusedAs('__proto__ as a field', event('"__proto__":{"a_long":1}'), 'SLUICE_FIELD_UNKNOWN $.__proto__'),
  refusedAs(
    'the required field within __proto__',
    '{"__proto__":{"text":"x"}}',
    'SLUICE_FIELD_MISSING $.text',
    'SLUICE_FIELD_UNKNOWN $.__proto__',
  ),
  refusedAs('constructor as a field', event('"constructor":{"prototype":{}}'), 'SLUICE_FIELD_UNKNOWN $.constructor'),
  refusedAs(
    'toString and valueOf as fields',
    event('"toString":1,"valueOf":2'),
    'SLUICE_FIELD_UNKNOWN $.toString',
    'SLUICE_FIELD_UNKNOWN $.valueOf',
  ),
  refusedAs(
    '__proto__ as a field of a record',
    event('"place":{"city":"a","__proto__":{"floor":1}}'),
    'SLUICE_FIELD_UNKNOWN $.place.__proto__',
  ),
  refusedAs('an empty key', event('"":1'), "SLUICE_FIELD_UNKNOWN $['']"),
  refusedAs('a key of quotes and a line feed', event('"\'\\"\\n":1'), `SLUICE_FIELD_UNKNOWN $['\\'"\\n']`),
  refusedAs('no field', '{}', 'SLUICE_FIELD_MISSING $.text'),
  refusedAs('a missing field of a record', event('"place":{"floor":1}'), 'SLUICE_FIELD_MISSING $.place.city'),
  refusedAs('null for a required field', '{"text":null}', 'SLUICE_TYPE $.text'),
  refusedAs('an array for the object', '[{"text":"x"}]', 'SLUICE_TYPE $'),
  refusedAs('a text for the object', '"x"', 'SLUICE_TYPE $'),
  refusedAs('a number for the object', '1', 'SLUICE_TYPE $'),
  refusedAs('null for the object', 'null', 'SLUICE_TYPE $'),
  refusedAs(
    'many faults at once',
    '{"an_int":"1","a_long":1e30,"place":{},"nobody":[]}',
    'SLUICE_FIELD_MISSING $.text',
    'SLUICE_TYPE $.an_int',
    'SLUICE_RANGE $.a_long',
    'SLUICE_FIELD_MISSING $.place.city',
    'SLUICE_FIELD_UNKNOWN $.nobody',
  ),
  member('labels', '{"__proto__":1}', 'SLUICE_TYPE', '$.labels.__proto__'),
  acceptedAs(
    '__proto__, constructor and other odd keys of a map',
    event('"labels":{"__proto__":"a","constructor":"b","":"c","a.b":"d","\\n":"e","2":"f","1":"g","toString":"h"}'),
    {
      labels: new Json(
        JSON.parse('{"__proto__":"a","constructor":"b","":"c","a.b":"d","\\n":"e","2":"f","1":"g","toString":"h"}'),
      ),
    },
  ),
  acceptedAs('a map of numbers under odd keys', event('"counts":{"__proto__":1,"constructor":"9223372036854775807"}'), {
    counts: new Json(JSON.parse('{"__proto__":1,"constructor":"9223372036854775807"}')),
  }),
  acceptedAs('keys in another order than the schema, and defaults', '{"place":{"floor":3,"city":"Oslo"},"text":"x"}', {
    place_city: 'Oslo',
    place_floor: 3,
    a_long: null,
  }),
];

const NUMBERS: readonly HostileBody[] = [
  member('a_double', '1e400', 'SLUICE_RANGE'),
  member('a_double', '-1e400', 'SLUICE_RANGE'),
  member('a_double', '"1.5"', 'SLUICE_FORMAT'),
  member('a_double', '"nan"', 'SLUICE_FORMAT'),
  member('a_double', 'true', 'SLUICE_TYPE'),
  value('a_double', '"NaN"', 'NaN'),
  value('a_double', '"-Infinity"', '-Infinity'),
  value('a_double', '-0.0', -0),
  value('a_double', '5e-324', 5e-324),
  value('a_double', '1e-400', 0),
  value('a_double', '1.7976931348623157e308', 1.7976931348623157e308),
  value('a_double', '9007199254740993', 9007199254740992),
  member('a_float', '1e39', 'SLUICE_RANGE'),
  member('a_float', '1e400', 'SLUICE_RANGE'),
  value('a_float', '-0.0', -0),
  value('a_float', '0.1', 0.1),
  value('a_float', '"Infinity"', 'Infinity'),
  value('an_int', '-2147483648', -2147483648),
  value('an_int', '-0', 0),
  value('an_int', '1e3', 1000),
  member('an_int', '2147483648', 'SLUICE_RANGE'),
  member('an_int', '9007199254740993', 'SLUICE_RANGE'),
  member('an_int', '1e400', 'SLUICE_RANGE'),
  member('an_int', '1.5', 'SLUICE_TYPE'),
  member('an_int', '"1"', 'SLUICE_TYPE'),
  value('a_long', '9007199254740991', 9007199254740991),
  member('a_long', '9007199254740992', 'SLUICE_PRECISION'),
  member('a_long', '9007199254740993', 'SLUICE_PRECISION'),
  member('a_long', '-9007199254740993', 'SLUICE_PRECISION'),
  member('a_long', '9007199254740993.0', 'SLUICE_PRECISION'),
  member('a_long', '9223372036854775807', 'SLUICE_RANGE'),
  member('a_long', '18446744073709551616', 'SLUICE_RANGE'),
  member('a_long', '1e400', 'SLUICE_RANGE'),
  member('a_long', '0.5', 'SLUICE_TYPE'),
  value('a_long', '"9007199254740993"', '9007199254740993'),
  value('a_long', '"9223372036854775807"', '9223372036854775807'),
  value('a_long', '"-9223372036854775808"', '-9223372036854775808'),
  member('a_long', '"-0"', 'SLUICE_FORMAT'),
  member('a_long', '"9223372036854775808"', 'SLUICE_RANGE'),
  member('a_long', '"-9223372036854775809"', 'SLUICE_RANGE'),
  member('a_long', `"${'9'.repeat(500_000)}"`, 'SLUICE_RANGE'),
  member('a_long', '"1e3"', 'SLUICE_FORMAT'),
  member('a_long', '"0x10"', 'SLUICE_FORMAT'),
  member('a_long', '"007"', 'SLUICE_FORMAT'),
  member('a_long', '" 1"', 'SLUICE_FORMAT'),
  member('a_long', '"１２"', 'SLUICE_FORMAT'),
  member('a_long', '""', 'SLUICE_FORMAT'),
  member('longs', '[1,2,9007199254740993]', 'SLUICE_PRECISION', '$.longs[2]'),
  member('longs', '{"0":1}', 'SLUICE_TYPE'),
  member('counts', '{"a b":1.5}', 'SLUICE_TYPE', "$.counts['a b']"),
  value(
    'longs',
    '[-0, 1e2, "9007199254740993", 9007199254740991]',
    new Json([0, 100, '9007199254740993', 9007199254740991]),
  ),
  value('nested', '{"label":"a","amount":-0.0}', new Json({ label: 'a', amount: -0 })),
  value('nested', '{"label":"a","amount":"NaN"}', new Json({ label: 'a', amount: 'NaN' })),
  member('a_boolean', '"true"', 'SLUICE_TYPE'),
  member('a_boolean', '1', 'SLUICE_TYPE'),
  value('a_boolean', 'false', false),
  value('a_decimal', '"9999999999.99"', '9999999999.99'),
  value('a_decimal', '"-0.00"', '0.00'),
  value('a_decimal', '"0000001.2300"', '1.23'),
  member('a_decimal', '"10000000000.00"', 'SLUICE_RANGE'),
  member('a_decimal', '"1.234"', 'SLUICE_PRECISION'),
  member('a_decimal', `"0.${'1'.repeat(500_000)}"`, 'SLUICE_PRECISION'),
  member('a_decimal', `"${'1'.repeat(500_000)}"`, 'SLUICE_RANGE'),
  member('a_decimal', '"1e3"', 'SLUICE_FORMAT'),
  member('a_decimal', '"1,000.00"', 'SLUICE_FORMAT'),
  member('a_decimal', '".5"', 'SLUICE_FORMAT'),
  member('a_decimal', '"NaN"', 'SLUICE_FORMAT'),
  member('a_decimal', '12.5', 'SLUICE_TYPE'),
  value('a_fixed_decimal', '"-99999.9"', '-99999.9'),
  member('a_fixed_decimal', '"100000.0"', 'SLUICE_RANGE'),
];

const FORMS: readonly HostileBody[] = [
  member('an_enum', '"blue"', 'SLUICE_ENUM_SYMBOL'),
  member('an_enum', '"RED"', 'SLUICE_ENUM_SYMBOL'),
  member('an_enum', '"__proto__"', 'SLUICE_ENUM_SYMBOL'),
  member('an_enum', '0', 'SLUICE_TYPE'),
  value('an_enum', '"green"', 'green'),
  member('a_bytes', '"AP8"', 'SLUICE_FORMAT'),
  member('a_bytes', '"AP 8="', 'SLUICE_FORMAT'),
  member('a_bytes', '"_-8="', 'SLUICE_FORMAT'),
  member('a_bytes', '"AR=="', 'SLUICE_FORMAT'),
  member('a_bytes', '"é"', 'SLUICE_FORMAT'),
  member('a_bytes', '[0,255]', 'SLUICE_TYPE'),
  value('a_bytes', '"AP8="', 'AP8='),
  value('a_bytes', '""', ''),
  member('a_fixed', '"AP8="', 'SLUICE_LENGTH'),
  value('a_fixed', '"AAECAw=="', 'AAECAw=='),
  value('a_duration', '"AQAAAAIAAAADAAAA"', 'AQAAAAIAAAADAAAA'),
  member('a_uuid', '"not-a-uuid"', 'SLUICE_FORMAT'),
  member('a_uuid', '"{123e4567-e89b-12d3-a456-426614174000}"', 'SLUICE_FORMAT'),
  value('a_uuid', '"123E4567-e89b-12d3-a456-426614174000"', '123E4567-e89b-12d3-a456-426614174000'),
  member('a_union', '7', 'SLUICE_UNION_BRANCH'),
  member('a_union', '{"long":1,"string":"a"}', 'SLUICE_UNION_BRANCH'),
  member('a_union', '{"int":1}', 'SLUICE_UNION_BRANCH'),
  member('a_union', '{"__proto__":1}', 'SLUICE_UNION_BRANCH'),
  member('a_union', '{"long":9007199254740993}', 'SLUICE_PRECISION', '$.a_union.long'),
  value('a_union', '{"long":"9007199254740993"}', new Json({ long: '9007199254740993' })),
  value('a_union', '{"string":"7"}', new Json({ string: '7' })),
  value(
    'tree',
    '{"label":"a","children":[{"label":"b"},{"label":"c","children":[]}]}',
    new Json({
      label: 'a',
      children: [
        { label: 'b', children: [] },
        { label: 'c', children: [] },
      ],
    }),
  ),
];

const TIMES: readonly HostileBody[] = [
  member('a_date', '"2026-02-30"', 'SLUICE_FORMAT'),
  member('a_date', '"2025-02-29"', 'SLUICE_FORMAT'),
  member('a_date', '"1900-02-29"', 'SLUICE_FORMAT'),
  member('a_date', '"2026-13-01"', 'SLUICE_FORMAT'),
  member('a_date', '"2026-1-1"', 'SLUICE_FORMAT'),
  member('a_date', '"0000-01-01"', 'SLUICE_RANGE'),
  member('a_date', '"10000-01-01"', 'SLUICE_FORMAT'),
  member('a_date', '"-0001-01-01"', 'SLUICE_FORMAT'),
  member('a_date', '"2026-01-01T00:00:00Z"', 'SLUICE_FORMAT'),
  member('a_date', '20000', 'SLUICE_TYPE'),
  value('a_date', '"2024-02-29"', '2024-02-29'),
  value('a_date', '"0001-01-01"', '0001-01-01'),
  value('a_date', '"9999-12-31"', '9999-12-31'),
  member('time_millis', '"24:00:00"', 'SLUICE_FORMAT'),
  member('time_millis', '"23:59:60"', 'SLUICE_FORMAT'),
  member('time_millis', '"12:00"', 'SLUICE_FORMAT'),
  member('time_millis', '"12:00:00.0001"', 'SLUICE_PRECISION'),
  value('time_millis', '"23:59:59.999"', '23:59:59.999'),
  value('time_micros', '"00:00:00.000001"', '00:00:00.000001'),
  member('ts_millis', '"2026-02-30T00:00:00Z"', 'SLUICE_FORMAT'),
  member('ts_millis', '"2026-01-31T24:00:00Z"', 'SLUICE_FORMAT'),
  member('ts_millis', '"2016-12-31T23:59:60Z"', 'SLUICE_FORMAT'),
  member('ts_millis', '"2026-01-31T00:00:00"', 'SLUICE_FORMAT'),
  member('ts_millis', '"2026-01-31T00:00:00+25:00"', 'SLUICE_FORMAT'),
  member('ts_millis', '"0000-12-31T23:59:59Z"', 'SLUICE_RANGE'),
  member('ts_millis', '"0001-01-01T00:00:00+00:01"', 'SLUICE_RANGE'),
  member('ts_millis', '"9999-12-31T23:59:59-00:01"', 'SLUICE_RANGE'),
  member('ts_millis', '"+10000-01-01T00:00:00Z"', 'SLUICE_FORMAT'),
  member('ts_millis', '253402300800000', 'SLUICE_RANGE'),
  member('ts_millis', '-62135596800001', 'SLUICE_RANGE'),
  member('ts_millis', '1.5', 'SLUICE_TYPE'),
  member('ts_millis', '"2026-01-31T00:00:00.0001Z"', 'SLUICE_PRECISION'),
  value('ts_millis', '"2026-01-31t23:59:58.5z"', '2026-01-31 23:59:58.500'),
  value('ts_millis', '"2026-01-31 23:59:58.500000000+05:30"', '2026-01-31 18:29:58.500'),
  value('ts_millis', '253402300799999', '9999-12-31 23:59:59.999'),
  value('ts_millis', '-62135596800000', '0001-01-01 00:00:00.000'),
  value('ts_millis', '-1', '1969-12-31 23:59:59.999'),
  member('ts_micros', '9007199254740993', 'SLUICE_PRECISION'),
  value('ts_micros', '"9999-12-31T23:59:59.999999Z"', '9999-12-31 23:59:59.999999'),
  value('ts_micros', '"1969-12-31T23:59:59.999999Z"', '1969-12-31 23:59:59.999999'),
  member('ts_nanos', '"2262-04-11T23:47:16.854775808Z"', 'SLUICE_RANGE'),
  value('ts_nanos', '"2026-01-31T23:59:58.123456789Z"', '2026-01-31 23:59:58.123456789'),
  value('ts_nanos', '"1969-12-31T23:59:59.999999999Z"', '1969-12-31 23:59:59.999999999'),
  member('local_millis', '"2026-01-31T23:59:58Z"', 'SLUICE_FORMAT'),
  value('local_millis', '"2026-01-31T23:59:58.5"', '2026-01-31 23:59:58.500'),
  value('local_micros', '"0001-01-01T00:00:00.000001"', '0001-01-01 00:00:00.000001'),
  value('local_nanos', '"2026-01-31T23:59:58.000000001"', '2026-01-31 23:59:58.000000001'),
];

const TEXTS: readonly HostileBody[] = [
  refusedAs('a lone high surrogate', '{"text":"\\ud800"}', 'SLUICE_TEXT $.text'),
  refusedAs('a lone low surrogate', '{"text":"a\\udc00b"}', 'SLUICE_TEXT $.text'),
  refusedAs('surrogates the wrong way round', '{"text":"\\ude00\\ud83d"}', 'SLUICE_TEXT $.text'),
  refusedAs('a lone surrogate within a map', event('"labels":{"a":"\\ud800"}'), 'SLUICE_TEXT $.labels.a'),
  refusedAs('a lone surrogate as a key', event('"labels":{"\\ud800":"a"}'), "SLUICE_TEXT $.labels['\\ud800']"),
  ...Object.entries({
    'a comma': ',',
    'a quote': '"',
    'an apostrophe': "'",
    'a backslash': '\\',
    'two backslashes': '\\\\',
    'a backslash at the end': 'a\\',
    LF: '\n',
    CR: '\r',
    CRLF: '\r\n',
    'a backslash before a line feed': '\\\n',
    'a backslash and an n': '\\n',
    ESC: '\x1b',
    'ESC and an n': '\x1bn',
    'ESC, e and r': '\x1be\x1br',
    'the null of the tables': '\\N',
    'that null, escaped': '\\\\N',
    TAB: '\t',
    NUL: 'a\0b',
    ampersand: 'a&b=c',
    'a percent sign': '100%',
    'an encoded percent': '%2e%2e%2f',
    'a formula': '=cmd()',
    'other formulas': '+1-1@SUM(A1)',
    'all of them': ',"\\\n\r\n\x1b\\N\t\'&%=cmd()',
    nothing: '',
    'a space': ' ',
    'spaces around': '  x  ',
    null: 'null',
    NULL: 'NULL',
    NaN: 'NaN',
    'a JSON object': '{"a":"b,c"}',
    SQL: "'; DROP TABLE probe_everything; --",
    'a script': '<script>alert(1)</script>',
    'a path': '../../etc/passwd',
    emoji: '😀👩‍👩‍👧‍👦🏳️‍🌈',
    'right-to-left text': 'مرحبا עולם \u202ereversed\u202c',
    'combining marks': 'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚ A\u030a',
    'line separators of Unicode': '\u2028\u2029\u0085\v\f',
    'a byte-order mark': '\ufeffx\ufeff',
    noncharacters: '\uffff\ufffe\u{10ffff}',
    'the replacement character': '\ufffd',
    'control characters': '\x01\x02\x07\x08\x7f\x9f',
  }).map(([name, given]) => text(name, given)),
];

const REQUESTS: readonly HostileBody[] = [
  ...[
    'text/plain',
    'application/x-ndjson',
    'text/xml',
    'multipart/form-data; boundary=x',
    'application/json+x',
    '*/*',
  ].map(
    (type): HostileBody => ({
      name: `the content type ${type}`,
      body: '{"text":"x"}',
      headers: [`content-type: ${type}`],
      refused: { status: 415, faults: ['SLUICE_CONTENT_TYPE'] },
    }),
  ),
  {
    name: 'no content type',
    body: '{"text":"x"}',
    headers: [],
    refused: { status: 415, faults: ['SLUICE_CONTENT_TYPE'] },
  },
  {
    name: 'a content type with parameters',
    body: '{"text":"é"}',
    headers: ['Content-Type: Application/JSON; charset=utf-8'],
    accepted: { text: 'é' },
  },
  {
    name: 'a compressed body',
    body: Buffer.from('1f8b08000000000000ff', 'hex'),
    headers: ['content-type: application/json', 'content-encoding: gzip'],
    refused: { status: 400, faults: ['SLUICE_BODY_ENCODING $'] },
  },
  {
    name: 'two Event-Id headers',
    body: '{"text":"x"}',
    headers: ['content-type: application/json', 'event-id: a', 'event-id: b'],
    refused: { status: 400, faults: ['SLUICE_EVENT_ID $'] },
  },
  {
    name: 'an Event-Id header with a path',
    body: '{"text":"x"}',
    headers: ['content-type: application/json', 'event-id: ../../x'],
    refused: { status: 400, faults: ['SLUICE_EVENT_ID $'] },
  },
  ...[
    'unknown.type',
    'PROBE.EVERYTHING',
    '%20',
    `..%2f${EVENT_TYPE}`,
    '..%2f..%2f..%2fetc%2fpasswd',
    `%2e%2e%2f${EVENT_TYPE}`,
    `..%5c${EVENT_TYPE}`,
    `${EVENT_TYPE}%00`,
    `${EVENT_TYPE}%2f..`,
    '__proto__',
    'constructor',
    'failed_events',
    'x'.repeat(150),
  ].map(
    (type): HostileBody => ({
      name: `the event type ${type.slice(0, 40)}`,
      body: '{"text":"x"}',
      path: `/events/${type}`,
      refused: { status: 404, faults: ['SLUICE_EVENT_TYPE_UNKNOWN'] },
    }),
  ),
  ...[
    `/events/../${EVENT_TYPE}`,
    `/events/./${EVENT_TYPE}`,
    `/events//${EVENT_TYPE}`,
    `/events/${EVENT_TYPE}/..`,
    `/events/${EVENT_TYPE}/`,
    '/events/%zz',
    '/events/%ff',
    `/events/${'x'.repeat(5_000)}`,
    '/../../etc/passwd',
  ].map(
    (path): HostileBody => ({
      name: `the path ${path.slice(0, 40)}`,
      body: '{"text":"x"}',
      path,
      refused: { status: 404, faults: ['SLUICE_ROUTE_UNKNOWN'] },
    }),
  ),
];

/** The table. */
export const HOSTILE_BODIES: readonly HostileBody[] = [
  ...SYNTAX,
  ...ENCODING,
  ...SIZE_AND_DEPTH,
  ...KEYS,
  ...NUMBERS,
  ...FORMS,
  ...TIMES,
  ...TEXTS,
  ...REQUESTS,
];
