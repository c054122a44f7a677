import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.ts';

/** The oldest Java that Kafka 4 runs on. */
const MIN_JAVA = 17;

/** How long `java -version` or `mvn -v` may take, in milliseconds, before it counts as missing. */
const PROBE_TIMEOUT_MS = 20_000;

/** What to do without Java or Maven. */
export const WAYS_OUT =
  'or set SLUICE_KAFKA_BROKERS to any Kafka cluster, ' +
  'or run `docker compose up -d kafka` with compose.yaml and set SLUICE_KAFKA_BROKERS=localhost:9092';

/** The environment a tool is looked up in; `process.env` unless a test says otherwise. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment that a tool is started with: without the key for personal data, which is none of its business. */
export function toolEnvironment({ SLUICE_PII_KEY: _, ...rest }: Environment = process.env): Environment {
  return rest;
}

/** The Java launcher: `$JAVA_HOME/bin/java` when that exists, else `java` from the PATH. */
export function javaCommand(env: Environment = process.env): string {
  const home = env.JAVA_HOME;
  if (home) {
    const java = join(home, 'bin', 'java');
    if (existsSync(java)) return java;
  }
  return 'java';
}

/**
 * The major version of the Java that would run the broker.
 * @throws SluiceError SLUICE_JAVA_MISSING when there is none, or one older than 17.
 */
export async function checkJava(env: Environment = process.env): Promise<number> {
  const output = await probe(javaCommand(env), ['-version'], env);
  const advice = `Install Java ${MIN_JAVA} or newer, ${WAYS_OUT}.`;
  // "17.0.15" is 17; "1.8.0_392", the old scheme, is 8.
  const found = output === undefined ? undefined : /version "(?:1\.)?(\d+)/.exec(output)?.[1];
  if (found === undefined) {
    throw new SluiceError('SLUICE_JAVA_MISSING', `The local Kafka broker needs Java, and none was found. ${advice}`);
  }
  if (Number(found) < MIN_JAVA) {
    throw new SluiceError(
      'SLUICE_JAVA_MISSING',
      `The local Kafka broker needs Java ${MIN_JAVA}, and Java ${found} was found. ${advice}`,
    );
  }
  return Number(found);
}

/**
 * Makes sure that Maven runs; only a first use needs it.
 * @throws SluiceError SLUICE_MAVEN_MISSING
 */
export async function checkMaven(env: Environment = process.env): Promise<void> {
  if ((await probe('mvn', ['-v'], env)) !== undefined) return;
  throw new SluiceError(
    'SLUICE_MAVEN_MISSING',
    'The local Kafka broker is fetched with Maven on its first use, and no `mvn` was found. ' +
      `Install Maven, ${WAYS_OUT}.`,
  );
}

/** What a tool prints when asked for its version, or undefined when it cannot be run. */
function probe(command: string, args: string[], env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { env: toolEnvironment(env), timeout: PROBE_TIMEOUT_MS }, (error, stdout, stderr) => {
      // Java reports its version on the error stream.
      resolve(error ? undefined : stdout + stderr);
    });
  });
}
