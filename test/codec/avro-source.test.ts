import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AvroSink } from '../../src/codec/avro-sink.ts';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { SluiceError } from '../../src/errors.ts';
import { text } from '../support/avro-arbitraries.ts';

const source = (hex: string) => new AvroSource(Buffer.from(hex, 'hex'), 0);
const sourceOf = (write: (sink: AvroSink) => void) => {
  const sink = new AvroSink();
  write(sink);
  return new AvroSource(sink.copyFrom(0), 0);
};

const dataError = expect.objectContaining({ code: 'SLUICE_AVRO_DATA' });

function errorOf(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('longs', () => {
  test('read back as written, a number exactly where that is exact', () => {
    const edges = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).flatMap((power) => [
      power - 1n,
      power,
      -power,
      -power - 1n,
    ]);
    const values = edges.filter((value) => BigInt.asIntN(64, value) === value);
    for (const value of values) {
      const read = sourceOf((sink) => sink.bigLong(value)).long();
      expect(read).toBe(Number.isSafeInteger(Number(value)) ? Number(value) : value);
    }
  });

  test('may be longer than they need to be, up to ten bytes', () => {
    expect(source('80808080808080808000').long()).toBe(0);
    expect(source('8280808000').long()).toBe(1);
    expect(source('ffffffffffffffffff01').long()).toBe(-(2n ** 63n));
  });

  test('beyond ten bytes or 64 bits are refused', () => {
    expect(errorOf(() => source('8080808080808080808000').long())).toEqual(dataError);
    expect(errorOf(() => source('ffffffffffffffffffff01').long())).toEqual(dataError);
    expect(errorOf(() => source('ffffffffffffffffff02').long())).toEqual(dataError);
    expect(errorOf(() => source('ffffffffffffffffff7f').long())).toEqual(dataError);
  });

  test('cut off anywhere are refused', () => {
    for (let length = 0; length < 10; length += 1) {
      expect(errorOf(() => source('ff'.repeat(length)).long())).toEqual(dataError);
    }
  });
});

test('an int is a long within 32 bits', () => {
  for (const value of [0, -1, 2 ** 31 - 1, -(2 ** 31)]) expect(sourceOf((sink) => sink.long(value)).int()).toBe(value);
  for (const value of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 63n - 1n]) {
    expect(errorOf(() => sourceOf((sink) => sink.bigLong(value)).int())).toEqual(dataError);
  }
});

test('a boolean is 0 or 1', () => {
  expect([source('00').boolean(), source('01').boolean()]).toEqual([false, true]);
  expect(errorOf(() => source('02').boolean())).toEqual(dataError);
});

test('text reads back as written', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ minLength: 20, maxLength: 28 })), (value) => {
      const read = sourceOf((sink) => sink.text(value));
      expect(read.text()).toBe(value);
      expect(read.remaining).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['that is not UTF-8', '02ff'],
  ['with a surrogate in UTF-8', '06eda080'],
  ['longer than the data', '0861'],
  ['of negative length', '01'],
  ['of a length beyond 53 bits', 'feffffffffffffffff01'],
])('text %s is refused', (_what, hex) => {
  expect(errorOf(() => source(hex).text())).toEqual(dataError);
  if (hex !== '02ff' && hex !== '06eda080') expect(errorOf(() => source(hex).lengthAndBytes())).toEqual(dataError);
});

test('a fixed, a float and a double need all their bytes', () => {
  expect(errorOf(() => source('000000').float())).toEqual(dataError);
  expect(errorOf(() => source('00000000000000').double())).toEqual(dataError);
  expect(errorOf(() => source('0000').take(3))).toEqual(dataError);
  expect(source('').take(0)).toHaveLength(0);
});

test('an index is one of those there are', () => {
  expect(source('02').index(2, 'branch')).toBe(1);
  for (const hex of ['04', '01', 'feffffffffffffffff01'])
    expect(errorOf(() => source(hex).index(2, 'branch'))).toEqual(dataError);
});

test('left-over bytes are an error', () => {
  expect(errorOf(() => source('00').expectEnd())).toEqual(dataError);
  expect(errorOf(() => source('').expectEnd())).toBeUndefined();
});

test('a source begins at its position and keeps to its view', () => {
  const bytes = Buffer.from('ffff0406ff', 'hex').subarray(1, 4);
  const read = new AvroSource(bytes, 1);
  expect([read.long(), read.long()]).toEqual([2, 3]);
  expect(errorOf(() => read.byte())).toEqual(dataError);
});

describe('blocks', () => {
  const items = (hex: string) => {
    const read = source(hex);
    const values: unknown[] = [];
    read.blocks(() => values.push(read.long()));
    return values;
  };

  test('are read until the empty one', () => {
    expect(items('00')).toEqual([]);
    expect(items('040204020600')).toEqual([1, 2, 3]);
  });

  test('with a negative count are preceded by their size in bytes', () => {
    expect(items('0304020400')).toEqual([1, 2]);
    // The size as a varint longer than it needs to be, and as any 64-bit number: nothing is skipped by it.
    expect(items('0384808080000204020600')).toEqual([1, 2, 3]);
    expect(items('03feffffffffffffffff01020400')).toEqual([1, 2]);
  });

  test.each([
    ['2^62', 'ffffffffffffffff7f'],
    ['2^63 - 1', 'feffffffffffffffff01'],
    ['-(2^63 - 1)', 'fdffffffffffffffff0102'],
    ['-2^63', 'ffffffffffffffffff0102'],
  ])('that claim %s items end with the data', (_count, hex) => {
    expect(errorOf(() => items(`${hex}020202`))).toEqual(dataError);
  });

  test('of items without bytes are bounded, in one block, in many, and in arrays of arrays', () => {
    const empties = (read: AvroSource) => read.blocks(() => {});
    expect(errorOf(() => empties(source('feffffffffffffffff01')))).toEqual(dataError);
    expect(errorOf(() => empties(source('ffffffffffffffffff0100')))).toEqual(dataError);
    // 900,000 items in each of two blocks, and in each of two arrays.
    const many = 'c0ee6d';
    expect(errorOf(() => empties(source(`${many}${many}00`)))).toEqual(dataError);
    const nested = source(`04${many}00${many}0000`);
    expect(errorOf(() => nested.blocks(() => empties(nested)))).toEqual(dataError);
  });

  test('as many as a body may hold are taken', () => {
    const read = sourceOf((sink) => {
      sink.long(400_000);
      sink.long(0);
    });
    let count = 0;
    read.blocks(() => {
      count += 1;
    });
    expect(count).toBe(400_000);
  });
});

test('records within each other are bounded', () => {
  const read = source('');
  for (let depth = 0; depth < 256; depth += 1) read.enter();
  expect(errorOf(() => read.enter())).toEqual(dataError);
});

test('any bytes give values or SLUICE_AVRO_DATA', () => {
  const calls = fc.array(
    fc.constantFrom('long', 'int', 'float', 'double', 'boolean', 'text', 'lengthAndBytes', 'byte', 'expectEnd'),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), calls, (bytes, methods) => {
      const read = new AvroSource(bytes, 0);
      const error = errorOf(() => {
        for (const method of methods) read[method as 'long']();
      });
      if (error !== undefined) {
        expect(error).toBeInstanceOf(SluiceError);
        expect(error).toEqual(dataError);
      }
    }),
    { numRuns: 1000 },
  );
});
