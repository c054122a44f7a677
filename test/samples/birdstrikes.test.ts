import { expect, test } from 'vitest';
import { type BirdStrikeEvent, birdStrikes } from '../../samples/birdstrikes.ts';
import { readDataFile } from '../../samples/packages.ts';

const HEADER =
  'Airport Name,Aircraft Make Model,Effect Amount of damage,Flight Date,Aircraft Airline Operator,Origin State,' +
  'Phase of flight,Wildlife Size,Wildlife Species,Time of day,Cost Other,Cost Repair,Cost Total $,Speed IAS in knots';

test('the bird strikes turn back into their source file, byte by byte', () => {
  // No value of the file holds a comma or a quote, or this would not hold.
  expect([HEADER, ...Array.from(birdStrikes.events(), sourceOf)].join('\r\n')).toBe(readDataFile('birdstrikes.csv'));
});

test('a row exactly like an earlier one is an event with an id of its own', () => {
  const ids = Array.from(birdStrikes.events(), ({ id }) => id);
  expect(ids[0]).toBe('d8496e83974fc9874f20a251');
  expect(ids.every((id) => /^[0-9a-f]{24}(-[2-9])?$/.test(id))).toBe(true);
  const repeats = ids.filter((id) => id.includes('-'));
  expect(repeats).toHaveLength(24);
  expect(repeats.every((id) => ids.includes(id.slice(0, 24)))).toBe(true);
});

const TEXTS: Readonly<Record<string, string>> = {
  take_off_run: 'Take-off run',
  landing_roll: 'Landing Roll',
};

/** The FAA's text for a symbol: it begins with a capital letter. */
function textOf(symbol: string): string {
  return TEXTS[symbol] ?? symbol.charAt(0).toUpperCase() + symbol.slice(1);
}

function sourceOf(event: BirdStrikeEvent): string {
  return [
    event.airport,
    event.aircraft,
    textOf(event.damage),
    event.flight_date,
    event.operator,
    event.origin_state,
    textOf(event.flight_phase),
    textOf(event.wildlife.size),
    event.wildlife.species,
    textOf(event.time_of_day),
    event.cost.other,
    event.cost.repair,
    event.cost.total,
    event.speed_knots === null ? '' : String(event.speed_knots),
  ].join(',');
}
