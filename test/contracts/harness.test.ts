import { execFileSync } from 'node:child_process';
import { readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { codecOf } from '../../contracts/codec.ts';
import type { Law, Subject, Verdict } from '../../contracts/law.ts';
import { checkCases } from '../../contracts/property.ts';
import { openReaders, ReaderMissing, type Readers } from '../../contracts/readers/readers.ts';
import { checkLaws } from '../../contracts/run.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { REAL_SUBJECTS, ZOO_SUBJECTS } from '../support/contract-subjects.ts';

const TYPE = 'seismic.earthquake';
const SUBJECT = REAL_SUBJECTS.find(({ eventType }) => eventType === TYPE)!;

/** Tens of seconds, where nothing was fetched or compiled before. */
const PATIENCE_MS = 300_000;

interface Answer {
  readonly results: readonly { readonly law: string; readonly status: string; readonly reason: string | null }[];
}

/** `sluice contracts` for one event type, without colours or progress. */
function contracts(law: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return sluice(['contracts', TYPE, '--runs', '5', '--seed', '7', '--law', law, '--json', ...args], { env });
}

describe('a program that is not there', () => {
  beforeAll(async () => {
    // What is built once must be there, or its absence would be what is found.
    const readers = openReaders();
    await Promise.all([readers.avroJava(), readers.fastavro()]);
    await readers.close();
  }, PATIENCE_MS);

  test(
    'without Java, what Java is asked for is not checked, and a strict run says so by its exit code',
    async () => {
      const env = { PATH: newFolder(), ...cacheOf() };
      for (const law of ['old-readers', 'avro-foreign-eyes']) {
        const [lenient, strict] = await Promise.all([contracts(law, [], env), contracts(law, ['--strict'], env)]);
        for (const { stdout, json } of [lenient, strict]) {
          const [result] = json<Answer>().results;
          expect(result, stdout).toMatchObject({ law, status: 'not checked' });
          expect(result!.reason).toMatch(/avro-java.*Java/s);
        }
        expect([lenient.exitCode, strict.exitCode]).toEqual([0, 1]);
      }
    },
    PATIENCE_MS,
  );

  test(
    'without Python, what fastavro is asked for is not checked, and what needs only Java still is',
    async () => {
      const env = await withoutPython();
      const [eyes, strict, old] = await Promise.all([
        contracts('avro-foreign-eyes', [], env),
        contracts('avro-foreign-eyes', ['--strict'], env),
        contracts('old-readers', ['--strict'], env),
      ]);
      expect(eyes.json<Answer>().results[0]).toMatchObject({ status: 'not checked' });
      expect(eyes.json<Answer>().results[0]!.reason).toMatch(/fastavro.*Python/s);
      expect(old.json<Answer>().results[0], old.stdout).toMatchObject({ status: 'holds' });
      expect([eyes.exitCode, strict.exitCode, old.exitCode]).toEqual([0, 1, 0]);
    },
    PATIENCE_MS,
  );
});

test('each law that names a reader is not checked without it, whichever it is', async () => {
  const missing = { close: async () => {} } as Record<string, unknown>;
  const ways = { 'avro-java': 'avroJava', fastavro: 'fastavro', trino: 'trino', duckdb: 'duckdb' } as const;
  for (const [name, way] of Object.entries(ways)) {
    missing[way] = () => Promise.reject(new ReaderMissing(name as keyof typeof ways, 'it was taken away'));
  }
  const results = await checkLaws([SUBJECT], { runs: 3, seed: 1, readers: missing as unknown as Readers });
  for (const { law, verdict } of results) {
    expect([law.id, verdict.status]).toEqual([law.id, law.needs.length > 0 ? 'not checked' : 'holds']);
  }
});

test('not one case is not checked', async () => {
  const results = await checkLaws([SUBJECT], { runs: 0, seed: 1, laws: ['round-trip', 'totality'] });
  expect(results.map(({ verdict }) => verdict.status)).toEqual(['not checked', 'not checked']);
});

/** Holds of numbers below a limit only, which nobody promised. */
const WRONG: Law = {
  number: 99,
  id: 'small-numbers',
  statement: 'No number is as large as 1,000.',
  why: 'It is wrong, on purpose.',
  needs: [],
  check: (_, context) =>
    checkCases(context, fc.nat({ max: 100_000 }), { batch: 20, show: String }, (batch) => {
      const large = batch.find((number) => number >= 1_000);
      return large === undefined ? undefined : { field: '$.number', details: `${large} is large` };
    }),
};

describe('a law that is broken', () => {
  const options = { runs: 100, seed: 42, from: [WRONG] };

  test('is told with the smallest input, its seed and its path, and these give the same again', async () => {
    const first = await counterexample([SUBJECT], options);
    expect(first).toMatchObject({ field: '$.number', details: '1000 is large', input: '1000' });
    expect(first.path).not.toBe('');
    const { seed, path } = first;
    expect(await counterexample([SUBJECT], { ...options, seed, path })).toEqual({ ...first, path: expect.anything() });
  });

  test('is told when it throws', async () => {
    const throwing = { ...WRONG, check: () => Promise.reject(new Error('it fell over')) };
    const { details } = await counterexample([SUBJECT], { ...options, from: [throwing] });
    expect(details).toContain('it fell over');
  });

  test('is found again among examples, which a path counts', async () => {
    const check: Law['check'] = (_, context) =>
      checkCases(
        context,
        fc.nat({ max: 100_000 }),
        { batch: 5, show: String, examples: [1, 2, 3, 4, 5, 6, 7] },
        (batch) => (batch.some((number) => number >= 1_000) ? { field: '$', details: 'large' } : undefined),
      );
    const law = { ...WRONG, check };
    const first = await counterexample([SUBJECT], { ...options, from: [law] });
    expect(first.input).toBe('1000');
    const { seed, path } = first;
    expect((await counterexample([SUBJECT], { ...options, from: [law], seed, path })).input).toBe('1000');
  });
});

test('a codec that loses the escape of a line feed is found by one line of text', async () => {
  const subject = ZOO_SUBJECTS.find(({ eventType }) => eventType === 'zoo.texts')!;
  const { history } = subject;
  const codec = codecOf(history);
  const broken: Law = {
    ...WRONG,
    id: 'lines',
    async check(_, context) {
      const { bodiesOf } = await import('../../contracts/arbitraries/bodies.ts');
      const { encoded, framed } = await import('../../contracts/codec.ts');
      const cases = bodiesOf(history.newest.root, history.newest.settings);
      return checkCases(context, cases, { batch: 20, show: ({ text }) => text }, (batch) => {
        for (const [index, sample] of batch.entries()) {
          const { data } = codec.avroToCsv([framed(encoded(codec, sample, history.newest.version), index)]);
          const spoilt = data.toString().replaceAll('\x1bn', '\n');
          if (spoilt.split('\n').length !== 2) return { field: '$', details: 'a row is several lines' };
        }
        return undefined;
      });
    },
  };
  const options = { runs: 500, seed: 3, from: [broken] };
  const { input, seed, path } = await counterexample([subject], options);
  // One of the texts is a line feed alone, and all others are as short as they may be.
  const texts = JSON.stringify(JSON.parse(input)).match(/"[^"]*"(?=[,}\]])/g)!;
  expect(texts.filter((text) => text.includes('n'))).toEqual(['"\\n"']);
  expect(input.length).toBeLessThan(100);
  expect((await counterexample([subject], { ...options, seed, path })).input).toBe(input);
});

async function counterexample(subjects: readonly Subject[], options: Parameters<typeof checkLaws>[1]) {
  const [result] = await checkLaws(subjects, options);
  const verdict = result!.verdict as Extract<Verdict, { status: 'broken' }>;
  expect(verdict.status).toBe('broken');
  return verdict.counterexample;
}

/** The user's cache, wherever a test's environment has moved it. */
function cacheOf(): { XDG_CACHE_HOME: string } {
  return { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache') };
}

/** An environment with Java, and with what was compiled for it, in which no Python is found. */
async function withoutPython(): Promise<Record<string, string>> {
  const [bin, cache] = [newFolder(), newFolder()];
  const programs = join(cache, 'sluice', 'programs');
  await mkdir(programs, { recursive: true });
  const built = join(cacheOf().XDG_CACHE_HOME, 'sluice', 'programs');
  for (const name of readdirSync(built).filter((one) => one.includes('-java-') && !one.endsWith('.tmp'))) {
    symlinkSync(join(built, name), join(programs, name));
  }
  symlinkSync(realpathSync(execFileSync('which', ['java'], { encoding: 'utf8' }).trim()), join(bin, 'java'));
  return { PATH: bin, XDG_CACHE_HOME: cache };
}
