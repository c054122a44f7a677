import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import type { TypeFunction } from '../names.ts';

/** Entry points below `src/handlers`. */
export type HandlerName = TypeFunction | 'provision';

const HANDLERS = join(import.meta.dirname, '../../src/handlers');
/** TypeScript in the repository, JavaScript in an installed package. */
const EXTENSION = extname(import.meta.filename);

/** How functions are bundled. */
export const BUNDLING = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  // Some of what is bundled is CommonJS and requires Node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  logLevel: 'error',
} as const satisfies BuildOptions;

const folders = new Map<HandlerName, string>();

/**
 * Bundles a function, once for all event types: what differs between them is in their environment.
 *
 * @returns a folder with `index.mjs`, which exports `handler`. It is gone when the process ends; CDK has copied it then.
 */
export function bundledFolder(name: HandlerName): string {
  const known = folders.get(name);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), `sluice-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  bundle(name, join(folder, 'index.mjs'));
  folders.set(name, folder);
  return folder;
}

/** Bundles a function into one file. The same sources give the same bytes. */
export function bundle(name: HandlerName, outfile: string): void {
  buildSync({ ...BUNDLING, entryPoints: [join(HANDLERS, name + EXTENSION)], outfile });
}
