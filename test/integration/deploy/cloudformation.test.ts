import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openCloudFormation } from '../../../src/adapters/aws/cloudformation.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

let moto: Moto;
let client: CloudFormationClient;
let s3: S3Client;

beforeAll(async () => {
  moto = await startMoto('moto-cloudformation');
  const place = { endpoint: moto.endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS };
  client = new CloudFormationClient(place);
  s3 = new S3Client({ ...place, forcePathStyle: true });
}, 300_000);

afterAll(async () => {
  client?.destroy();
  s3?.destroy();
  await moto?.stop();
});

beforeEach(() => moto.reset());

const queue = (name: string) => ({ Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: name } } });

describe('a deployed stack', () => {
  test('is read with the templates of all stacks that it nests', async () => {
    await s3.send(
      new CreateBucketCommand({ Bucket: 'templates', CreateBucketConfiguration: { LocationConstraint: MOTO_REGION } }),
    );
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) {
      const Body = JSON.stringify({ Resources: queue(name) });
      await s3.send(new PutObjectCommand({ Bucket: 'templates', Key: `${name}.json`, Body }));
    }
    const nest = (name: string) => ({
      Type: 'AWS::CloudFormation::Stack',
      Properties: { TemplateURL: `https://templates.s3.${MOTO_REGION}.amazonaws.com/${name}.json` },
    });
    const template = {
      Resources: {
        ...queue('outer'),
        One: nest('one'),
        Two: nest('two'),
        Three: nest('three'),
        Four: nest('four'),
        Five: nest('five'),
        Six: nest('six'),
      },
    };
    await client.send(new CreateStackCommand({ StackName: 'sluice-dev', TemplateBody: JSON.stringify(template) }));
    const stack = await read('sluice-dev');
    expect(JSON.parse(stack!.template)).toEqual(template);
    const nested = Object.entries(stack!.nested).map(([id, inner]) => [id, JSON.parse(inner.template)]);
    expect(Object.fromEntries(nested)).toEqual(
      Object.fromEntries(
        ['One', 'Two', 'Three', 'Four', 'Five', 'Six'].map((id) => [id, { Resources: queue(id.toLowerCase()) }]),
      ),
    );
  });

  test('is read as it is after an update', async () => {
    const Body = (seconds: number) =>
      JSON.stringify({ Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: seconds } } } });
    await client.send(new CreateStackCommand({ StackName: 'sluice-dev', TemplateBody: Body(30) }));
    await client.send(new UpdateStackCommand({ StackName: 'sluice-dev', TemplateBody: Body(60) }));
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'sluice-dev' }));
    expect(Stacks?.[0]?.StackStatus).toBe('UPDATE_COMPLETE');
    expect((await read('sluice-dev'))?.template).toBe(Body(60));
  });

  test('that does not exist is undefined', async () => {
    expect(await read('sluice-prod')).toBeUndefined();
  });
});

test('without an answer it says that the stack cannot be read, and names the stack', async () => {
  const nobody = openCloudFormation({
    endpoint: 'http://127.0.0.1:1',
    region: MOTO_REGION,
    credentials: MOTO_CREDENTIALS,
  });
  await expect(nobody.readStack('sluice-dev')).rejects.toMatchObject({
    code: 'SLUICE_STACKS_UNREADABLE',
    message: expect.stringContaining('sluice-dev'),
  });
  nobody.close();
});

async function read(name: string) {
  const cloudFormation = openCloudFormation({
    endpoint: moto.endpoint,
    region: MOTO_REGION,
    credentials: MOTO_CREDENTIALS,
  });
  try {
    return await cloudFormation.readStack(name);
  } finally {
    cloudFormation.close();
  }
}
