import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SluiceError } from '../../errors.ts';
import { checkJava, checkMaven, type Environment, toolEnvironment, WAYS_OUT } from './tools.ts';

/** Downloaded jars from one line of progress to the next. */
const JARS_A_LINE = 20;

const POM = join(import.meta.dirname, 'pom.xml');

export interface InstallOptions {
  /** Parent of the cache folder; `$XDG_CACHE_HOME/sluice` or `~/.cache/sluice` by default. */
  readonly cacheDir?: string;
  readonly env?: Environment;
  /** Called with one line for a person to read, whenever there is something to tell. */
  readonly onProgress?: (line: string) => void;
  /** Aborts a running download; the cache is left as it was. */
  readonly signal?: AbortSignal;
}

/**
 * The folder that holds the jars of the Kafka broker. The first call has Maven resolve them (about 45 MB, seconds);
 * later ones find the folder and need neither Maven nor a network.
 * @throws SluiceError SLUICE_MAVEN_MISSING when they are not cached and there is no Maven;
 *   SLUICE_BROKER_START when Maven cannot resolve them. An aborted `signal` throws its reason.
 */
export async function installKafka(options: InstallOptions = {}): Promise<string> {
  const { env = process.env, onProgress = () => {}, signal } = options;
  const version = await kafkaVersion();
  const root = cacheRoot(options);
  const libs = join(root, `kafka-${version}`);
  if (existsSync(libs)) return libs;

  await checkMaven(env);
  // Maven fills a sibling that only this call knows, and a rename publishes it: the folder exists if and only if it
  // is complete, whether Maven was killed half-way or two first uses race.
  const filling = `${libs}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  await mkdir(root, { recursive: true });
  await removeAbandoned(root, `kafka-${version}.`);
  try {
    onProgress(`fetching Kafka ${version} with Maven (about 45 MB, once)`);
    await runMaven(filling, version, env, onProgress, signal);
    const jars = (await readdir(filling)).filter((name) => name.endsWith('.jar')).length;
    if (jars === 0) throw new SluiceError('SLUICE_BROKER_START', 'Maven ended without an error, but copied no jar');
    await rename(filling, libs).catch((error: NodeJS.ErrnoException) => {
      // Another first use was faster; what it published is as complete as ours.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    onProgress(`Kafka ${version} is ready: ${jars} jars in ${libs}`);
    return libs;
  } finally {
    await rm(filling, { recursive: true, force: true });
  }
}

/** Whether `installKafka` with the same options would need Maven and a network. */
export async function isKafkaInstalled(options: Pick<InstallOptions, 'cacheDir' | 'env'> = {}): Promise<boolean> {
  return existsSync(join(cacheRoot(options), `kafka-${await kafkaVersion()}`));
}

/**
 * Makes sure, before anything is started, that what the local broker needs is there: Java always, Maven only when
 * the jars are not cached yet.
 * @throws SluiceError SLUICE_JAVA_MISSING or SLUICE_MAVEN_MISSING, with the ways out.
 */
export async function checkPrerequisites(options: Pick<InstallOptions, 'cacheDir' | 'env'> = {}): Promise<void> {
  await checkJava(options.env);
  if (!(await isKafkaInstalled(options))) await checkMaven(options.env);
}

function cacheRoot({ cacheDir, env = process.env }: Pick<InstallOptions, 'cacheDir' | 'env'>): string {
  return cacheDir ?? join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'sluice');
}

/** The version is stated in the pom and nowhere else. */
async function kafkaVersion(): Promise<string> {
  const version = /<kafka\.version>([^<]+)</.exec(await readFile(POM, 'utf8'))?.[1];
  if (version === undefined) throw new SluiceError('SLUICE_INTERNAL', `${POM} states no kafka.version`);
  return version;
}

/** Has Maven copy the runtime class path into `target`, counting for `onProgress` what it downloads. */
async function runMaven(
  target: string,
  version: string,
  env: Environment,
  onProgress: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const args = [
    '-B',
    '-f',
    POM,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${target}`,
  ];
  const maven = spawn('mvn', args, {
    env: toolEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  const tail: string[] = [];
  let jars = 0;
  const read = (line: string): void => {
    if (/Downloaded from \S+: \S+\.jar /.test(line)) {
      jars += 1;
      // Maven fetches some of its own first, a hundred in all; a line for each would bury what was said before.
      if (jars % JARS_A_LINE === 0) onProgress(`fetching Kafka ${version}: ${jars} jars downloaded`);
    }
    if (!line.includes('Download')) tail.push(line);
    if (tail.length > 20) tail.shift();
  };
  createInterface({ input: maven.stdout }).on('line', read);
  createInterface({ input: maven.stderr }).on('line', read);
  const code = await new Promise<number | null>((resolve, reject) => {
    maven.once('error', (error) => reject(signal?.aborted ? signal.reason : error));
    maven.once('close', (status) => resolve(status));
  });
  signal?.throwIfAborted();
  if (code === 0) return;
  const errors = tail.filter((line) => line.includes('ERROR'));
  throw new SluiceError(
    'SLUICE_BROKER_START',
    `Maven could not fetch Kafka ${version} (exit code ${code}); check the network, or ${WAYS_OUT.slice(3)}.\n` +
      (errors.length > 0 ? errors : tail).slice(0, 6).join('\n'),
  );
}

/** A day-old unpublished folder belongs to a first use that was killed. */
async function removeAbandoned(root: string, prefix: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const path = join(root, name);
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > 86_400_000) await rm(path, { recursive: true, force: true });
  }
}
