import { describe, expect, test } from 'vitest';
import { sluice } from '../support/cli.ts';

const VERBS = [
  ['up'],
  ['send'],
  ['query'],
  ['status'],
  ['failed', 'list'],
  ['failed', 'show'],
  ['trace'],
  ['derive'],
  ['cost'],
  ['capacity'],
  ['deploy'],
  ['schema', 'new'],
  ['schema', 'check'],
  ['schema', 'diff'],
  ['schema', 'new-version'],
  ['schema', 'publish'],
  ['schema', 'pull'],
  ['schema', 'drift'],
  ['schema', 'docs'],
  ['schema', 'types'],
] as const;

describe.concurrent('help', () => {
  test.for(VERBS)(
    'of "%s %s" shows the options that all commands share, and examples that begin with it',
    async (verb) => {
      const help = await sluice([...verb, '--help']);
      expect(help).toMatchObject({ exitCode: 0, stderr: '' });
      for (const option of ['--schemas <dir>', '--data <dir>', '--json', '--help'])
        expect(help.stdout).toContain(option);
      const examples = help.stdout.split('Examples:\n')[1]!.trim().split('\n');
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(example).toContain(`sluice ${verb.join(' ')}`);
    },
  );

  test('without a verb names all of them and says what the exit codes mean', async () => {
    const help = await sluice(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    for (const [verb] of VERBS) expect(help.stdout).toMatch(new RegExp(`^  ${verb}\\b`, 'm'));
    expect(help.stdout).toContain('Exit codes: 0 ');
  });

  test('gives the version', async () => {
    expect(await sluice(['--version'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
