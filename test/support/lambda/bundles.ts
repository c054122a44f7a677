import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../../infra/functions/bundle.ts';

export const FUNCTIONS = ['accept', 'produce', 'consume', 'transform', 'provision'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Bundles of functions in a temporary folder. */
export interface Bundles {
  /** Folder of a function's code, with `index.mjs` in it. */
  taskRootOf(name: FunctionName): string;
  remove(): void;
}

/** Bundles functions as they are deployed. */
export function bundleFunctions(names: readonly FunctionName[] = FUNCTIONS): Bundles {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-functions-'));
  const taskRootOf = (name: FunctionName): string => join(folder, name);
  for (const name of names) bundle(name, join(taskRootOf(name), 'index.mjs'));
  return { taskRootOf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
