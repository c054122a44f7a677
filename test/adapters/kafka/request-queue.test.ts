import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import '../../../src/adapters/kafka/request-queue.ts';

/** What the mending relies on. */
interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  push(request: { entry: object; expectResponse: boolean; sendRequest: () => void }): void;
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}
type RequestQueueClass = new (options: object) => RequestQueue;

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/network/requestQueue/index.js');
const Mended = require(path) as RequestQueueClass;

/** The class as kafkajs ships it: loaded once more, beside the mended one. */
function original(): RequestQueueClass {
  const cached = require.cache[path];
  delete require.cache[path];
  try {
    return require(path) as RequestQueueClass;
  } finally {
    require.cache[path] = cached;
  }
}

const queues: RequestQueue[] = [];
afterEach(() => {
  for (const queue of queues.splice(0)) queue.destroy();
});

function newQueue(Queue: RequestQueueClass): RequestQueue {
  const logger = { debug() {}, warn() {} };
  const queue = new Queue({ maxInFlightRequests: null, requestTimeout: 1_000, clientId: 'c', broker: 'b', logger });
  queues.push(queue);
  return queue;
}

describe("kafkajs's queue of requests", () => {
  it('is of the version that is mended: look at the mending again before another is used', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(dependencies.kafkajs).toBe('2.2.4');
    expect(require('kafkajs/package.json').version).toBe('2.2.4');
  });

  it('arms a timer for nothing, as it is shipped: the mending can go when this does not hold any more', () => {
    const queue = newQueue(original());
    // As shipped it would be a negative time, of which Node warns.
    queue.throttledUntil = Date.now() + 60_000;
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
  });

  it('arms no timer while no request waits', () => {
    const queue = newQueue(Mended);
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('still sends a request that had to wait for the end of a throttling', async () => {
    const queue = newQueue(Mended);
    queue.throttledUntil = Date.now() + 30;
    const sent = Promise.withResolvers<void>();
    queue.push({
      entry: { correlationId: 1, resolve() {}, reject() {} },
      expectResponse: false,
      sendRequest: sent.resolve,
    });
    expect(await Promise.race([sent.promise.then(() => 'sent'), sleep(5_000, 'forgotten', { ref: false })])).toBe(
      'sent',
    );
  });
});
