import { describe, expect, test } from 'vitest';
import { sluice } from '../support/cli.ts';

/** Wrong calls, each with what its message must name. */
const WRONG: readonly (readonly [string, readonly string[], string])[] = [
  ['an unknown option', ['status', '--colour'], '--colour'],
  ['an unknown verb', ['ask'], 'ask'],
  ['a missing argument', ['query'], 'sql'],
  ['an argument too many', ['query', 'SELECT 1', 'SELECT 2'], 'too many arguments'],
  ['a port that is none', ['up', '--port', '65536'], '65535'],
  ['a limit that is none', ['failed', 'list', '--limit', '0'], 'at least 1'],
  ['an artefact that is none', ['derive', 'seismic.earthquake', 'tables'], 'openapi'],
  ['a group of verbs without a verb', ['failed'], 'a command is missing'],
];

describe.concurrent('a wrong call', () => {
  test.for(WRONG)('with %s exits 2, and says so on standard error alone', async ([, args, named]) => {
    const { exitCode, stdout, stderr } = await sluice(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('sluice: SLUICE_USAGE: ');
    expect(stderr).toContain(named);
  });

  test.for(WRONG)('with %s says so in one JSON document with --json', async ([, args, named]) => {
    const result = await sluice([...args, '--json']);
    expect(result.exitCode).toBe(2);
    const message = expect.stringContaining(args.includes('failed') && args.length === 1 ? '--json' : named);
    expect(result.json()).toEqual({ error: { code: 'SLUICE_USAGE', message, faults: [] } });
  });

  test('without any verb exits 2 and shows the help', async () => {
    const { exitCode, stdout, stderr } = await sluice([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Usage: sluice');
  });
});
