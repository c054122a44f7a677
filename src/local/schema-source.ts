import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keepSchemas } from '../adapters/registry/kept.ts';
import { framingFor, openRegistry } from '../adapters/registry/open.ts';
import type { Framing } from '../codec/framing.ts';
import type { Registry } from '../ports/registry.ts';
import type { DataFolder } from './data-folder.ts';

/** Where the schemas of a pipeline are, and how its records are framed. All of it is plain data. */
export interface SchemaSource {
  /** A folder, or the address of a registry: see `openRegistry`. */
  readonly address: string;
  /** Folder that keeps what registries said, for when they are away. */
  readonly keptDir: string;
  /** The registry's own by default; `confluent` where the schemas are a folder's. */
  readonly framing?: Framing | undefined;
  readonly compression?: 'none' | 'zlib' | undefined;
}

export interface OpenedSchemas {
  readonly registry: Registry;
  readonly framing: Framing;
  /** Whether the schemas are files here, and not shared with others over a network. */
  readonly isFolder: boolean;
}

/**
 * Opens the schemas of a pipeline. What a registry says outlives it, in `keptDir`.
 *
 * @param log receives that the registry is away, and that it is back.
 * @throws SluiceError SLUICE_USAGE for an address that is none, or a framing that the registry gives no ids for.
 */
export async function openSchemas(source: SchemaSource, log: (line: string) => void): Promise<OpenedSchemas> {
  const opened = await openRegistry(source.address, process.env);
  const { registry, framings, address } = opened;
  const framing = framingFor(opened, source.framing);
  if (framings.length > 1) return { registry, framing, isFolder: true };
  const kept = join(source.keptDir, createHash('sha256').update(address).digest('hex').slice(0, 16));
  const lasting = keepSchemas(registry, kept, {
    onStale: (error) => log(`the schema registry is away, going on with what it said before: ${error.message}`),
    onFresh: () => log('the schema registry is back'),
    onWarning: log,
  });
  return { registry: lasting, framing, isFolder: false };
}

/** Notes which registry a data folder's pipeline has its schemas from; undefined where they are a folder's. */
export async function rememberRegistry({ registryFile }: DataFolder, address: string | undefined): Promise<void> {
  if (address === undefined) {
    await rm(registryFile, { force: true });
    return;
  }
  await mkdir(dirname(registryFile), { recursive: true });
  await writeFile(`${registryFile}.${process.pid}`, JSON.stringify({ address }));
  await rename(`${registryFile}.${process.pid}`, registryFile);
}

/** Where the schemas of a data folder are: in the registry that its pipeline ran with last, else in a folder. */
export async function sourceOf(folder: DataFolder, schemasDir: string): Promise<SchemaSource> {
  const remembered = await readFile(folder.registryFile, 'utf8').catch(() => undefined);
  const { address } = remembered === undefined ? { address: schemasDir } : (JSON.parse(remembered) as SchemaSource);
  return { address, keptDir: folder.schemas };
}
