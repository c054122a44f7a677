import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaFile, SchemaFiles } from '../../src/compatibility/rule.ts';

/** A schemas folder as the check takes it; empty where there is none. */
export function schemaFolder(folder: string): SchemaFiles[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((eventType) => ({
      eventType,
      versions: readdirSync(join(folder, eventType))
        .filter((name) => name.endsWith('.avsc'))
        .map((name) => schemaFile(Number(name.slice(1, -5)), readFileSync(join(folder, eventType, name), 'utf8')))
        .sort((a, b) => a.version - b.version),
    }));
}

function schemaFile(version: number, text: string): SchemaFile {
  try {
    return { version, definition: JSON.parse(text) as unknown };
  } catch {
    return { version, unreadable: 'it is not JSON' };
  }
}

/** One event type from the definitions of its versions. */
export function filesOf(eventType: string, definitions: readonly unknown[]): SchemaFiles {
  return { eventType, versions: definitions.map((definition, index) => ({ version: index + 1, definition })) };
}
