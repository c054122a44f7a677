import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives the whole run a temporary folder of its own and removes it at the end. What tests make they remove themselves;
 * what libraries leave there, as the CDK does with the output of an app that was given no folder, goes with this one.
 */
export function setup(): () => void {
  const former = process.env.TMPDIR;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tests-'));
  process.env.TMPDIR = folder;
  return () => {
    rmSync(folder, { recursive: true, force: true });
    if (former === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = former;
  };
}
