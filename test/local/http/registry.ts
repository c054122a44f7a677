import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderRegistry, schemaPath } from '../../../src/adapters/registry/folder.ts';
import { createHttpServer } from '../../../src/local/http/server.ts';

/** An HTTP server that listens, and serves a folder of schemas to clients of Confluent Schema Registry. */
export interface ServedFolder {
  readonly folder: string;
  /** What clients are given. */
  readonly url: string;
  readonly log: readonly string[];
  /** Requests that were made. */
  requests(): number;
  /** Writes a version's file; text as it is, anything else as JSON. */
  write(eventType: string, version: number, definition: unknown): void;
  close(): Promise<void>;
}

export async function serveFolder(): Promise<ServedFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-registry-'));
  const log: string[] = [];
  const server = createHttpServer({
    accept: { event: unused, batch: unused },
    histories: () => [],
    registry: openFolderRegistry(folder),
    log: (line) => log.push(line),
  });
  let requests = 0;
  server.addHook('onRequest', async () => {
    requests += 1;
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    folder,
    url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/registry`,
    log,
    requests: () => requests,
    write(eventType, version, definition) {
      mkdirSync(join(folder, eventType), { recursive: true });
      const text = typeof definition === 'string' ? definition : JSON.stringify(definition, null, 2);
      writeFileSync(join(folder, schemaPath(eventType, version)), text);
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function unused(): Promise<never> {
  throw new Error('nobody sends events here');
}
