import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { BUNDLING } from '../../../infra/functions/bundle.ts';

const HANDLERS = fileURLToPath(new URL('../../../src/handlers/', import.meta.url));

export const FUNCTIONS = ['accept', 'produce', 'consume', 'transform', 'provision'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Bundles of functions in a temporary folder. */
export interface Bundles {
  /** Folder of a function's code, with `index.mjs` in it. */
  taskRootOf(name: FunctionName): string;
  remove(): void;
}

/** Bundles functions as they are deployed. */
export async function bundleFunctions(names: readonly FunctionName[] = FUNCTIONS): Promise<Bundles> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-functions-'));
  const taskRootOf = (name: FunctionName): string => join(folder, name);
  await Promise.all(
    names.map((name) =>
      build({
        ...BUNDLING,
        entryPoints: [join(HANDLERS, `${name}.ts`)],
        outfile: join(taskRootOf(name), 'index.mjs'),
      }),
    ),
  );
  return { taskRootOf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
