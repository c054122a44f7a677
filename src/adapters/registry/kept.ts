import type { SluiceError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RegisteredVersion, Registry } from '../../ports/registry.ts';
import { canonicalJson } from '../../schema/canonical-json.ts';
import { isEventType } from '../../schema/history.ts';
import { circuit } from './circuit.ts';
import { keptFiles } from './kept-files.ts';
import { singleFlight } from './single-flight.ts';

export interface KeepOptions {
  /** By default, the system's. */
  readonly clock?: Clock | undefined;
  /** Called when the registry is away and answers come from the folder; once an outage. */
  readonly onStale?: ((error: SluiceError) => void) | undefined;
  /** Called when the registry is back. */
  readonly onFresh?: (() => void) | undefined;
  /** Called with what somebody should look at: a folder that takes no writes, a registry that changed what never changes. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * A registry whose answers outlive it: everything read of `registry` is kept in `folder`, and answers from there when the
 * registry is away, also after a restart. Versions that the registry has lost stay.
 *
 * Publishing always goes to the registry.
 *
 * @param folder of this registry alone; it need not exist. Removing it forgets what it kept.
 */
export function keepSchemas(registry: Registry, folder: string, options: KeepOptions = {}): Registry {
  const { clock = { now: Date.now }, onStale = () => {}, onFresh = () => {}, onWarning = () => {} } = options;
  const files = keptFiles(folder);
  const { run } = circuit(clock, onStale, onFresh);
  /** What the folder has of each event type, once it was read or written. */
  const kept = new Map<string, readonly RegisteredVersion[]>();
  const warned = new Set<string>();

  const warn = (message: string): void => {
    if (warned.has(message)) return;
    warned.add(message);
    onWarning(message);
  };

  const readKept = async (eventType: string): Promise<readonly RegisteredVersion[]> => {
    const known = kept.get(eventType);
    if (known !== undefined) return known;
    const versions = await files.read(eventType);
    // What somebody wrote in the meantime is newer.
    if (versions.length > 0 && !kept.has(eventType)) kept.set(eventType, versions);
    return kept.get(eventType) ?? [];
  };

  const keep = async (eventType: string, versions: readonly RegisteredVersion[]): Promise<void> => {
    try {
      await files.write(eventType, versions);
      kept.set(eventType, versions);
    } catch (error) {
      // The answer is good all the same; the next outage would find it missing.
      warn(`the schemas of ${eventType} cannot be kept in ${folder}: ${(error as Error).message}`);
    }
  };

  const readFresh = singleFlight(async (eventType) => {
    const [fresh, before] = await Promise.all([registry.versions(eventType), readKept(eventType)]);
    const merged = merge(fresh, before);
    for (const version of changed(fresh, before)) {
      warn(`${eventType} v${version} is another text in its registry than it was: the registry's counts`);
    }
    if (!areSame(merged, before)) await keep(eventType, merged);
    return merged;
  });

  return {
    async eventTypes() {
      const known = await files.eventTypes();
      return run(
        async () => [...new Set([...(await registry.eventTypes()), ...known])].sort(),
        async () => (known.length > 0 ? known : undefined),
      );
    },

    async versions(eventType) {
      if (!isEventType(eventType)) return registry.versions(eventType);
      return run(
        async () => [...(await readFresh(eventType))],
        async () => {
          const versions = await readKept(eventType);
          return versions.length > 0 ? [...versions] : undefined;
        },
      );
    },

    publish: (eventType, version, definition) => registry.publish(eventType, version, definition),
  };
}

/** What the registry has, and what only it had. */
function merge(fresh: readonly RegisteredVersion[], before: readonly RegisteredVersion[]): RegisteredVersion[] {
  const numbers = new Set(fresh.map(({ version }) => version));
  const lost = before.filter(({ version }) => !numbers.has(version));
  return [...fresh, ...lost].sort((a, b) => a.version - b.version);
}

function areSame(a: readonly RegisteredVersion[], b: readonly RegisteredVersion[]): boolean {
  return (
    a.length === b.length &&
    a.every((version, index) => version === b[index] || canonicalJson(version) === canonicalJson(b[index]))
  );
}

/** Numbers of versions that have another text than before, which should never be. */
function changed(fresh: readonly RegisteredVersion[], before: readonly RegisteredVersion[]): number[] {
  return fresh.flatMap((now) => {
    const then = before.find(({ version }) => version === now.version);
    if (then === undefined || !('definition' in then) || !('definition' in now)) return [];
    return canonicalJson(then.definition) === canonicalJson(now.definition) ? [] : [now.version];
  });
}
