import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCodec } from '../../src/codec/codec.ts';
import { FIRST_DAY } from '../../src/derive/partition.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { historyOfFields } from '../support/histories.ts';
import { bodyOf } from '../support/schemas.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 24, 12, 30);
/** Milliseconds and what comes after them, since the epoch. */
interface Instant {
  readonly ms: number;
  readonly nanos: number;
}

/** How a sender writes an instant of each kind, and what is left of it in milliseconds. */
const KINDS = {
  date: {
    type: 'int',
    write: ({ ms }: Instant) => iso(ms).slice(0, 10),
    kept: (ms: number) => ms - mod(ms, 24 * HOUR),
  },
  'timestamp-millis': { type: 'long', write: ({ ms }: Instant) => iso(ms), kept: same },
  'timestamp-micros': { type: 'long', write: (instant: Instant) => `${fine(instant, 3)}Z`, kept: same },
  'timestamp-nanos': { type: 'long', write: (instant: Instant) => `${fine(instant, 6)}Z`, kept: same },
  'local-timestamp-millis': { type: 'long', write: ({ ms }: Instant) => iso(ms).slice(0, -1), kept: same },
  'local-timestamp-micros': { type: 'long', write: (instant: Instant) => fine(instant, 3), kept: same },
  'local-timestamp-nanos': { type: 'long', write: (instant: Instant) => fine(instant, 6), kept: same },
} as const;
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
function fine({ ms, nanos }: Instant, digits: number): string {
  return iso(ms).slice(0, -1) + String(nanos).padStart(6, '0').slice(0, digits);
}
function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
function same(ms: number): number {
  return ms;
}

function codecOf(kind: keyof typeof KINDS, name = 'happened') {
  const instant = { type: KINDS[kind].type, logicalType: kind };
  const fields = [
    { name: 'note', type: 'string', default: '' },
    { name, type: ['null', instant], default: null },
    { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
  ];
  return compileCodec(historyOfFields('shop.order', [fields], { eventTime: name }));
}
const CODECS = new Map(NAMES.map((kind) => [kind, codecOf(kind)]));

function rowOf(codec: ReturnType<typeof compileCodec>, event: object, ingestedAt = NOW, eventId = 'e-1'): Buffer {
  const encoded = codec.encode(bodyOf(event));
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
  const framed = { value: encoded.value, eventId, ingestedAt, partition: 0, offset: 1n, replayId: null };
  return Buffer.from(codec.toRows([framed]).data);
}

describe('the partition of a row by event time', () => {
  const instant = fc.record({
    ms: fc.oneof(
      fc.integer({ min: Date.parse(FIRST_DAY), max: NOW }),
      fc.integer({ min: Date.parse(FIRST_DAY) / HOUR, max: Math.floor(NOW / HOUR) }).map((hour) => hour * HOUR - 1),
    ),
    nanos: fc.oneof(fc.constant(999_999), fc.integer({ min: 0, max: 999_999 })),
  });

  it.each(NAMES)('is the hour in which the event happened, to the last fraction of it: %s', (kind) => {
    const codec = CODECS.get(kind)!;
    // Any text beside it, the look of the field itself among it.
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('{"happened":"2025-01-01"}', ',"happened":1', 'a,', '\\",', '{'),
    );
    fc.assert(
      fc.property(instant, text, text, (at, note, tag) => {
        const row = rowOf(codec, { note, happened: KINDS[kind].write(at), tags: [tag] }, NOW, `${tag}-1`);
        const happened = KINDS[kind].kept(at.ms);
        // What lies a hair before the first day is on none.
        const expected = happened >= Date.parse(FIRST_DAY) ? happened : NOW;
        expect(codec.rowHour(row, NOW)).toBe(Math.floor(expected / HOUR));
      }),
      { numRuns: 150 },
    );
  });

  it.each(NAMES)('is the hour of arrival where the event says none: %s', (kind) => {
    const codec = CODECS.get(kind)!;
    const row = rowOf(codec, { note: '"happened":"2025-01-01 00:00:00.000"', happened: null }, NOW - 5 * HOUR);
    expect(codec.rowHour(row, NOW)).toBe(Math.floor(NOW / HOUR) - 5);
  });

  it.each(NAMES)('is the hour of arrival where the event is of a time that is not shown: %s', (kind) => {
    const codec = CODECS.get(kind)!;
    for (const year of [1700, 1969, 2023, 2030, 2200]) {
      const at = { ms: Date.UTC(year, 5, 1, 7), nanos: 1 };
      expect(codec.rowHour(rowOf(codec, { happened: KINDS[kind].write(at) }), NOW)).toBe(Math.floor(NOW / HOUR));
    }
  });

  it('is found in the column of a field whose name a partition has taken', () => {
    const codec = codecOf('date', 'dt');
    expect(codec.rowHour(rowOf(codec, { dt: '2025-03-04' }), NOW)).toBe(Date.UTC(2025, 2, 4) / HOUR);
  });

  it('is found in rows of a version that called the field otherwise', () => {
    const at = (name: string, aliases: readonly string[] = []) => ({
      name,
      aliases,
      type: { type: 'long', logicalType: 'timestamp-millis' },
    });
    const versions = [{ before: [at('before')] }, { after: [at('after', ['before'])] }].map((version, index) => {
      const [[eventTime, fields]] = Object.entries(version) as [[string, unknown[]]];
      return schemaVersion('shop.order', index + 1, { type: 'record', name: 'Event', sluice: { eventTime }, fields });
    });
    const codec = compileCodec(schemaHistory('shop.order', versions));
    for (const event of [{ before: '2025-03-04T05:06:07Z' }, { after: '2025-03-04T05:06:07Z' }]) {
      expect(codec.rowHour(rowOf(codec, event), NOW)).toBe(Date.UTC(2025, 2, 4, 5) / HOUR);
    }
  });

  it('is the hour of arrival where the newest version names no event time', () => {
    const fields = [{ name: 'happened', type: { type: 'int', logicalType: 'date' } }];
    const codec = compileCodec(historyOfFields('shop.order', [fields]));
    expect(codec.rowHour(rowOf(codec, { happened: '2025-03-04' }), NOW)).toBe(Math.floor(NOW / HOUR));
  });

  it('is read as others may write a row, with spaces and with counts as numbers', () => {
    const micros = CODECS.get('timestamp-micros')!;
    const row = (at: string) => Buffer.from(`{ "_event_id": "x", "happened" : ${at} }`);
    const count = Date.UTC(2025, 2, 4, 5) * 1_000;
    expect(micros.rowHour(row(`${count}`), NOW)).toBe(Date.UTC(2025, 2, 4, 5) / HOUR);
    expect(micros.rowHour(row(`"${count}"`), NOW)).toBe(Date.UTC(2025, 2, 4, 5) / HOUR);
  });

  it('is one of the table for any bytes', () => {
    const codec = CODECS.get('timestamp-millis')!;
    const odd = fc.oneof(
      fc.uint8Array(),
      fc.tuple(fc.constantFrom('happened', '_ingested_at'), fc.string()).map(([name, value]) => {
        return Buffer.from(`{"${name}":"${value}"}`);
      }),
      fc.constantFrom('2026-13-01 00:00:00.000', '2026-11-24', '99999-01-01 00:00:00.000', '').map((value) => {
        return Buffer.from(`{"happened":"${value}","_ingested_at":"${value}"}`);
      }),
    );
    fc.assert(
      fc.property(odd, (bytes) => {
        const hour = codec.rowHour(bytes, NOW);
        expect(hour * HOUR).toBeGreaterThanOrEqual(Date.parse(FIRST_DAY));
        expect(hour * HOUR).toBeLessThanOrEqual(NOW + 24 * HOUR);
      }),
      { numRuns: 500 },
    );
  });
});
