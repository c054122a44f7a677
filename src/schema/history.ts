import { createHash } from 'node:crypto';
import avro from 'avsc';
import { SluiceError } from '../errors.ts';
import { type LogicalType, type Node, optionalOf, parseSchema, type RecordNode } from './ast.ts';
import { canonicalJson } from './canonical-json.ts';
import { publishedText } from './published-text.ts';

/** One published version of an event type. It never changes. */
export interface SchemaVersion {
  readonly eventType: string;
  /** 1, 2, 3 ... without gaps. */
  readonly version: number;
  readonly ids: SchemaIds;
  /** The parsed `.avsc`. */
  readonly definition: Readonly<Record<string, unknown>>;
  readonly root: RecordNode;
  readonly settings: SchemaSettings;
}

/**
 * What a version is called on the wire, in the framing of either registry. A registry that serves one framing only gives
 * one of them.
 */
export interface SchemaIds {
  /** Confluent Schema Registry's, a positive int32. */
  readonly confluent?: number | undefined;
  /** AWS Glue Schema Registry's, a UUID in lower case. */
  readonly glue?: string | undefined;
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
  /** The version that takes the place of this one, which should never have got out. */
  readonly supersededBy?: number | undefined;
  /** Earlier versions that this one takes the place of: the same said from the other side, where a text is for ever. */
  readonly supersedes: readonly number[];
}

/** A version that got into the registry although it breaks a rule. Nothing is derived from it. */
export interface RefusedVersion {
  readonly version: number;
  readonly ids: SchemaIds;
  /** What its events were written with; undefined where it cannot be read as a schema at all. */
  readonly root: RecordNode | undefined;
  /** Which rule it breaks, and where. */
  readonly reason: string;
}

/** The ordered, immutable versions of one event type: what everything else is derived from. */
export interface SchemaHistory {
  readonly eventType: string;
  /** Oldest first; never empty. */
  readonly versions: readonly SchemaVersion[];
  /** The reader schema. */
  readonly newest: SchemaVersion;
  /** Oldest first. Events that were written with one of them are read once a later version has put it right. */
  readonly refused: readonly RefusedVersion[];
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
 * @param ids what its registry calls it; derived from its text where it has no registry but a folder.
 * @throws SluiceError SLUICE_SCHEMA_INVALID when it is not valid Avro (avsc is the judge), or its `sluice` settings
 *   name fields that do not fit.
 */
export function schemaVersion(eventType: string, version: number, definition: unknown, ids?: SchemaIds): SchemaVersion {
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
    const settings = settingsOf(json, root);
    return { eventType, version, ids: ids ?? contentIds(json), definition: json, root, settings };
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
 * Builds a history from its versions, oldest first. Numbers may have gaps: a refused version takes one, and so does one
 * that was deleted from its registry.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when there is none or their numbers do not ascend.
 */
export function schemaHistory(
  eventType: string,
  versions: readonly SchemaVersion[],
  refused: readonly RefusedVersion[] = [],
): SchemaHistory {
  const newest = versions.at(-1);
  if (newest === undefined) {
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `${eventType}: there is no version; add v1.avsc`);
  }
  versions.slice(1).forEach(({ version }, index) => {
    if (version <= versions[index]!.version) {
      throw new SluiceError('SLUICE_SCHEMA_INVALID', `${eventType}: v${version} comes after a later version`);
    }
  });
  const hash = createHash('sha256').update(eventType);
  for (const version of versions) hash.update('\n').update(canonicalJson(version.definition));
  return { eventType, versions, newest, refused, digest: hash.digest('hex') };
}

/** The version that stands for `version`: itself, or whatever superseded it at last. */
export function successorOf({ versions }: Pick<SchemaHistory, 'versions'>, version: SchemaVersion): SchemaVersion {
  const next = versions.find(
    (later) =>
      later.version > version.version &&
      (later.version === version.settings.supersededBy || later.settings.supersedes.includes(version.version)),
  );
  return next === undefined ? version : successorOf({ versions }, next);
}

/**
 * The ids of a schema in a registry that is a folder, from the SHA-256 of its published text, so that the same schema has
 * the same ids in every clone, without a counter to agree on: its first 31 bits, and a UUID of its first 122 (version 8,
 * which RFC 9562 leaves to whoever makes it).
 */
export function contentIds(definition: unknown): { readonly confluent: number; readonly glue: string } {
  const digest = createHash('sha256').update(publishedText(definition)).digest();
  const confluent = digest.readUInt32BE(0) & 0x7fffffff;
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const glue = digest.toString('hex', 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return { confluent: confluent === 0 ? 1 : confluent, glue };
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
  const { supersededBy } = declared;
  if (supersededBy !== undefined && !isVersionNumber(supersededBy)) {
    throw new Error('sluice.supersededBy must be the number of a later version');
  }
  const supersedes = Array.isArray(declared.supersedes) ? declared.supersedes : [declared.supersedes ?? []].flat();
  if (!supersedes.every(isVersionNumber)) {
    throw new Error('sluice.supersedes must be the number of an earlier version, or a list of them');
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
  return {
    key: field('key'),
    eventId: field('eventId'),
    eventTime: field('eventTime'),
    partitions,
    supersededBy,
    supersedes,
  };
}

function isVersionNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}
