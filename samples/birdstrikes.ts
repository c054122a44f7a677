import { SluiceError } from '../src/errors.ts';
import { contentIds } from './content-id.ts';
import { loadPackage, readDataFile } from './packages.ts';
import type { Sample } from './sample.ts';

/** A row of the FAA's extract, by the names in its header. Every value is text, and empty text says "not reported". */
export type BirdStrikeRow = Readonly<
  Record<
    | 'Airport Name'
    | 'Aircraft Make Model'
    | 'Effect Amount of damage'
    | 'Flight Date'
    | 'Aircraft Airline Operator'
    | 'Origin State'
    | 'Phase of flight'
    | 'Wildlife Size'
    | 'Wildlife Species'
    | 'Time of day'
    | 'Cost Other'
    | 'Cost Repair'
    | 'Cost Total $'
    | 'Speed IAS in knots',
    string
  >
>;

export type BirdStrikeEvent = ReturnType<typeof birdStrikeEvent>;

/** Strikes reported to the FAA from 1990 to 2002. */
export const birdStrikes: Sample<BirdStrikeRow, BirdStrikeEvent> = {
  eventType: 'aviation.birdstrike',
  source: 'FAA wildlife strikes, birdstrikes.csv of vega-datasets',
  count: 10_000,
  rows() {
    const { parse } = loadPackage<typeof import('csv-parse/sync')>('csv-parse/sync');
    return parse<BirdStrikeRow>(readDataFile('birdstrikes.csv'), { columns: true });
  },
  *events() {
    const idOf = contentIds();
    for (const row of this.rows()) yield birdStrikeEvent(idOf(row), row);
  },
};

function birdStrikeEvent(id: string, row: BirdStrikeRow) {
  const speed = row['Speed IAS in knots'];
  return {
    id,
    airport: row['Airport Name'],
    aircraft: row['Aircraft Make Model'],
    operator: row['Aircraft Airline Operator'],
    origin_state: row['Origin State'],
    flight_date: row['Flight Date'],
    flight_phase: symbolOf(PHASES, row, 'Phase of flight'),
    time_of_day: symbolOf(TIMES_OF_DAY, row, 'Time of day'),
    speed_knots: speed === '' ? null : Number(speed),
    wildlife: { species: row['Wildlife Species'], size: symbolOf(SIZES, row, 'Wildlife Size') },
    damage: symbolOf(DAMAGES, row, 'Effect Amount of damage'),
    cost: { repair: row['Cost Repair'], other: row['Cost Other'], total: row['Cost Total $'] },
  };
}

// One to one, so that a symbol says which text it came from; the rule is the schema's.
const PHASES = {
  Parked: 'parked',
  Taxi: 'taxi',
  'Take-off run': 'take_off_run',
  Climb: 'climb',
  Descent: 'descent',
  Approach: 'approach',
  'Landing Roll': 'landing_roll',
};
const TIMES_OF_DAY = { Dawn: 'dawn', Day: 'day', Dusk: 'dusk', Night: 'night' };
const SIZES = { Small: 'small', Medium: 'medium', Large: 'large' };
const DAMAGES = { None: 'none', Minor: 'minor', Medium: 'medium', Substantial: 'substantial', B: 'b', C: 'c' };

function symbolOf(symbols: Readonly<Record<string, string>>, row: BirdStrikeRow, column: keyof BirdStrikeRow): string {
  const text = row[column];
  if (Object.hasOwn(symbols, text)) return symbols[text]!;
  throw new SluiceError('SLUICE_ENUM_SYMBOL', `birdstrikes.csv: "${text}" in "${column}" has no symbol in the schema`);
}
