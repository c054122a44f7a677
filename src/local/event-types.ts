import { openFolderRegistry } from '../adapters/registry/folder.ts';
import { type Codec, compileCodec } from '../codec/codec.ts';
import { admitVersions } from '../compatibility/admit.ts';
import { refuseSharedNames } from '../derive/names.ts';
import { asSluiceError, SluiceError } from '../errors.ts';
import type { RegisteredVersion, Registry } from '../ports/registry.ts';
import { type LiveEventTypes, openLiveEventTypes } from '../runtime/live-event-types.ts';
import { missingKey } from '../runtime/pii-key.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { openSchemas, type SchemaSource } from './schema-source.ts';

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
 * Every event type of a schemas folder, or of another source.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when a schema is not valid, or two event types would share a view;
 *   SLUICE_REGISTRY_UNAVAILABLE where a registry is away and has said nothing before.
 */
export async function readEventTypes(source: string | SchemaSource): Promise<SchemaHistory[]> {
  if (typeof source === 'string') return distinct(await readHistories(openFolderRegistry(source)));
  const { registry, isFolder } = await openSchemas(source, () => {});
  return distinct(await (isFolder ? readHistories(registry) : usableHistories(registry)));
}

function distinct(histories: SchemaHistory[]): SchemaHistory[] {
  refuseSharedNames(histories.map(({ eventType }) => eventType));
  return histories;
}

/** A registry is shared with others: event types that cannot be used are none of ours. */
async function usableHistories(registry: Registry): Promise<SchemaHistory[]> {
  const histories: SchemaHistory[] = [];
  for (const eventType of await registry.eventTypes()) {
    try {
      histories.push(await readHistory(registry, eventType));
    } catch (error) {
      if (asSluiceError(error).code !== 'SLUICE_SCHEMA_INVALID') throw error;
    }
  }
  return histories;
}

/** Milliseconds between two looks at the schemas: in a folder, and in a registry. */
const POLL_MS = { folder: 1_000, registry: 5_000 };

/**
 * The event types of a pipeline, with their versions as they come. See `openSchemas` and `openLiveEventTypes` for what
 * it throws.
 *
 * @param piiKey hashes personal data.
 */
export async function openEventTypes(
  source: SchemaSource,
  piiKey: Uint8Array | undefined,
  log: (line: string) => void,
): Promise<LiveEventTypes> {
  const { registry, framing, isFolder } = await openSchemas(source, log);
  return openLiveEventTypes({
    registry,
    codecOptions: { framing, compression: source.compression, piiKey },
    objection: (history) => missingKey(history, piiKey),
    pollMs: isFolder ? POLL_MS.folder : POLL_MS.registry,
    isStrict: isFolder,
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
