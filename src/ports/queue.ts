/** The durable buffer between the edge and Kafka: SQS on AWS, SQLite on a laptop. At least once, in no given order. */
export interface Queue {
  /**
   * Takes messages. Resolves only when all of them are durable; from then on they are accepted.
   * @returns one message id for each message, in the same order.
   * @throws SluiceError SLUICE_QUEUE_FULL when the bound is reached, SLUICE_STORAGE when they could not be written;
   *   in both cases none of `messages` is taken. SLUICE_TAKEN_IN_PART where some of them are, or may be.
   */
  send(messages: readonly QueueMessage[]): Promise<string[]>;

  /**
   * Hands out up to `max` messages and hides them for `visibilityMs`. Each hand-out adds one to the receive count.
   * Resolves at once, with an empty list when nothing is visible.
   */
  receive(max: number, visibilityMs: number): Promise<ReceivedMessage[]>;

  /** Removes messages for good. Ids that are gone already are ignored. */
  delete(messageIds: readonly string[]): Promise<void>;

  /** Hides received messages for another `visibilityMs` from now; 0 makes them visible at once. */
  changeVisibility(messageIds: readonly string[], visibilityMs: number): Promise<void>;
}

/** One accepted event on its way to Kafka. */
export interface QueueMessage {
  readonly eventType: string;
  /** The id that the sender gave, the one its schema names, or a generated one. */
  readonly eventId: string;
  /** Whether `eventId` gives way to the id that the body names: the edge passed the body on unread. */
  readonly isSpareId?: boolean | undefined;
  /** When the edge took it, epoch milliseconds; becomes `_ingested_at`. */
  readonly acceptedAt: number;
  /** The body exactly as it was received, UTF-8 JSON. */
  readonly body: Uint8Array;
  /** The schema version that its writer states; the newest that takes the body where there is none. */
  readonly version?: number | undefined;
  /** W3C trace context of the request, if it had one. */
  readonly traceparent?: string | undefined;
}

export interface ReceivedMessage extends QueueMessage {
  /** Names this acceptance for good: the same in every hand-out, different for every accepted message. */
  readonly messageId: string;
  /** How often it has been handed out, this time included. */
  readonly receiveCount: number;
}
