import { join } from 'node:path';

/** Where a broker's things are in its data folder. */
export interface Layout {
  readonly dataDir: string;
  /** The records. */
  readonly storage: string;
  /** Holds the cluster's id; it is there once the storage is complete. */
  readonly metaProperties: string;
  readonly serverProperties: string;
  readonly log4jProperties: string;
  readonly logs: string;
  /** The broker's own log. */
  readonly log: string;
  /** What the Java process prints. */
  readonly output: string;
  readonly pidFile: string;
}

/** Name of the folder with the records; see `serverProperties` for why it is relative there. */
export const STORAGE = 'storage';

export function layoutOf(dataDir: string): Layout {
  const storage = join(dataDir, STORAGE);
  const logs = join(dataDir, 'logs');
  return {
    dataDir,
    storage,
    metaProperties: join(storage, 'meta.properties'),
    serverProperties: join(dataDir, 'server.properties'),
    log4jProperties: join(dataDir, 'log4j2.properties'),
    logs,
    log: join(logs, 'broker.log'),
    output: join(logs, 'broker.out'),
    pidFile: join(dataDir, 'broker.json'),
  };
}
