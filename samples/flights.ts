import { contentIds } from './content-id.ts';
import { dataRelease, readDataFile } from './packages.ts';
import type { Sample } from './sample.ts';

/** A row of flights-20k.json. */
export interface DatedFlightRow {
  /** Departure, local: `yyyy/MM/dd HH:mm`. */
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** A row of flights-200k.json, which knows neither the day nor the airports. */
export interface TimedFlightRow {
  readonly delay: number;
  readonly distance: number;
  /** Departure, local, in hours since midnight; whole minutes. */
  readonly time: number;
}

export type FlightRow = DatedFlightRow | TimedFlightRow;

export type FlightEvent = ReturnType<typeof flightEvent>;

/** US domestic flights of the first quarter of 2001; `large` takes 200,000 flights of which less is known. */
export const flights: Sample<FlightRow, FlightEvent> = {
  eventType: 'aviation.flight',
  source: 'US on-time performance (BTS), flights-20k.json and flights-200k.json of vega-datasets',
  count: 20_000,
  rows: ({ large = false } = {}) => JSON.parse(readDataFile(`${dataSet(large)}.json`)) as FlightRow[],
  *events({ large = false } = {}) {
    const idOf = contentIds();
    const attributes = { dataset: dataSet(large), release: dataRelease() };
    for (const row of this.rows({ large })) yield flightEvent(idOf(row), row, attributes);
  },
};

function dataSet(large: boolean): string {
  return large ? 'flights-200k' : 'flights-20k';
}

function flightEvent(id: string, row: FlightRow, attributes: Readonly<Record<string, string>>) {
  const { delay: delay_minutes, distance: distance_miles } = row;
  return 'date' in row
    ? {
        id,
        departed_at: `${row.date.replaceAll('/', '-').replace(' ', 'T')}:00`,
        origin: row.origin,
        destination: row.destination,
        delay_minutes,
        distance_miles,
        attributes,
      }
    : { id, departure_time: timeOfDay(row.time), delay_minutes, distance_miles, attributes };
}

/** `HH:mm:ss` of a number of hours. */
function timeOfDay(hours: number): string {
  const minutes = Math.round(hours * 60);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}:00`;
}
