/** Kafka, as stages see it: batches of records whose keys, values and headers are bytes. */
export interface EventLog {
  /**
   * Appends records and resolves when every in-sync replica has them (`acks=all`, idempotent producer). Records of one
   * topic and key keep their order.
   * @returns for each record, in the same order, where it went or why it cannot be appended at all (too large).
   * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the cluster does not answer: nothing is known about any record
   *   of this call, and all of them should be appended again.
   */
  append(records: readonly LogRecord[]): Promise<AppendResult[]>;

  /**
   * Reads as a member of a consumer group. `handler` is called with one partition's batch at a time, in offset order;
   * the batch's offsets are committed only after the promise it returns has resolved. A handler that rejects is
   * called again with the same batch, after a bounded back-off, for as long as the subscription lives.
   */
  subscribe(options: SubscribeOptions, handler: (batch: FetchedBatch) => Promise<void>): Promise<Subscription>;
}

export interface SubscribeOptions {
  /** Consumer group id. */
  readonly group: string;
  readonly topics: readonly string[];
}

export interface Subscription {
  /** Stops fetching, lets running handlers end and their offsets be committed, and leaves the group. */
  stop(): Promise<void>;
}

export type Headers = Readonly<Record<string, Uint8Array>>;

export interface LogRecord {
  readonly topic: string;
  /** Decides the partition; null spreads records over all of them. */
  readonly key: Uint8Array | null;
  /** null is a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

export type AppendResult =
  | { readonly ok: true; readonly partition: number }
  | { readonly ok: false; readonly code: 'SLUICE_RECORD_TOO_LARGE'; readonly reason: string };

/** What one partition gave in one fetch. */
export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly FetchedRecord[];
}

export interface FetchedRecord {
  readonly offset: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  readonly timestamp: number;
}
