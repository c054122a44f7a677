import { createServer } from 'node:net';
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSecret } from '../../../src/adapters/secrets/secrets-manager.ts';
import { readPiiKey } from '../../../src/runtime/pii-key.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

const KEY = 'kept where only the pipeline reads it';
const NAME = 'sluice/pii-key';

let moto: Moto;
let arn: string;
const at = () => ({ endpoint: moto.endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS });

beforeAll(async () => {
  moto = await startMoto();
  const client = new SecretsManagerClient(at());
  const created = await client.send(new CreateSecretCommand({ Name: NAME, SecretString: KEY }));
  arn = created.ARN!;
  await client.send(new CreateSecretCommand({ Name: 'bytes', SecretBinary: Buffer.from(KEY) }));
  await client.send(new CreateSecretCommand({ Name: 'short', SecretString: 'too short' }));
  await client.send(new CreateSecretCommand({ Name: 'gone', SecretString: KEY }));
  await client.send(new DeleteSecretCommand({ SecretId: 'gone' }));
  client.destroy();
});
afterAll(() => moto.stop());

const refusal = (reading: Promise<unknown>): Promise<Error> =>
  reading.then(
    () => expect.unreachable('it was read'),
    (error) => error,
  );

describe('a secret of AWS Secrets Manager', () => {
  test('is read by its name and by its ARN, which says where it is', async () => {
    expect(await readSecret(NAME, at())).toBe(KEY);
    expect(await readSecret(arn, { ...at(), region: undefined })).toBe(KEY);
  });

  test('is read as bytes where it is no text', async () => {
    expect(Buffer.from((await readSecret('bytes', at())) as Uint8Array).toString()).toBe(KEY);
  });

  test.for(['never there', 'gone'])('that is %s is an error that names it', async (id) => {
    expect(await refusal(readSecret(id, at()))).toMatchObject({
      code: 'SLUICE_PII_KEY',
      message: expect.stringContaining(`the secret "${id}" `),
    });
  });

  test('is given up on where nobody answers', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silent.address() as { port: number };
      const endpoint = `http://127.0.0.1:${port}`;
      expect(await refusal(readSecret(NAME, { ...at(), endpoint, timeoutMs: 200 }))).toMatchObject({
        code: 'SLUICE_PII_KEY',
        message: `the secret "${NAME}" did not come in time (200 ms at most)`,
      });
    } finally {
      silent.close();
    }
  });

  test('is an error where nobody listens', async () => {
    expect(await refusal(readSecret(NAME, { ...at(), endpoint: 'http://127.0.0.1:1' }))).toMatchObject({
      code: 'SLUICE_PII_KEY',
      message: expect.stringMatching(/cannot be read \(ECONNREFUSED\)/),
    });
  });
});

describe('the key that SLUICE_PII_KEY_SECRET names', () => {
  const environment = (secret: string) => ({ SLUICE_PII_KEY_SECRET: secret, SLUICE_AWS_ENDPOINT: moto.endpoint });
  const AWS = { AWS_REGION: MOTO_REGION, AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' };
  const before = Object.fromEntries(Object.keys(AWS).map((name) => [name, process.env[name]]));
  beforeAll(() => Object.assign(process.env, AWS));
  afterAll(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  test('is its text, or its bytes', async () => {
    expect(Buffer.from((await readPiiKey(readSecret, environment(NAME)))!).toString()).toBe(KEY);
    expect(Buffer.from((await readPiiKey(readSecret, environment('bytes')))!).toString()).toBe(KEY);
  });

  test('must be as long as any other, and is not quoted', async () => {
    const { message } = await refusal(readPiiKey(readSecret, environment('short')));
    expect(message).toMatch(/^the secret "short" has 9 characters; a key has at least 32/);
    expect(message).not.toContain('too short');
  });
});
