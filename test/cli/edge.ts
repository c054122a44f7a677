import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { openLedger } from '../../src/adapters/local/ledger.ts';
import { createQueue } from '../../src/adapters/local/queue.ts';
import { dataFolder, lockDataFolder, writeRunning } from '../../src/local/data-folder.ts';
import { codecLookup } from '../../src/local/event-types.ts';
import { createHttpServer } from '../../src/local/http/server.ts';
import { createAccept } from '../../src/stages/accept.ts';
import { HISTORIES } from '../support/schemas.ts';

/** The first stages of a pipeline: HTTP and the queue, which nobody empties. */
export interface Edge {
  readonly url: string;
  /** Bodies of the messages of one event type in the queue, in the order of their acceptance. */
  bodies(eventType: string): string[];
  close(): Promise<void>;
}

/** Opens the edge of a data folder, so that commands find it as they find a pipeline that runs there. */
export async function openEdge(data: string): Promise<Edge> {
  const clock = { now: Date.now };
  const ledger = openLedger(dataFolder(data).ledgerFile);
  const queue = createQueue({ ledger, clock });
  const accept = createAccept({
    codecOf: codecLookup(HISTORIES),
    learn: async () => {},
    queue,
    clock,
    newEventId: randomUUID,
  });
  const server = createHttpServer({ accept, histories: () => HISTORIES, log: () => {} });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const unlock = await lockDataFolder(dataFolder(data));
  await writeRunning(dataFolder(data), { url, brokers: '127.0.0.1:1', pid: process.pid });
  return {
    url,
    bodies: (eventType) =>
      ledger.database
        .prepare('SELECT body FROM message WHERE event_type = ? ORDER BY number')
        .all(eventType)
        .map(({ body }) => Buffer.from(body as Uint8Array).toString('utf8')),
    async close() {
      await server.close();
      ledger.close();
      unlock();
    },
  };
}
