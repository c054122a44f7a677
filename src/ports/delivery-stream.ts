/** The buffer in front of the object store: Firehose on AWS, a durable spool on a laptop. */
export interface DeliveryStream {
  /**
   * Takes records for one event type's stream. Resolves only when all of them are durable.
   * @throws SluiceError SLUICE_STORAGE (retryable): they may have been taken in part; put them again.
   */
  put(eventType: string, records: readonly DeliveryRecord[]): Promise<void>;
}

/** Firehose's limit for one record before base64, in bytes (1,000 KiB). */
export const MAX_DELIVERY_RECORD_BYTES = 1_000 * 1024;

/** Many events packed into one record, as Firehose bills each record as 5 KB at least. */
export interface DeliveryRecord {
  /** JSON rows, one a line, each ended by LF. At most `MAX_DELIVERY_RECORD_BYTES`. */
  readonly data: Uint8Array;
  /** One entry for each row of `data`, in its order. */
  readonly entries: readonly DeliveryEntry[];
}

/** What an adapter that keeps accounts needs to know of a row; Firehose's adapter has no use for it. */
export interface DeliveryEntry {
  /** The acceptance that the row settles; absent where a record came into the log by another way. */
  readonly messageId?: string | undefined;
  /** When the edge took the event, epoch milliseconds. */
  readonly ingestedAt: number;
}
