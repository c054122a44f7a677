import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');

const SCHEMA = {
  type: 'record',
  name: 'Order',
  sluice: { eventId: 'id', partitions: 2 },
  fields: [
    { name: 'id', type: 'string' },
    { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
  ],
};

const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { EventType, Pipeline, readSchemas } from 'sluice/infra';

const app = new App({ outdir: 'out' });
const pipeline = new Pipeline(new Stack(app, 'shop'), 'Pipeline', { stage: 'prod' });
for (const history of await readSchemas('events')) new EventType(pipeline, history.eventType, { history });
app.synth();
`;

const CONTRACTS = `
import fc from 'fast-check';
import { bodiesOf, readSubjects } from 'sluice/contracts';

const [{ history }] = await readSubjects('events');
for (const { text } of fc.sample(bodiesOf(history.newest.root), 20)) if (!('total' in JSON.parse(text))) process.exit(1);
`;

describe('the package, installed elsewhere', () => {
  let app: string;
  const node = (...args: string[]) => run(process.execPath, args, { cwd: app });

  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'sluice-packed-'));
    const npm = (cwd: string, ...args: string[]) => run('npm', [...args, '--no-audit', '--no-fund'], { cwd });
    const { stdout } = await npm(ROOT, 'pack', '--json', '--silent', '--pack-destination', app);
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
    await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'shop', private: true, type: 'module' }));
    const peers = ['aws-cdk-lib', 'constructs'] as const;
    const wanted = peers.map((name) => `${name}@${manifest.devDependencies[name]}`);
    await npm(app, 'install', '--prefer-offline', `./${filename}`, ...wanted);
    await mkdir(join(app, 'events/shop.order'), { recursive: true });
    await writeFile(join(app, 'events/shop.order/v1.avsc'), JSON.stringify(SCHEMA));
    await writeFile(join(app, 'app.js'), APP);
    await writeFile(join(app, 'contracts.js'), CONTRACTS);
  }, 300_000);

  afterAll(() => rm(app, { recursive: true, force: true }));

  it('synthesises a pipeline for a folder of schemas of its own', async () => {
    await node('app.js');
    const nested = (await readdir(join(app, 'out'))).filter((name) => name.endsWith('.nested.template.json'));
    expect(nested).toHaveLength(1);
    const template = JSON.parse(await readFile(join(app, 'out', nested[0]!), 'utf8')) as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    };
    const resources = Object.values(template.Resources);
    const contract = resources.find(({ Type }) => Type === 'Custom::SluiceContract');
    expect(contract?.Properties).toMatchObject({
      EventType: 'shop.order',
      Topic: { name: 'shop.order', partitions: 2 },
      Versions: [JSON.stringify(SCHEMA)],
    });
    expect(resources.filter(({ Type }) => Type === 'AWS::Lambda::Function')).toHaveLength(4);
  });

  it('tries the laws, and hands out what they are tried with', async () => {
    const { stdout } = await node(
      'node_modules/sluice/bin/sluice.js',
      'contracts',
      '--schemas',
      'events',
      '--runs',
      '5',
    );
    expect(stdout).toContain('10 hold, 0 broken, 0 not checked');
    await node('contracts.js');
  });
});
