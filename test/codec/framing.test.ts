import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FRAME_BYTES, readFrame, unknownSchemaId, writeFrame } from '../../src/codec/framing.ts';

describe('a frame', () => {
  test('is a zero byte and the schema id as a big-endian int32', () => {
    const bytes = Buffer.alloc(8, 0xee);
    writeFrame(bytes, 1, 0x01020304);
    expect(bytes.toString('hex')).toBe('ee0001020304eeee');
    expect(FRAME_BYTES).toBe(5);
  });

  test('gives its id back, wherever in a buffer it stands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat({ max: 20 }), (id, offset) => {
        const bytes = Buffer.alloc(offset + FRAME_BYTES + 2, 7);
        writeFrame(bytes, offset, id);
        expect(readFrame(bytes.subarray(offset))).toBe(id);
      }),
    );
  });

  test.each(['', '00', '00000001', '0100000001', `0300${'00'.repeat(16)}`, '7b22613a317d'])('is not 0x%s', (hex) => {
    expect(() => readFrame(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code: 'SLUICE_AVRO_FRAMING' }));
  });
});

test('an unknown schema id is named with its event type', () => {
  expect(unknownSchemaId(7, 'a.b')).toMatchObject({
    code: 'SLUICE_SCHEMA_ID_UNKNOWN',
    message: expect.stringMatching(/a\.b.*7/),
  });
});
