import avro from 'avsc';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AvroSink } from '../../src/codec/avro-sink.ts';
import { avscType, text } from '../support/avro-arbitraries.ts';

function written(write: (sink: AvroSink) => void): string {
  const sink = new AvroSink();
  write(sink);
  return sink.copyFrom(0).toString('hex');
}

const bigLongs = avscType('long');
const bytesOf = (type: avro.Type, value: unknown) => type.toBuffer(value).toString('hex');

/** Integers around every power of two, where a varint gets one byte longer. */
const edges = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit))
  .flatMap((power) => [power - 1n, power, -power, -power - 1n])
  .filter((value) => BigInt.asIntN(64, value) === value);

test('longs are those of avsc at the border of every length, as number and as bigint', () => {
  for (const value of edges) {
    const expected = bytesOf(bigLongs, value);
    expect(
      written((sink) => sink.bigLong(value)),
      String(value),
    ).toBe(expected);
    if (Number.isSafeInteger(Number(value))) {
      expect(
        written((sink) => sink.long(Number(value))),
        String(value),
      ).toBe(expected);
    }
  }
  expect(written((sink) => sink.long(-0))).toBe('00');
});

test('text is that of avsc, on either side of the length where it is written another way', () => {
  const string = avro.Type.forSchema('string');
  const lengths = fc
    .oneof(fc.integer({ min: 28, max: 36 }), fc.integer({ min: 60, max: 68 }))
    .chain((length) => fc.string({ minLength: length, maxLength: length }));
  fc.assert(
    fc.property(fc.oneof(text, lengths, fc.string({ unit: 'grapheme', minLength: 20, maxLength: 40 })), (value) => {
      expect(written((sink) => sink.text(value))).toBe(bytesOf(string, value));
    }),
    { numRuns: 500 },
  );
});

test('floats and doubles are those of avsc', () => {
  const [float, double] = [avro.Type.forSchema('float'), avro.Type.forSchema('double')];
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(written((sink) => sink.float(value))).toBe(bytesOf(float, value));
      expect(written((sink) => sink.double(value))).toBe(bytesOf(double, value));
    }),
  );
});

test('a sink grows and keeps what was written', () => {
  const sink = new AvroSink();
  const parts = Array.from({ length: 200 }, (_, index) => Buffer.alloc(index * 7, index));
  for (const part of parts) sink.bytes(part);
  expect(sink.copyFrom(0).equals(Buffer.concat(parts))).toBe(true);
  expect(sink.copyFrom(sink.position - 3).equals(Buffer.alloc(3, 199))).toBe(true);
});

test('a copy outlives the next event', () => {
  const sink = new AvroSink();
  sink.text('first');
  const copy = sink.copyFrom(0);
  sink.position = 0;
  sink.text('other');
  expect(copy.toString()).toBe('\nfirst');
});
