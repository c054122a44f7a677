/** A flight by number, made from a seed: what is sent, and what the view must show. */
export interface NumberedEvents {
  readonly eventType: string;
  readonly seed: number;
  id(number: number): string;
  /** The number in an id that `id` made. */
  numberOf(id: string): number;
  /** The body of event `number`, the same at every call. */
  body(number: number): Record<string, unknown>;
  /** The columns that follow the system columns, as a query gives them; JSON columns parsed. */
  row(number: number): Record<string, unknown>;
}

/** What has ever been lost or bent on its way through JSON, Avro, CSV and SQL. */
const HOSTILE = [
  ...[
    '',
    ' ',
    ',',
    '"',
    "'",
    '\\',
    '\\N',
    '\\\\N',
    '\\n',
    '\n',
    '\r\n',
    '\r',
    '\t',
    '\0',
    '\u001b',
    '\u001bn',
    '\u001be',
  ],
  ...[
    '\ufeff',
    '\u0085',
    '\u2028',
    '\u202eright to left',
    '😀',
    'é',
    '%00',
    '&amp;',
    '=cmd()',
    '{"a":1}',
    'null',
    'NaN',
  ],
  ...['ATL', 'a longer text that is not remarkable in any way, but for its comma'],
];
const KEYS = ['__proto__', 'constructor', '', '1', 'tail number', 'a,b', '"', '\\N', '\n', 'ключ'];

/** Events of a type that has the schema of `aviation.flight`. */
export function numberedEvents(eventType: string, seed: number): NumberedEvents {
  const draw = (number: number) => {
    const random = randomFrom(seed ^ Math.imul(number + 1, 0x9e3779b1));
    const below = (limit: number) => Math.floor(random() * limit);
    const text = () => Array.from({ length: below(4) }, () => HOSTILE[below(HOSTILE.length)]).join('');
    const perhaps = <T>(value: T) => (below(4) === 0 ? null : value);
    return {
      departedAt: perhaps(below(2 ** 31) * 1_000 + below(1_000)),
      departedAsText: below(2) === 0,
      departureTime: perhaps(below(86_400)),
      origin: perhaps(text()),
      destination: perhaps(text()),
      delay: below(2_000) - 1_000,
      distance: below(2 ** 31) - 2 ** 30,
      attributes: Object.fromEntries(Array.from({ length: below(4) }, () => [KEYS[below(KEYS.length)]!, text()])),
    };
  };
  const id = (number: number) => `${eventType}:${seed}~${number}`;
  return {
    eventType,
    seed,
    id,
    numberOf: (text) => Number(/~(\d+)$/.exec(text)?.[1]),
    body(number) {
      const { departedAt, departedAsText, departureTime, origin, destination, ...rest } = draw(number);
      return {
        id: id(number),
        departed_at: departedAt !== null && departedAsText ? isoText(departedAt) : departedAt,
        departure_time: departureTime === null ? null : clockText(departureTime),
        // Null is also what a field with a default is when it is not there.
        ...(origin === null && departedAsText ? {} : { origin }),
        destination,
        delay_minutes: rest.delay,
        distance_miles: rest.distance,
        attributes: rest.attributes,
      };
    },
    row(number) {
      const { departedAt, departureTime, origin, destination, delay, distance, attributes } = draw(number);
      return {
        id: id(number),
        departed_at: departedAt === null ? null : isoText(departedAt).replace('T', ' '),
        departure_time: departureTime === null ? null : clockText(departureTime),
        origin,
        destination,
        delay_minutes: delay,
        distance_miles: distance,
        attributes,
      };
    },
  };
}

function isoText(epochMillis: number): string {
  return new Date(epochMillis).toISOString().slice(0, -1);
}

function clockText(seconds: number): string {
  return isoText(seconds * 1_000).slice(11, 19);
}

/** A generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
