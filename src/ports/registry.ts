import type { SchemaHistory } from '../schema/history.ts';

/** Where schemas come from: a folder in git, a Confluent-compatible registry, AWS Glue Schema Registry. */
export interface Registry {
  /** Every event type that has at least one version, in lexicographic order. */
  eventTypes(): Promise<string[]>;
  /**
   * All versions of one event type, oldest first.
   * @throws SluiceError SLUICE_EVENT_TYPE_UNKNOWN, SLUICE_SCHEMA_INVALID.
   */
  history(eventType: string): Promise<SchemaHistory>;
}
