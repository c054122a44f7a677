import { describe, expect, test } from 'vitest';
import { SAMPLES, type Sample, type SampleOptions } from '../../samples/index.ts';
import { compileCodec } from '../../src/codec/codec.ts';
import { bodyOf, compileModel, HISTORIES, historyOf } from '../support/schemas.ts';

const SETS: readonly (readonly [string, Sample, SampleOptions, number])[] = [
  ...SAMPLES.map((sample) => [sample.eventType, sample, {}, sample.count] as const),
  [
    'aviation.flight, large',
    SAMPLES.find(({ eventType }) => eventType === 'aviation.flight')!,
    { large: true },
    200_000,
  ],
];

test('every event type that comes with Sluice has a sample, and together they are 31,707 events', () => {
  expect(SAMPLES.map(({ eventType }) => eventType).sort()).toEqual(HISTORIES.map(({ eventType }) => eventType));
  expect(SAMPLES.map(({ count }) => count)).toEqual([1_707, 10_000, 20_000]);
});

describe.each(SETS)('%s', (_name, sample, options, count) => {
  const events = [...sample.events(options)];
  const history = historyOf(sample.eventType);

  test('has one event for every source row', () => {
    expect(events).toHaveLength(count);
    expect(sample.rows(options)).toHaveLength(count);
  });

  test('is taken whole by the codec, and by the model in front of it', () => {
    const codec = compileCodec(history);
    const violationsOf = compileModel(history);
    const refused = events.filter((event) => !codec.encode(bodyOf(event)).ok || violationsOf(event).length > 0);
    expect(refused.slice(0, 3)).toEqual([]);
  });

  test('gives every event an id of its own, the same at the next reading', () => {
    const ids = events.map(idOf);
    expect(new Set(ids).size).toBe(count);
    expect(Array.from(sample.events(options), idOf)).toEqual(ids);
  });
});

function idOf(event: object): string {
  return (event as { id: string }).id;
}
