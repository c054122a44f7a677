/** What `sluice schema types` writes in the place of this module: the event types of a schemas folder. */

/** The body of each event type, by its name. */
export interface EventTypes {
  readonly [eventType: string]: unknown;
}

/** The field of each event type that holds the event id; null where no field does. */
export const EVENT_ID_FIELDS: { readonly [Type in keyof EventTypes]: string | null } = {};
