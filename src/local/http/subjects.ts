import avro from 'avsc';
import { readVersion } from '../../compatibility/files.ts';
import type { Spot } from '../../compatibility/rule.ts';
import { subjectName } from '../../derive/names.ts';
import type { RegisteredVersion, Registry } from '../../ports/registry.ts';
import { isEventType, type SchemaVersion } from '../../schema/history.ts';

/** A subject with its versions, as Confluent Schema Registry has them. */
export interface Subject {
  readonly name: string;
  readonly eventType: string;
  /** Ascending; never empty. */
  readonly versions: readonly SubjectVersion[];
}

export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** The schema as JSON. */
  readonly text: string;
  readonly definition: unknown;
  /** As Sluice reads it, or why it does not. */
  readonly read: SchemaVersion | Spot;
}

export interface Subjects {
  /** Every subject, by name. */
  all(): Promise<Subject[]>;
  /** The subject of that name; undefined where there is none. */
  find(name: string): Promise<Subject | undefined>;
}

const SUFFIX = subjectName('');

/** The event type whose values a subject holds; undefined for any other subject. */
export function eventTypeOf(subject: string): string | undefined {
  const eventType = subject.endsWith(SUFFIX) ? subject.slice(0, -SUFFIX.length) : '';
  return isEventType(eventType) ? eventType : undefined;
}

/**
 * What a registry has, as subjects: every version that is valid Avro, also those that the pipeline refuses, since
 * events may have been written with them. It is read anew each time, so that what comes is there at once.
 */
export function subjectsOf(registry: Registry): Subjects {
  /** Parsing costs more than reading: what was parsed is kept as long as its text stays. */
  const parsed = new Map<string, { readonly text: string; readonly read: SchemaVersion | Spot | undefined }>();

  const parse = (eventType: string, file: Readable, text: string): SchemaVersion | Spot | undefined => {
    const key = `${eventType} ${file.version}`;
    const known = parsed.get(key);
    if (known?.text === text) return known.read;
    const read = isAvro(file.definition) ? readVersion(eventType, file) : undefined;
    parsed.set(key, { text, read });
    return read;
  };

  const subjectOf = async (eventType: string): Promise<Subject | undefined> => {
    const name = subjectName(eventType);
    const versions = (await registry.versions(eventType)).flatMap((file): SubjectVersion[] => {
      const { version, ids } = file;
      if (ids.confluent === undefined || 'unreadable' in file) return [];
      const text = JSON.stringify(file.definition);
      const read = parse(eventType, file, text);
      if (read === undefined) return [];
      return [{ subject: name, version, id: ids.confluent, text, definition: file.definition, read }];
    });
    return versions.length === 0 ? undefined : { name, eventType, versions };
  };

  return {
    async all() {
      const eventTypes = (await registry.eventTypes()).filter(isEventType);
      const subjects = await Promise.all(eventTypes.map(subjectOf));
      return subjects.filter((subject) => subject !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async find(name) {
      const eventType = eventTypeOf(name);
      return eventType === undefined ? undefined : subjectOf(eventType);
    },
  };
}

type Readable = RegisteredVersion & { readonly definition: unknown };

function isAvro(definition: unknown): boolean {
  try {
    avro.Type.forSchema(definition as avro.Schema, { wrapUnions: true });
    return true;
  } catch {
    return false;
  }
}
