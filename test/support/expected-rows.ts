import { createHash } from 'node:crypto';
import { type BirdStrikeRow, birdStrikes } from '../../samples/birdstrikes.ts';
import { type EarthquakeRow, earthquakes } from '../../samples/earthquakes.ts';
import { type DatedFlightRow, flights } from '../../samples/flights.ts';
import { dataRelease } from '../../samples/packages.ts';

/** Column name -> value, as `expectedRows` describes it. */
export type ExpectedRow = Readonly<Record<string, unknown>>;

/**
 * What the decoded view of an event type must show once its sample has gone through every stage, by event id: a column
 * and value for all that follows the system columns.
 *
 * It is worked out from the source rows alone, without schema, event or codec, so that a fault in any of these shows.
 * Values are JSON: numbers and booleans as they are; timestamps `yyyy-MM-dd HH:mm:ss.SSS`; dates `yyyy-MM-dd`; decimals
 * as text with every digit of their scale; JSON columns parsed; null.
 */
export function expectedRows(eventType: string): Map<string, ExpectedRow> {
  const rows = SOURCES[eventType]?.();
  if (rows === undefined) throw new Error(`${eventType} has no sample`);
  const byId = new Map(rows.map((row) => [row.id as string, row]));
  if (byId.size !== rows.length) throw new Error(`${eventType}: two rows share an id`);
  return byId;
}

const SOURCES: Readonly<Record<string, () => ExpectedRow[]>> = {
  'seismic.earthquake': () => earthquakes.rows().map(earthquakeRow),
  'aviation.birdstrike': () => withIds(birdStrikes.rows()).map(birdStrikeRow),
  'aviation.flight': () => withIds(flights.rows() as DatedFlightRow[]).map(flightRow),
};

function earthquakeRow({ id, properties: p, geometry: { coordinates } }: EarthquakeRow): ExpectedRow {
  const isFelt = [p.felt, p.cdi, p.mmi].some((value) => value !== null);
  return {
    id,
    magnitude: p.mag,
    magnitude_type: p.magType,
    place: p.place,
    occurred_at: utc(p.time),
    status: p.status,
    kind: p.type,
    tsunami: Boolean(p.tsunami),
    location_longitude: coordinates[0],
    location_latitude: coordinates[1],
    location_depth_km: coordinates[2],
    url: p.url,
    location_utc_offset_minutes: p.tz,
    updated_at: utc(p.updated),
    title: p.title,
    detail_url: p.detail,
    significance: p.sig,
    alert: p.alert,
    catalog_network: p.net,
    catalog_code: p.code,
    catalog_ids: p.ids.split(',').filter(Boolean),
    catalog_networks: p.sources.split(',').filter(Boolean),
    catalog_products: p.types.split(',').filter(Boolean),
    quality_station_count: p.nst,
    quality_nearest_station_degrees: p.dmin,
    quality_rms_seconds: p.rms,
    quality_azimuthal_gap_degrees: p.gap,
    impact: isFelt ? { felt_reports: p.felt, community_intensity: p.cdi, instrumental_intensity: p.mmi } : null,
  };
}

function birdStrikeRow([id, row]: readonly [string, BirdStrikeRow]): ExpectedRow {
  const speed = row['Speed IAS in knots'];
  return {
    id,
    airport: row['Airport Name'],
    aircraft: row['Aircraft Make Model'],
    operator: row['Aircraft Airline Operator'],
    origin_state: row['Origin State'],
    flight_date: row['Flight Date'],
    flight_phase: symbol(row['Phase of flight']),
    time_of_day: symbol(row['Time of day']),
    speed_knots: speed === '' ? null : Number(speed),
    wildlife_species: row['Wildlife Species'],
    wildlife_size: symbol(row['Wildlife Size']),
    damage: symbol(row['Effect Amount of damage']),
    // All costs of the source are whole dollars; a test says so.
    cost_repair: `${row['Cost Repair']}.00`,
    cost_other: `${row['Cost Other']}.00`,
    cost_total: `${row['Cost Total $']}.00`,
    remarks: null,
  };
}

function flightRow([id, row]: readonly [string, DatedFlightRow]): ExpectedRow {
  const [year, month, day, hour, minute] = row.date.split(/[/ :]/);
  return {
    id,
    departed_at: `${year}-${month}-${day} ${hour}:${minute}:00.000`,
    departure_time: null,
    origin: row.origin,
    destination: row.destination,
    delay_minutes: row.delay,
    distance_miles: row.distance,
    attributes: { dataset: 'flights-20k', release: dataRelease() },
  };
}

function symbol(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '_');
}

function utc(epochMillis: number): string {
  return new Date(epochMillis).toISOString().replace('T', ' ').replace('Z', '');
}

/** The ids that the schemas describe, for flat rows. */
function withIds<Row extends object>(rows: readonly Row[]): (readonly [string, Row])[] {
  const seen: Record<string, number> = {};
  return rows.map((row) => {
    const text = JSON.stringify(Object.fromEntries(Object.entries(row).sort()));
    const digest = createHash('sha256').update(text).digest('hex').substring(0, 24);
    seen[digest] = (seen[digest] ?? 0) + 1;
    return [seen[digest] > 1 ? `${digest}-${seen[digest]}` : digest, row] as const;
  });
}
