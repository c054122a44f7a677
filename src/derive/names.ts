/** What an event type is called elsewhere. One place for each name, so that no two artefacts can disagree. */

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
