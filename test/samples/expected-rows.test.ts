import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../../samples/index.ts';
import { type Codec, compileCodec } from '../../src/codec/codec.ts';
import { type ExpectedRow, expectedRows } from '../support/expected-rows.ts';
import { bodyOf, historyOf } from '../support/schemas.ts';

describe.each(SAMPLES.map((sample) => [sample.eventType, sample] as const))('expected rows of %s', (type, sample) => {
  const codec = compileCodec(historyOf(type));
  const expected = expectedRows(type);

  test('are what the codec makes of the events: every column of every one, and no other', () => {
    const actual = rowsOf(codec, sample.events());
    const different = actual
      .map((row) => ({ row, source: expected.get(row.id as string) }))
      .filter(({ row, source }) => !isDeepStrictEqual(row, source));
    expect(different.slice(0, 3)).toEqual([]);
    expect(actual).toHaveLength(expected.size);
    expect(actual).toHaveLength(sample.count);
  });
});

/** The table rows of events, without system columns, JSON columns parsed. */
function rowsOf(codec: Codec, events: Iterable<object>): ExpectedRow[] {
  const values = Array.from(events, (event, index) => {
    const encoded = codec.encode(bodyOf(event));
    if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
    const system = { ingestedAt: 0, partition: 0, offset: BigInt(index), replayId: null };
    return { value: encoded.value, eventId: encoded.eventId!, ...system };
  });
  const { data, unread } = codec.toRows(values);
  expect(unread).toEqual([]);
  return data
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const row = JSON.parse(line) as Record<string, unknown>;
      return Object.fromEntries(
        codec.layout.columns.map(({ name, form }) => {
          const value = row[name];
          return [name, form === 'json' && typeof value === 'string' ? JSON.parse(value) : value];
        }),
      );
    });
}
