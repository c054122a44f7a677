import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { codecLookup } from '../../../src/local/event-types.ts';
import { createHttpServer } from '../../../src/local/http/server.ts';
import type { Queue } from '../../../src/ports/queue.ts';
import type { SchemaHistory } from '../../../src/schema/history.ts';
import { createAccept } from '../../../src/stages/accept.ts';
import { openLocalParts } from '../../support/local-parts.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** An HTTP server that listens, over the accept stage and a real queue on a folder of its own. */
async function openEdge(
  histories: readonly SchemaHistory[],
  options: { requestTimeoutMs?: number; queue?: (queue: Queue) => Pick<Queue, 'send'> } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-edge-'));
  const parts = await openLocalParts(folder, manualClock());
  const log: string[] = [];
  let ids = 0;
  const accept = createAccept({
    codecOf: codecLookup(histories),
    learn: async () => {},
    queue: options.queue?.(parts.queue) ?? parts.queue,
    clock: parts.clock,
    newEventId: () => `generated-${++ids}`,
  });
  const { requestTimeoutMs } = options;
  const server = createHttpServer({
    accept,
    histories: () => histories,
    log: (line) => log.push(line),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    log,
    ledger: parts.ledger,
    /** Sends a body to a path, as JSON unless a header says otherwise. */
    post: (path: string, body: string | Buffer<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
      fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }),
    /** The events in the queue, in order; they stay hidden after that. */
    async queued() {
      const received = await parts.queue.receive(100_000, 60_000);
      return received.map(({ eventType, eventId, body, version, traceparent }) => {
        return { eventType, eventId, body: Buffer.from(body).toString(), version, traceparent };
      });
    },
    async close() {
      await server.close();
      parts.ledger.close();
      rmSync(folder, { recursive: true });
    },
  };
}

type Edge = Awaited<ReturnType<typeof openEdge>>;

/** An edge for all tests of a file; before each of them its queue is emptied. */
export function useEdge(histories: readonly SchemaHistory[]): () => Edge {
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge(histories);
  });
  beforeEach(async () => {
    await edge.queued();
  });
  afterAll(() => edge.close());
  return () => edge;
}

/** An edge for the test that runs. */
export async function ownEdge(...args: Parameters<typeof openEdge>): Promise<Edge> {
  const edge = await openEdge(...args);
  onTestFinished(() => edge.close());
  return edge;
}
