import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Codec, compileCodec, type Encoded, type FramedValue } from '../../src/codec/codec.ts';
import { problemOfFaults } from '../../src/stages/problem.ts';
import { historyOfFields } from '../support/histories.ts';
import {
  broken,
  hashOf,
  PII_KEY,
  personalHistory,
  personalSample,
  withoutMarks,
} from '../support/personal-arbitraries.ts';

const codecOf = (...args: Parameters<typeof historyOfFields>): Codec =>
  compileCodec(historyOfFields(...args), { piiKey: PII_KEY });

function taken(encoded: Encoded): Encoded & { ok: true } {
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
  return encoded;
}

const framed = (value: Uint8Array): FramedValue => ({
  value,
  eventId: 'e',
  ingestedAt: 0,
  partition: 0,
  offset: 0n,
  replayId: null,
});

/** The first fault of a body. */
function faultOf(codec: Codec, body: string) {
  const encoded = codec.encode(Buffer.from(body));
  if (encoded.ok) throw new Error('it was taken');
  return encoded.faults[0]!;
}

describe('any event with personal data', () => {
  test('is written as the one would be that holds its hashes and leaves out what is dropped', () => {
    fc.assert(
      fc.property(personalSample, ({ schema, body, kept }) => {
        const written = taken(
          compileCodec(personalHistory(schema), { piiKey: PII_KEY }).encode(Buffer.from(JSON.stringify(body))),
        );
        const expected = taken(
          compileCodec(personalHistory(withoutMarks(schema))).encode(Buffer.from(JSON.stringify(kept))),
        );
        expect(written.value.subarray(5).toString('hex')).toBe(expected.value.subarray(5).toString('hex'));
      }),
      { numRuns: 500 },
    );
  });

  test('keeps what is hidden out of the record and its rows, and what is clear in them', () => {
    fc.assert(
      fc.property(personalSample, ({ schema, body, hidden, clear }) => {
        const { value } = taken(
          compileCodec(personalHistory(schema), { piiKey: PII_KEY }).encode(Buffer.from(JSON.stringify(body))),
        );
        // Whoever reads needs no key.
        const rows = compileCodec(personalHistory(schema)).toRows([framed(value)]);
        expect(rows.unread).toEqual([]);
        const text = value.toString('latin1') + rows.data.toString();
        expect(hidden.filter((secret) => text.includes(secret))).toEqual([]);
        expect(clear.filter((secret) => !text.includes(secret))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('never shows any of it in a fault, nor in a problem', () => {
    fc.assert(
      fc.property(
        personalSample.chain((sample) => broken(sample.body).map((text) => ({ ...sample, text }))),
        ({ schema, text, hidden, clear }) => {
          const encoded = compileCodec(personalHistory(schema), { piiKey: PII_KEY }).encode(Buffer.from(text));
          if (encoded.ok) return;
          const said = JSON.stringify([encoded.faults, problemOfFaults(encoded.faults)]);
          expect([...hidden, ...clear].filter((secret) => said.includes(secret))).toEqual([]);
        },
      ),
      { numRuns: 800 },
    );
  });

  test('shows nothing that is hidden once it is redacted, however it is broken', () => {
    fc.assert(
      fc.property(
        personalSample.chain((sample) => broken(sample.body).map((text) => ({ ...sample, text }))),
        ({ schema, text, hidden }) => {
          const redacted = String(compileCodec(personalHistory(schema)).redact(Buffer.from(text)));
          expect(hidden.filter((secret) => redacted.includes(secret))).toEqual([]);
          if (!/"pii":"(?:hash|drop)"/.test(JSON.stringify(schema))) expect(redacted).toBe(text);
        },
      ),
      { numRuns: 800 },
    );
  });
});

describe('a hashed text', () => {
  const codec = codecOf('a.b', [
    [
      { name: 'email', type: 'string', pii: 'hash' },
      { name: 'name', type: ['null', 'string'], pii: 'hash', default: null },
    ],
  ]);
  const rowOf = (body: object) =>
    JSON.parse(codec.toRows([framed(taken(codec.encode(Buffer.from(JSON.stringify(body)))).value)]).data.toString());

  test('is the same in every field and every event type, so that tables can be joined by it', () => {
    const row = rowOf({ email: 'ada@example.com', name: 'ada@example.com' });
    expect(row).toMatchObject({ email: hashOf('ada@example.com'), name: hashOf('ada@example.com') });
    expect(row.email).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is of the text as it was sent: letter case and spaces count', () => {
    expect(rowOf({ email: 'Ada@example.com ' }).email).toBe(hashOf('Ada@example.com '));
    expect(rowOf({ email: '' }).email).toBe(hashOf(''));
  });

  test("leaves null and a default as they are, which are nobody's", () => {
    expect(rowOf({ email: 'x', name: null }).name).toBeNull();
    expect(rowOf({ email: 'x' }).name).toBeNull();
  });

  test.for([
    ['{"email":12345}', 'SLUICE_TYPE', 'send a string, not a number'],
    ['{"email":"[personal data]"}', 'SLUICE_FORMAT', 'send the value itself, not what is shown in its place'],
    ['{"email":{"x":1}}', 'SLUICE_TYPE', 'send a string, not an object'],
    ['{"email":"\\ud800"}', 'SLUICE_TEXT', 'remove the lone surrogate: it is half a character'],
  ])('is checked as any other text: %s', ([body, code, advice]) => {
    expect(faultOf(codec, body!)).toMatchObject({ code, path: '$.email', advice });
  });

  test('is the Kafka key where its field is the key, so that events of one person stay in one partition', () => {
    const keyed = codecOf('a.b', [[{ name: 'email', type: ['null', 'string'], pii: 'hash' }]], { key: 'email' });
    expect(String(taken(keyed.encode(Buffer.from('{"email":"ada"}'))).key)).toBe(hashOf('ada'));
    expect(taken(keyed.encode(Buffer.from('{"email":null}'))).key).toBeNull();
  });
});

describe('a codec without a key', () => {
  const history = historyOfFields('a.b', [
    [
      { name: 'id', type: 'string' },
      {
        name: 'people',
        type: {
          type: 'array',
          items: { type: 'record', name: 'P', fields: [{ name: 'email', type: 'string', pii: 'hash' }] },
        },
      },
    ],
  ]);

  test('encodes nothing of a type that hashes, not even an event that has nothing to hash, and names the field', () => {
    expect(() => compileCodec(history).encode(Buffer.from('{"id":"1","people":[]}'))).toThrow(
      expect.objectContaining({
        code: 'SLUICE_PII_KEY',
        message: expect.stringMatching(/^a\.b v1 hashes \$\.people\[\]\.email;/),
      }),
    );
  });

  test('still tells a default that is none', () => {
    const fields = [
      { name: 'e', type: 'string', pii: 'hash' },
      { name: 'd', type: { type: 'int', logicalType: 'date' }, default: 99999999 },
    ];
    expect(() => compileCodec(historyOfFields('a.b', [fields]))).toThrow(/the default of "d" is not valid/);
  });

  test('encodes what drops and keeps personal data, which needs none', () => {
    const dropping = historyOfFields('a.b', [[{ name: 'e', type: 'string', pii: 'drop', default: 'gone' }]]);
    expect(
      taken(compileCodec(dropping).encode(Buffer.from('{"e":"ada"}')))
        .value.subarray(5)
        .toString(),
    ).toBe('\x08gone');
  });
});

describe('an earlier version', () => {
  const part = (pii: object) => ({ type: 'record', name: 'P', fields: [{ name: 'mail', type: 'string', ...pii }] });
  const inArray = (pii: object, rest: object = {}) => ({
    name: 'ps',
    type: { type: 'array', items: part(pii) },
    ...rest,
  });
  const extra = { name: 'extra', type: 'int', default: 0 };
  const id = { name: 'id', type: 'string' };

  test.for<[string, object[], object[], string]>([
    ['by its name', [id], [{ ...id, pii: 'hash' }], '{"id":"ada"}'],
    ['by an alias', [id], [{ ...id, name: 'who', aliases: ['id'], pii: 'hash' }], '{"id":"ada"}'],
    ['in records of an array', [inArray({})], [inArray({ pii: 'hash' })], '{"ps":[{"mail":"ada"}]}'],
    ['as clear', [{ ...id, pii: 'clear' }], [{ ...id, pii: 'drop', default: '' }], '{"id":"ada"}'],
    ['as a hash', [{ ...id, pii: 'hash' }], [{ ...id, pii: 'drop', default: '' }], '{"id":"ada"}'],
  ])('writes nothing that a later one hides, where it is known %s', ([, before, after, body]) => {
    // The newest takes no such body: only the earlier one could write it.
    const codec = codecOf('a.b', [before, [...after, { name: 'more', type: 'int' }]]);
    expect(codec.encode(Buffer.from(body!), 1)).toMatchObject({
      ok: false,
      faults: [{ code: 'SLUICE_VERSION_REFUSED', path: expect.stringMatching(/^\$\./) }],
    });
    expect(codec.encode(Buffer.from(body!)).ok).toBe(false);
  });

  test('writes on where the mark is the same, or weaker later, or the field is gone', () => {
    const gone = [{ ...id, pii: 'hash' }, inArray({ pii: 'hash' }), { name: 'old', type: 'string' }];
    const codec = codecOf('a.b', [gone, [{ ...id, pii: 'hash' }, inArray({ pii: 'clear' }), extra]]);
    const { version } = taken(codec.encode(Buffer.from('{"id":"ada","ps":[],"old":"x"}')));
    expect(version).toBe(1);
  });
});

describe('a fault', () => {
  const codec = codecOf('a.b', [
    [
      { name: 'age', type: 'int', pii: 'clear' },
      { name: 'size', type: 'int', default: 0 },
      { name: 'contacts', type: ['null', { type: 'map', values: 'int' }], pii: 'drop', default: null },
      { name: 'labels', type: { type: 'map', values: 'int' }, default: {} },
    ],
  ]);

  test('says what kind of value was sent, and quotes it only where it is not personal', () => {
    expect(faultOf(codec, '{"age":41.5}').advice).toBe('send a whole number, not a number');
    expect(faultOf(codec, '{"age":41,"size":41.5}').advice).toBe('send a whole number, not the number 41.5');
  });

  test('hides the keys of a map that is personal in its path, and shows those of others', () => {
    expect(faultOf(codec, '{"age":1,"contacts":{"ada@b.c":"x"}}').path).toBe("$.contacts['[personal data]']");
    expect(faultOf(codec, '{"age":1,"labels":{"ada@b.c":"x"}}').path).toBe("$.labels['ada@b.c']");
  });

  test('of a key that comes twice does the same', () => {
    expect(faultOf(codec, '{"age":1,"contacts":{"ada":1,"ada":2}}').path).toBe("$.contacts['[personal data]']");
    expect(faultOf(codec, '{"age":1,"labels":{"ada":1,"ada":2}}').path).toBe('$.labels.ada');
    expect(faultOf(codec, '{"age":1,"x":{"ada":1,"ada":2}}').path).toBe("$.x['[personal data]']");
  });

  test('of a text that is no JSON says where it is broken, and does not quote it', () => {
    const { code, advice } = faultOf(codec, '{"age":1,\n "contacts": ada@example.com}');
    expect([code, advice]).toEqual([
      'SLUICE_JSON_SYNTAX',
      'correct the JSON text at line 2, character 14: Invalid symbol',
    ]);
  });

  test('of a record that somebody else wrote hides them, too', () => {
    const dates = codecOf('a.b', [
      [{ name: 'born', type: { type: 'map', values: { type: 'int', logicalType: 'date' } }, pii: 'clear' }],
    ]);
    const good = taken(dates.encode(Buffer.from('{"born":{"ada":"9999-12-31"}}'))).value;
    const bytes = Buffer.concat([good.subarray(0, 10), Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 0])]);
    const [unread] = dates.toRows([framed(bytes)]).unread;
    expect(unread).toMatchObject({
      path: "$.born['[personal data]']",
      reason: 'a date is not within the years 0001 to 9999',
    });
  });
});

test('a row that is no JSON is told without being quoted', () => {
  const [malformed] = codecOf('a.b', [[{ name: 'x', type: 'string' }]]).toCsv(
    Buffer.from('{"_event_id": ada}\n'),
  ).malformed;
  expect(malformed).toEqual({ line: 0, reason: 'it is no JSON' });
});
