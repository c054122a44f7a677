import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeaders, writeHeaders } from '../../src/stages/headers.ts';

const NONE = {
  eventId: undefined,
  ingestedAt: undefined,
  messageId: undefined,
  traceparent: undefined,
  replayId: undefined,
};

describe('record headers', () => {
  it('are UTF-8 text under names that any Kafka tool shows', () => {
    const headers = writeHeaders({
      eventId: 'e-1',
      ingestedAt: 1_700_000_000_123,
      messageId: 'm-1',
      traceparent: '00-aa-bb-01',
      replayId: 'r-1',
    });
    expect(
      Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])),
    ).toEqual({
      'event-id': 'e-1',
      'ingested-at': '1700000000123',
      'message-id': 'm-1',
      traceparent: '00-aa-bb-01',
      'replay-id': 'r-1',
    });
  });

  it('without a value are not written', () => {
    expect(Object.keys(writeHeaders({ eventId: 'e-1', traceparent: undefined }))).toEqual(['event-id']);
  });

  it('are read as they were written', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    const headers = fc.record({
      eventId: fc.stringMatching(/^[A-Za-z0-9._:~-]{1,128}$/),
      ingestedAt: fc.nat({ max: 253_402_300_799_999 }),
      messageId: text,
      traceparent: text,
      replayId: text,
    });
    fc.assert(
      fc.property(headers, (written) => {
        expect(readHeaders(writeHeaders(written))).toEqual(written);
      }),
    );
  });

  it('of others are nothing to us', () => {
    expect(readHeaders({ 'Event-Id': Buffer.from('x'), constructor: Buffer.from('y') })).toEqual(NONE);
  });

  it.each(['', ' ', '-1', '1.5', '1e3', '0x10', '1234567890123456', '2026-11-24', 'NaN', '１２'])(
    'leave out an ingestion time of "%s"',
    (text) => {
      expect(readHeaders({ 'ingested-at': Buffer.from(text) })).toEqual(NONE);
    },
  );

  it.each(['', ' ', 'with space', 'ünï', 'a\nb', 'a,b', 'x'.repeat(129), '\0'])(
    'leave out an event id that the edge would refuse: %j',
    (text) => {
      expect(readHeaders({ 'event-id': Buffer.from(text) })).toEqual(NONE);
    },
  );

  it('leave out an event id that is no UTF-8, since different bytes would read alike', () => {
    expect(readHeaders({ 'event-id': Buffer.from([0xff]) })).toEqual(NONE);
  });

  it('of any bytes are read without an error', () => {
    const names = fc.constantFrom('event-id', 'ingested-at', 'message-id', 'traceparent', 'replay-id', 'other');
    fc.assert(
      fc.property(fc.dictionary(names, fc.uint8Array({ maxLength: 50 })), (headers) => {
        const read = readHeaders(headers);
        expect(read.ingestedAt === undefined || Number.isSafeInteger(read.ingestedAt)).toBe(true);
      }),
    );
  });
});
