import { framingFor, openRegistry } from '../adapters/registry/open.ts';
import type { Codec } from '../codec/codec.ts';
import type { Registry } from '../ports/registry.ts';
import { openLiveEventTypes } from '../runtime/live-event-types.ts';
import { missingKey, requirePiiKey } from '../runtime/pii-key.ts';
import type { Environment, TypeEnvironment } from './environment.ts';
import { log as functionLog, type Log } from './log.ts';

/** Milliseconds for which what the registry said is new enough. */
const FRESH_MS = 60_000;

export interface EventTypeOptions {
  /** Hashes personal data; `none` where the function encodes no events. */
  readonly piiKey: Uint8Array | undefined | 'none';
  /** Settings of the registry that are no part of its address. */
  readonly env: Environment;
  readonly log?: Log;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** The one event type of a function, with its versions as they come. */
export interface OpenedEventType {
  readonly eventType: string;
  /** Its codec as it is now; undefined for every other event type. */
  codecOf(eventType: string): Codec | undefined;
  /** Asks the registry for versions that came since: see `LiveEventTypes.learn`. */
  learn(eventType: string, wanted?: number | string): Promise<void>;
  /**
   * To be called by every invocation, before it works: looks at the registry where that was long ago. Between
   * invocations nothing runs that could look by itself. Never rejects.
   */
  refresh(): Promise<void>;
}

/**
 * Opens the event type of a function. What it reads stays in memory; an execution environment has no disk that would
 * outlive it.
 *
 * @throws SluiceError SLUICE_REGISTRY_UNAVAILABLE; SLUICE_SCHEMA_INVALID where the registry has no version of it that
 *   can be used; SLUICE_PII_KEY where it needs a key and has none.
 */
export async function openEventType(
  { eventType, registry: address, framing: wanted, contract }: TypeEnvironment,
  { piiKey, env, log = functionLog, now = Date.now }: EventTypeOptions,
): Promise<OpenedEventType> {
  const opened = await openRegistry(address, env);
  const framing = framingFor(opened, wanted);
  const key = piiKey === 'none' ? undefined : piiKey;
  const live = await openLiveEventTypes({
    registry: only(eventType, opened.registry),
    codecOptions: { framing, piiKey: key },
    objection: piiKey === 'none' ? undefined : (history) => missingKey(history, key),
    isStrict: true,
    log,
    now,
  });
  const history = live.histories()[0]!;
  if (piiKey !== 'none') requirePiiKey([history], key);
  if (contract !== undefined && contract !== history.digest) {
    const newest = history.newest.version;
    log(`${eventType}: the registry's contract is ${history.digest} (v${newest}), deployed was ${contract}`);
  }
  let lookedAt = now();
  const learn = async (type: string, version?: number | string): Promise<void> => {
    lookedAt = now();
    await live.learn(type, version);
  };
  return {
    eventType,
    codecOf: live.codecOf,
    learn,
    async refresh() {
      if (now() - lookedAt >= FRESH_MS) await learn(eventType);
    },
  };
}

/** A registry in which there is one event type: the others are none of the function's. */
function only(eventType: string, registry: Registry): Registry {
  return { ...registry, eventTypes: async () => [eventType] };
}
