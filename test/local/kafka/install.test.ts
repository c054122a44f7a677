import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPrerequisites, installKafka, isKafkaInstalled } from '../../../src/local/kafka/install.ts';
import { checkJava, javaCommand } from '../../../src/local/kafka/tools.ts';

// Maven itself is exercised by every first use; here a script of its name stands in, for what we do with its files.

let dir = '';
let cacheDir = '';
let bin = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-install-'));
  cacheDir = join(dir, 'cache');
  bin = join(dir, 'bin');
  await mkdir(bin);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** An environment whose PATH has the scripts of this test and, for them, a shell's usual tools, but nothing else. */
function environment(): Record<string, string> {
  return { PATH: bin };
}

/** A tool of this name on the PATH. Scripts use absolute paths, as nothing else is on it. */
async function tool(name: string, script: string): Promise<void> {
  const path = join(bin, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** A Maven that answers `-v`, and otherwise runs a script with the folder to fill in `$target`. */
function maven(script: string): Promise<void> {
  return tool(
    'mvn',
    `[ "$1" = -v ] && exit 0
    for argument; do case "$argument" in -DoutputDirectory=*) target="\${argument#*=}";; esac; done
    /bin/mkdir -p "$target"
    ${script}`,
  );
}

const COPY_TWO_JARS = `
  for _ in $(/usr/bin/seq 40); do echo "Downloaded from central: https://example.org/one-1.jar (1 kB at 1 kB/s)"; done
  echo jar > "$target/one-1.jar"
  /bin/sleep 0.2
  echo jar > "$target/two-1.jar"`;

async function cached(): Promise<string[]> {
  return existsSync(cacheDir) ? await readdir(cacheDir) : [];
}

const WAYS_OUT = /SLUICE_KAFKA_BROKERS.*docker compose up -d kafka/;

describe('checkPrerequisites', () => {
  it('names the ways out where there is no Java', async () => {
    const checked = checkPrerequisites({ cacheDir, env: environment() });
    await expect(checked).rejects.toMatchObject({ code: 'SLUICE_JAVA_MISSING' });
    await expect(checked).rejects.toThrow(WAYS_OUT);
  });

  it.each([
    ['openjdk version "11.0.2" 2019-01-15', 'Java 11 was found'],
    ['java version "1.8.0_392"', 'Java 8 was found'],
  ])('refuses a Java that is too old: %s', async (version, found) => {
    await tool('java', `echo '${version}' >&2`);
    const checked = checkPrerequisites({ cacheDir, env: environment() });
    await expect(checked).rejects.toMatchObject({
      code: 'SLUICE_JAVA_MISSING',
      message: expect.stringContaining(found),
    });
    await expect(checked).rejects.toThrow(WAYS_OUT);
  });

  it('names the ways out where there is Java, but neither Maven nor a cache', async () => {
    await tool('java', `echo 'openjdk version "17.0.15" 2025-04-15' >&2`);
    const checked = checkPrerequisites({ cacheDir, env: environment() });
    await expect(checked).rejects.toMatchObject({ code: 'SLUICE_MAVEN_MISSING' });
    await expect(checked).rejects.toThrow(WAYS_OUT);
  });

  it('needs no Maven once the jars are cached', async () => {
    await maven(COPY_TWO_JARS);
    await installKafka({ cacheDir, env: environment() });
    await rm(join(bin, 'mvn'));
    await tool('java', `echo 'openjdk version "25-ea" 2025-09-16' >&2`);
    await checkPrerequisites({ cacheDir, env: environment() });
    expect(await checkJava(environment())).toBe(25);
  });
});

describe('javaCommand', () => {
  it('is that of JAVA_HOME where there is one, else that of the PATH', async () => {
    await tool('java', '');
    expect(javaCommand({ JAVA_HOME: dir })).toBe(join(bin, 'java'));
    expect(javaCommand({ JAVA_HOME: '/nowhere' })).toBe('java');
    expect(javaCommand({ JAVA_HOME: '' })).toBe('java');
  });
});

describe('installKafka', () => {
  it('has Maven fill a folder of the cache, tells how far it is, and does so once', async () => {
    await maven(`echo x >> ${join(dir, 'calls')}; ${COPY_TWO_JARS}`);
    const progress: string[] = [];
    const options = { cacheDir, env: environment(), onProgress: (line: string) => progress.push(line) };
    expect(await isKafkaInstalled(options)).toBe(false);
    const libs = await installKafka(options);
    expect((await readdir(libs)).sort()).toEqual(['one-1.jar', 'two-1.jar']);
    expect(await isKafkaInstalled(options)).toBe(true);
    expect(await installKafka(options)).toBe(libs);
    expect(await readFile(join(dir, 'calls'), 'utf8')).toBe('x\n');
    expect(progress.map((line) => line.replace(/Kafka [\d.]+/, 'Kafka'))).toEqual([
      'fetching Kafka with Maven (about 45 MB, once)',
      'fetching Kafka: 20 jars downloaded',
      'fetching Kafka: 40 jars downloaded',
      `Kafka is ready: 2 jars in ${libs}`,
    ]);
  });

  it('lets several first uses race: each gets a complete folder, and nothing else is left', async () => {
    await maven(COPY_TWO_JARS);
    const options = { cacheDir, env: environment() };
    const [libs, ...others] = await Promise.all([1, 2, 3].map(() => installKafka(options)));
    expect(new Set(others)).toEqual(new Set([libs]));
    expect((await readdir(libs!)).sort()).toEqual(['one-1.jar', 'two-1.jar']);
    expect(await cached()).toHaveLength(1);
  });

  it('publishes nothing when it is killed half-way, and starts anew the next time', async () => {
    const half = join(dir, 'half');
    await maven(
      `echo jar > "$target/one-1.jar"; echo $$ > ${half}.new; /bin/mv ${half}.new ${half}; exec /bin/sleep 60`,
    );
    const module = join(import.meta.dirname, '../../../src/local/kafka/install.ts');
    const program = `import { installKafka } from ${JSON.stringify(module)};
      await installKafka(${JSON.stringify({ cacheDir, env: environment() })});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    await vi.waitFor(() => expect(existsSync(half)).toBe(true), { timeout: 20_000 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    process.kill(Number(await readFile(half, 'utf8')), 'SIGKILL');
    expect(await isKafkaInstalled({ cacheDir })).toBe(false);

    await maven(COPY_TWO_JARS);
    const libs = await installKafka({ cacheDir, env: environment() });
    expect((await readdir(libs)).sort()).toEqual(['one-1.jar', 'two-1.jar']);
  }, 30_000);

  it('sweeps away what a first use left that was killed more than a day ago, and no other', async () => {
    await maven(COPY_TWO_JARS);
    const env = environment();
    const libs = await installKafka({ cacheDir, env });
    await rm(libs, { recursive: true });
    const [old, recent, foreign] = [`${libs}.1-a.tmp`, `${libs}.2-b.tmp`, join(cacheDir, 'other.tmp')];
    for (const path of [old, recent, foreign]) await mkdir(path);
    const dayAgo = new Date(Date.now() - 25 * 3_600_000);
    for (const path of [old, foreign]) await utimes(path, dayAgo, dayAgo);
    await installKafka({ cacheDir, env });
    expect([libs, old, recent, foreign].map((path) => existsSync(path))).toEqual([true, false, true, true]);
  });

  it('tells what Maven said when it fails, and leaves nothing', async () => {
    await maven(`echo jar > "$target/one-1.jar"; echo '[INFO] hello'; echo '[ERROR] Could not resolve x:y:1'; exit 1`);
    const installed = installKafka({ cacheDir, env: environment() });
    await expect(installed).rejects.toMatchObject({
      code: 'SLUICE_BROKER_START',
      message: expect.stringMatching(/exit code 1.*\n\[ERROR\] Could not resolve x:y:1$/s),
    });
    await expect(installed).rejects.toThrow(WAYS_OUT);
    expect(await cached()).toEqual([]);
  });

  it('does not take an empty folder for Kafka', async () => {
    await maven('exit 0');
    await expect(installKafka({ cacheDir, env: environment() })).rejects.toMatchObject({ code: 'SLUICE_BROKER_START' });
    expect(await cached()).toEqual([]);
  });

  it('ends Maven when it is given up, and leaves nothing', async () => {
    const running = join(dir, 'running');
    await maven(`echo $$ > ${running}.new; /bin/mv ${running}.new ${running}; exec /bin/sleep 60`);
    const giveUp = new AbortController();
    const reason = new Error('Ctrl-C');
    const installed = installKafka({ cacheDir, env: environment(), signal: giveUp.signal });
    installed.catch(() => {});
    await vi.waitFor(() => expect(existsSync(running)).toBe(true), { timeout: 20_000 });
    const pid = Number(await readFile(running, 'utf8'));
    giveUp.abort(reason);
    await expect(installed).rejects.toBe(reason);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 20_000 });
    expect(await cached()).toEqual([]);
  });
});
