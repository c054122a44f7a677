import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressFrame, frameHead, MAX_INFLATED_BYTES, readFrame } from '../../src/codec/framing.ts';

const UUID = 'b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63';
const UUID_HEX = 'b7b4a7f09c964e4aa687fb5de9ef0c63';
const notFramed = expect.objectContaining({ code: 'SLUICE_AVRO_FRAMING' });

/** What a value is read as: its id, and its Avro data. */
function read(value: Uint8Array): [number | string, string] {
  const { id, bytes, start } = readFrame(value);
  return [id, Buffer.from(bytes.subarray(start)).toString('hex')];
}

describe("Confluent's frame", () => {
  test('is a zero byte and the schema id as a big-endian int32', () => {
    expect(frameHead('confluent', { confluent: 0x01020304 }).toString('hex')).toBe('0001020304');
    expect(read(Buffer.from('0001020304eeff', 'hex'))).toEqual([0x01020304, 'eeff']);
  });

  test('gives its id back, wherever in a buffer it stands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat({ max: 20 }), (confluent, offset) => {
        const bytes = Buffer.concat([Buffer.alloc(offset, 7), frameHead('confluent', { confluent }), Buffer.of(7, 7)]);
        expect(read(bytes.subarray(offset))).toEqual([confluent, '0707']);
      }),
    );
  });
});

describe("Glue's frame", () => {
  const head = frameHead('glue', { glue: UUID });

  test('is 0x03, the compression byte and the schema version id', () => {
    expect(head.toString('hex')).toBe(`0300${UUID_HEX}`);
    expect(read(Buffer.from(`0300${UUID_HEX}eeff`, 'hex'))).toEqual([UUID, 'eeff']);
    expect(read(Buffer.from(`0300${UUID_HEX}`, 'hex'))).toEqual([UUID, '']);
  });

  test('is read where zlib compressed the data', () => {
    const data = deflateSync(Buffer.from('AAAAAAAA'));
    expect(read(Buffer.concat([Buffer.from(`0305${UUID_HEX}`, 'hex'), data]))).toEqual([
      UUID,
      Buffer.from('AAAAAAAA').toString('hex'),
    ]);
  });

  test('is compressed where that is shorter, and gives the same data back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 50 }), (data, times) => {
        const value = Buffer.concat([head, ...Array.from({ length: times + 1 }, () => data)]);
        const compressed = compressFrame(value);
        expect(compressed.length).toBeLessThanOrEqual(value.length);
        expect(read(compressed)).toEqual(read(value));
      }),
    );
    const long = Buffer.concat([head, Buffer.alloc(1000, 'a')]);
    expect(compressFrame(long).toString('hex', 0, 18)).toBe(`0305${UUID_HEX}`);
    expect(compressFrame(long).length).toBeLessThan(100);
  });

  test('is refused where anything follows the compressed data', () => {
    const data = deflateSync(Buffer.from('AAAAAAAA'));
    for (const more of [Buffer.of(0), data]) {
      const value = Buffer.concat([Buffer.from(`0305${UUID_HEX}`, 'hex'), data, more]);
      expect(() => readFrame(value)).toThrow(notFramed);
    }
  });

  test('is refused where its data cannot be decompressed, or would fill the memory', () => {
    const bomb = deflateSync(Buffer.alloc(MAX_INFLATED_BYTES + 1));
    const whole = deflateSync(Buffer.from('AAAAAAAA'));
    const wrongSum = Buffer.from(whole);
    wrongSum[whole.length - 1]! ^= 1;
    for (const data of [
      Buffer.of(),
      Buffer.from('789c', 'hex'),
      Buffer.from('not zlib'),
      gzipSync(Buffer.from('AAAAAAAA')),
      deflateRawSync(Buffer.from('AAAAAAAA')),
      whole.subarray(0, -1),
      wrongSum,
      bomb,
    ]) {
      expect(() => readFrame(Buffer.concat([Buffer.from(`0305${UUID_HEX}`, 'hex'), data]))).toThrow(notFramed);
    }
    expect(bomb.length).toBeLessThan(16 * 1024);
    const fits = Buffer.alloc(MAX_INFLATED_BYTES);
    expect(readFrame(compressFrame(Buffer.concat([head, fits]))).bytes.length).toBe(fits.length);
  });
});

describe('bytes that others wrote', () => {
  // By the encoder of AWS's library for the Glue Schema Registry (1.1.27), of "hello" seven times, and of nothing.
  const HELLO = 'hello hello hello hello hello hello hello';

  test.each<[what: string, hex: string, read: readonly [number | string, string]]>([
    [
      'Glue, none',
      `03000123abcd0000800080000000deadbeef${Buffer.from(HELLO).toString('hex')}`,
      ['0123abcd-0000-8000-8000-0000deadbeef', HELLO],
    ],
    [
      'Glue, zlib',
      '03050123abcd0000800080000000deadbeef789ccb48cdc9c957c8204c020040e10f4d',
      ['0123abcd-0000-8000-8000-0000deadbeef', HELLO],
    ],
    [
      'Glue, zlib, of nothing',
      '03050123abcd0000800080000000deadbeef789c030000000001',
      ['0123abcd-0000-8000-8000-0000deadbeef', ''],
    ],
    // By the serializer of Confluent's Python client (2.16.0), of a record of the text "abc".
    ['Confluent', '000000000106616263', [1, '\x06abc']],
  ])('are read: %s', (_what, hex, [id, text]) => {
    expect(read(Buffer.from(hex, 'hex'))).toEqual([id, Buffer.from(text, 'latin1').toString('hex')]);
  });

  test('of any kind are read as a frame or refused as none, and nothing else happens', () => {
    const heads = fc.constantFrom(
      '',
      '00',
      '0000000001',
      '0300',
      `0300${UUID_HEX}`,
      `0305${UUID_HEX}`,
      `0305${UUID_HEX}789c`,
    );
    let frames = 0;
    fc.assert(
      fc.property(heads, fc.uint8Array({ maxLength: 40 }), (headHex, rest) => {
        const value = Buffer.concat([Buffer.from(headHex, 'hex'), rest]);
        try {
          const { bytes, start } = readFrame(value);
          expect(start).toBeLessThanOrEqual(bytes.length);
          frames += 1;
        } catch (error) {
          expect(error).toEqual(notFramed);
        }
      }),
      { numRuns: 1000 },
    );
    expect(frames).toBeGreaterThan(0);
  });
});

test.each([
  '',
  '00',
  '00000001',
  '0100000001',
  // Confluent's frame with a schema's GUID is for headers, not for values.
  `01${UUID_HEX}06616263`,
  '03',
  '0300',
  '0305',
  `0300${UUID_HEX}`.slice(0, -2),
  `0301${UUID_HEX}`,
  '7b22613a317d',
])('0x%s is no frame', (hex) => {
  expect(() => readFrame(Buffer.from(hex, 'hex'))).toThrow(notFramed);
});

test('a version that its registry has no id for cannot be framed', () => {
  expect(() => frameHead('glue', { confluent: 1 })).toThrow(expect.objectContaining({ code: 'SLUICE_SCHEMA_INVALID' }));
  expect(() => frameHead('confluent', { glue: UUID })).toThrow(/confluent/);
});
