import { type SchemaHistory, schemaHistory, schemaVersion } from '../../src/schema/history.ts';

/** A history from the fields of each version. */
export function historyOfFields(
  eventType: string,
  versions: readonly (readonly unknown[])[],
  sluice: Readonly<Record<string, unknown>> = {},
): SchemaHistory {
  return schemaHistory(
    eventType,
    versions.map((fields, index) =>
      schemaVersion(eventType, index + 1, { type: 'record', name: 'Event', sluice, fields }),
    ),
  );
}
