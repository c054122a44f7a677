import type { ErrorCode } from '../errors.ts';

/** Where events are kept that no retry can help. Queryable as the table `failed_events`. */
export interface FailedEvents {
  /** Keeps failed events; resolves when they are durable. The table shows an `id` once,
   * however often it was put. */
  put(events: readonly FailedEvent[]): Promise<void>;
}

/** The stage that gave an event up. */
export type FailingStage = 'queue' | 'produce' | 'consume' | 'transform';

export interface FailedEvent {
  /** Made from where the event was found, so that a retried batch reports it once. */
  readonly id: string;
  readonly stage: FailingStage;
  readonly code: ErrorCode;
  /** JSONPath of the first fault, `$` for the whole. */
  readonly path: string;
  readonly reason: string;
  readonly eventType: string;
  /** The schema version it was read with; null where none could be told. */
  readonly version: number | null;
  /** The bytes as the stage found them. */
  readonly payload: Uint8Array;
  /** Epoch milliseconds. */
  readonly failedAt: number;
  readonly eventId?: string | undefined;
  /** When it was sent again, epoch milliseconds; absent where nobody did. */
  readonly recoveredAt?: number | undefined;
  /** The acceptance it settles; absent where a record came into the log by another way. */
  readonly messageId?: string | undefined;
}
