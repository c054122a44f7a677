import { readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';
import { afterAll, describe, expect, test } from 'vitest';
import { bundle, bundledFolder, type HandlerName } from '../../../infra/functions/bundle.ts';
import { historyOfFields } from '../../support/histories.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { ofType, synthesise } from '../synthesise.ts';

const HANDLERS: readonly HandlerName[] = ['accept', 'produce', 'consume', 'transform', 'provision'];

// A worker of the test runner is ended without its process's last word.
afterAll(() => {
  for (const name of HANDLERS) rmSync(bundledFolder(name), { recursive: true });
});

describe('the bundle of a function', () => {
  test.each(HANDLERS)('has the same bytes each time, and nothing of this machine in them: %s', (name) => {
    const again = join(temporaryFolder(), 'index.mjs');
    bundle(name, again);
    const text = readFileSync(again, 'utf8');
    expect(readFileSync(join(bundledFolder(name), 'index.mjs'), 'utf8') === text).toBe(true);
    for (const path of [homedir(), tmpdir(), join(import.meta.dirname, '../../..')]) {
      expect(text.includes(`${path}/`)).toBe(false);
    }
  });

  test('is one asset for all event types', () => {
    const fields = [{ name: 'id', type: 'string' }];
    const histories = ['shop.order', 'shop.refund'].map((eventType) => historyOfFields(eventType, [fields]));
    const { types } = synthesise(temporaryFolder(), histories, {
      codeOf: (name) => lambda.Code.fromAsset(bundledFolder(name)),
    });
    const [first, second] = [...types.values()].map((template) =>
      ofType(template, 'AWS::Lambda::Function').map(({ Properties }) => (Properties.Code as { S3Key: string }).S3Key),
    );
    expect(new Set(first).size).toBe(4);
    expect(second).toEqual(first);
  });
});
