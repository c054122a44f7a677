import { CreateRegistryCommand, GlueClient } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newFolder, sluice } from '../../support/cli.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';
import { FIRST, order, SECOND, writeVersions } from '../../support/order-schemas.ts';

const TYPE = 'acme.order';
const { accessKeyId, secretAccessKey } = MOTO_CREDENTIALS;
let moto: Moto;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  moto = await startMoto();
  const client = new GlueClient({ region: MOTO_REGION, endpoint: moto.endpoint, credentials: MOTO_CREDENTIALS });
  await client.send(new CreateRegistryCommand({ RegistryName: 'verbs' }));
  client.destroy();
  env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    SLUICE_REGISTRY: `glue://verbs?region=${MOTO_REGION}&endpoint=${moto.endpoint}`,
  };
});
afterAll(() => moto?.stop());

test('schemas go to AWS Glue and come back from it', async () => {
  const [here, there] = [newFolder(), newFolder()];
  writeVersions(here, TYPE, [FIRST, SECOND]);
  const verb = (name: string, schemas = here) => sluice(['schema', name, TYPE, '--schemas', schemas], { env });
  const published = await verb('publish');
  expect(published).toMatchObject({ exitCode: 0, stderr: '' });
  expect(published.stdout).toMatch(/: published v1 \(id [0-9a-f-]{36}\)\n.*: published v2 \(id [0-9a-f-]{36}\)\n/);
  expect(await verb('publish')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('0 published, 2 already'),
  });
  expect(await verb('drift')).toMatchObject({ exitCode: 0 });
  expect(await verb('pull', there)).toMatchObject({ exitCode: 0 });
  expect(await verb('drift', there)).toMatchObject({ exitCode: 0 });
  writeVersions(here, TYPE, [order({ name: 'note', type: 'string', default: '', doc: 'Any' })], 2);
  expect(await verb('drift')).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('$.note is added') });
  expect(await verb('publish')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('REPLAY_PUBLISHED_SAME'),
  });
});
