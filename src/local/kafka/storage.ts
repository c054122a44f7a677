import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SluiceError } from '../../errors.ts';
import { javaArguments, serverProperties, serverSettings } from './configuration.ts';
import { type Layout, STORAGE } from './layout.ts';
import { javaCommand, toolEnvironment } from './tools.ts';

/** Milliseconds that formatting may take. */
const FORMAT_TIMEOUT_MS = 60_000;

export function isFormatted(layout: Layout): boolean {
  return existsSync(layout.metaProperties);
}

/**
 * Gives the data folder its cluster id. Storage is formatted under another name and renamed, so that it is either
 * complete or not there at all.
 * @throws SluiceError SLUICE_BROKER_START with what Kafka said. An aborted `signal` throws its reason.
 */
export async function formatStorage(layout: Layout, libs: string, signal: AbortSignal | undefined): Promise<void> {
  const fresh = `${STORAGE}.new`;
  const properties = join(layout.dataDir, 'format.properties');
  await rm(join(layout.dataDir, fresh), { recursive: true, force: true });
  await rm(layout.storage, { recursive: true, force: true });
  // Formatting opens no port; the configuration only has to name some.
  await writeFile(properties, serverProperties(serverSettings({ client: 9092, controller: 9093 }, fresh)));
  try {
    await promisify(execFile)(
      javaCommand(),
      [
        ...['-Xshare:auto', '-XX:TieredStopAtLevel=1', ...javaArguments(layout, libs)],
        ...['kafka.tools.StorageTool', 'format', '-t', newClusterId(), '-c', properties],
      ],
      { cwd: layout.dataDir, env: toolEnvironment(), timeout: FORMAT_TIMEOUT_MS, ...(signal && { signal }) },
    );
    await rename(join(layout.dataDir, fresh), layout.storage);
  } catch (error) {
    signal?.throwIfAborted();
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new SluiceError(
      'SLUICE_BROKER_START',
      `Kafka's storage could not be prepared in ${layout.dataDir}: ${(stderr + stdout).trim() || message}`,
      { cause: error },
    );
  } finally {
    await rm(properties, { force: true });
  }
}

/** A cluster id as Kafka makes them: 16 bytes, base64url, none that its tools would take for an option. */
export function newClusterId(random: () => Buffer = () => randomBytes(16)): string {
  const id = random().toString('base64url');
  return id.startsWith('-') ? newClusterId(random) : id;
}

/** The id that formatting gave to this folder's cluster. */
export async function clusterIdOf(layout: Layout): Promise<string | undefined> {
  return /^cluster\.id=(.+)$/m.exec(await readFile(layout.metaProperties, 'utf8'))?.[1]?.trim();
}
