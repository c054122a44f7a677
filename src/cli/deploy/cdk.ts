import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SluiceError } from '../../errors.ts';

/**
 * Runs the AWS CDK that the working folder has installed, to its end; its output is this command's own, on standard
 * error where standard output is for a document.
 *
 * @throws SluiceError SLUICE_CDK where there is none, or it fails.
 */
export async function runCdk(args: readonly string[], options: { readonly quiet: boolean }): Promise<void> {
  const script = cdkScript();
  // What is deployed may wait for a person's yes.
  const output = options.quiet ? 2 : 'inherit';
  const child = spawn(process.execPath, [script, ...args], { stdio: ['inherit', output, 'inherit'] });
  // An interrupt reaches both; the CDK ends in its own way, and this command after it.
  const wait = (): void => {};
  process.on('SIGINT', wait);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code === 0) return;
    const how = signal === null ? `exit code ${code}` : signal;
    throw new SluiceError('SLUICE_CDK', `"cdk ${args[0]}" ended with ${how}; what it said is above`);
  } finally {
    process.off('SIGINT', wait);
  }
}

function cdkScript(): string {
  try {
    return createRequire(join(process.cwd(), 'package.json')).resolve('aws-cdk/bin/cdk');
  } catch {
    const way = 'run "npm install --save-dev aws-cdk" in the folder that has cdk.json';
    throw new SluiceError('SLUICE_CDK', `the AWS CDK is not installed in ${process.cwd()}; ${way}`);
  }
}
