import { setTimeout as sleep } from 'node:timers/promises';
import type { NumberedEvents } from './crash-events.ts';

/** Events of one request; every second request has one only. */
const BATCH = 100;
/** Requests under way at the same time. */
const SENDERS = 4;

/** What a client knows of its events, over as many runs of the pipeline as there are. */
export interface Book {
  /** Numbers below this one have been sent, or were about to be when the connection broke. */
  sent: number;
  /** Numbers of the events whose 202 was read. */
  readonly accepted: Set<number>;
}

export function emptyBook(): Book {
  return { sent: 0, accepted: new Set() };
}

export interface LoadOptions {
  readonly url: string;
  readonly events: NumberedEvents;
  readonly book: Book;
  /** Events that are sent at most. */
  readonly limit: number;
  /** Milliseconds between two requests of a sender. */
  readonly pauseMs?: number;
}

export interface Load {
  /** Resolves when all was sent, or the load was stopped, or the other side is gone. */
  readonly over: Promise<void>;
  /** Waits until something is the case that the load brings about. Rejects when the load is over before. */
  until(isSo: () => boolean): Promise<void>;
  /** Sends no more; requests under way get their answers. */
  stop(): Promise<void>;
}

/**
 * Sends events until it is stopped or the other side is gone, and keeps book of the answers. An event that was sent and
 * not answered is never sent again, so that it may turn up or not.
 */
export function startLoad({ url, events, book, limit, pauseMs = 0 }: LoadOptions): Load {
  const end = book.sent + limit;
  let stopped = false;
  let isOver = false;

  const take = (most: number): number[] => {
    const first = book.sent;
    book.sent = Math.min(end, first + most);
    return Array.from({ length: book.sent - first }, (_, index) => first + index);
  };
  const send = async (numbers: readonly number[], path: string, type: string): Promise<void> => {
    const body = numbers.map((number) => JSON.stringify(events.body(number))).join('\n');
    const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body });
    const answer = (await response.json()) as { event_id?: string; items?: { status: number; event_id: string }[] };
    const items = answer.items ?? [{ status: response.status, event_id: answer.event_id }];
    // A stopping pipeline may say that it takes no more.
    if (response.status === 503) stopped = true;
    for (const [index, { status, event_id }] of items.entries()) {
      if (status === 202 && event_id === events.id(numbers[index]!)) book.accepted.add(numbers[index]!);
      else if (response.status !== 503) throw new Error(`event ${numbers[index]}: ${JSON.stringify(answer)}`);
    }
  };
  const sender = async (): Promise<void> => {
    const path = `/events/${events.eventType}`;
    for (let single = false; !stopped && book.sent < end; single = !single) {
      const numbers = take(single ? 1 : BATCH);
      try {
        if (single) await send(numbers, path, 'application/json');
        else await send(numbers, `${path}/batch`, 'application/x-ndjson');
      } catch (error) {
        // fetch's word for a connection that could not be made or that broke.
        if (!(error instanceof TypeError)) throw error;
        stopped = true;
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  const over = Promise.all(Array.from({ length: SENDERS }, sender)).then(() => {
    isOver = true;
  });
  over.catch(() => {});
  return {
    over,
    async until(isSo) {
      while (!isSo()) {
        if (isOver) throw new Error(`${book.sent} events were not enough`);
        await sleep(1);
      }
    },
    async stop() {
      stopped = true;
      await over;
    },
  };
}
