import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkSchemas, type Report } from '../../src/compatibility/check.ts';
import { SURFACES } from '../../src/compatibility/rule.ts';
import { RULES } from '../../src/compatibility/rules.ts';
import { schemaFolder } from '../support/schema-folders.ts';
import { SCHEMAS } from '../support/schemas.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

/** The check of `schemas/`, held to `published/` where there is one. */
function check(...folder: string[]): Report {
  const at = join(FIXTURES, ...folder);
  return checkSchemas(schemaFolder(join(at, 'schemas')), schemaFolder(join(at, 'published')));
}

/** A finding a line, as `findings.txt` has them: severity, rule, version, path, message. */
function lines({ findings }: Report): string {
  return findings
    .map(({ severity, rule, eventType, version, against, path, message }) => {
      const beside = against.length === 0 ? '' : ` beside v${against.join(', v')}`;
      const where = `${eventType}${version === undefined ? '' : ` v${version}`}${beside}`;
      return `${severity} ${rule} ${where} ${path}: ${message}\n`;
    })
    .join('');
}

test('rules have an id of their own that begins with their surface, and every surface has rules', () => {
  const ids = RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, surface } of RULES) expect(id).toMatch(new RegExp(`^${surface}_[A-Z]+(_[A-Z]+)*$`));
  expect([...new Set(RULES.map(({ surface }) => surface))]).toEqual(SURFACES);
});

test('every rule has a folder of fixtures, and every folder a rule', () => {
  expect(readdirSync(FIXTURES).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

describe.for(RULES.map(({ id }) => id))('%s', (id) => {
  test('fires where its fixture breaks it, and nothing fires that is not expected', async () => {
    const report = check(id, 'fires');
    expect(report.findings.map(({ rule }) => rule)).toContain(id);
    expect(existsSync(join(FIXTURES, id, 'fires', 'findings.txt')), 'findings.txt').toBe(true);
    expect(lines(report)).toBe(readFileSync(join(FIXTURES, id, 'fires', 'findings.txt'), 'utf8'));
  });

  test('is silent where its other fixture keeps it, as all other rules are', () => {
    expect(lines(check(id, 'silent'))).toBe('');
  });

  test('is needed: without it its fixture has fewer findings', () => {
    const at = join(FIXTURES, id, 'fires');
    const others = RULES.filter((rule) => rule.id !== id);
    const { findings } = checkSchemas(schemaFolder(join(at, 'schemas')), schemaFolder(join(at, 'published')), others);
    expect(findings.length).toBeLessThan(check(id, 'fires').findings.length);
  });
});

test('the schemas that come with Sluice are clean', () => {
  expect(lines(checkSchemas(schemaFolder(SCHEMAS)))).toBe('');
});
