import fc from 'fast-check';
import type { Codec } from '../../src/codec/codec.ts';
import type { AppendResult, LogRecord } from '../../src/ports/event-log.ts';
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
  /** Whether its record is spoilt on the way, and how; or refused by the cluster, and never on it. */
  readonly spoilt: 'no' | Spoilt;
}

/** None of these can be a row: Avro data is over where its schema says, and neither sooner nor later. */
const SPOILT = ['refused', 'cut', 'short', 'long', 'tombstone', 'stranger'] as const;

type Spoilt = (typeof SPOILT)[number];

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
    const spoilt = fc.oneof(
      { arbitrary: fc.constant('no' as const), weight: 4 },
      { arbitrary: fc.constantFrom(...SPOILT), weight: 3 },
    );
    const cases: fc.Arbitrary<Item[]> = fc.array(fc.record({ text, spoilt }), { maxLength: 30 });
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
        return records.map((record): AppendResult => {
          if (items[indexOf(record)]!.spoilt === 'refused') {
            return { ok: false, code: 'SLUICE_RECORD_TOO_LARGE', reason: 'the cluster takes no such record' };
          }
          appended.push(record);
          return { ok: true, partition: 0 };
        });
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
    return { ...record, value: spoil(record.value!, items[indexOf(record)]!.spoilt), offset: BigInt(offset) };
  });
  await consume({ topic: eventType, partition: 0, records });
  const delivered = rows.map((row) => (JSON.parse(row) as { _event_id: string })._event_id);
  return (
    accountFailure(items.length, [...delivered, ...failed.map(({ eventId }) => eventId!), ...retry]) ??
    deliveredFailure(items, delivered.map(numberOf))
  );
}

function indexOf({ headers }: Pick<LogRecord, 'headers'>): number {
  return numberOf(Buffer.from(headers['event-id']!).toString());
}

/** The place of an event in its batch, by its id. */
function numberOf(id: string): number {
  return Number(/\d+$/.exec(id)![0]);
}

function spoil(value: Uint8Array, how: Item['spoilt']): Uint8Array | null {
  switch (how) {
    case 'tombstone':
      return null;
    case 'cut':
      return value.subarray(0, 3);
    case 'short':
      return value.subarray(0, -1);
    case 'long':
      return Buffer.from([...value, 0]);
    case 'stranger':
      return Buffer.from([9, ...value]);
    default:
      return value;
  }
}

function accountFailure(events: number, ends: readonly string[]): Failure | undefined {
  if (ends.length === events && new Set(ends).size === events) return undefined;
  return { field: '$', details: `${events} events have ${ends.length} ends: ${ends.join(', ')}` };
}

/** @param delivered the places in their batch of the events that are rows, in the order of the rows. */
function deliveredFailure(items: readonly Item[], delivered: readonly number[]): Failure | undefined {
  const wrong = delivered.find((index) => items[index]!.spoilt !== 'no');
  if (wrong !== undefined)
    return { field: '$', details: `e-${wrong} is a row, and was spoilt: ${items[wrong]!.spoilt}` };
  const isOrdered = delivered.every((index, place) => place === 0 || delivered[place - 1]! < index);
  return isOrdered ? undefined : { field: '$', details: `rows are out of order: ${delivered.join(', ')}` };
}
