import { expect, test } from 'vitest';
import { type EarthquakeEvent, type EarthquakeRow, earthquakes } from '../../samples/earthquakes.ts';

test('every earthquake turns back into its source feature, value by value', () => {
  expect(Array.from(earthquakes.events(), sourceOf)).toEqual(earthquakes.rows());
});

test('the USGS id is the event id', () => {
  const [first] = earthquakes.events();
  expect(first!.id).toBe('ci37868143');
});

function sourceOf(event: EarthquakeEvent): EarthquakeRow {
  const { location, catalog, quality, impact } = event;
  return {
    type: 'Feature',
    properties: {
      mag: event.magnitude,
      place: event.place,
      time: event.occurred_at,
      updated: event.updated_at,
      tz: location.utc_offset_minutes,
      url: event.url,
      detail: event.detail_url,
      felt: impact === null ? null : impact.felt_reports,
      cdi: impact === null ? null : impact.community_intensity,
      mmi: impact === null ? null : impact.instrumental_intensity,
      alert: event.alert,
      status: event.status,
      tsunami: event.tsunami ? 1 : 0,
      sig: event.significance,
      net: catalog.network,
      code: catalog.code,
      ids: `,${catalog.ids.join(',')},`,
      sources: `,${catalog.networks.join(',')},`,
      types: `,${catalog.products.join(',')},`,
      nst: quality.station_count,
      dmin: quality.nearest_station_degrees,
      rms: quality.rms_seconds,
      gap: quality.azimuthal_gap_degrees,
      magType: event.magnitude_type,
      type: event.kind,
      title: event.title,
    },
    geometry: { type: 'Point', coordinates: [location.longitude, location.latitude, location.depth_km] },
    id: event.id,
  };
}
