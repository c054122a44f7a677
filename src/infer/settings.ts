import { isEventId } from '../codec/event-id.ts';

/** A field as it is written into the schema. */
export interface InferredField {
  readonly name: string;
  readonly type: unknown;
  readonly default?: null;
  readonly doc: string;
}

/** Settings that the samples suggest, for the schema's `sluice` property. */
export interface InferredSettings {
  readonly key?: string;
  readonly eventId?: string;
  readonly eventTime?: string;
}

/** Samples after which a field that is never the same may be an id, though its name says less. */
const MANY = 20;

/** Proposes what names, times and keys an event, among the fields of the root. */
export function inferSettings(
  eventType: string,
  fields: readonly InferredField[],
  events: readonly Readonly<Record<string, unknown>>[],
): { readonly settings: InferredSettings; readonly unsure: readonly string[] } {
  const unsure: string[] = [];
  const eventId = eventIdOf(eventType, fields, events, unsure);
  const eventTime = eventTimeOf(fields, unsure);
  const key = keyOf(fields, eventId, unsure);
  return {
    settings: {
      ...(key === undefined ? {} : { key }),
      ...(eventId === undefined ? {} : { eventId }),
      ...(eventTime === undefined ? {} : { eventTime }),
    },
    unsure,
  };
}

const ID = /(?:^|_)id$|Id$/;

function eventIdOf(
  eventType: string,
  fields: readonly InferredField[],
  events: readonly Readonly<Record<string, unknown>>[],
  unsure: string[],
): string | undefined {
  const own = eventType.split(/[._-]/).at(-1)!;
  const certain = ['event_id', 'eventId', 'id', `${own}_id`, `${own}Id`];
  const named = fields.filter(
    // It can't be null.
    ({ name, type }) => ID.test(name) && !Array.isArray(type) && ['string', 'string uuid'].includes(kindOf(type)),
  );
  const usable = named.filter(({ name }) => {
    const values = events.map((event) => event[name]);
    if (new Set(values).size === values.length) return values.every((value) => isEventId(value as string));
    if (certain.includes(name)) unsure.push(`$.${name}: it repeats, so it is not sluice.eventId`);
    return false;
  });
  const best =
    certain.find((name) => usable.some((field) => field.name === name)) ??
    (usable.length === 1 && events.length >= MANY ? usable[0]!.name : undefined);
  if (best === undefined) unsure.push('$: no field names each event; without sluice.eventId the edge makes up an id');
  else if (events.length < MANY || !certain.includes(best)) {
    unsure.push(
      `$.${best}: sluice.eventId, by its name and since no two samples share it; an equal id is the same event`,
    );
  }
  return best;
}

const TIME_NAMES = ['occurred_at', 'occurredAt', 'event_time', 'eventTime', 'timestamp', 'time', 'ts'];

function eventTimeOf(fields: readonly InferredField[], unsure: string[]): string | undefined {
  const instants = fields.filter(({ type }) => /timestamp/.test(kindOf(type)));
  const timed = instants.length > 0 ? instants : fields.filter(({ type }) => kindOf(type) === 'int date');
  const names = timed.map(({ name }) => name);
  const best = TIME_NAMES.find((name) => names.includes(name)) ?? names[0];
  if (names.length > 1) unsure.push(`$.${best}: sluice.eventTime, among ${names.join(', ')}`);
  return best;
}

/** The one field that names something else than the event. */
function keyOf(fields: readonly InferredField[], eventId: string | undefined, unsure: string[]): string | undefined {
  const named = fields.filter(
    ({ name, type }) =>
      name !== eventId && ID.test(name) && ['string', 'string uuid', 'int', 'long'].includes(kindOf(type)),
  );
  if (named.length !== 1) {
    unsure.push('$: no sluice.key, so events are spread over partitions; name the field whose events must keep order');
    return undefined;
  }
  unsure.push(`$.${named[0]!.name}: sluice.key, by its name: events of one value keep their order`);
  return named[0]!.name;
}

/** Underlying and logical type of a field, nullable or not: `long timestamp-millis`. */
function kindOf(type: unknown): string {
  if (Array.isArray(type)) return type.length === 2 && type[0] === 'null' ? kindOf(type[1]) : 'union';
  if (typeof type === 'string') return type;
  const { type: base, logicalType } = type as { type: string; logicalType?: string };
  return logicalType === undefined ? base : `${base} ${logicalType}`;
}
