import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUNDLING } from '../../infra/functions/bundle.ts';

const HANDLERS = join(import.meta.dirname, '../../src/handlers');
/** Bytes of code that a cold start may have to load. */
const MAX_BYTES = 2 * 1024 * 1024;
/** What runs on this machine only, or is no JavaScript. */
const FOREIGN =
  /^src\/(?:local|cli|client|catalogue|infer|adapters\/local)\/|node_modules\/(?:@duckdb|fastify|commander|cli-)|\.node$/;
const FUNCTIONS = ['accept', 'consume', 'produce', 'provision', 'transform'];

let folder: string;
let metafile: Metafile;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-bundle-'));
  ({ metafile } = await build({
    ...BUNDLING,
    entryPoints: FUNCTIONS.map((name) => join(HANDLERS, `${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    metafile: true,
  }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const outputOf = (name: string) => Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}.mjs`))![1];

describe.for(FUNCTIONS)('the bundle of %s', (name) => {
  test('is one file of a bounded size, with nothing in it that is for another place', async () => {
    const { bytes, inputs } = outputOf(name);
    expect(bytes).toBeLessThan(MAX_BYTES);
    expect(Object.keys(inputs).filter((path) => FOREIGN.test(path))).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(FUNCTIONS.map((other) => `${other}.mjs`));
  });

  test('loads alone, without its environment, and has a handler', async () => {
    const loaded = (await import(pathToFileURL(join(folder, `${name}.mjs`)).href)) as { handler?: unknown };
    expect(loaded.handler).toBeTypeOf('function');
  });
});
