import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limitsOf, limitsReport } from '../../infra/limits.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const many = (count: number, of: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`R${index}`, of]));

function folderOf(templates: Readonly<Record<string, object>>): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'asset'));
  writeFileSync(join(folder, 'manifest.json'), '{}');
  for (const [name, template] of Object.entries(templates)) {
    writeFileSync(join(folder, `${name}.template.json`), JSON.stringify(template));
  }
  return folder;
}

test('what is used is that of the template that uses most of it, but the resources of an API are counted over all', () => {
  const folder = folderOf({
    parent: { Resources: many(3, { Type: 'AWS::ApiGateway::Resource' }), Outputs: many(7, {}) },
    'one.nested': { Resources: many(5, { Type: 'AWS::ApiGateway::Resource' }), Parameters: many(4, {}) },
  });
  const used = Object.fromEntries(limitsOf(folder).map(({ limit, used, template }) => [limit, [used, template]]));
  expect(used).toMatchObject({
    resources: [5, 'one.nested.template.json'],
    parameters: [4, 'one.nested.template.json'],
    outputs: [7, 'parent.template.json'],
    'API resources': [8, expect.anything()],
  });
});

test('the report says which limit is exceeded, and no other', () => {
  const folder = folderOf({ big: { Resources: many(501, { Type: 'AWS::SQS::Queue' }) } });
  const lines = limitsReport(limitsOf(folder)).trimEnd().split('\n');
  expect(lines).toHaveLength(6);
  expect(lines.filter((line) => line.includes('OVER THE LIMIT'))).toEqual([
    expect.stringMatching(/^resources +501 of 500 +big\.template\.json/),
  ]);
});
