import { readDataFile } from './packages.ts';
import type { Sample } from './sample.ts';

/** A GeoJSON feature of the USGS feed. Source: USGS, "GeoJSON Summary Format". */
export interface EarthquakeRow {
  readonly type: 'Feature';
  readonly id: string;
  readonly properties: {
    readonly mag: number | null;
    readonly place: string | null;
    /** Epoch milliseconds. */
    readonly time: number;
    /** Epoch milliseconds. */
    readonly updated: number;
    /** Minutes. */
    readonly tz: number | null;
    readonly url: string;
    readonly detail: string;
    readonly felt: number | null;
    readonly cdi: number | null;
    readonly mmi: number | null;
    readonly alert: string | null;
    readonly status: string;
    readonly tsunami: 0 | 1;
    readonly sig: number;
    readonly net: string;
    readonly code: string;
    /** Comma-separated, with a comma at either end, as are the two that follow. */
    readonly ids: string;
    readonly sources: string;
    readonly types: string;
    readonly nst: number | null;
    readonly dmin: number | null;
    readonly rms: number | null;
    readonly gap: number | null;
    readonly magType: string | null;
    readonly type: string;
    readonly title: string;
  };
  readonly geometry: {
    readonly type: 'Point';
    readonly coordinates: readonly [longitude: number, latitude: number, depth: number];
  };
}

export type EarthquakeEvent = ReturnType<typeof earthquakeEvent>;

/** A week of earthquakes, as the USGS published it in February 2018. */
export const earthquakes: Sample<EarthquakeRow, EarthquakeEvent> = {
  eventType: 'seismic.earthquake',
  source: 'USGS earthquakes of one week, earthquakes.json of vega-datasets',
  count: 1_707,
  rows: () => (JSON.parse(readDataFile('earthquakes.json')) as { features: EarthquakeRow[] }).features,
  *events() {
    for (const row of this.rows()) yield earthquakeEvent(row);
  },
};

function earthquakeEvent({ id, properties: values, geometry }: EarthquakeRow) {
  const { felt, cdi, mmi } = values;
  const [longitude, latitude, depth] = geometry.coordinates;
  return {
    id,
    magnitude: values.mag,
    magnitude_type: values.magType,
    place: values.place,
    occurred_at: values.time,
    status: values.status,
    kind: values.type,
    tsunami: values.tsunami === 1,
    location: { longitude, latitude, depth_km: depth, utc_offset_minutes: values.tz },
    url: values.url,
    updated_at: values.updated,
    title: values.title,
    detail_url: values.detail,
    significance: values.sig,
    alert: values.alert,
    catalog: {
      network: values.net,
      code: values.code,
      ids: listOf(values.ids),
      networks: listOf(values.sources),
      products: listOf(values.types),
    },
    quality: {
      station_count: values.nst,
      nearest_station_degrees: values.dmin,
      rms_seconds: values.rms,
      azimuthal_gap_degrees: values.gap,
    },
    impact:
      felt === null && cdi === null && mmi === null
        ? null
        : { felt_reports: felt, community_intensity: cdi, instrumental_intensity: mmi },
  };
}

/** The items of `,a,b,`. */
function listOf(text: string): string[] {
  return text.slice(1, -1).split(',');
}
