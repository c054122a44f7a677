import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordBatchBytes } from '../../../src/adapters/kafka/record-size.ts';
import type { Headers } from '../../../src/ports/event-log.ts';

// The oracle is the encoder that writes what is sent.
const require = createRequire(import.meta.url);
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js');
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js');

type Sized = Parameters<typeof recordBatchBytes>[0];

async function encodedBytes({ key, value, headers }: Sized): Promise<number> {
  const buffers = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes)]));
  const record = encodeRecord({ key: key && Buffer.from(key), value: value && Buffer.from(value), headers: buffers });
  const batch = await RecordBatch({ records: [record] });
  return batch.buffer.length;
}

describe('recordBatchBytes', () => {
  it('is the size of the batch that is sent, for any key, value and headers', async () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 300 }));
    const headers = fc
      .array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.uint8Array({ maxLength: 300 })), {
        maxLength: 80,
      })
      .map((entries): Headers => Object.fromEntries(entries));
    await fc.assert(
      fc.asyncProperty(fc.record({ key: bytes, value: bytes, headers }), async (record) => {
        expect(recordBatchBytes(record)).toBe(await encodedBytes(record));
      }),
    );
  });

  it.each([0, 1, 62, 63, 64, 65, 8_190, 8_191, 8_192, 8_193, 1_048_575, 1_048_576])(
    'is right where lengths begin to take another byte: a value of %i bytes',
    async (length) => {
      const record = { key: null, value: Buffer.alloc(length), headers: {} };
      expect(recordBatchBytes(record)).toBe(await encodedBytes(record));
    },
  );
});
