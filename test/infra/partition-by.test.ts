import { expect, test } from 'vitest';
import { partitionContext } from '../../infra/partition-by.ts';

const TYPES = ['shop.order', 'shop.visit'];

test('the context says how all event types are partitioned, and how one of them is', () => {
  expect(partitionContext({ stage: 'dev' }, TYPES)).toEqual({ all: undefined, byType: new Map() });
  expect(partitionContext({ 'partition-by': 'event-time', 'partition-by:shop.visit': 'arrival' }, TYPES)).toEqual({
    all: 'event-time',
    byType: new Map([['shop.visit', 'arrival']]),
  });
});

test('another value is refused, with those that there are', () => {
  for (const context of [{ 'partition-by': 'day' }, { 'partition-by': true }, { 'partition-by:shop.order': '' }]) {
    const refused = () => partitionContext(context, TYPES);
    expect(refused).toThrow(/^the context partition-by(?::shop\.order)? must be arrival or event-time$/);
  }
});

test('an event type that there is none of is refused: it would be partitioned otherwise than somebody believes', () => {
  const refused = () => partitionContext({ 'partition-by:shop.orders': 'event-time' }, TYPES);
  expect(refused).toThrow(
    /^the context partition-by:shop\.orders names no event type; there are shop\.order, shop\.visit$/,
  );
});
