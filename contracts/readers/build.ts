import { type ExecFileException, execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

const run = promisify(execFile);

/**
 * The folder of something that is built once from files of the project and kept in the user's cache. It is built anew
 * when one of these files changes.
 *
 * @param name what to call it, for whoever looks into the cache
 * @param make builds it in a folder that exists and is empty
 * @throws Error where the cache cannot be written, or what `make` throws
 */
export async function buildOnce(
  name: string,
  files: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256');
  for (const file of files) digest.update(await readFile(file));
  const cache = join(process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache'), 'sluice', 'programs');
  const built = join(cache, `${name}-${digest.digest('hex').slice(0, 12)}`);
  if (existsSync(built)) return built;
  // Built beside its place and then renamed: the folder exists if and only if it is complete.
  const building = `${built}.${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(building, { recursive: true }).catch((cause: Error) => {
    throw new Error(`nothing can be kept in ${cache}; XDG_CACHE_HOME may name another place (${cause.message})`, {
      cause,
    });
  });
  try {
    await make(building);
    await rename(building, built).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return built;
}

/** What a tool gets: it may fetch a hundred megabytes, and a network that says nothing must not keep anybody waiting. */
const LIMITS = { timeout: 10 * 60_000, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 } as const;

/**
 * Runs a tool that building needs.
 *
 * @param needed what a person has to install where there is none
 * @throws Error that says what is missing, or the end of what the tool said
 */
export async function runTool(command: string, args: readonly string[], needed: string): Promise<void> {
  try {
    await run(command, args, LIMITS);
  } catch (cause) {
    const { code, killed, stderr, stdout } = cause as ExecFileException & { stderr?: string; stdout?: string };
    const said = stripVTControlCharacters(`${stdout ?? ''}${stderr ?? ''}`)
      .trim()
      .slice(-2_000);
    const isMissing = (code as unknown) === 'ENOENT';
    const what = isMissing ? `there is no ${command}` : `${command} ${killed ? 'took too long' : 'failed'}: ${said}`;
    throw new Error(`a program that is not Sluice's is asked here, and building it needs ${needed}: ${what}`, {
      cause,
    });
  }
}

/** Says what takes so long at the first run. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
