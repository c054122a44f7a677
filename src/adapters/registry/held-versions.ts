import { SluiceError } from '../../errors.ts';
import type { RegisteredVersion } from '../../ports/registry.ts';
import { singleFlight } from './single-flight.ts';

/** What a registry is asked about one event type. */
export interface VersionSource {
  /** Its newest version, or the number of it where asking for the number alone is what there is. */
  newest(eventType: string): Promise<RegisteredVersion | number | undefined>;
  /** One version, deleted ones included where the registry still has them; undefined where there is none (yet). */
  version(eventType: string, version: number): Promise<RegisteredVersion | undefined>;
  /** Whether versions may be there beyond the newest: softly deleted ones. */
  readonly mayHideLast: boolean;
}

export interface HeldVersions {
  /** All versions, ascending; asks only for what it has not seen. Calls at the same time share the requests. */
  read(eventType: string): Promise<RegisteredVersion[]>;
  /** The same, and looks behind the newest version once more. */
  readAll(eventType: string): Promise<RegisteredVersion[]>;
  /** Remembers a version that has just been published. */
  hold(eventType: string, version: RegisteredVersion): void;
}

/** Versions that are asked for at the same time. */
const AT_ONCE = 8;

/** A number above it is none that a registry gives. */
const MAX_VERSION = 100_000;

/**
 * The versions that a registry was seen to have. A version never changes, so each is asked for once; while there is none
 * that is new, one request is all that reading takes. What was seen stays when the registry deletes it: events that were
 * written with it are still there.
 */
export function holdVersions(source: VersionSource): HeldVersions {
  const held = new Map<string, Map<number, RegisteredVersion>>();

  const hold = (eventType: string, version: RegisteredVersion): void => {
    const known = held.get(eventType) ?? new Map<number, RegisteredVersion>();
    held.set(eventType, known);
    if (!known.has(version.version)) known.set(version.version, version);
  };

  const fetch = async (eventType: string, lookBehind: boolean): Promise<RegisteredVersion[]> => {
    const seen = (version: number): boolean => held.get(eventType)?.has(version) ?? false;
    const first = !held.has(eventType);
    const newest = await source.newest(eventType);
    const last = typeof newest === 'object' ? newest.version : (newest ?? 0);
    if (last > MAX_VERSION) {
      const why = `says that the newest version is ${last}; more than ${MAX_VERSION} are not read`;
      throw new SluiceError('SLUICE_REGISTRY_UNAVAILABLE', `the registry of ${eventType} ${why}`);
    }
    if (typeof newest === 'object') hold(eventType, newest);
    const missing = Array.from({ length: last }, (_, index) => index + 1).filter((version) => !seen(version));
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      const asked = missing.slice(at, at + AT_ONCE).map((version) => source.version(eventType, version));
      for (const version of await Promise.all(asked)) if (version !== undefined) hold(eventType, version);
    }
    if (source.mayHideLast && (first || lookBehind)) {
      for (let next = last + 1; next <= MAX_VERSION; next += 1) {
        const hidden = seen(next) ? undefined : await source.version(eventType, next);
        if (hidden === undefined && !seen(next)) break;
        if (hidden !== undefined) hold(eventType, hidden);
      }
    }
    return [...(held.get(eventType)?.values() ?? [])].sort((a, b) => a.version - b.version);
  };

  const shared = singleFlight((eventType) => fetch(eventType, false));
  const sharedAll = singleFlight((eventType) => fetch(eventType, true));
  return {
    read: async (eventType) => [...(await shared(eventType))],
    readAll: async (eventType) => [...(await sharedAll(eventType))],
    hold,
  };
}
