import { AvroSource } from '../codec/avro-source.ts';
import { compileDecoder, pathOf } from '../codec/decode.ts';
import { encodeDefault } from '../codec/defaults.ts';
import { refuseSharedNames } from '../derive/names.ts';
import { asSluiceError } from '../errors.ts';
import { isEventType, type SchemaVersion, schemaVersion } from '../schema/history.ts';
import { publishedText } from '../schema/published-text.ts';
import type { FileSpot, Rule, SchemaFile, Spot } from './rule.ts';
import { fieldsOf } from './walk.ts';

const READ = new WeakMap<SchemaFile, { readonly eventType: string; readonly version: SchemaVersion | Spot }>();

/** One version, parsed; or why it can't be, and where. Read once, although several rules ask. */
export function readVersion(eventType: string, file: SchemaFile): SchemaVersion | Spot {
  const known = READ.get(file);
  if (known?.eventType === eventType) return known.version;
  const version = parsedVersion(eventType, file);
  READ.set(file, { eventType, version });
  return version;
}

function parsedVersion(eventType: string, file: SchemaFile): SchemaVersion | Spot {
  if ('unreadable' in file) return { path: '$', message: file.unreadable };
  try {
    return schemaVersion(eventType, file.version, file.definition, file.ids);
  } catch (error) {
    const message = asSluiceError(error).message.replace(`${eventType} v${file.version}: `, '');
    // The parser puts the place in front: `$.lines.items: ...`.
    const located = /^(\$\S*): (.*)$/s.exec(message);
    return located === null ? { path: '$', message } : { path: located[1]!, message: located[2]! };
  }
}

/** Defaults that are legal Avro and yet no value of their logical type, such as a date in the year 12000. */
function* badDefaults({ root }: SchemaVersion): Generator<Spot> {
  for (const { field, path } of fieldsOf(root)) {
    if (field.default === undefined) continue;
    try {
      compileDecoder(field.node, field.node)(new AvroSource(encodeDefault(field.node, field.default), 0));
    } catch (error) {
      yield {
        path: `${path}${pathOf(error).slice(1)}`,
        message: `its default is not valid: ${asSluiceError(error).message}`,
      };
    }
  }
}

const EVERYTHING = 'the event type, which does not run';

/** The files of a schemas folder, before any version is compared with another. */
export const FILE_RULES: readonly Rule[] = [
  {
    id: 'LINT_EVENT_TYPE_NAME',
    surface: 'LINT',
    severity: 'error',
    purpose:
      'an event type is lower case words joined by . _ or -, 100 characters at most: it names a topic, a table and a model',
    affected: EVERYTHING,
    advice: 'rename the folder',
    over: 'files',
    *find({ eventType, versions }): Generator<FileSpot> {
      if (isEventType(eventType)) return;
      yield { version: versions.at(-1)?.version ?? 1, path: '$', message: `"${eventType}" is no event type` };
    },
  },
  {
    id: 'LINT_VERSIONS_WITHOUT_GAP',
    surface: 'LINT',
    severity: 'error',
    purpose: 'versions are v1.avsc, v2.avsc and so on, without a gap',
    affected: EVERYTHING,
    advice: 'put the missing version back, or rename the later one if it was never published',
    over: 'files',
    *find({ versions }): Generator<FileSpot> {
      for (const [index, { version }] of versions.entries()) {
        const expected = (versions[index - 1]?.version ?? 0) + 1;
        if (version !== expected) yield { version, path: '$', message: `v${expected}.avsc is missing` };
      }
    },
  },
  {
    id: 'LINT_SUCCESSOR_THERE',
    surface: 'LINT',
    severity: 'error',
    purpose: 'sluice.supersededBy names a later version that is there, and sluice.supersedes earlier ones',
    affected: 'writers of the version that was to be superseded: they are still taken at their word',
    advice: 'name the version that takes the place',
    over: 'files',
    *find({ eventType, versions }): Generator<FileSpot> {
      if (!isEventType(eventType)) return;
      const numbers = versions.map(({ version }) => version);
      for (const file of versions) {
        const read = readVersion(eventType, file);
        if ('message' in read) continue;
        const { version, settings } = read;
        const by = settings.supersededBy;
        if (by !== undefined && !(by > version && numbers.includes(by))) {
          yield { version, path: '$', message: `sluice.supersededBy names v${by}, which is no later version here` };
        }
        for (const earlier of settings.supersedes) {
          if (earlier < version && numbers.includes(earlier)) continue;
          yield {
            version,
            path: '$',
            message: `sluice.supersedes names v${earlier}, which is no earlier version here`,
          };
        }
      }
    },
  },
  {
    id: 'LINT_SCHEMA_VALID',
    surface: 'LINT',
    severity: 'error',
    purpose:
      'a schema is valid Avro with a record at its root; its settings name fields that fit, and its marks of personal data can be heeded',
    affected: EVERYTHING,
    advice: 'correct the schema',
    over: 'files',
    *find({ eventType, versions }): Generator<FileSpot> {
      if (!isEventType(eventType)) return;
      for (const file of versions) {
        const read = readVersion(eventType, file);
        if ('message' in read) yield { ...read, version: file.version };
      }
    },
  },
  {
    id: 'LINT_DEFAULT_LEGAL',
    surface: 'LINT',
    severity: 'error',
    purpose: 'a default is a value of its logical type',
    affected: EVERYTHING,
    advice: 'correct the default',
    over: 'files',
    *find({ eventType, versions }): Generator<FileSpot> {
      if (!isEventType(eventType)) return;
      for (const file of versions) {
        const read = readVersion(eventType, file);
        if ('message' in read) continue;
        for (const spot of badDefaults(read)) yield { ...spot, version: file.version };
      }
    },
  },
  {
    id: 'REPLAY_PUBLISHED_SAME',
    surface: 'REPLAY',
    severity: 'error',
    purpose: 'a published version never changes, not even in its docs: its id is a digest of its text',
    affected: 'events that were written with it: their schema id is unknown from then on',
    advice: 'put the published text back, and make the change in a new version',
    over: 'files',
    *find({ versions }, published): Generator<FileSpot> {
      for (const before of published?.versions ?? []) {
        const now = versions.find(({ version }) => version === before.version);
        if (now === undefined || !('definition' in now) || !('definition' in before)) continue;
        if (publishedText(now.definition) === publishedText(before.definition)) continue;
        yield { version: now.version, path: '$', message: 'it is not what was published' };
      }
    },
  },
  {
    id: 'REPLAY_PUBLISHED_KEPT',
    surface: 'REPLAY',
    severity: 'error',
    purpose: 'a published version stays',
    affected: 'events that were written with it: their schema id is unknown from then on',
    advice: 'put the file back',
    over: 'files',
    *find({ versions }, published): Generator<FileSpot> {
      for (const { version } of published?.versions ?? []) {
        if (versions.some((file) => file.version === version)) continue;
        yield { version, path: '$', message: 'it was published, and is not there any more' };
      }
    },
  },
  {
    id: 'TABLE_EVENT_TYPES_DISTINCT',
    surface: 'TABLE',
    severity: 'error',
    purpose: 'no two event types share the name of a table, a view or a model, such as a.b and a_b',
    affected: 'both event types, which do not run beside each other',
    advice: 'rename one of them',
    over: 'folder',
    *find(eventTypes): Generator<Spot & { eventType: string }> {
      const distinct: string[] = [];
      for (const eventType of eventTypes) {
        try {
          refuseSharedNames([...distinct, eventType]);
          distinct.push(eventType);
        } catch (error) {
          yield { eventType, path: '$', message: asSluiceError(error).message.replace(`${eventType}: `, '') };
        }
      }
    },
  },
];
