import { openFolderRegistry } from '../adapters/registry/folder.ts';
import { type Codec, compileCodec } from '../codec/codec.ts';
import { admitVersions } from '../compatibility/admit.ts';
import { refuseSharedNames } from '../derive/names.ts';
import { SluiceError } from '../errors.ts';
import type { RegisteredVersion, Registry } from '../ports/registry.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { type LiveEventTypes, openLiveEventTypes } from './live-event-types.ts';
import { missingKey } from './pii-key.ts';

/**
 * What a registry has of one event type, at least one version.
 *
 * @throws SluiceError SLUICE_EVENT_TYPE_UNKNOWN.
 */
export async function registeredVersions(registry: Registry, eventType: string): Promise<RegisteredVersion[]> {
  const versions = await registry.versions(eventType);
  if (versions.length > 0) return versions;
  const hint = `add ${eventType}/v1.avsc; an event type is lower case words joined by . _ or -`;
  throw new SluiceError('SLUICE_EVENT_TYPE_UNKNOWN', `${eventType} has no schema: ${hint}`);
}

/**
 * The history of one event type.
 *
 * @throws SluiceError SLUICE_EVENT_TYPE_UNKNOWN; SLUICE_SCHEMA_INVALID when none of its versions can be used.
 */
export async function readHistory(registry: Registry, eventType: string): Promise<SchemaHistory> {
  return admitVersions(eventType, await registeredVersions(registry, eventType));
}

/** All histories of a registry, by event type. */
export async function readHistories(registry: Registry): Promise<SchemaHistory[]> {
  return Promise.all((await registry.eventTypes()).map((eventType) => readHistory(registry, eventType)));
}

/**
 * Every event type of a schemas folder.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when a schema is not valid, or two event types would share a view.
 */
export async function readEventTypes(schemasDir: string): Promise<SchemaHistory[]> {
  const histories = await readHistories(openFolderRegistry(schemasDir));
  refuseSharedNames(histories.map(({ eventType }) => eventType));
  return histories;
}

/** Where the schemas of a pipeline are. All of it is plain data. */
export interface SchemaSource {
  readonly schemasDir: string;
  /** Hashes personal data. */
  readonly piiKey?: Uint8Array | undefined;
}

/** Milliseconds between two looks at a folder of schemas. */
const POLL_MS = 1_000;

/** The event types of a pipeline, with their versions as they come. See `openLiveEventTypes` for what it throws. */
export function openEventTypes(source: SchemaSource, log: (line: string) => void): Promise<LiveEventTypes> {
  const { schemasDir, piiKey } = source;
  return openLiveEventTypes({
    registry: openFolderRegistry(schemasDir),
    codecOptions: { piiKey },
    objection: (history) => missingKey(history, piiKey),
    pollMs: POLL_MS,
    isStrict: true,
    log,
  });
}

/** Finds the codec of an event type; each is compiled at its first use. */
export function codecLookup(histories: readonly SchemaHistory[]): (eventType: string) => Codec | undefined {
  const byType = new Map(histories.map((history) => [history.eventType, history]));
  const codecs = new Map<string, Codec>();
  return (eventType) => {
    const history = byType.get(eventType);
    if (history === undefined) return undefined;
    const codec = codecs.get(eventType) ?? compileCodec(history);
    codecs.set(eventType, codec);
    return codec;
  };
}
