import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { converse } from '../../../contracts/readers/converse.ts';
import { openReaders, ReaderMissing, type Readers } from '../../../contracts/readers/readers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { allGone, childrenOf } from './child-processes.ts';

const STARTING = { timeout: 300_000 };

function open(): Readers {
  const readers = openReaders();
  onTestFinished(() => readers.close());
  return readers;
}

const ALL = ['avroJava', 'fastavro', 'trino', 'duckdb'] as const satisfies readonly (keyof Readers)[];

describe('readers', STARTING, () => {
  test('are started once each, however often and at the same time they are asked for', async () => {
    const readers = open();
    const before = await childrenOf(process.pid);
    const asked = await Promise.all(ALL.flatMap((name) => [readers[name](), readers[name]()]));
    expect(new Set(asked).size).toBe(ALL.length);
    expect(await readers.trino()).toBe(asked[4]);
    const started = (await childrenOf(process.pid)).filter((pid) => !before.includes(pid));
    // DuckDB runs in this process.
    expect(started).toHaveLength(3);
    await readers.close();
    expect((await childrenOf(process.pid)).filter((pid) => started.includes(pid))).toEqual([]);
  });

  test('are not started after they were closed', async () => {
    const readers = open();
    await readers.close();
    await expect(readers.avroJava()).rejects.toThrow('avro-java cannot be asked: the readers were closed');
  });

  test('end with the process that started them, also where it is killed', async () => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-readers.ts')]);
    onTestFinished(() => void holder.kill('SIGKILL'));
    const [line] = (await once(holder.stdout.setEncoding('utf8'), 'data')) as [string];
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(3);
    holder.kill('SIGKILL');
    await allGone(pids);
  });
});

describe('a reader is missing, and says why and what to do', STARTING, () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  /** What each reader says where it is missing, and "there" where it is not. */
  async function askAll(): Promise<Record<(typeof ALL)[number], string>> {
    const readers = open();
    const answers = await Promise.all(
      ALL.map((name) =>
        readers[name]().then(
          () => 'there',
          (error: unknown) => {
            expect(error).toBeInstanceOf(ReaderMissing);
            expect((error as Error).message).toContain('docs/dependencies.md');
            return (error as Error).message;
          },
        ),
      ),
    );
    return Object.fromEntries(ALL.map((name, index) => [name, answers[index]!])) as Record<
      (typeof ALL)[number],
      string
    >;
  }

  test('where there is no Java, although everything else was fetched before', async () => {
    await Promise.all(ALL.map((name) => open()[name]()));
    vi.stubEnv('PATH', temporaryFolder());
    expect(await askAll()).toEqual({
      avroJava: expect.stringContaining('avro-java cannot be asked: AvroValues needs Java 17 or newer'),
      fastavro: 'there',
      // It brings its own.
      trino: 'there',
      duckdb: 'there',
    });
  });

  test('where nothing was fetched before, and there is neither Maven nor Python', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
    expect(await askAll()).toEqual({
      avroJava: expect.stringContaining('needs Maven: there is no mvn'),
      fastavro: expect.stringContaining('needs Python 3.11 or newer with its venv module: there is no python3'),
      trino: expect.stringContaining('needs Python 3.11 or newer with its venv module: there is no python3'),
      duckdb: 'there',
    });
  });

  test('where nothing can be kept', async () => {
    const file = join(temporaryFolder(), 'a file');
    writeFileSync(file, '');
    vi.stubEnv('XDG_CACHE_HOME', file);
    const reason = expect.stringContaining('XDG_CACHE_HOME may name another place');
    expect(await askAll()).toEqual({ avroJava: reason, fastavro: reason, trino: reason, duckdb: 'there' });
  });

  test('where what has to be fetched cannot be, in the words of the tool that tried', async () => {
    // An empty repository, and a proxy that nobody listens to.
    const proxy = ['http', 'https'].flatMap((scheme) => [`-D${scheme}.proxyHost=127.0.0.1`, `-D${scheme}.proxyPort=9`]);
    vi.stubEnv('MAVEN_OPTS', [`-Dmaven.repo.local=${temporaryFolder()}`, ...proxy].join(' '));
    vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
    const error = await open()
      .avroJava()
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ReaderMissing);
    expect((error as Error).message).toContain('needs Maven: mvn failed: [ERROR]');
  });
});

describe('a program that is asked', () => {
  const converseWith = (script: string) => {
    const child = spawn(process.execPath, ['-e', script]);
    const program = converse(child, 'it', 'Node', { answerMs: 300, endMs: 300 });
    onTestFinished(() => program.close());
    return program;
  };

  test('is killed where it gives no answer, and everything that waits is told', async () => {
    const program = converseWith('process.stdin.resume(); setInterval(() => {}, 1000)');
    const answers = await Promise.allSettled([program.ask('1'), program.ask('2')]);
    expect(answers.map((answer) => (answer as PromiseRejectedResult).reason.message)).toEqual(
      Array.from({ length: 2 }, () => expect.stringMatching(/^it gave no answer within 0.3 s/)),
    );
    await allGone([program.pid!]);
    await expect(program.ask('3')).rejects.toThrow('it gave no answer');
  });

  test('is killed where it does not end with its input', async () => {
    const program = converseWith('setInterval(() => {}, 1000)');
    await program.close();
    await allGone([program.pid!]);
  });

  test('says its last words where it ends in between', async () => {
    const program = converseWith("process.stdin.once('data', () => { console.error('no more'); process.exit(3) })");
    await expect(program.ask('1')).rejects.toThrow('it ended with 3: no more');
  });

  test('answers in any number of parts, with any characters but line breaks', async () => {
    const program = converseWith('process.stdin.pipe(process.stdout)');
    const lines = ['', '\u2028\u0085é', 'x'.repeat(3_000_000), 'y'];
    expect(await Promise.all(lines.map((line) => program.ask(line)))).toEqual(lines);
  });
});
