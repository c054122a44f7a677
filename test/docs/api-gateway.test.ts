import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MAX_EVENT_BYTES } from '../../src/derive/edge-limits.ts';
import { deriveMappingTemplates } from '../../src/derive/mapping-template.ts';
import { ERRORS } from '../../src/errors.ts';
import { statusOf } from '../../src/stages/problem.ts';
import { HISTORIES } from '../support/schemas.ts';

const text = readFileSync(new URL('../../docs/api-gateway.md', import.meta.url), 'utf8');

it('docs/api-gateway.md names errors that there are, with the status that they have', () => {
  const named = [...text.matchAll(/(\d{3}), `(SLUICE_[A-Z_]+)`/g)];
  expect(named.length).toBeGreaterThan(8);
  for (const [all, status, code] of named) {
    expect(Object.keys(ERRORS)).toContain(code);
    expect(statusOf(code as keyof typeof ERRORS), all).toBe(Number(status));
  }
  for (const [code] of text.matchAll(/SLUICE_[A-Z_]+/g)) expect(Object.keys(ERRORS)).toContain(code);
});

it('docs/api-gateway.md knows the limit of an event, what is looked for in an answer, and the methods in use', () => {
  expect(text).toContain(`${(MAX_EVENT_BYTES + 1).toLocaleString('en-US')} bytes`);
  const templates = HISTORIES.flatMap((history) => Object.values(deriveMappingTemplates(history)));
  for (const template of templates) {
    for (const [, code] of template.matchAll(/body\.contains\("(Invalid\w+|Missing\w+)"\)/g))
      expect(text).toContain(code);
    // Those of Java's texts and maps; all others are API Gateway's own.
    const own = ['params', 'get', 'urlEncode', 'escapeJavaScript', 'path'];
    for (const [, method] of template.matchAll(/\.(\w+)\(/g)) {
      if (!own.includes(method!)) expect(text).toContain(`\`${method}\``);
    }
  }
});
