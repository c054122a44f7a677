import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Java program that answers lines with lines. */
export interface Oracle {
  /** @returns its answer to one line, which may hold no line break. */
  ask(line: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts the program of a folder that holds a `pom.xml` and one `<main>.java`. The first start has Maven fetch the class
 * path and javac compile the program, into the user's cache; later ones find both there.
 *
 * @throws Error that says what is missing: a test that needs an oracle fails without it, and never passes unasked.
 */
export async function startOracle(folder: string, main: string): Promise<Oracle> {
  const classPath = await build(folder, main);
  const child = spawn('java', ['-Xmx256m', '-Xshare:auto', '-cp', classPath, main]);
  return converse(child, main);
}

async function build(folder: string, main: string): Promise<string> {
  const [pom, source] = [join(folder, 'pom.xml'), join(folder, `${main}.java`)];
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .update(await readFile(source))
    .digest('hex');
  const cache = join(process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache'), 'sluice', 'oracles');
  const built = join(cache, `${main}-${digest.slice(0, 12)}`);
  const classPath = (at: string) => `${join(at, 'libs', '*')}:${join(at, 'classes')}`;
  if (existsSync(built)) return classPath(built);
  // Built beside its place and then renamed: the folder exists if and only if it is complete.
  const building = `${built}.${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(building, { recursive: true });
  try {
    tell(`${main}: fetching its class path with Maven (once)`);
    const copy = [
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(building, 'libs')}`,
    ];
    await tool('mvn', ['-q', '-B', '-f', pom, ...copy], 'Maven');
    tell(`${main}: compiling it with javac`);
    await tool(
      'javac',
      ['-cp', join(building, 'libs', '*'), '-d', join(building, 'classes'), source],
      'a JDK, 17 or newer,',
    );
    await rename(building, built).catch((error: NodeJS.ErrnoException) => {
      // Another test file was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return classPath(built);
}

async function tool(command: string, args: readonly string[], needed: string): Promise<void> {
  try {
    await run(command, args);
  } catch (cause) {
    const { code, stderr, stdout } = cause as NodeJS.ErrnoException & { stderr?: string; stdout?: string };
    const why =
      (code as unknown) === 'ENOENT' ? `there is no ${command}` : `${stdout ?? ''}${stderr ?? ''}`.slice(0, 2_000);
    throw new Error(`This test asks a Java program and needs ${needed} to build it: ${why}`, { cause });
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function converse(child: ChildProcessWithoutNullStreams, name: string): Oracle {
  const waiting: PromiseWithResolvers<string>[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line));
  const ended = new Promise<void>((resolve) => {
    const end = (error: Error): void => {
      for (const { reject } of waiting.splice(0)) reject(error);
      resolve();
    };
    child.on('error', (cause) => end(new Error(`${name} needs Java 17 or newer: ${cause.message}`, { cause })));
    child.on('close', (status) => end(new Error(`${name} ended with ${status}: ${stderr.slice(0, 2_000)}`)));
  });
  // What is written to a process that has died is answered by its end.
  child.stdin.on('error', () => {});
  return {
    ask(line) {
      const answer = Promise.withResolvers<string>();
      waiting.push(answer);
      child.stdin.write(`${line}\n`);
      return answer.promise;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
