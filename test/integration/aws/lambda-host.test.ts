import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { deployFunction, type FunctionOptions } from '../../support/lambda/lambda-host.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

// The host plays Lambda in the end-to-end tests: here it is held to what Lambda's documentation says of its own.

function deploy(source: string, options: Partial<FunctionOptions> = {}) {
  const taskRoot = temporaryFolder();
  writeFileSync(join(taskRoot, 'index.mjs'), source);
  const deployed = deployFunction({
    name: 'tried',
    taskRoot,
    variables: { GIVEN: 'by the infrastructure' },
    ...options,
  });
  onTestFinished(() => deployed.close());
  return deployed;
}

const isGone = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};

test('a function sees its own variables and those of Lambda, and none of the process that started it', async () => {
  process.env.SLUICE_OF_THE_TEST = 'seen';
  onTestFinished(() => void delete process.env.SLUICE_OF_THE_TEST);
  const { invoke } = deploy('export const handler = async () => process.env;');
  const seen = await invoke({});
  expect(seen).toMatchObject({
    GIVEN: 'by the infrastructure',
    AWS_LAMBDA_FUNCTION_NAME: 'tried',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'tried',
    _HANDLER: 'index.handler',
  });
  expect(seen).not.toHaveProperty('SLUICE_OF_THE_TEST');
});

test('one process answers one invocation after the other, knows the time that is left, and can be frozen in between', async () => {
  const tried = deploy(
    `let count = 0;
     export const handler = async (event, context) => {
       console.log('invocation', ++count);
       return { ...event, count, left: context.getRemainingTimeInMillis(), id: context.awsRequestId };
     };`,
    { timeoutMs: 30_000, freezes: true },
  );
  const answers = (await Promise.all([1, 2, 3].map((n) => tried.invoke({ n })))) as Record<string, number>[];
  expect(answers.map(({ n, count }) => [n, count])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  for (const { left } of answers) expect(left).toBeGreaterThan(0);
  for (const { left } of answers) expect(left).toBeLessThanOrEqual(30_000);
  expect(new Set(answers.map(({ id }) => id)).size).toBe(3);
  expect(tried.logs).toEqual(['invocation 1', 'invocation 2', 'invocation 3']);
  expect(tried.pids).toHaveLength(1);
});

test('what a handler throws is its error; the process goes on', async () => {
  const tried = deploy(
    `export const handler = async ({ bad }) => { if (bad) throw new RangeError('out of it'); return 'fine'; };`,
  );
  await expect(tried.invoke({ bad: true })).rejects.toMatchObject({
    type: 'RangeError',
    message: 'RangeError: out of it',
  });
  expect(await tried.invoke({})).toBe('fine');
  expect(tried.pids).toHaveLength(1);
});

test.for([
  ['takes too long', 'await new Promise(() => setInterval(() => {}, 1000));', 'Sandbox.Timedout'],
  ['ends its process', 'process.exit(3);', 'Runtime.ExitError'],
  ['answers more than 6 MB', `return 'x'.repeat(6 * 1024 * 1024);`, 'Function.ResponseSizeTooLarge'],
] as const)('an invocation that %s fails, and the next one runs', async ([, statement, type]) => {
  const tried = deploy(`export const handler = async ({ bad }) => { if (bad) { ${statement} } return 'fine'; };`, {
    timeoutMs: 1_000,
  });
  await expect(tried.invoke({ bad: true })).rejects.toMatchObject({ type });
  expect(await tried.invoke({})).toBe('fine');
});

test('a function that is killed in the middle of an invocation is replaced for the next one', async () => {
  const tried = deploy(
    `export const handler = async ({ wait }) => { console.log('began'); if (wait) await new Promise((r) => setTimeout(r, 60_000)); return process.pid; };`,
  );
  const killed = expect(tried.invoke({ wait: true })).rejects.toMatchObject({ type: 'Runtime.ExitError' });
  await expect.poll(() => tried.logs).toEqual(['began']);
  tried.kill();
  await killed;
  expect(await tried.invoke({})).toBe(tried.pids[1]);
});

test('a function that cannot be loaded says why', async () => {
  const tried = deploy(`throw new Error('SLUICE_EVENT_TYPE is missing');`);
  await expect(tried.invoke({})).rejects.toMatchObject({
    message: expect.stringContaining('SLUICE_EVENT_TYPE is missing'),
  });
});

test('nothing of a function is left when it is closed', async () => {
  const tried = deploy('export const handler = async () => 1;', { freezes: true });
  await tried.invoke({});
  await tried.close();
  expect(tried.pids.every(isGone)).toBe(true);
  await expect(tried.invoke({})).rejects.toThrow('not deployed');
});
