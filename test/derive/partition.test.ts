import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FIRST_DAY,
  folderOf,
  partitionAt,
  partitionFolder,
  partitionHour,
  partitionKeys,
  projectedDays,
  requireEventTime,
} from '../../src/derive/partition.ts';
import { SluiceError } from '../../src/errors.ts';
import { historyOfFields } from '../support/histories.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 12, 30);
const LAST_WEEK = Date.UTC(2026, 10, 17, 8, 59, 59, 999);
const folderBy = (eventTime: number | undefined, ingestedAt: number | undefined, now = NOW) =>
  folderOf(partitionAt(partitionHour(eventTime, ingestedAt, now)));

it('names day and hour in UTC, two digits each, as partition projection expects them', () => {
  expect(partitionFolder(Date.UTC(2026, 0, 2, 3, 59, 59, 999))).toBe('dt=2026-01-02/hour=03/');
  expect(partitionFolder(Date.UTC(2026, 11, 31, 23))).toBe('dt=2026-12-31/hour=23/');
});

describe('the partition of a row by event time', () => {
  it('is that of its event', () => {
    expect(folderBy(LAST_WEEK, NOW)).toBe('dt=2026-11-17/hour=08/');
    expect(folderBy(LAST_WEEK + 1, NOW)).toBe('dt=2026-11-17/hour=09/');
  });

  it('is that of its arrival where it says no event time', () => {
    expect(folderBy(undefined, NOW - DAY)).toBe('dt=2026-11-23/hour=12/');
  });

  it('is that of its arrival where no table would show the event', () => {
    const first = Date.parse(FIRST_DAY);
    expect(folderBy(first, NOW)).toBe(`dt=${FIRST_DAY}/hour=00/`);
    expect(folderBy(first - 1, NOW)).toBe('dt=2026-11-24/hour=12/');
    expect(folderBy(Date.UTC(1, 0), NOW)).toBe('dt=2026-11-24/hour=12/');
  });

  it('is that of its arrival where the event is more than a day after it', () => {
    expect(folderBy(NOW + DAY, NOW)).toBe('dt=2026-11-25/hour=12/');
    expect(folderBy(NOW + DAY + 1, NOW)).toBe('dt=2026-11-24/hour=12/');
    expect(folderBy(NOW, NOW - DAY - 1)).toBe('dt=2026-11-23/hour=12/');
    expect(folderBy(Date.UTC(9999, 11, 31, 23), NOW)).toBe('dt=2026-11-24/hour=12/');
  });

  it('is that of now where no table would show the arrival either', () => {
    for (const ingestedAt of [undefined, 0, Date.UTC(9999, 11, 31)]) {
      expect(folderBy(undefined, ingestedAt)).toBe('dt=2026-11-24/hour=12/');
      expect(folderBy(LAST_WEEK, ingestedAt)).toBe('dt=2026-11-17/hour=08/');
    }
  });

  it('is always one that the table shows', () => {
    const instant = fc.option(
      fc.oneof(
        fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 11, 31) }),
        fc.integer({ min: NOW - 3 * DAY, max: NOW + 3 * DAY }),
      ),
      { nil: undefined },
    );
    fc.assert(
      fc.property(instant, instant, (eventTime, ingestedAt) => {
        const { dt, hour } = partitionAt(partitionHour(eventTime, ingestedAt, NOW));
        expect(hour).toMatch(/^(?:[01]\d|2[0-3])$/);
        expect(dt >= FIRST_DAY && dt <= '2026-11-25').toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what a table says of its partitions', () => {
  it('is a day ahead where events may be', () => {
    expect(projectedDays('arrival')).toBe(`${FIRST_DAY},NOW`);
    expect(projectedDays('event-time')).toBe(`${FIRST_DAY},NOW+1DAYS`);
  });

  it('tells what decides', () => {
    expect(partitionKeys('arrival').map(({ name, type, doc }) => [name, type, doc])).toEqual([
      ['dt', 'date', 'Day of delivery, UTC'],
      ['hour', 'int', 'Hour of delivery, UTC'],
    ]);
    expect(partitionKeys('event-time').map(({ name, type, doc }) => [name, type, doc])).toEqual([
      ['dt', 'date', expect.stringMatching(/^Day of the event, UTC; of its arrival/)],
      ['hour', 'int', expect.stringMatching(/^Hour of the event, UTC; of its arrival/)],
    ]);
  });
});

describe('partitions by event time', () => {
  const fields = [{ name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } }];

  it('are refused where the newest version names no event time, with the setting and the way out', () => {
    const refused = () => requireEventTime(historyOfFields('shop.order', [fields]));
    expect(refused).toThrow(SluiceError);
    expect(refused).toThrow(/^shop\.order: v1 names no field .*"sluice": \{"eventTime": "<field>"\}.*by "arrival"$/);
  });

  it('are taken where it does', () => {
    requireEventTime(historyOfFields('shop.order', [fields], { eventTime: 'at' }));
  });
});
