import fc from 'fast-check';
import type { Codec } from '../../src/codec/codec.ts';
import type { LogRecord } from '../../src/ports/event-log.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import type { ReceivedMessage } from '../../src/ports/queue.ts';
import { createConsume } from '../../src/stages/consume.ts';
import { createProduce } from '../../src/stages/produce.ts';
import { bodiesOf } from '../arbitraries/bodies.ts';
import { refusedBodiesOf } from '../arbitraries/refused.ts';
import { codecOf } from '../codec.ts';
import type { Law } from '../law.ts';
import { checkCases, type Failure } from '../property.ts';

/** One message, and what becomes of its record. */
interface Item {
  readonly text: string;
  /** Whether its record is spoilt on the way, and how. */
  readonly spoilt: 'no' | 'cut' | 'tombstone' | 'stranger';
}

const clock = { now: () => Date.UTC(2026, 0, 1) };

export const NOTHING_VANISHES: Law = {
  number: 8,
  id: 'nothing-vanishes',
  statement:
    'Of any batch, good and bad mixed, every event is a row or a failed event, and events of one key keep their order.',
  why: 'An event that is dropped without a word is found missing months later, if at all.',
  needs: [],
  check({ eventType, history }, context) {
    const codec = codecOf(history);
    const text = fc.oneof(
      { arbitrary: bodiesOf(history.newest.root, history.newest.settings).map((sample) => sample.text), weight: 3 },
      refusedBodiesOf(history.newest.root, history.newest.settings).map((body) => body.text),
      fc.string(),
    );
    const spoilt = fc.constantFrom('no', 'no', 'no', 'no', 'cut', 'tombstone', 'stranger');
    const cases = fc.array(fc.record({ text, spoilt }), { maxLength: 30 }) as fc.Arbitrary<Item[]>;
    const show = (items: readonly Item[]) => items.map((item) => `${item.text} (${item.spoilt})`).join('\n');
    return checkCases(context, cases, { batch: 3, show }, async (batch) => {
      for (const items of batch) {
        const failure = await follow(eventType, codec, items);
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

/** Takes a batch through produce and consume, and counts. */
async function follow(eventType: string, codec: Codec, items: readonly Item[]): Promise<Failure | undefined> {
  const failed: FailedEvent[] = [];
  const appended: LogRecord[] = [];
  const rows: string[] = [];
  const failedEvents = { put: async (events: readonly FailedEvent[]) => void failed.push(...events) };
  const learn = async () => {};
  const produce = createProduce({
    codecOf: () => codec,
    learn,
    eventLog: {
      async append(records) {
        appended.push(...records);
        return records.map(() => ({ ok: true, partition: 0 }));
      },
    },
    failedEvents,
    clock,
  });
  const messages = items.map(({ text }, index): ReceivedMessage => {
    const id = `m-${index}`;
    const event = { eventType, eventId: `e-${index}`, acceptedAt: clock.now(), body: Buffer.from(text) };
    return { ...event, messageId: id, receiveCount: 1 };
  });
  const retry = await produce(messages);
  const consume = createConsume({
    codecOf: () => codec,
    learn,
    deliveryStream: {
      async put(_, records) {
        for (const { data } of records) rows.push(...Buffer.from(data).toString().trimEnd().split('\n'));
      },
    },
    failedEvents,
    clock,
  });
  const records = appended.map(({ topic: _, ...record }, offset) => {
    const index = Number(/\d+$/.exec(Buffer.from(record.headers['event-id']!).toString())![0]);
    return { ...record, value: spoil(record.value!, items[index]!.spoilt), offset: BigInt(offset) };
  });
  await consume({ topic: eventType, partition: 0, records });
  const delivered = rows.map((row) => (JSON.parse(row) as { _event_id: string })._event_id);
  return accountFailure(items.length, [...delivered, ...failed.map(({ eventId }) => eventId!), ...retry], delivered);
}

function spoil(value: Uint8Array, how: Item['spoilt']): Uint8Array | null {
  if (how === 'tombstone') return null;
  if (how === 'cut') return value.subarray(0, 3);
  return how === 'stranger' ? Buffer.from([9, ...value]) : value;
}

function accountFailure(events: number, ends: readonly string[], delivered: readonly string[]): Failure | undefined {
  if (ends.length !== events || new Set(ends).size !== events) {
    return { field: '$', details: `${events} events have ${ends.length} ends: ${ends.join(', ')}` };
  }
  const numbers = delivered.map((id) => Number(id.slice('e-'.length)));
  const isOrdered = numbers.every((number, index) => index === 0 || numbers[index - 1]! < number);
  return isOrdered ? undefined : { field: '$', details: `rows are out of order: ${delivered.join(', ')}` };
}
