import { execFile, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { openFolderRegistry } from '../../adapters/registry/folder.ts';
import { openRegistry } from '../../adapters/registry/open.ts';
import type { SchemaFile, SchemaFiles } from '../../compatibility/rule.ts';
import { SluiceError } from '../../errors.ts';
import type { Registry } from '../../ports/registry.ts';
import { readRegistered } from './registry-option.ts';

const run = promisify(execFile);

/**
 * The files of a schemas folder, whatever they hold.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID where the folder cannot be read or has no event type.
 */
export async function readSchemas(folder: string): Promise<SchemaFiles[]> {
  return named(await schemasOf(openFolderRegistry(folder)), `the schemas folder ${resolve(folder)}`);
}

/** Everything that a registry has. */
async function schemasOf(registry: Registry): Promise<SchemaFiles[]> {
  return readRegistered(registry, await registry.eventTypes());
}

/**
 * The schemas that were published: those of another folder, those that the schemas folder had in a git revision, or
 * those of a registry, which may be empty: nothing was published then.
 *
 * @throws SluiceError SLUICE_USAGE where it is none of these, SLUICE_SCHEMA_INVALID where a folder or a revision has no
 *   event type, SLUICE_REGISTRY_UNAVAILABLE.
 */
export async function readPublished(against: string, schemas: string): Promise<SchemaFiles[]> {
  if (against.includes('://')) return schemasOf((await openRegistry(against, process.env)).registry);
  const isFolder = await stat(against).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder ? readSchemas(against) : readRevision(against, schemas);
}

async function readRevision(revision: string, schemas: string): Promise<SchemaFiles[]> {
  const git = (...args: string[]) => run('git', ['-C', schemas, ...args], { maxBuffer: 64 * 1024 * 1024 });
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`).catch(
    (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'and git is not installed' : 'nor a git revision that is known here';
      throw new SluiceError('SLUICE_USAGE', `--against ${revision} is no folder, ${why}`, { cause });
    },
  );
  // In the schemas folder git lists that folder alone, with names relative to it: <mode> blob <id>TAB<path>NUL.
  const { stdout } = await git('ls-tree', '-r', '-z', commit.stdout.trim());
  const blobs = stdout.split('\0').flatMap((line) => {
    const match = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line);
    return match === null || parsePath(match[2]!) === undefined ? [] : [{ id: match[1]!, path: match[2]! }];
  });
  const texts = await readBlobs(
    schemas,
    blobs.map(({ id }) => id),
  );
  const files = blobs.map(({ path }, index) => ({ path, read: () => Promise.resolve(texts[index]!) }));
  return named(await group(files), `${revision} of ${resolve(schemas)}`);
}

/** Contents of git's objects, in their order, by one process: `<id> blob <size>LF<content>LF` each. */
async function readBlobs(folder: string, ids: readonly string[]): Promise<string[]> {
  const child = spawn('git', ['-C', folder, 'cat-file', '--batch'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(ids.map((id) => `${id}\n`).join(''));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const output = Buffer.concat(chunks);
  let position = 0;
  return ids.map((id) => {
    const end = output.indexOf('\n', position);
    const size = Number(/^[0-9a-f]+ blob (\d+)$/.exec(output.toString('latin1', position, end))?.[1]);
    if (Number.isNaN(size)) throw new SluiceError('SLUICE_STORAGE', `git has lost its object ${id}`);
    position = end + 1 + size + 1;
    return output.toString('utf8', end + 1, end + 1 + size);
  });
}

/** `<event type>/v<N>.avsc`; undefined for any other file. */
function parsePath(path: string): { readonly eventType: string; readonly version: number } | undefined {
  const match = /^([^./\\][^/\\]*)[/\\]v([1-9]\d{0,5})\.avsc$/.exec(path);
  return match === null ? undefined : { eventType: match[1]!, version: Number(match[2]) };
}

async function group(
  files: readonly { readonly path: string; readonly read: () => Promise<string> }[],
): Promise<SchemaFiles[]> {
  const types = new Map<string, SchemaFile[]>();
  for (const { path, read } of files) {
    const parsed = parsePath(path);
    if (parsed === undefined) continue;
    const versions = types.get(parsed.eventType) ?? [];
    types.set(parsed.eventType, versions);
    versions.push({ version: parsed.version, ...(await parseFile(read)) });
  }
  return Array.from(types, ([eventType, versions]) => ({
    eventType,
    versions: versions.sort((a, b) => a.version - b.version),
  })).sort((a, b) => (a.eventType < b.eventType ? -1 : 1));
}

async function parseFile(
  read: () => Promise<string>,
): Promise<{ readonly definition: unknown } | { readonly unreadable: string }> {
  try {
    return { definition: JSON.parse(await read()) as unknown };
  } catch (error) {
    return { unreadable: `its file cannot be read as JSON: ${(error as Error).message}` };
  }
}

function named(schemas: SchemaFiles[], where: string): SchemaFiles[] {
  if (schemas.length > 0) return schemas;
  throw new SluiceError('SLUICE_SCHEMA_INVALID', `${where} has no event type: <event type>/v1.avsc`);
}
