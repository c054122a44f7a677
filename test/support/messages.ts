import type { QueueMessage } from '../../src/ports/queue.ts';

/** A queue message; `body` is text or a value that is sent as JSON. */
export function messageOf(
  eventType: string,
  eventId: string,
  body: unknown = {},
  more: Partial<QueueMessage> = {},
): QueueMessage {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { eventType, eventId, acceptedAt: Date.UTC(2026, 10, 24, 12), body: Buffer.from(text), ...more };
}
