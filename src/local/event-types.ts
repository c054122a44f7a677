import { openFolderRegistry, readHistories } from '../adapters/registry/folder.ts';
import { type Codec, compileCodec } from '../codec/codec.ts';
import { refuseSharedNames } from '../derive/names.ts';
import type { SchemaHistory } from '../schema/history.ts';

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
