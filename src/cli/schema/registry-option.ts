import { Option } from 'commander';
import { type OpenedRegistry, openRegistry } from '../../adapters/registry/open.ts';
import { SluiceError } from '../../errors.ts';
import type { RegisteredVersion, Registry } from '../../ports/registry.ts';

/** What names the registry where no option does. */
const VARIABLE = 'SLUICE_REGISTRY';
/** Event types that are asked for at the same time. */
const AT_ONCE = 8;

/** An option that takes the address of a registry, such as `--to <address>`. */
export function registryOption(flag: string): Option {
  return new Option(
    `${flag} <address>`,
    'the registry: http(s)://host[:port][/path], glue://<name>?region=.., or a folder',
  ).env(VARIABLE);
}

/**
 * Opens the registry that an option or the environment names.
 *
 * @throws SluiceError SLUICE_USAGE where neither does, or it is no address.
 */
export async function openNamedRegistry(address: string | undefined, flag: string): Promise<OpenedRegistry> {
  if (address === undefined || address === '') {
    throw new SluiceError('SLUICE_USAGE', `no registry is named: give ${flag} ADDRESS, or set ${VARIABLE}`);
  }
  return openRegistry(address, process.env);
}

/** What a registry has of one event type. */
export interface RegisteredType {
  readonly eventType: string;
  /** Ascending; none where the registry does not know it. */
  readonly versions: readonly RegisteredVersion[];
}

/** What a registry has of some event types, in their order. */
export async function readRegistered(registry: Registry, eventTypes: readonly string[]): Promise<RegisteredType[]> {
  const files: RegisteredType[] = [];
  for (let at = 0; at < eventTypes.length; at += AT_ONCE) {
    const some = eventTypes
      .slice(at, at + AT_ONCE)
      .map(async (eventType) => ({ eventType, versions: await registry.versions(eventType) }));
    files.push(...(await Promise.all(some)));
  }
  return files;
}
