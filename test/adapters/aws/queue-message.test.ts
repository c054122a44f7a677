import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqsRecord } from '../../../src/adapters/aws/lambda-events.ts';
import { entryBytes, receivedMessage, sqsEntry } from '../../../src/adapters/aws/queue-message.ts';
import { isEventId } from '../../../src/codec/event-id.ts';
import type { QueueMessage } from '../../../src/ports/queue.ts';
import { messageOf } from '../../support/messages.ts';

const REQUEST = 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef';
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** A message as Lambda hands it over after SQS took it. */
function recordOf(message: QueueMessage, requestId = REQUEST): SqsRecord {
  const { MessageBody: body = '', MessageAttributes: attributes = {} } = sqsEntry(message, requestId, '0');
  return {
    messageId: 'm-1',
    body,
    attributes: { SentTimestamp: '1795867200123', ApproximateReceiveCount: '3' },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { StringValue: stringValue }]) => [name, { stringValue }]),
    ),
  };
}

const attributesOf = (message: QueueMessage): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(sqsEntry(message, REQUEST, '0').MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]),
  );

describe('a message in SQS', () => {
  it('has the body as it came, and beside it what is known of it', () => {
    const message = messageOf('shop.order', 'o-1', '{ "a" : 12345678901234567890 }', {
      version: 2,
      traceparent: TRACE,
    });
    expect(sqsEntry(message, REQUEST, '7')).toEqual({
      Id: '7',
      MessageBody: '{ "a" : 12345678901234567890 }',
      MessageAttributes: {
        'event-type': { DataType: 'String', StringValue: 'shop.order' },
        'event-id': { DataType: 'String', StringValue: 'o-1' },
        'request-id': { DataType: 'String', StringValue: REQUEST },
        'schema-version': { DataType: 'String', StringValue: '2' },
        traceparent: { DataType: 'String', StringValue: TRACE },
      },
    });
  });

  it('has no attribute for what is not there, or what SQS would refuse', () => {
    const names = ['event-type', 'event-id', 'request-id'];
    expect(Object.keys(attributesOf(messageOf('shop.order', 'o-1')))).toEqual(names);
    for (const traceparent of ['', 'é', 'a b', '\u0000', 'x'.repeat(513)]) {
      expect(Object.keys(attributesOf(messageOf('shop.order', 'o-1', {}, { traceparent })))).toEqual(names);
    }
  });

  it('escapes the characters that SQS does not carry, and no others', () => {
    const { MessageBody } = sqsEntry(messageOf('a.b', 'x', '{"k\uFFFF":\t"\uFFFE \uFFFD é 😀"}'), REQUEST, '0');
    expect(MessageBody).toBe('{"k\\uffff":\t"\\ufffe \uFFFD é 😀"}');
    expect(JSON.parse(MessageBody!)).toEqual({ 'k\uFFFF': '\uFFFE \uFFFD é 😀' });
  });

  it('comes back as it went, whatever JSON its body is', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9._:~-]{1,128}$/);
    const awkward = fc.stringMatching(/^[\uFFFC-\uFFFFa-c\u{1F600}]*$/u);
    const message = fc.record({
      body: fc.oneof(
        fc.json(),
        awkward.map((text) => JSON.stringify({ [text]: text })),
      ),
      eventId: id,
      version: fc.option(fc.integer({ min: 1, max: 999_999_999 }), { nil: undefined }),
      traceparent: fc.constantFrom(undefined, TRACE),
    });
    fc.assert(
      fc.property(message, ({ body, eventId, version, traceparent }) => {
        const back = receivedMessage(
          recordOf(messageOf('shop.order', eventId, body, { version, traceparent })),
          'another.type',
          isEventId,
        );
        expect(JSON.parse(Buffer.from(back.body).toString())).toEqual(JSON.parse(body));
        expect(back).toMatchObject({
          messageId: 'm-1',
          receiveCount: 3,
          eventType: 'shop.order',
          eventId,
          isSpareId: false,
          acceptedAt: 1_795_867_200_123,
        });
        expect([back.version, back.traceparent]).toEqual([version, traceparent]);
      }),
      { numRuns: 300 },
    );
  });

  it('is measured as SQS measures it: body, names, types and values', () => {
    const entry = sqsEntry(messageOf('shop.order', 'o-1', '"é"'), 'r', '0');
    const attributes = 'event-typeStringshop.order' + 'event-idStringo-1' + 'request-idStringr';
    expect(entryBytes(entry)).toBe(4 + attributes.length);
  });
});

describe('a message that came without a function', () => {
  const direct = (attributes: Record<string, string>): SqsRecord => ({
    messageId: 'm-1',
    body: '{}',
    attributes: { SentTimestamp: '1', ApproximateReceiveCount: '1' },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue }]),
    ),
  });
  const read = (attributes: Record<string, string>) => receivedMessage(direct(attributes), 'shop.order', isEventId);

  it('has the id of its request to spare, where it brings none', () => {
    expect(read({ 'request-id': REQUEST })).toMatchObject({ eventId: REQUEST, isSpareId: true });
    expect(read({ 'request-id': REQUEST, 'event-id': 'mine' })).toMatchObject({ eventId: 'mine', isSpareId: false });
  });

  it('has one to spare where its id could not name an event, or nothing is known at all', () => {
    expect(read({ 'request-id': REQUEST, 'event-id': 'a b' })).toMatchObject({ eventId: REQUEST, isSpareId: true });
    expect(read({ 'request-id': '"' })).toMatchObject({ eventId: 'm-1', isSpareId: true });
    expect(read({})).toMatchObject({ eventType: 'shop.order', eventId: 'm-1', isSpareId: true });
  });

  it('states a version that no event type has, where it states one that is no number', () => {
    expect(read({ 'schema-version': '2' }).version).toBe(2);
    for (const version of ['0', '-1', 'v2', '1.0', '02', '1234567890']) {
      expect(read({ 'schema-version': version }).version).toBe(0);
    }
    expect(read({}).version).toBeUndefined();
  });
});
