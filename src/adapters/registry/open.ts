import { SluiceError } from '../../errors.ts';
import type { Registry } from '../../ports/registry.ts';
import type { SchemaIds } from '../../schema/history.ts';
import { openFolderRegistry } from './folder.ts';

export interface OpenedRegistry {
  readonly registry: Registry;
  /** The framings that its ids serve: a registry knows its own only, a folder both. */
  readonly framings: readonly (keyof SchemaIds)[];
  /** The address, for messages; never with credentials. */
  readonly address: string;
}

/** Settings that are no part of an address: `SLUICE_REGISTRY_USER`, `SLUICE_REGISTRY_PASSWORD`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the registry at an address; nothing is asked of it yet.
 *
 * - a path: the folder, `<event type>/v<N>.avsc`
 * - `http(s)://host[:port][/path]`: one that speaks Confluent Schema Registry's API
 * - `glue://<registry name>[?region=..&endpoint=..]`: AWS Glue Schema Registry, with the credentials that the AWS SDK finds
 *
 * The clients of the latter two are loaded when they are needed: who has a folder does not wait for them.
 *
 * @throws SluiceError SLUICE_USAGE for an address of another form, or one that holds credentials.
 */
export async function openRegistry(address: string, env: Environment): Promise<OpenedRegistry> {
  // One letter before the colon is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(address)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return { registry: openFolderRegistry(address), framings: ['confluent', 'glue'], address };
    case 'http':
    case 'https': {
      const { openConfluentRegistry } = await import('./confluent.ts');
      const registry = openConfluentRegistry({ url: address, auth: credentials(env) });
      return { registry, framings: ['confluent'], address };
    }
    case 'glue': {
      const options = glueAddress(address);
      const { openGlueRegistry } = await import('./glue.ts');
      return { registry: openGlueRegistry(options), framings: ['glue'], address };
    }
    default: {
      const forms = 'a folder, http(s)://host[:port][/path], or glue://<registry name>[?region=..&endpoint=..]';
      throw new SluiceError('SLUICE_USAGE', `a schema registry is ${forms}; none of them begins with ${scheme}:`);
    }
  }
}

/**
 * The framing of records that are written with a registry's schemas: the one that is wanted, else the registry's first.
 *
 * @throws SluiceError SLUICE_USAGE where the registry gives no ids for it.
 */
export function framingFor(
  { framings, address }: OpenedRegistry,
  wanted: keyof SchemaIds | undefined,
): keyof SchemaIds {
  const framing = wanted ?? framings[0]!;
  if (framings.includes(framing)) return framing;
  const why = `${address} gives schema ids for the framing "${framings.join()}" only, and none for "${framing}"`;
  throw new SluiceError('SLUICE_USAGE', why);
}

function credentials(env: Environment): { readonly username: string; readonly password: string } | undefined {
  const { SLUICE_REGISTRY_USER: username = '', SLUICE_REGISTRY_PASSWORD: password = '' } = env;
  if ((username === '') !== (password === '')) {
    const why = 'SLUICE_REGISTRY_USER and SLUICE_REGISTRY_PASSWORD go together: one of them is not set';
    throw new SluiceError('SLUICE_USAGE', why);
  }
  return username === '' ? undefined : { username, password };
}

interface GlueAddress {
  readonly registryName: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

function glueAddress(address: string): GlueAddress {
  const form = 'glue://<registry name>[?region=..&endpoint=..]';
  const [, name, query = ''] = /^glue:\/\/([A-Za-z0-9$#._-]{1,255})\/?(?:\?(.*))?$/i.exec(address) ?? [];
  if (name === undefined) throw new SluiceError('SLUICE_USAGE', `the address of a Glue registry is ${form}`);
  const params = new URLSearchParams(query);
  for (const key of params.keys()) {
    if (key !== 'region' && key !== 'endpoint') {
      throw new SluiceError('SLUICE_USAGE', `the address of a Glue registry is ${form}; "${key}" is none of it`);
    }
  }
  const endpoint = params.get('endpoint') || undefined;
  if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:\/\/[^@]*$/.test(endpoint))) {
    throw new SluiceError('SLUICE_USAGE', `the endpoint of a Glue registry is a URL without credentials`);
  }
  return { registryName: name, region: params.get('region') || undefined, endpoint };
}
