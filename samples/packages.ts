import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SluiceError } from '../src/errors.ts';

/**
 * Loads a CommonJS module of a development package. Imported statically, its absence would end the process before
 * anyone could say what to do about it.
 *
 * @param from file or URL whose `node_modules` are searched.
 * @throws SluiceError SLUICE_SAMPLES_MISSING when it is not installed.
 */
export function loadPackage<Module>(specifier: string, from: string = import.meta.url): Module {
  return installed(specifier, () => createRequire(from)(specifier) as Module);
}

/**
 * Text of a data file of vega-datasets.
 *
 * @throws SluiceError SLUICE_SAMPLES_MISSING when the package is not installed.
 */
export function readDataFile(name: string, from: string = import.meta.url): string {
  return readFileSync(join(packageFolder(from), 'data', name), 'utf8');
}

/** Installed version of vega-datasets, for example `3.2.1`. */
export function dataRelease(from: string = import.meta.url): string {
  return (JSON.parse(readFileSync(join(packageFolder(from), 'package.json'), 'utf8')) as { version: string }).version;
}

/** The package exports nothing but its entry, `build/index.js`. */
function packageFolder(from: string): string {
  return join(
    installed('vega-datasets', () => createRequire(from).resolve('vega-datasets')),
    '../..',
  );
}

function installed<Result>(specifier: string, load: () => Result): Result {
  try {
    return load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new SluiceError(
      'SLUICE_SAMPLES_MISSING',
      `the sample events need the package ${specifier}; in a clone of the repository, npm ci installs it`,
      { cause: error },
    );
  }
}
