import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRegistry } from '../../../src/adapters/registry/open.ts';
import { startProxy, type TestProxy } from '../../support/registry-proxy.ts';
import { SCHEMAS } from '../../support/schemas.ts';

describe('the address of a registry', () => {
  let proxy: TestProxy;
  beforeEach(async () => {
    proxy = await startProxy();
  });
  afterEach(() => proxy.down());

  it('may be a folder, whose ids serve both framings', async () => {
    const { registry, framings, address } = await openRegistry(SCHEMAS, {});
    expect(await registry.eventTypes()).toContain('seismic.earthquake');
    expect({ framings, address }).toEqual({ framings: ['confluent', 'glue'], address: SCHEMAS });
  });

  it.each(['schemas', './schemas', '/tmp/a:b', 'C:\\schemas', 'http', 'my-schemas/https'])(
    'is a folder when it is "%s"',
    async (address) => {
      expect((await openRegistry(address, {})).framings).toEqual(['confluent', 'glue']);
    },
  );

  it.each(['', '/', '/apis/ccompat/v7', '/apis/ccompat/v7/'])(
    'may be the URL of a registry that speaks Confluent’s API, with the path "%s"',
    async (path) => {
      const seen: unknown[] = [];
      proxy.answer = (what, _body, { authorization }) => {
        seen.push([what, authorization]);
        return { status: 200, body: ['a.b-value'] };
      };
      const address = `${proxy.origin}${path}`;
      const { registry, framings } = await openRegistry(address, {});
      expect(await registry.eventTypes()).toEqual(['a.b']);
      expect(framings).toEqual(['confluent']);
      const env = { SLUICE_REGISTRY_USER: 'me', SLUICE_REGISTRY_PASSWORD: 'secret' };
      await (await openRegistry(address, env)).registry.eventTypes();
      const what = `GET ${path.replace(/\/$/, '')}/subjects`;
      const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
      expect(seen).toEqual([
        [what, undefined],
        [what, basic],
      ]);
    },
  );

  it('may be the name of a Glue registry, with a region and an endpoint', async () => {
    const asked: unknown[] = [];
    proxy.answer = (what, body) => {
      asked.push([what, JSON.parse(body)]);
      return { status: 200, body: { Schemas: [{ SchemaName: 'a.b', SchemaStatus: 'AVAILABLE' }] } };
    };
    process.env.AWS_ACCESS_KEY_ID = 'any';
    process.env.AWS_SECRET_ACCESS_KEY = 'any';
    try {
      const endpoint = encodeURIComponent(proxy.origin);
      const opened = await openRegistry(`glue://My_Registry?region=eu-central-1&endpoint=${endpoint}`, {});
      expect(await opened.registry.eventTypes()).toEqual(['a.b']);
      expect(opened.framings).toEqual(['glue']);
    } finally {
      delete process.env.AWS_ACCESS_KEY_ID;
      delete process.env.AWS_SECRET_ACCESS_KEY;
    }
    expect(asked).toEqual([['POST ListSchemas', { RegistryId: { RegistryName: 'My_Registry' } }]]);
  });

  it.each([
    ['https://me:secret@host/path', 'holds credentials: set SLUICE_REGISTRY_USER'],
    ['https://me@host', 'holds credentials: set SLUICE_REGISTRY_USER'],
    ['http://', 'is a URL'],
    ['glue://', 'the address of a Glue registry is glue://<registry name>'],
    ['glue://a/b', 'the address of a Glue registry is'],
    ['glue://a?regoin=x', '"regoin" is none of it'],
    ['glue://a?endpoint=nowhere', 'is a URL without credentials'],
    ['glue://a?endpoint=http://me:secret@host', 'is a URL without credentials'],
    ['ftp://host', 'none of them begins with ftp:'],
    ['file:///schemas', 'none of them begins with file:'],
  ])('is refused when it is %s, and no secret is repeated', async (address, why) => {
    const error = await openRegistry(address, {}).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'SLUICE_USAGE', message: expect.stringContaining(why) });
    expect(String((error as Error).stack)).not.toMatch(/me[:@]|:secret/);
  });

  it.each([{ SLUICE_REGISTRY_USER: 'me' }, { SLUICE_REGISTRY_PASSWORD: 'secret', SLUICE_REGISTRY_USER: '' }])(
    'wants a user and a password together',
    async (env) => {
      await expect(openRegistry('http://host', env)).rejects.toMatchObject({
        code: 'SLUICE_USAGE',
        message: expect.not.stringContaining('secret'),
      });
    },
  );

  it('loads no client for a folder', async () => {
    const open = new URL('../../../src/adapters/registry/open.ts', import.meta.url).href;
    const program = `
      import { createRequire, registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      const { openRegistry } = await import('${open}');
      for (const address of process.argv.slice(1)) await openRegistry(address, {});
      console.log(JSON.stringify({ aws: loaded.some((url) => url.includes('@aws-sdk')), confluent: loaded.some((url) => url.includes('@kafkajs')) }));
    `;
    const loads = async (...addresses: string[]): Promise<unknown> => {
      const args = ['--input-type=module', '--eval', program, ...addresses];
      return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
    };
    expect(await loads('schemas')).toEqual({ aws: false, confluent: false });
    expect(await loads('http://host')).toEqual({ aws: false, confluent: true });
    expect(await loads('glue://name')).toEqual({ aws: true, confluent: false });
  });
});
