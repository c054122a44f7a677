import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deriveLayout } from '../../src/derive/layout.ts';
import type { Node } from '../../src/schema/ast.ts';
import { HISTORIES, historyOf, SCHEMAS } from '../support/schemas.ts';

test('every folder of schemas is an event type', () => {
  expect(HISTORIES.map(({ eventType }) => eventType)).toEqual(readdirSync(SCHEMAS).sort());
});

describe.each(HISTORIES.map((history) => [history.eventType, history] as const))('%s', (_type, history) => {
  test('every version names its key, its event id and when it happened', () => {
    for (const { settings } of history.versions) {
      expect(settings).toEqual({
        key: expect.any(String),
        eventId: 'id',
        eventTime: expect.any(String),
        partitions: expect.any(Number),
        supersedes: [],
      });
    }
  });

  test('every type and every field says what it means', () => {
    const silent = history.versions.flatMap(({ version, root }) => undocumented(root, `v${version}`));
    expect(silent).toEqual([]);
  });
});

test('the columns of an earthquake are those of v1 in their places, then those of v2', () => {
  const { columns } = deriveLayout(historyOf('seismic.earthquake'));
  expect(columns.map(({ name, type, since }) => `v${since} ${name} ${type}`)).toEqual([
    'v1 id string',
    'v1 magnitude double',
    'v1 magnitude_type string',
    'v1 place string',
    'v1 occurred_at timestamp',
    'v1 status string',
    'v1 kind string',
    'v1 tsunami boolean',
    'v1 location_longitude double',
    'v1 location_latitude double',
    'v1 location_depth_km double',
    'v1 url string',
    'v2 location_utc_offset_minutes int',
    'v2 updated_at timestamp',
    'v2 title string',
    'v2 detail_url string',
    'v2 significance int',
    'v2 alert string',
    'v2 catalog_network string',
    'v2 catalog_code string',
    'v2 catalog_ids string',
    'v2 catalog_networks string',
    'v2 catalog_products string',
    'v2 quality_station_count int',
    'v2 quality_nearest_station_degrees double',
    'v2 quality_rms_seconds double',
    'v2 quality_azimuthal_gap_degrees double',
    'v2 impact string',
  ]);
});

test('costs of a bird strike are exact decimals, and its day is a date', () => {
  const { columns } = deriveLayout(historyOf('aviation.birdstrike'));
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
  expect(types).toMatchObject({
    flight_date: 'date',
    cost_repair: 'decimal(12,2)',
    cost_other: 'decimal(12,2)',
    cost_total: 'decimal(12,2)',
  });
});

function undocumented(node: Node, path: string): string[] {
  const silent = 'name' in node && !node.doc ? [path] : [];
  switch (node.kind) {
    case 'record':
      return silent.concat(
        node.fields.flatMap((field) => [
          ...(field.doc ? [] : [`${path}.${field.name}`]),
          ...undocumented(field.node, `${path}.${field.name}`),
        ]),
      );
    case 'union':
      return node.branches.flatMap((branch) => undocumented(branch, path));
    case 'array':
      return undocumented(node.items, path);
    case 'map':
      return undocumented(node.values, path);
    default:
      return silent;
  }
}
