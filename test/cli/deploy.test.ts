import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parentTemplate, type TestTemplate, typeTemplate } from '../deploy/templates.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { historyOf } from '../support/schemas.ts';

const TYPE = 'aviation.flight';

/** A folder as `cdk synth` writes it. */
function folder(change: (type: TestTemplate, parent: TestTemplate) => void = () => {}): string {
  const [parent, type] = [parentTemplate(['Flight']), typeTemplate(historyOf(TYPE))];
  change(type, parent);
  const place = newFolder();
  const write = (name: string, content: object) => writeFileSync(join(place, name), JSON.stringify(content));
  write('sluice-dev.template.json', parent);
  write('Flight.nested.template.json', type);
  return place;
}

const check = (assembly: string, against: string, ...args: string[]) =>
  sluice(['deploy', '--check', '--assembly', assembly, '--against', against, ...args]);

const renamed = () =>
  folder((type) => {
    type.Resources.Queue!.Properties.QueueName = 'another';
  });

describe.concurrent('sluice deploy --check', () => {
  test('of the same templates says that nothing changes', async () => {
    expect(await check(folder(), folder())).toMatchObject({ exitCode: 0, stdout: 'Nothing changes.\n', stderr: '' });
  });

  test('shows what changes by event type, and exits 0 where no data is at risk', async () => {
    const next = folder((type) => {
      type.Resources.Queue!.Properties.VisibilityTimeout = 99;
    });
    const { exitCode, stdout } = await check(next, folder());
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/aviation\.flight │ +0 │ +1 │ +0 │ +0 │ none/);
    expect(stdout).toContain('changed  sluice-dev/aviation.flight/Queue (AWS::SQS::Queue): VisibilityTimeout');
    expect(stdout).not.toContain('\u001b[');
  });

  test('exits 1 where data would be lost, with what it is and what to do instead', async () => {
    const { exitCode, stdout, stderr } = await check(renamed(), folder());
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout).toContain('messages that were accepted and are not in Kafka yet');
    expect(stdout).toContain('instead: let nobody send');
    expect(stdout).toContain(`--allow-data-loss ${TYPE}`);
  });

  test('says the same in one document', async () => {
    const result = await check(renamed(), folder(), '--json');
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({
      ok: false,
      types: [
        {
          event_type: TYPE,
          replaced: 1,
          data_loss_allowed: false,
          data_at_risk: [{ resource: 'sluice-dev/aviation.flight/Queue', way_out: expect.any(String) }],
          changes: [{ action: 'replaced', type: 'AWS::SQS::Queue', properties: ['QueueName'] }],
        },
      ],
    });
  });

  test('exits 0 where that data may be lost', async () => {
    expect(await check(renamed(), folder(), '--allow-data-loss', TYPE)).toMatchObject({ exitCode: 0 });
  });

  test('reads the stacks that a manifest names', async () => {
    const next = renamed();
    const artifact = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: 'sluice-dev.template.json', stackName: 'prod' },
    };
    writeFileSync(join(next, 'manifest.json'), JSON.stringify({ artifacts: { 'sluice-dev': artifact } }));
    const result = (await check(next, folder(), '--json')).json<{ types: { changes: { resource: string }[] }[] }>();
    // Another stack than the one that is there: everything is created, and the old one removed.
    expect(
      result.types.flatMap(({ changes }) => changes).some(({ resource }) => resource === 'prod/aviation.flight/Queue'),
    ).toBe(true);
  });

  test.for<readonly [string, () => readonly string[], string]>([
    [
      'a folder that is none',
      () => ['--check', '--assembly', '/nowhere', '--against', folder()],
      '--assembly /nowhere',
    ],
    ['a folder without templates', () => ['--check', '--assembly', folder(), '--against', newFolder()], '--against'],
    [
      'a permission that nobody needs',
      () => ['--check', '--assembly', folder(), '--against', folder(), '--allow-data-loss', TYPE],
      'nothing of',
    ],
    ['--against without --check', () => ['--assembly', folder(), '--against', folder()], 'add --check'],
  ])('of %s exits 2, and names it', async ([, args, named]) => {
    const result = await sluice(['deploy', ...args(), '--json']);
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ error: { code: 'SLUICE_USAGE', message: expect.stringContaining(named) } });
  });

  test('without the CDK says how to get it', async () => {
    const result = await sluice(['deploy', '--check', '--json'], { cwd: newFolder() });
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      error: { code: 'SLUICE_CDK', message: expect.stringContaining('npm install') },
    });
  });
});
