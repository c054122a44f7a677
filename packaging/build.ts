import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/**
 * Makes `dist/`, what an installed package runs: Node strips no types below `node_modules`, so TypeScript is compiled
 * file by file, and whatever stands beside it (Java and Python sources, stylesheets, prices) goes along, to the place
 * where the compiled module looks for it.
 */

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** What programs of others copy is read as text; everything else in TypeScript is compiled. */
const COPIED_SOURCES = ['src/client/client.ts'];

await rm(dist, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '--project', join(import.meta.dirname, 'tsconfig.json')], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);

const beside = globSync('{src,samples,infra,contracts/readers}/**/*.*', {
  cwd: root,
  exclude: (name) => name === '__pycache__',
}).filter((file) => !file.endsWith('.ts'));
for (const file of [...beside, ...COPIED_SOURCES]) {
  await mkdir(dirname(join(dist, file)), { recursive: true });
  await cp(join(root, file), join(dist, file));
}
