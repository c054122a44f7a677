import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deriveTfvars } from '../../src/derive/tfvars.ts';
import { HISTORIES } from '../support/schemas.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/terraform.md'), 'utf8');
const blocks = [...page.matchAll(/```hcl\n([\s\S]*?)```/g)].map(([, text]) => text!);
const eventTypes = Object.values(deriveTfvars(HISTORIES, { database: 'sluice_prod' }).sluice_event_types);

test('the variable on that page has the members that derive writes, and no others', () => {
  const variable = blocks.find((block) => block.includes('variable "sluice_event_types"'))!;
  // Names before a "=" whose value is a type.
  const named = [...variable.matchAll(/(\w+)\s*=\s*(?:string|number|map|list|object)\b/g)].map(([, name]) => name!);
  const written = new Set<string>();
  const walk = (value: unknown, key = ''): void => {
    if (Array.isArray(value)) for (const item of value) walk(item);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        // Keys of maps are not members of an object.
        if (!['parameters', 'config', 'views', 'mapping_templates'].includes(key)) written.add(name);
        walk(inner, name);
      }
    }
  };
  for (const eventType of eventTypes) walk(eventType);
  expect(new Set(named.filter((name) => name !== 'type' || written.has('type')))).toEqual(written);
});

test('what the resources on that page take of an event type is there', () => {
  const paths = new Set(
    blocks.flatMap((block) => [...block.matchAll(/each\.value\.([\w.]+)/g)].map(([, path]) => path!)),
  );
  expect(paths.size).toBeGreaterThan(10);
  for (const path of paths) {
    for (const eventType of eventTypes) {
      const value = path
        .split('.')
        .reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], eventType);
      expect(value, path).toBeDefined();
    }
  }
});
