import { SluiceError } from '../../errors.ts';
import type { RegisteredVersion, Registry } from '../../ports/registry.ts';
import { isEventType } from '../../schema/history.ts';
import { type Answer, type ConfluentApi, type ConfluentApiOptions, confluentApi } from './confluent-api.ts';
import { holdVersions } from './held-versions.ts';
import { hasText, otherNumber, publishedAlready } from './publishing.ts';
import { inlineReferences, type Reference, type Referenced } from './references.ts';

/** What follows the topic in the name of its values' subject (TopicNameStrategy). */
const SUBJECT_SUFFIX = '-value';

/** What a new subject gets: replay reads every old version again. Apicurio Registry's own default is to check nothing. */
const COMPATIBILITY = 'BACKWARD_TRANSITIVE';

const MAX_INT32 = 0x7fff_ffff;

/**
 * A registry that speaks Confluent Schema Registry's HTTP API: Confluent's own, Apicurio, Karapace, Redpanda. Its
 * subjects are `<event type>-value`; others are ignored.
 *
 * Versions that were softly deleted are read: events that were written with them may be read again. One that was deleted
 * for good is missing, and whoever reads the history refuses what follows it.
 *
 * @throws SluiceError SLUICE_USAGE for a URL that is none, or holds credentials.
 */
export function openConfluentRegistry(options: ConfluentApiOptions): Registry {
  const api = confluentApi(options);
  const held = holdVersions({
    mayHideLast: true,
    newest: async (eventType) => readVersion(api, await api.ask('latestVersion', subject(eventType))),
    version: async (eventType, version) => {
      const answer = await api.ask('version', { ...subject(eventType), version, deleted: true });
      return readVersion(api, answer, version);
    },
  });
  return {
    async eventTypes() {
      const subjects = done(api, await api.ask('all'));
      if (!Array.isArray(subjects)) throw nonsense(api, 'a list of subjects');
      return subjects
        .filter((name): name is string => typeof name === 'string' && name.endsWith(SUBJECT_SUFFIX))
        .map((name) => name.slice(0, -SUBJECT_SUFFIX.length))
        .filter(isEventType)
        .sort();
    },

    versions: async (eventType) => (isEventType(eventType) ? held.read(eventType) : []),

    async publish(eventType, version, definition) {
      const known = publishedAlready(eventType, await held.readAll(eventType), version, definition);
      if (known !== undefined) return { isNew: false, ids: known.ids };
      const name = subject(eventType);
      const body = { schema: JSON.stringify(definition) };
      // Before the subject is there, so that no version ever is without it; whoever has chosen another one knows why.
      if (version === 1 && (await api.ask('config', name)).kind === 'absent') {
        done(api, await api.ask('updateConfig', { ...name, body: { compatibility: COMPATIBILITY } }), eventType);
      }
      done(api, await api.ask('register', { ...name, body }), eventType);
      // The answer to registering has the id and no number. Where the number that was asked for has the text, all is well,
      // even if others registered it at the same time: Apicurio Registry then has it several times.
      const registered = await readVersion(api, await api.ask('version', { ...name, version, deleted: true }), version);
      if (registered === undefined || !hasText(registered, definition)) {
        const became = await readVersion(api, await api.ask('registered', { ...name, body }));
        if (became === undefined) throw nonsense(api, 'the version that was just registered');
        throw otherNumber(eventType, version, became.version);
      }
      held.hold(eventType, registered);
      return { isNew: true, ids: registered.ids };
    },
  };
}

function subject(eventType: string): { readonly subject: string } {
  return { subject: `${eventType}${SUBJECT_SUFFIX}` };
}

/** @throws SluiceError SLUICE_REGISTRY_REFUSED with the registry's reason. */
function done(api: ConfluentApi, answer: Answer, eventType?: string): unknown {
  if (answer.kind === 'done') return answer.body;
  if (answer.kind === 'absent') throw nonsense(api, 'anything');
  const what = eventType === undefined ? 'the request' : `the schema of ${eventType}`;
  const why = `(HTTP status ${answer.status}): ${answer.reason}`;
  throw new SluiceError('SLUICE_REGISTRY_REFUSED', `the schema registry at ${api.place} refuses ${what} ${why}`);
}

function nonsense(api: ConfluentApi, expected: string): SluiceError {
  const why = `answered without ${expected}; is its address right, path included?`;
  return new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', `the schema registry at ${api.place} ${why}`);
}

/** @param asked the number that it must have */
async function readVersion(api: ConfluentApi, answer: Answer, asked?: number): Promise<RegisteredVersion | undefined> {
  if (answer.kind === 'absent') return undefined;
  const body = done(api, answer) as Partial<Record<string, unknown>> | null;
  const { id, version, subject: name, schema, schemaType = 'AVRO', references = [] } = body ?? {};
  if (
    !isPositiveInt32(id) ||
    !isPositiveInt32(version) ||
    (asked !== undefined && asked !== version) ||
    typeof schema !== 'string' ||
    !Array.isArray(references)
  ) {
    throw nonsense(api, 'a version');
  }
  const common = { version, ids: { confluent: id }, source: `${api.place}/subjects/${name}/versions/${version}` };
  if (schemaType !== 'AVRO') return { ...common, unreadable: `its type is ${String(schemaType)}, and not AVRO` };
  try {
    const definition: unknown = JSON.parse(schema);
    if (references.length === 0) return { ...common, definition };
    return {
      ...common,
      definition: await inlineReferences(definition, references, (reference) => load(api, reference)),
    };
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    return { ...common, unreadable: `its text cannot be read: ${(error as Error).message}` };
  }
}

function isPositiveInt32(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_INT32;
}

/** @throws Error when a reference leads to nothing that can be read. */
async function load(api: ConfluentApi, { subject: name, version }: Reference): Promise<Referenced> {
  const answer = await api.ask('version', { subject: name, version, deleted: true });
  if (answer.kind === 'absent') throw new Error(`its reference to ${name} v${version} leads nowhere`);
  const { schema, references = [] } = done(api, answer) as { schema?: unknown; references?: unknown[] };
  return { definition: JSON.parse(String(schema)), references };
}
