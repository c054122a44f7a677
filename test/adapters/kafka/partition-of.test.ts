import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from '../../../src/adapters/kafka/partition-of.ts';

describe('the partition of a key', () => {
  it.each([
    // Kafka's own test of its hash.
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('comes from the hash that Java computes: %s', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('is the one that kafkajs chooses', () => {
    const choose = Partitioners.DefaultPartitioner();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.integer({ min: 1, max: 100 }), (bytes, partitions) => {
        const key = Buffer.from(bytes);
        const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }));
        const chosen = choose({
          topic: 't',
          partitionMetadata: partitionMetadata as never,
          message: { key, value: null },
        });
        expect(partitionOf(key, partitions)).toBe(chosen);
      }),
    );
  });

  it('of a megabyte takes no longer than one looks at a megabyte', { timeout: 2_000 }, () => {
    expect(partitionOf(Buffer.alloc(1024 * 1024, 'x'), 7)).toBeLessThan(7);
  });
});
