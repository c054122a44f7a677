import { describe, expect, it } from 'vitest';
import {
  allRowsViewName,
  modelName,
  objectPrefix,
  rawTableName,
  refuseSharedNames,
  subjectName,
  topicName,
  viewName,
} from '../../src/derive/names.ts';

describe('the names of an event type', () => {
  it('are SQL identifiers made from it', () => {
    expect(viewName('seismic.earth-quake')).toBe('seismic_earth_quake');
    expect(allRowsViewName('seismic.earthquake')).toBe('all_seismic_earthquake');
    expect(rawTableName('seismic.earthquake')).toBe('raw_seismic_earthquake');
    expect(objectPrefix('seismic.earthquake')).toBe('events/seismic.earthquake/');
  });

  it('are those of Kafka and of the registry', () => {
    expect(topicName('seismic.earth-quake')).toBe('seismic.earth-quake');
    expect(subjectName('seismic.earth-quake')).toBe('seismic.earth-quake-value');
  });

  it('are letters and digits for API Gateway', () => {
    expect(modelName('seismic.earth-quake_2x')).toBe('SeismicEarthQuake2x');
  });

  it.each([
    [['a.b', 'a_b']],
    [['a.1', 'a1']],
    [['x', 'raw.x']],
    [['all-x', 'x']],
    [['failed.events']],
    [['raw.failed.events']],
  ])('are refused where two would be one: %s', (eventTypes) => {
    expect(() => refuseSharedNames(eventTypes)).toThrow(expect.objectContaining({ code: 'SLUICE_SCHEMA_INVALID' }));
  });

  it('are taken where all differ', () => {
    expect(() => refuseSharedNames(['a.b', 'a.c', 'rawest.x', 'x'])).not.toThrow();
  });
});
