import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SluiceError } from '../src/errors.ts';
import { readEventTypes } from '../src/local/event-types.ts';
import type { SchemaHistory } from '../src/schema/history.ts';
import type { Subject } from './law.ts';

/**
 * Every event type of a folder of schemas, `<event type>/v<N>.avsc`, with the bodies of its `examples.json`.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID, SLUICE_USAGE for an `examples.json` that is none.
 */
export async function readSubjects(schemas: string): Promise<Subject[]> {
  const histories = await readEventTypes(schemas);
  return Promise.all(histories.map((history) => subjectOf(history, schemas)));
}

/**
 * An event type with the bodies of its `examples.json`, where it has one.
 *
 * @throws SluiceError SLUICE_USAGE for a file that is no `{ "valid": [{ "body": ... }] }`.
 */
export async function subjectOf(history: SchemaHistory, schemas: string): Promise<Subject> {
  const file = join(schemas, history.eventType, 'examples.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new SluiceError('SLUICE_USAGE', `${file} cannot be read (${error.code})`);
  });
  if (text === undefined) return { eventType: history.eventType, history, examples: [] };
  try {
    const { valid } = JSON.parse(text) as { valid: readonly { readonly body: unknown }[] };
    return { eventType: history.eventType, history, examples: valid.map(({ body }) => JSON.stringify(body)) };
  } catch (cause) {
    throw new SluiceError('SLUICE_USAGE', `${file} is no { "valid": [{ "body": ... }] }: ${(cause as Error).message}`, {
      cause,
    });
  }
}
