import { setTimeout as sleep } from 'node:timers/promises';
import type { Codec } from '../codec/codec.ts';
import { asSluiceError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { FailedEvents } from '../ports/failed-events.ts';
import type { Queue, ReceivedMessage } from '../ports/queue.ts';
import { failedMessage, type Produce } from '../stages/produce.ts';

/** Messages that are produced at once. */
const BATCH = 1_000;
/** Milliseconds that a batch stays hidden from a second receive. */
const VISIBILITY_MS = 60_000;
/**
 * Milliseconds before the next receive where the last one did not fill a batch. Requests to Kafka, fetches and commits
 * cost by the batch, so a few milliseconds more for each event are worth a fraction of the work for all of them.
 */
const LINGER_MS = 50;
/** Milliseconds before a batch is tried again: first and most. */
const BACK_OFF_MS = { first: 100, most: 5_000 };

export interface PumpOptions {
  readonly queue: Queue;
  readonly produce: Produce;
  readonly codecOf: (eventType: string) => Codec | undefined;
  readonly failedEvents: FailedEvents;
  readonly clock: Clock;
  /** Receives after which a message is kept as a failed event. */
  readonly maxReceives: number;
  readonly log: (line: string) => void;
}

/** What Lambda's event source mapping is to SQS: takes batches from the queue to the produce stage, for ever. */
export interface Pump {
  /** Ends after the batch under way. */
  stop(): Promise<void>;
}

/** Starts pumping. While Kafka is away a batch is held and tried again: waiting costs no message a receive. */
export function startPump({ queue, produce, codecOf, failedEvents, clock, maxReceives, log }: PumpOptions): Pump {
  const stopping = new AbortController();
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => {});

  const giveUp = async (messages: readonly ReceivedMessage[]): Promise<void> => {
    const why = { code: 'SLUICE_RECEIVES_EXHAUSTED', path: '$', version: null } as const;
    const reason = `it was received ${maxReceives} times and never produced`;
    const failed = messages.map((message) =>
      failedMessage('queue', message, codecOf(message.eventType), { ...why, reason }, clock.now()),
    );
    await failedEvents.put(failed);
  };

  const handle = async (messages: readonly ReceivedMessage[]): Promise<void> => {
    const exhausted = messages.filter(({ receiveCount }) => receiveCount > maxReceives);
    const wanted = messages.filter(({ receiveCount }) => receiveCount <= maxReceives);
    if (exhausted.length > 0) await giveUp(exhausted);
    const retry = new Set(wanted.length === 0 ? [] : await produce(wanted));
    await queue.delete(messages.map(({ messageId }) => messageId).filter((id) => !retry.has(id)));
    for (const { messageId, receiveCount } of wanted) {
      if (retry.has(messageId)) await queue.changeVisibility([messageId], backOff(receiveCount));
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    let held: ReceivedMessage[] = [];
    while (!stopping.signal.aborted) {
      try {
        if (held.length === 0) held = await queue.receive(BATCH, VISIBILITY_MS);
        const isFull = held.length === BATCH;
        if (held.length > 0) await handle(held);
        held = [];
        failures = 0;
        if (!isFull) await pause(LINGER_MS);
      } catch (error) {
        failures += 1;
        log(`produce: ${asSluiceError(error).message}; again in ${backOff(failures)} ms`);
        await pause(backOff(failures));
        await hide(held, VISIBILITY_MS);
      }
    }
    await hide(held, 0);
  };

  const hide = async (messages: readonly ReceivedMessage[], milliseconds: number): Promise<void> => {
    await queue
      .changeVisibility(
        messages.map(({ messageId }) => messageId),
        milliseconds,
      )
      .catch((error) => log(`queue: ${asSluiceError(error).message}`));
  };

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function backOff(tries: number): number {
  return Math.min(BACK_OFF_MS.first * 2 ** (tries - 1), BACK_OFF_MS.most);
}
