import { expect, test } from 'vitest';
import { type FlightEvent, type FlightRow, flights } from '../../samples/flights.ts';

test.each([false, true])('every flight turns back into its source row, value by value (large: %s)', (large) => {
  const rows = flights.rows({ large });
  const wrong = Array.from(flights.events({ large }), sourceOf).flatMap((row, index) =>
    JSON.stringify(row) === JSON.stringify(rows[index]) ? [] : [{ row, source: rows[index] }],
  );
  expect(wrong.slice(0, 3)).toEqual([]);
});

test('flights of the two sets say which set and release they are of', () => {
  const [dated] = flights.events();
  const [timed] = flights.events({ large: true });
  expect(dated!.attributes).toEqual({ dataset: 'flights-20k', release: '3.2.1' });
  expect(timed!.attributes).toEqual({ dataset: 'flights-200k', release: '3.2.1' });
});

test('a row exactly like an earlier one is an event with an id of its own', () => {
  const ids = Array.from(flights.events({ large: true }), ({ id }) => id);
  expect(ids.filter((id) => id.includes('-'))).toHaveLength(6_073);
  const [first] = flights.events();
  expect(first!.id).toBe('0ea49136d158503b2642e6e8');
});

function sourceOf({ departed_at, departure_time, ...event }: FlightEvent): FlightRow {
  const { delay_minutes: delay, distance_miles: distance } = event;
  if (departure_time !== undefined) {
    const [hours, minutes] = departure_time.split(':').map(Number) as [number, number];
    // The set was made by multiplying with a sixtieth: dividing by 60 gives other last digits.
    return { delay, distance, time: hours + minutes * (1 / 60) };
  }
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d):00$/.exec(departed_at!)!;
  return {
    date: `${year}/${month}/${day} ${time}`,
    delay,
    distance,
    origin: event.origin!,
    destination: event.destination!,
  };
}
