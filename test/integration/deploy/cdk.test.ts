import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newFolder, sluice } from '../../support/cli.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

const ACCOUNT = '123456789012';

let moto: Moto;
let env: Readonly<Record<string, string>>;
let sqs: SQSClient;

beforeAll(async () => {
  moto = await startMoto('moto-cloudformation');
  env = {
    AWS_ENDPOINT_URL: moto.endpoint.replace('127.0.0.1', 'localhost'),
    AWS_REGION: MOTO_REGION,
    AWS_ACCESS_KEY_ID: MOTO_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: MOTO_CREDENTIALS.secretAccessKey,
    CI: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
  };
  sqs = new SQSClient({ endpoint: moto.endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS });
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  await promisify(execFile)(process.execPath, [cdk, 'bootstrap', `aws://${ACCOUNT}/${MOTO_REGION}`], {
    cwd: newFolder(),
    env: { ...process.env, ...env },
  });
}, 300_000);

afterAll(async () => {
  sqs?.destroy();
  await moto?.stop();
});

test('deploys by the CDK what loses no data, and stops at what would', async () => {
  const first = synthesised('events');
  const second = synthesised('events-2');
  expect(await deploy(first)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No data is at risk') });
  expect(await queues()).toEqual(['events']);

  expect(await deploy(first, '--check')).toMatchObject({ exitCode: 0, stdout: 'Nothing changes.\n' });

  const refused = await deploy(second);
  expect(refused).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('replaced (by QueueName)') });
  expect(await queues()).toEqual(['events']);

  // moto cannot replace what a stack has; so that what is allowed is only looked at here.
  expect(await deploy(second, '--check', '--allow-data-loss', 'shared')).toMatchObject({ exitCode: 0 });
});

test('says what the CDK has failed by, and exits with 2', async () => {
  const broken = await deploy(synthesised('not a name!'));
  expect(broken.exitCode).toBe(2);
  expect(broken.stderr).toContain('SLUICE_CDK: "cdk deploy" ended with exit code 1');
});

/** A folder with what the CDK makes of one stack that has a queue. */
function synthesised(queueName: string): string {
  const outdir = join(newFolder(), 'cdk.out');
  const app = new App({ outdir, analyticsReporting: false });
  const name = /^[\w-]+$/.test(queueName) ? 'sluice-dev' : 'sluice-broken';
  const stack = new Stack(app, name, { env: { account: ACCOUNT, region: MOTO_REGION } });
  new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties: { QueueName: queueName } });
  app.synth();
  return outdir;
}

function deploy(assembly: string, ...options: string[]) {
  const args = ['deploy', '--assembly', assembly, '--region', MOTO_REGION, ...options];
  return sluice([...args, '--', '--require-approval', 'never'], { env });
}

async function queues(): Promise<string[]> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  return QueueUrls.map((url) => url.split('/').at(-1)!).sort();
}
