import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { deadLetterQueueName, functionName, queueName, streamName, TYPE_FUNCTIONS } from '../../infra/names.ts';
import { refuseSharedNames } from '../../src/derive/names.ts';
import { isEventType } from '../../src/schema/history.ts';

const stages = fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/);
const eventTypes = fc.stringMatching(/^[a-z][a-z0-9]{0,12}([._-][a-z0-9]{1,14}){0,6}$/).filter(isEventType);

/** Every name of an event type, with the most characters that AWS takes. */
function namesOf(stage: string, eventType: string): [string, number][] {
  return [
    ...TYPE_FUNCTIONS.map((name): [string, number] => [functionName(stage, eventType, name), 64]),
    [queueName(stage, eventType), 80],
    [deadLetterQueueName(stage, eventType), 80],
    [streamName(stage, eventType), 64],
    [streamName(stage, eventType, 'event-time'), 64],
  ];
}

test('names are no longer than AWS takes them, and of what it takes', () => {
  fc.assert(
    fc.property(stages, eventTypes, (stage, eventType) => {
      for (const [name, most] of namesOf(stage, eventType)) {
        expect(name.length).toBeLessThanOrEqual(most);
        // Streams alone may have a dot.
        expect(name).toMatch(/^[A-Za-z0-9_-]+(?:\.event-time)?$/);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('event types that may be in one pipeline have no name in common, however long they are', () => {
  const start = 'a'.repeat(70);
  const pairs = fc.oneof(
    fc.tuple(eventTypes, eventTypes),
    fc.tuple(eventTypes, eventTypes).map(([one, two]): [string, string] => [`${start}.${one}`, `${start}.${two}`]),
  );
  const apart = pairs.filter(([one, two]) => {
    try {
      refuseSharedNames([one, two]);
      return isEventType(one) && isEventType(two);
    } catch {
      return false;
    }
  });
  fc.assert(
    fc.property(stages, apart, (stage, [one, two]) => {
      const names = [one, two].flatMap((eventType) => [...new Set(namesOf(stage, eventType).map(([name]) => name))]);
      // A queue and a stream of one event type may be called alike: they are of different services.
      expect(new Set(names).size).toBe(names.length);
    }),
    { numRuns: 1_000 },
  );
});

test('the name of a short event type can be read', () => {
  expect(functionName('dev', 'seismic.earthquake', 'accept')).toBe('sluice-dev-seismic-earthquake-accept');
  expect(queueName('dev', 'seismic.earthquake')).toBe('sluice-dev-seismic-earthquake');
});

test('a stream that partitions otherwise has another name, which no event type can have', () => {
  expect(streamName('dev', 'shop.order', 'event-time')).toBe('sluice-dev-shop-order.event-time');
  expect(streamName('dev', 'shop.order', 'arrival')).toBe(streamName('dev', 'shop.order'));
  expect(streamName('dev', 'shop.order.event-time')).toBe('sluice-dev-shop-order-event-time');
});
