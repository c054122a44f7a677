// By its file: a bundle must hold the same class that kafkajs itself uses in it.
// @ts-expect-error -- kafkajs declares no types for its own parts.
import RequestQueueClass from 'kafkajs/src/network/requestQueue/index.js';

/** What of kafkajs's queue of requests is touched here. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Mends kafkajs 2.2.4, which arms a timer for its queue of waiting requests even when nothing waits, for a moment long
 * past. Node makes that 1 ms: every connection wakes the process a thousand times a second, and each process prints a
 * TimeoutNegativeWarning. Without a waiting request there is nothing to check, and the next one arms the timer itself.
 */
const { prototype } = RequestQueueClass as { readonly prototype: RequestQueue };
const { scheduleCheckPendingRequests } = prototype;
prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
};
