import { deflateSync } from 'node:zlib';
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

  test('is refused where its data cannot be decompressed, or would fill the memory', () => {
    const bomb = deflateSync(Buffer.alloc(MAX_INFLATED_BYTES + 1));
    for (const data of [Buffer.of(), Buffer.from('789c', 'hex'), Buffer.from('not zlib'), bomb]) {
      expect(() => readFrame(Buffer.concat([Buffer.from(`0305${UUID_HEX}`, 'hex'), data]))).toThrow(notFramed);
    }
    const fits = Buffer.alloc(MAX_INFLATED_BYTES);
    expect(readFrame(compressFrame(Buffer.concat([head, fits]))).bytes.length).toBe(fits.length);
  });
});

test.each([
  '',
  '00',
  '00000001',
  '0100000001',
  '03',
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
