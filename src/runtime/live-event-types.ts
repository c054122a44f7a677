import { type Codec, type CodecOptions, compileCodec } from '../codec/codec.ts';
import { admitVersions } from '../compatibility/admit.ts';
import { refuseSharedNames } from '../derive/names.ts';
import { asSluiceError } from '../errors.ts';
import type { RegisteredVersion, Registry } from '../ports/registry.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { publishedText } from '../schema/published-text.ts';

/** Milliseconds that an id which the registry does not know is not asked for again. */
const MISS_MS = 5_000;
/** Ids that are remembered as unknown; the oldest give way. */
const MAX_MISSES = 1_000;

export interface LiveEventTypesOptions {
  readonly registry: Registry;
  readonly codecOptions?: CodecOptions | undefined;
  /** Why what came cannot be used here, where it cannot; what was known before then goes on. */
  readonly objection?: ((history: SchemaHistory) => string | undefined) | undefined;
  /** Milliseconds between two looks at the registry; without it, only `learn` looks. */
  readonly pollMs?: number | undefined;
  /** Whether one event type that cannot be used keeps all from running; else it is left out. */
  readonly isStrict: boolean;
  /** What came, what was refused, and what went wrong. */
  readonly log: (line: string) => void;
  /** Milliseconds, rising; `performance.now` by default. */
  readonly now?: () => number;
}

/** Event types whose new versions are taken in while everything runs. */
export interface LiveEventTypes {
  /** Where they are from. */
  readonly registry: Registry;
  /** Every event type as it is now. */
  histories(): readonly SchemaHistory[];
  /** The codec of an event type as it is now; the same one until a version comes. */
  codecOf(eventType: string): Codec | undefined;
  /**
   * Asks the registry for versions that came since. However many ask at the same time, the registry is asked once; and
   * for what it did not know it is not asked again for a while. Never rejects: a registry that is away has nothing
   * new.
   *
   * @param wanted the schema id of a record that no known version wrote, or the version that a writer states, as `v3`.
   */
  learn(eventType: string, wanted?: number | string): Promise<void>;
  /** Stops looking. */
  close(): void;
}

/**
 * Reads every event type of a registry, and goes on looking for new versions.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when an event type has no version that can be used (where `isStrict`), or
 *   two of them would share a view; SLUICE_REGISTRY_UNAVAILABLE.
 */
export async function openLiveEventTypes(options: LiveEventTypesOptions): Promise<LiveEventTypes> {
  const { registry, codecOptions, objection, pollMs, isStrict, log, now = () => performance.now() } = options;
  const histories = new Map<string, SchemaHistory>();
  const codecs = new Map<string, Codec>();
  const asking = new Map<string, Promise<void>>();
  /** What the registry had of each event type. */
  const seen = new Map<string, string>();
  const misses = new Map<string, number>();
  /** What was last said of an event type, so that it is said once. */
  const said = new Map<string, string>();
  let isClosed = false;

  const say = (eventType: string, line: string): void => {
    if (said.get(eventType) === line) return;
    said.set(eventType, line);
    log(line);
  };

  const take = (eventType: string, registered: readonly RegisteredVersion[]): void => {
    const known = histories.get(eventType);
    const text = JSON.stringify(registered);
    if (seen.get(eventType) === text) return;
    seen.set(eventType, text);
    const next = admitVersions(eventType, registered);
    if (known !== undefined && !isContinued(known, next)) {
      say(eventType, `${eventType}: the registry has other versions than before; going on with what was known`);
      return;
    }
    const objected = known === undefined ? undefined : objection?.(next);
    if (objected !== undefined) {
      say(eventType, `${objected}; going on with what was known, until the next start`);
      return;
    }
    histories.set(eventType, next);
    codecs.delete(eventType);
    for (const { version } of next.versions) {
      if (known !== undefined && version > known.newest.version)
        say(eventType, `${eventType}: v${version} is taken in`);
    }
    for (const { version, reason } of next.refused) {
      if (!known?.refused.some((before) => before.version === version)) {
        say(`${eventType} v${version}`, `${eventType}: v${version} is refused: ${reason}`);
      }
    }
  };

  const ask = async (eventType: string): Promise<void> => {
    try {
      take(eventType, await registry.versions(eventType));
    } catch (error) {
      const { code, message } = asSluiceError(error);
      say(eventType, `${eventType}: no news of its schema: ${code}: ${message}`);
    }
  };

  const askOnce = (eventType: string): Promise<void> => {
    const known = asking.get(eventType);
    if (known !== undefined) return known;
    const answer = ask(eventType).finally(() => asking.delete(eventType));
    asking.set(eventType, answer);
    return answer;
  };

  const isKnown = (eventType: string, wanted: number | string): boolean => {
    const history = histories.get(eventType);
    const all = [...(history?.versions ?? []), ...(history?.refused ?? [])];
    return all.some(({ version, ids }) => ids.confluent === wanted || ids.glue === wanted || `v${version}` === wanted);
  };

  for (const eventType of await registry.eventTypes()) {
    try {
      take(eventType, await registry.versions(eventType));
    } catch (error) {
      if (isStrict || asSluiceError(error).code !== 'SLUICE_SCHEMA_INVALID') throw error;
      log(`${eventType} is left out: ${asSluiceError(error).message}`);
    }
  }
  refuseSharedNames(histories.keys());

  const poll = async (): Promise<void> => {
    for (const eventType of histories.keys()) if (!isClosed) await askOnce(eventType);
    if (!isClosed) wait();
  };
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (pollMs !== undefined) timer = setTimeout(poll, pollMs).unref();
  };
  wait();

  return {
    registry,
    histories: () => [...histories.values()],
    codecOf(eventType) {
      const known = codecs.get(eventType);
      const history = histories.get(eventType);
      if (known !== undefined || history === undefined) return known;
      const codec = compileCodec(history, codecOptions);
      codecs.set(eventType, codec);
      return codec;
    },
    async learn(eventType, wanted) {
      if (!histories.has(eventType)) return;
      const miss = `${eventType} ${wanted}`;
      if ((misses.get(miss) ?? 0) > now()) return;
      const underWay = asking.get(eventType);
      await (underWay ?? askOnce(eventType));
      if (wanted === undefined || isKnown(eventType, wanted)) return;
      // What was under way may have been asked before the version was registered.
      if (underWay !== undefined) await askOnce(eventType);
      if (isKnown(eventType, wanted)) return;
      misses.delete(miss);
      misses.set(miss, now() + MISS_MS);
      if (misses.size > MAX_MISSES) misses.delete(misses.keys().next().value!);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** Whether a history goes on from another: what was taken once is for ever, since rows were written with it. */
function isContinued(known: SchemaHistory, next: SchemaHistory): boolean {
  return known.versions.every((before) =>
    next.versions.some(
      ({ version, definition }) =>
        version === before.version && publishedText(definition) === publishedText(before.definition),
    ),
  );
}
