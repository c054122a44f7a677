import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, aws_iam as iam, Stack, aws_s3 as s3, Validations } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { pythonOf } from '../../contracts/readers/python.ts';
import { acknowledge } from '../../infra/acknowledge.ts';
import { readSchemas } from '../../infra/index.ts';
import { NagRules } from '../../infra/nag.ts';
import { PARTITION_BY } from '../../src/derive/partition.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { synthesise } from './synthesise.ts';

const SCHEMAS = join(import.meta.dirname, '../../schemas');

/** What its script does; it cannot be run as a module. */
const CFN_LINT = 'import sys; from cfnlint.runner import main; sys.exit(main())';

describe('the templates of the real event types', () => {
  test('have no errors for cfn-lint', { timeout: 240_000 }, async () => {
    const python = await pythonOf(join(import.meta.dirname, '../oracles/cfn-lint'));
    const directory = temporaryFolder();
    const histories = await readSchemas(SCHEMAS);
    const { types } = synthesise(directory, histories);
    expect(types.size).toBe(3);
    // One of them with the other way to partition beside them; what is around it is no other.
    const byEventTime = temporaryFolder();
    synthesise(byEventTime, histories.slice(0, 1), { partitionBy: 'event-time' });
    // Exit code 2 for an error; warnings, such as those of dependencies said twice, are none.
    const args = ['-c', CFN_LINT, '--non-zero-exit-code', 'error', '--format', 'parseable'];
    const templates = [join(directory, '*.template.json'), join(byEventTime, '*.nested.template.json')];
    const run = promisify(execFile)(python, [...args, ...templates], { maxBuffer: 64 * 1024 * 1024 });
    const output = await run.then(
      ({ stdout }) => stdout,
      (error: { stdout: string; message: string }) => error.stdout || error.message,
    );
    expect(output.split('\n').filter((line) => !/:W\d{4}:/.test(line) && line !== '')).toEqual([]);
    // It did read them: what it warns of is in each of them.
    expect(output).toMatch(/nested\.template\.json/);
  });

  test.each(PARTITION_BY)('break no rule of cdk-nag that is not acknowledged, by %s', async (partitionBy) => {
    const histories = await readSchemas(SCHEMAS);
    expect(() =>
      synthesise(temporaryFolder(), histories, (stack) => {
        Validations.of(stack.node.root).addPlugins(new NagRules(stack.node.root));
        return { partitionBy };
      }),
    ).not.toThrow();
  });
});

describe('the rules of cdk-nag', () => {
  const stackOf = (acknowledged: Readonly<Record<string, string>>): Stack => {
    const stack = new Stack(new App({ outdir: temporaryFolder() }), 'Test');
    const bucket = new s3.Bucket(stack, 'Bucket', { enforceSSL: true, serverAccessLogsPrefix: 'log/' });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const resources = [bucket.arnForObjects('mine/*')];
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:PutObject'], resources }));
    acknowledge(role, acknowledged);
    return stack;
  };
  const findings = (stack: Stack): string[] => {
    return new NagRules(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName);
  };

  test('find a wildcard that nobody acknowledged', () => {
    expect(findings(stackOf({}))).toEqual([expect.stringMatching(/^AwsSolutions-IAM5\[Resource::<.*>\/mine\/\*\]$/)]);
  });

  test('leave out one that is acknowledged as what it is, whatever the reference in it is called', () => {
    expect(findings(stackOf({ 'AwsSolutions-IAM5[Resource::<>/mine/*]': 'Objects without names' }))).toEqual([]);
  });

  test('find it where another is acknowledged', () => {
    for (const other of ['AwsSolutions-IAM5[Resource::<>/*]', 'AwsSolutions-IAM5', 'AwsSolutions-IAM5[Resource::*]']) {
      expect(findings(stackOf({ [other]: 'Another' }))).toHaveLength(1);
    }
  });
});
