import { SluiceError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Queue, QueueMessage, ReceivedMessage } from '../../ports/queue.ts';
import { transact } from './database.ts';
import { type LedgerDatabase, messageId, messageRanges } from './ledger.ts';

/** Milliseconds that sends wait for company: one sync to the disk serves all that came meanwhile. */
const GROUP_MS = 2;
/** Messages that are not waited with any longer. */
const GROUP_MESSAGES = 1_000;
/** Bytes of messages that are kept at most. */
const MAX_BYTES = 8 * 1024 ** 3;

export interface QueueOptions {
  /** The ledger that counts what is accepted; its database also holds the messages. */
  readonly ledger: LedgerDatabase;
  readonly clock: Clock;
  /** Bytes that the queue holds at most; 8 GiB by default. */
  readonly maxBytes?: number;
}

/** A queue whose messages may have been received by a process that is gone. */
export interface LocalQueue extends Queue {
  /**
   * Makes every hidden message visible. For a receiver that knows itself to be the only one, before its first receive:
   * whoever hid them was killed, and to wait until their time is over would only hold them up.
   */
  reclaim(): void;
}

interface Sending {
  readonly messages: readonly QueueMessage[];
  readonly resolve: (messageIds: string[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The queue in the ledger's database. A message is accepted, counted and durable in one and the same commit. */
export function createQueue({ ledger, clock, maxBytes = MAX_BYTES }: QueueOptions): LocalQueue {
  const { database } = ledger;
  const insert = database.prepare(
    'INSERT INTO message (event_type, event_id, accepted_at, version, traceparent, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const open = database.prepare('INSERT INTO open_acceptance (number, event_type) VALUES (?, ?)');
  const count = database.prepare(`
    INSERT INTO counter (event_type, accepted) VALUES (?1, ?2)
    ON CONFLICT (event_type) DO UPDATE SET accepted = accepted + ?2
  `);
  const usedBytes = database.prepare(`
    SELECT (pages.page_count - free.freelist_count) * size.page_size AS bytes
    FROM pragma_page_count AS pages, pragma_freelist_count AS free, pragma_page_size AS size
  `);
  // What was received and is hidden lies at the front, and there is little of it: no index pays for its upkeep.
  const take = database.prepare(`
    UPDATE message SET visible_at = ?1 + ?2, receives = receives + 1
    WHERE number IN (SELECT number FROM message WHERE visible_at <= ?1 ORDER BY number LIMIT ?3)
    RETURNING *
  `);
  const remove = database.prepare('DELETE FROM message WHERE number BETWEEN ? AND ?');
  const hide = database.prepare('UPDATE message SET visible_at = ? WHERE number BETWEEN ? AND ?');
  const reveal = database.prepare('UPDATE message SET visible_at = 0 WHERE visible_at > 0');

  let sending: Sending[] = [];
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;

  const store = (group: readonly Sending[]): string[][] =>
    transact(database, () => {
      if ((usedBytes.get()!.bytes as number) > maxBytes) {
        throw new SluiceError('SLUICE_QUEUE_FULL', `the queue holds ${maxBytes} bytes; Kafka may be away`);
      }
      const accepted = new Map<string, number>();
      const ids = group.map(({ messages }) =>
        messages.map(({ eventType, eventId, acceptedAt, version, traceparent, body }) => {
          const { lastInsertRowid } = insert.run(
            eventType,
            eventId,
            acceptedAt,
            version ?? null,
            traceparent ?? null,
            body,
          );
          open.run(lastInsertRowid, eventType);
          accepted.set(eventType, (accepted.get(eventType) ?? 0) + 1);
          return messageId(ledger.id, Number(lastInsertRowid));
        }),
      );
      for (const [eventType, messages] of accepted) count.run(eventType, messages);
      return ids;
    });

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const group = sending;
    sending = [];
    waiting = 0;
    if (group.length === 0) return;
    try {
      const ids = store(group);
      for (const [index, { resolve }] of group.entries()) resolve(ids[index]!);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };

  return {
    send(messages) {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      sending.push({ messages, resolve, reject });
      waiting += messages.length;
      if (waiting >= GROUP_MESSAGES) flush();
      else timer ??= setTimeout(flush, GROUP_MS);
      return promise;
    },
    async receive(max, visibilityMs) {
      const rows = transact(database, () => take.all(clock.now(), visibilityMs, max));
      // The order of rows that an update returns is not defined.
      rows.sort((a, b) => (a.number as number) - (b.number as number));
      return rows.map(
        (row): ReceivedMessage => ({
          messageId: messageId(ledger.id, row.number as number),
          receiveCount: row.receives as number,
          eventType: row.event_type as string,
          eventId: row.event_id as string,
          acceptedAt: row.accepted_at as number,
          body: row.body as Uint8Array,
          version: (row.version as number | null) ?? undefined,
          traceparent: (row.traceparent as string | null) ?? undefined,
        }),
      );
    },
    async delete(messageIds) {
      transact(database, () => {
        for (const [first, last] of messageRanges(ledger.id, messageIds)) remove.run(first, last);
      });
    },
    async changeVisibility(messageIds, visibilityMs) {
      transact(database, () => {
        const until = clock.now() + visibilityMs;
        for (const [first, last] of messageRanges(ledger.id, messageIds)) hide.run(until, first, last);
      });
    },
    reclaim() {
      transact(database, () => reveal.run());
    },
  };
}
