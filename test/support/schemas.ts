import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import AjvDraft04 from 'ajv-draft-04';
import { openFolderRegistry } from '../../src/adapters/registry/folder.ts';
import { deriveModel } from '../../src/derive/model.ts';
import type { Fault } from '../../src/errors.ts';
import { readHistories } from '../../src/local/event-types.ts';
import { type SchemaHistory, schemaHistory } from '../../src/schema/history.ts';

export const SCHEMAS = fileURLToPath(new URL('../../schemas/', import.meta.url));

/** The histories that come with Sluice. */
export const HISTORIES: readonly SchemaHistory[] = await readHistories(openFolderRegistry(SCHEMAS));

export function historyOf(eventType: string): SchemaHistory {
  const history = HISTORIES.find((candidate) => candidate.eventType === eventType);
  if (history === undefined) throw new Error(`${SCHEMAS} has no ${eventType}`);
  return history;
}

/** A history as it was when `version` was the newest. */
export function historyUpTo(history: SchemaHistory, version: number): SchemaHistory {
  return schemaHistory(history.eventType, history.versions.slice(0, version));
}

/** `examples.json` of an event type, which stands beside its versions. */
export interface Examples {
  readonly valid: readonly {
    readonly name: string;
    /** The first version that takes the body; every later one must take it too. */
    readonly since: number;
    readonly body: unknown;
  }[];
  readonly invalid: readonly {
    readonly name: string;
    readonly body: unknown;
    /** All that the newest version finds wrong, in any order. */
    readonly faults: readonly Pick<Fault, 'code' | 'path'>[];
  }[];
}

export function examplesOf(eventType: string): Examples {
  return JSON.parse(readFileSync(`${SCHEMAS}${eventType}/examples.json`, 'utf8')) as Examples;
}

/** Compiles the model that is derived from a history: gives a body's violations, none where it is taken. */
export function compileModel(history: SchemaHistory): (body: unknown) => readonly unknown[] {
  const validate = new AjvDraft04.default({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    deriveModel(history),
  );
  return (body) =>
    validate(body) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** A body's bytes, as a sender would send them. */
export function bodyOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
