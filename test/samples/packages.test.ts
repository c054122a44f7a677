import { expect, test } from 'vitest';
import { loadPackage, readDataFile } from '../../samples/packages.ts';

/** A file with no node_modules beside or above it. */
const ELSEWHERE = '/nowhere/at/all.js';

test.each([
  ['vega-datasets', () => readDataFile('earthquakes.json', ELSEWHERE)],
  ['csv-parse/sync', () => loadPackage('csv-parse/sync', ELSEWHERE)],
])('without %s the message names the package and the way out', (name, load) => {
  expect(load).toThrow(
    expect.objectContaining({
      code: 'SLUICE_SAMPLES_MISSING',
      message: `the sample events need the package ${name}; in a clone of the repository, npm ci installs it`,
    }),
  );
});
