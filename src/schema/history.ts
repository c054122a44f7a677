import { createHash } from 'node:crypto';
import avro from 'avsc';
import { SluiceError } from '../errors.ts';
import { type LogicalType, type Node, optionalOf, parseSchema, type RecordNode } from './ast.ts';

/** One published version of an event type. It never changes. */
export interface SchemaVersion {
  readonly eventType: string;
  /** 1, 2, 3 ... without gaps. */
  readonly version: number;
  /** The id in registry framing, a positive int32. */
  readonly id: number;
  /** The parsed `.avsc`. */
  readonly definition: Readonly<Record<string, unknown>>;
  readonly root: RecordNode;
  readonly settings: SchemaSettings;
}

/** Extra settings, from the schema's own `sluice` property. */
export interface SchemaSettings {
  /** Field whose value is the Kafka key; events without it are spread over the partitions. */
  readonly key?: string | undefined;
  /** Field that holds the event id, for senders that give no `Event-Id` header. */
  readonly eventId?: string | undefined;
  /** Field that says when the event happened. */
  readonly eventTime?: string | undefined;
  /** Partitions of the topic. */
  readonly partitions: number;
}

/** The ordered, immutable versions of one event type: what everything else is derived from. */
export interface SchemaHistory {
  readonly eventType: string;
  /** Oldest first; never empty. */
  readonly versions: readonly SchemaVersion[];
  /** The reader schema. */
  readonly newest: SchemaVersion;
  /** SHA-256 over all versions, hex: names the contract on every artefact derived from it. */
  readonly digest: string;
}

/** Event types are also topic, folder and table names, so they keep to what all of these allow. */
const EVENT_TYPE = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/;
const MAX_EVENT_TYPE_LENGTH = 100;

export const DEFAULT_PARTITIONS = 4;

/** True for a legal event type: lower case, words joined by `.`, `_` or `-`. */
export function isEventType(text: string): boolean {
  return text.length <= MAX_EVENT_TYPE_LENGTH && EVENT_TYPE.test(text);
}

/**
 * Builds one version from the JSON of its `.avsc` file.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when it is not valid Avro (avsc is the judge), or its `sluice` settings
 *   name fields that do not fit.
 */
export function schemaVersion(eventType: string, version: number, definition: unknown): SchemaVersion {
  const where = `${eventType} v${version}`;
  if (!isEventType(eventType)) {
    throw new SluiceError(
      'SLUICE_SCHEMA_INVALID',
      `${eventType}: an event type is lower case words joined by . _ or -`,
    );
  }
  try {
    // The parser names the place of what it refuses; avsc, which refuses more, comes after it.
    const root = parseSchema(definition);
    const json = definition as RecordDefinition;
    requireAvro(json);
    return { eventType, version, id: schemaId(json), definition: json, root, settings: settingsOf(json, root) };
  } catch (error) {
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `${where}: ${(error as Error).message}`, { cause: error });
  }
}

type RecordDefinition = Readonly<Record<string, unknown>> & { readonly fields: readonly { readonly name: string }[] };

/** @throws Error with avsc's message, and the field that it is about. */
function requireAvro(definition: RecordDefinition): void {
  const refusal = refusalOf(definition);
  if (refusal === undefined) return;
  // avsc does not say which field it refuses: it is the last of the fewest that it refuses together.
  const field = definition.fields.find(
    (_, index, fields) => refusalOf({ ...definition, fields: fields.slice(0, index + 1) }) !== undefined,
  );
  throw new Error(field === undefined ? refusal : `$.${field.name}: ${refusal}`);
}

function refusalOf(definition: RecordDefinition): string | undefined {
  try {
    avro.Type.forSchema(definition as unknown as avro.Schema, { wrapUnions: true });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Builds a history from its versions, oldest first.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when there is none or the numbers have a gap.
 */
export function schemaHistory(eventType: string, versions: readonly SchemaVersion[]): SchemaHistory {
  const newest = versions.at(-1);
  if (newest === undefined) {
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `${eventType}: there is no version; add v1.avsc`);
  }
  versions.forEach((version, index) => {
    if (version.version !== index + 1) {
      throw new SluiceError('SLUICE_SCHEMA_INVALID', `${eventType}: v${index + 1}.avsc is missing`);
    }
  });
  const hash = createHash('sha256').update(eventType);
  for (const version of versions) hash.update('\n').update(canonicalJson(version.definition));
  return { eventType, versions, newest, digest: hash.digest('hex') };
}

/**
 * The id of a schema in a registry that is a folder: the first 31 bits of the SHA-256 of its canonical JSON, so that
 * the same schema has the same id in every clone, without a counter to agree on.
 */
export function schemaId(definition: unknown): number {
  const id = createHash('sha256').update(canonicalJson(definition)).digest().readUInt32BE(0) & 0x7fffffff;
  return id === 0 ? 1 : id;
}

/** JSON with the keys of every object sorted and no white space: equal for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** What the fields that settings name may be, by logical type or else by kind. */
const SETTING_TYPES = {
  // Their text is the same however the value was sent, so that equal keys meet in one partition.
  key: { types: ['string', 'enum', 'uuid', 'int', 'long'], nullable: true },
  eventId: { types: ['string', 'uuid'], nullable: false },
  eventTime: {
    types: [
      'date',
      'timestamp-millis',
      'timestamp-micros',
      'timestamp-nanos',
      'local-timestamp-millis',
      'local-timestamp-micros',
      'local-timestamp-nanos',
    ],
    nullable: true,
  },
} as const satisfies Record<string, { types: readonly (Node['kind'] | LogicalType)[]; nullable: boolean }>;

function settingsOf(definition: Readonly<Record<string, unknown>>, root: RecordNode): SchemaSettings {
  const { sluice = {} } = definition;
  if (typeof sluice !== 'object' || sluice === null || Array.isArray(sluice)) {
    throw new Error('sluice must be an object of settings');
  }
  const { partitions = DEFAULT_PARTITIONS, ...declared } = sluice as Record<string, unknown>;
  if (typeof partitions !== 'number' || !Number.isInteger(partitions) || partitions < 1) {
    throw new Error('sluice.partitions must be a whole number of at least 1');
  }
  const field = (setting: keyof typeof SETTING_TYPES): string | undefined => {
    const name = declared[setting];
    if (name === undefined) return undefined;
    const named = root.fields.find((candidate) => candidate.name === name);
    if (named === undefined) throw new Error(`sluice.${setting} names "${String(name)}", which is not a field`);
    const { types, nullable } = SETTING_TYPES[setting];
    const node = nullable ? (optionalOf(named.node)?.node ?? named.node) : named.node;
    // A fixed UUID does not remember the letter case that it was sent in.
    const type = ('logical' in node && node.kind !== 'fixed' ? node.logical?.type : undefined) ?? node.kind;
    if (!(types as readonly string[]).includes(type)) {
      const allowed = `${types.join(', ')}${nullable ? ', or one of them or null' : ''}`;
      throw new Error(`sluice.${setting} names "${named.name}", which is no ${allowed}`);
    }
    return named.name;
  };
  return { key: field('key'), eventId: field('eventId'), eventTime: field('eventTime'), partitions };
}
