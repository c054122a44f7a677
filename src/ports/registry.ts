import type { SchemaIds } from '../schema/history.ts';

/**
 * Where schemas come from: a folder in git, a Confluent-compatible registry, AWS Glue Schema Registry. It says what is
 * there, whatever that is; whether a version is fit for use is judged by whoever reads it.
 */
export interface Registry {
  /** Every event type that has at least one version, in lexicographic order. */
  eventTypes(): Promise<string[]>;

  /**
   * All versions of one event type, oldest first; none where the registry does not know it. A version never changes, so
   * an adapter asks for each of them once.
   *
   * @throws SluiceError SLUICE_REGISTRY_UNAVAILABLE.
   */
  versions(eventType: string): Promise<RegisteredVersion[]>;

  /**
   * Makes `definition` the version `version`. Where it is there already with the same text, nothing happens.
   *
   * @returns whether it is new.
   * @throws SluiceError SLUICE_SCHEMA_PUBLISHED when that version has another text, or numbers would not follow one
   *   another; SLUICE_REGISTRY_REFUSED with the rule that the registry names; SLUICE_REGISTRY_UNAVAILABLE: it may or may
   *   not be there then, and publishing again is safe.
   */
  publish(eventType: string, version: number, definition: unknown): Promise<Published>;
}

/** One version as its registry has it: its schema, or why it has none. */
export type RegisteredVersion = {
  /** 1, 2, 3 ...; the number of a deleted version is missing. */
  readonly version: number;
  readonly ids: SchemaIds;
  /** Where it is, for messages: a file, or the address of the registry. */
  readonly source: string;
} & ({ readonly definition: unknown } | { readonly unreadable: string });

export interface Published {
  readonly isNew: boolean;
  readonly ids: SchemaIds;
}
