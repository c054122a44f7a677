import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegisteredVersion } from '../../ports/registry.ts';
import { canonicalJson } from '../../schema/canonical-json.ts';
import { isEventType, type SchemaIds } from '../../schema/history.ts';

/** Versions of schemas in a folder: `<sha256>.avsc` for each text, `<event type>.json` for what has which. */
export interface KeptFiles {
  /** Event types that have at least one version, sorted. */
  eventTypes(): Promise<string[]>;
  /** All versions that are whole, ascending. */
  read(eventType: string): Promise<RegisteredVersion[]>;
  /** Makes these the versions of an event type. */
  write(eventType: string, versions: readonly RegisteredVersion[]): Promise<void>;
}

/** An event type's file. The digest is that of `versions`, so that what was half-written or changed is not believed. */
interface Index {
  readonly digest: string;
  readonly versions: readonly Entry[];
}

type Entry = { readonly version: number; readonly ids: SchemaIds; readonly source: string } & (
  | { readonly text: string }
  | { readonly unreadable: string }
);

/**
 * The files of a folder, which need not exist. Nothing here is synced to the disk: what a crash leaves half-written does
 * not have its digest, counts as not there, and is written anew.
 */
export function keptFiles(folder: string): KeptFiles {
  const indexPath = (eventType: string): string => join(folder, `${eventType}.json`);
  const textPath = (digest: string): string => join(folder, `${digest}.avsc`);

  const restore = async (entry: Entry): Promise<RegisteredVersion[]> => {
    if ('unreadable' in entry) return [entry];
    const { text: digest, ...common } = entry;
    const text = await readIfThere(textPath(digest));
    if (text === undefined || sha256(text) !== digest) return [];
    return [{ ...common, definition: JSON.parse(text) }];
  };

  const read = async (eventType: string): Promise<RegisteredVersion[]> => {
    if (!isEventType(eventType)) return [];
    const entries = entriesOf(await readIfThere(indexPath(eventType)));
    return (await Promise.all(entries.map(restore))).flat();
  };

  return {
    async eventTypes() {
      const names = await readdir(folder).catch(() => []);
      const types = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
      const found = await Promise.all(types.map(async (type) => ((await read(type)).length > 0 ? [type] : [])));
      return found.flat().sort();
    },

    read,

    async write(eventType, versions) {
      await mkdir(folder, { recursive: true });
      const entries: Entry[] = [];
      for (const version of versions) {
        const { version: number, ids, source } = version;
        if ('unreadable' in version) {
          entries.push({ version: number, ids, source, unreadable: version.unreadable });
          continue;
        }
        const text = JSON.stringify(version.definition);
        const digest = sha256(text);
        entries.push({ version: number, ids, source, text: digest });
        if ((await readIfThere(textPath(digest))) !== text) await writeWhole(textPath(digest), text);
      }
      // Last: what it names is there by then.
      const index: Index = { digest: sha256(canonicalJson(entries)), versions: entries };
      await writeWhole(indexPath(eventType), `${JSON.stringify(index, null, 2)}\n`);
    },
  };
}

function entriesOf(text: string | undefined): readonly Entry[] {
  try {
    const { digest, versions } = JSON.parse(text ?? '') as Index;
    return digest === sha256(canonicalJson(versions)) ? versions : [];
  } catch {
    return [];
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What cannot be read is as if it were not there: it is asked of the registry once more. */
async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Renamed into its place, so that nobody ever reads a part of it. */
async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(beside, text, { flag: 'wx' });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
