/** What an event type is called elsewhere. One place for each name, so that no two artefacts can disagree. */

import { SluiceError } from '../errors.ts';

/** Kafka topic: the event type itself. */
export function topicName(eventType: string): string {
  return eventType;
}

/** Registry subject of the topic's values (TopicNameStrategy). */
export function subjectName(eventType: string): string {
  return `${topicName(eventType)}-value`;
}

/** De-duplicated view: the event type as an SQL identifier. */
export function viewName(eventType: string): string {
  return eventType.replace(/[^a-z0-9]/g, '_');
}

/** Decoded view with every delivered row, repeats included. */
export function allRowsViewName(eventType: string): string {
  return `all_${viewName(eventType)}`;
}

/** Table over the CSV objects. */
export function rawTableName(eventType: string): string {
  return `raw_${viewName(eventType)}`;
}

/** API Gateway model: alphanumeric only. */
export function modelName(eventType: string): string {
  return eventType.replace(/(?:^|[^a-z0-9])([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Prefix of the objects of an event type; partitions follow. */
export function objectPrefix(eventType: string): string {
  return `events/${eventType}/`;
}

/** The failed events of all types: one table, named as an event type would be. */
export const FAILED_EVENTS = 'failed_events';

/** Prefix of the objects that hold failed events; partitions follow. */
export function failedEventsPrefix(): string {
  return 'failed/';
}

/**
 * Refuses event types that would share the name of a table, view or model: `a.b` and `a_b`, `raw.x` beside `x`, or
 * `a.1` and `a1`.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID, naming both.
 */
export function refuseSharedNames(eventTypes: Iterable<string>): void {
  const owners = new Map<string, string>();
  for (const eventType of [FAILED_EVENTS, ...eventTypes]) {
    const names = [viewName(eventType), allRowsViewName(eventType), rawTableName(eventType), modelName(eventType)];
    for (const name of names) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw new SluiceError(
          'SLUICE_SCHEMA_INVALID',
          `${eventType}: its "${name}" would be called like one of ${owner}; rename the event type`,
        );
      }
      owners.set(name, eventType);
    }
  }
}
