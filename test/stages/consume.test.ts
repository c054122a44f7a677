import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failedEventsPrefix, objectPrefix } from '../../src/derive/names.ts';
import { type ErrorCode, SluiceError } from '../../src/errors.ts';
import { codecLookup } from '../../src/local/event-types.ts';
import type { DeliveryRecord } from '../../src/ports/delivery-stream.ts';
import type { FetchedRecord, Headers } from '../../src/ports/event-log.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import { type ConsumePorts, createConsume } from '../../src/stages/consume.ts';
import { writeHeaders } from '../../src/stages/headers.ts';
import { createTransformation } from '../../src/stages/transform.ts';
import { historyOfFields } from '../support/histories.ts';
import { accountOf, firstCells, openLocalParts, openStream } from '../support/local-parts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { messageOf } from '../support/messages.ts';
import { bodyOf, historyUpTo } from '../support/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TYPE = 'shop.order';
const FIRST = [{ name: 'customer', type: 'string' }];
const HISTORY = historyOfFields(TYPE, [FIRST, [...FIRST, { name: 'note', type: 'string', default: 'none' }]]);
const codecOf = codecLookup([HISTORY]);
const codec = codecOf(TYPE)!;
const codecV1 = codecLookup([historyUpTo(HISTORY, 1)])(TYPE)!;
const NOW = Date.UTC(2026, 10, 24, 12);

function framed(customer: string, by = codec): Buffer {
  const encoded = by.encode(bodyOf({ customer }));
  if (!encoded.ok) throw new Error('the example is wrong');
  return encoded.value;
}

const record = (offset: number, value: Uint8Array | null, more: Partial<FetchedRecord> = {}): FetchedRecord => ({
  offset: BigInt(offset),
  key: null,
  value,
  headers: writeHeaders({ eventId: `e-${offset}`, ingestedAt: NOW - 1_000, messageId: `m-${offset}` }),
  timestamp: NOW - 2_000,
  ...more,
});

/** The stage over ports that keep what they are given. */
function open(ports: Partial<ConsumePorts> = {}) {
  const put: DeliveryRecord[] = [];
  const failed: FailedEvent[] = [];
  const consume = createConsume({
    codecOf,
    learn: async () => {},
    deliveryStream: {
      async put(eventType, records) {
        expect(eventType).toBe(TYPE);
        put.push(...records);
      },
    },
    failedEvents: {
      async put(events) {
        failed.push(...events);
      },
    },
    clock: manualClock(NOW),
    ...ports,
  });
  return {
    failed,
    put,
    consume: (...records: FetchedRecord[]) => consume({ topic: TYPE, partition: 2, records }),
    rows: () =>
      put.flatMap(({ data }) =>
        Buffer.from(data)
          .toString()
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ),
    entries: () => put.flatMap(({ entries }) => entries),
  };
}

/** Values that nobody can read, by the code that says why. */
const POISON: readonly (readonly [string, Uint8Array | null, ErrorCode])[] = [
  ['a tombstone', null, 'SLUICE_TOMBSTONE'],
  ['nothing', Buffer.alloc(0), 'SLUICE_AVRO_FRAMING'],
  ['a frame that ends early', Buffer.from([0, 1, 2]), 'SLUICE_AVRO_FRAMING'],
  ['JSON', Buffer.from('{"customer":"ann"}'), 'SLUICE_AVRO_FRAMING'],
  ['another magic byte', Buffer.concat([Buffer.from([3]), framed('ann').subarray(1)]), 'SLUICE_AVRO_FRAMING'],
  ['an unknown schema id', Buffer.from([0, 0, 0, 0, 42, 2, 97]), 'SLUICE_SCHEMA_ID_UNKNOWN'],
  ['a negative schema id', Buffer.from([0, 255, 255, 255, 255, 2, 97]), 'SLUICE_SCHEMA_ID_UNKNOWN'],
  ['Avro that ends early', framed('ann').subarray(0, -2), 'SLUICE_AVRO_DATA'],
  ['Avro with bytes left over', Buffer.concat([framed('ann'), Buffer.from([0])]), 'SLUICE_AVRO_DATA'],
  ['a frame without data', framed('ann').subarray(0, 5), 'SLUICE_AVRO_DATA'],
  [
    'a length beyond the end',
    Buffer.concat([framed('').subarray(0, 5), Buffer.from([0xfe, 0xff, 0x7f])]),
    'SLUICE_AVRO_DATA',
  ],
  ['text that is no UTF-8', Buffer.concat([framed('').subarray(0, 5), Buffer.from([2, 0xff, 0])]), 'SLUICE_AVRO_DATA'],
];

describe('consuming', () => {
  it('makes a row of a record, with its system columns in front', async () => {
    const { consume, rows, entries } = open();
    const headers = writeHeaders({ eventId: 'e-1', ingestedAt: NOW - 1, messageId: 'm-1', replayId: 'r-1' });
    await consume(record(41, framed('ann'), { headers }));
    expect(rows().map((row) => Object.entries(row))).toEqual([
      [
        ['_event_id', 'e-1'],
        ['_schema_version', 2],
        ['_ingested_at', '2026-11-24 11:59:59.999'],
        ['_kafka_partition', 2],
        ['_kafka_offset', 41],
        ['_replay_id', 'r-1'],
        ['customer', 'ann'],
        ['note', 'none'],
      ],
    ]);
    expect(entries()).toEqual([{ messageId: 'm-1', ingestedAt: NOW - 1 }]);
  });

  it('reads any writer version with the newest schema', async () => {
    const { consume, rows } = open();
    await consume(record(1, framed('old', codecV1)), record(2, framed('new')));
    expect(rows().map((row) => [row._schema_version, row.customer, row.note])).toEqual([
      [1, 'old', 'none'],
      [2, 'new', 'none'],
    ]);
  });

  it('delivers a record without headers under its place in the topic, at the time of the record', async () => {
    const { consume, rows, entries, failed } = open();
    await consume(record(7, framed('ann'), { headers: {} }));
    expect(rows()).toMatchObject([
      { _event_id: `${TYPE}:2:7`, _ingested_at: '2026-11-24 11:59:58.000', _replay_id: null, customer: 'ann' },
    ]);
    expect(entries()).toEqual([{ messageId: undefined, ingestedAt: NOW - 2_000 }]);
    expect(failed).toEqual([]);
  });

  it.each([
    ['an event id that is no UTF-8', { 'event-id': Buffer.from([0xc3, 0x28]) }],
    ['an empty event id', { 'event-id': Buffer.alloc(0) }],
    ['an event id of a megabyte', { 'event-id': Buffer.alloc(1024 * 1024, 'x') }],
    ['an ingestion time in words', { 'ingested-at': Buffer.from('yesterday') }],
    ['an ingestion time in the year 33658', { 'ingested-at': Buffer.from('999999999999999') }],
    ['a message id of a megabyte', { 'message-id': Buffer.alloc(1024 * 1024, 'x') }],
    ['a header called __proto__', { ['__proto__']: Buffer.from('x') }],
  ] as readonly (readonly [string, Headers])[])('delivers a record with %s', async (_, headers) => {
    const { consume, rows, failed } = open();
    await consume(record(1, framed('ann'), { headers }), record(2, framed('ben')));
    expect(failed).toEqual([]);
    expect(rows().map((row) => [row._event_id, row.customer])).toEqual([
      [`${TYPE}:2:1`, 'ann'],
      ['e-2', 'ben'],
    ]);
  });

  it.each([-1, Number.MAX_SAFE_INTEGER])('takes the time of consuming where the record says %i', async (timestamp) => {
    const { consume, rows } = open();
    await consume(record(1, framed('ann'), { headers: {}, timestamp }));
    expect(rows()).toMatchObject([{ _ingested_at: '2026-11-24 12:00:00.000' }]);
  });

  it.each(POISON)('keeps %s as a failed event, and delivers its neighbours', async (_, value, code) => {
    const { consume, rows, failed } = open();
    await consume(record(1, framed('before')), record(2, value), record(3, framed('after')));
    expect(rows().map(({ customer }) => customer)).toEqual(['before', 'after']);
    expect(failed).toMatchObject([
      {
        id: `${TYPE}/2/2`,
        stage: 'consume',
        code,
        eventType: TYPE,
        payload: value ?? new Uint8Array(),
        failedAt: NOW,
        eventId: 'e-2',
        messageId: 'm-2',
      },
    ]);
  });

  it('says at which field Avro data goes wrong, and of which version it is', async () => {
    const { consume, failed } = open();
    await consume(record(1, framed('ann', codecV1).subarray(0, -1)), record(2, Buffer.from('?')));
    expect(failed.map(({ path, version }) => [path, version])).toEqual([
      ['$.customer', 1],
      ['$', null],
    ]);
  });

  it('keeps a row that no delivery record can hold', async () => {
    const { consume, rows, failed } = open();
    const huge = Buffer.concat([
      framed('').subarray(0, 5),
      Buffer.from([0x80, 0x80, 0x80, 0x02]),
      Buffer.alloc(2 ** 21, 'x'),
      Buffer.from([0]),
    ]);
    await consume(record(1, huge), record(2, framed('ben')));
    expect(failed).toMatchObject([{ code: 'SLUICE_ROW_TOO_LARGE', payload: huge }]);
    expect(rows()).toHaveLength(1);
  });

  it('asks for a version that it does not know, and reads what was written with it once that has come', async () => {
    let known = codecV1;
    const asked: unknown[] = [];
    const { consume, rows, failed } = open({
      codecOf: () => known,
      async learn(topic, schemaId) {
        asked.push([topic, schemaId]);
        known = codec;
      },
    });
    await consume(record(1, framed('ann', codecV1)), record(2, framed('ben')), record(3, framed('cyd')));
    expect(failed).toEqual([]);
    expect(asked).toEqual([[TYPE, HISTORY.newest.ids.confluent]]);
    expect(rows().map(({ customer, _schema_version }) => [customer, _schema_version])).toEqual([
      ['ann', 1],
      ['ben', 2],
      ['cyd', 2],
    ]);
  });

  it('gives up what nobody knows the version of, and its neighbours go on', async () => {
    const { consume, rows, failed } = open({ codecOf: () => codecV1 });
    await consume(record(1, framed('ann')), record(2, framed('ben', codecV1)));
    expect(failed).toMatchObject([{ code: 'SLUICE_SCHEMA_ID_UNKNOWN', eventId: 'e-1' }]);
    expect(rows()).toHaveLength(1);
  });

  it('keeps every record of a topic that has no event type', async () => {
    const { failed } = open();
    const consume = createConsume({
      codecOf,
      learn: async () => {},
      deliveryStream: { put: () => Promise.reject(new Error('there is nothing to deliver')) },
      failedEvents: {
        async put(events) {
          failed.push(...events);
        },
      },
      clock: manualClock(NOW),
    });
    await consume({ topic: 'stranger', partition: 0, records: [record(1, framed('ann')), record(2, null)] });
    expect(failed.map(({ id, code, eventType }) => [id, code, eventType]).sort()).toEqual([
      ['stranger/0/1', 'SLUICE_EVENT_TYPE_UNKNOWN', 'stranger'],
      ['stranger/0/2', 'SLUICE_TOMBSTONE', 'stranger'],
    ]);
  });

  it('packs rows beyond the size of one delivery record into several', async () => {
    const { consume, put, rows } = open();
    const names = Array.from({ length: 6 }, (_, index) => `${index}`.repeat(300_000));
    await consume(...names.map((name, index) => record(index, framed(name))));
    expect(put).toHaveLength(2);
    expect(rows().map(({ customer }) => customer)).toEqual(names);
  });

  it('rejects where the delivery stream fails, so that no offset is committed', async () => {
    const error = new SluiceError('SLUICE_STORAGE', 'the disk is full');
    const { consume } = open({ deliveryStream: { put: () => Promise.reject(error) } });
    await expect(consume(record(1, framed('ann')))).rejects.toBe(error);
    await expect(consume(record(2, null))).resolves.toBeUndefined();
  });

  it('rejects where failed events cannot be kept, so that no offset is committed', async () => {
    const error = new SluiceError('SLUICE_STORAGE', 'the disk is full');
    const { consume } = open({ failedEvents: { put: () => Promise.reject(error) } });
    await expect(consume(record(1, framed('ann')), record(2, null))).rejects.toBe(error);
    await expect(consume(record(3, framed('ann')))).resolves.toBeUndefined();
  });

  it('gives a batch that comes again the same rows and the same failed events', async () => {
    const { consume, rows, failed } = open();
    const batch = [record(1, framed('ann'), { headers: {} }), record(2, Buffer.from('?')), record(3, framed('ben'))];
    await consume(...batch);
    const once = { rows: rows(), failed: [...failed] };
    await consume(...batch);
    expect(rows()).toEqual([...once.rows, ...once.rows]);
    expect(failed).toEqual([...once.failed, ...once.failed]);
  });

  it('accounts for every record of any batch: rows + failed events, each once, rows in order', async () => {
    const good = fc
      .record({
        customer: fc.string({ maxLength: 20, unit: 'grapheme' }),
        old: fc.boolean(),
        headers: fc.constantFrom('all', 'none', 'odd'),
      })
      .map(({ customer, old, headers }) => ({
        kind: 'good',
        value: framed(customer, old ? codecV1 : codec),
        headers,
      }));
    const poison = fc.constantFrom(...POISON).map(([, value]) => ({ kind: 'poison', value, headers: 'all' }));
    const garbage = fc
      .uint8Array({ maxLength: 30 })
      // A first byte of 0 could make it a frame, whose id is nobody's but for the odd chance.
      .map((bytes) => ({ kind: 'poison', value: Buffer.from([1, ...bytes]), headers: 'all' }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(good, poison, garbage), { maxLength: 25 }), async (items) => {
        const parts = await openLocalParts(temporaryFolder(), manualClock(NOW));
        onTestFinished(() => {
          if (parts.ledger.database.isOpen) parts.ledger.close();
        });
        const ids = await parts.queue.send(items.map((_, index) => messageOf(TYPE, `e-${index}`)));
        const stream = openStream(parts, { transformationOf: () => createTransformation(codec) });
        const consume = createConsume({
          codecOf,
          learn: async () => {},
          deliveryStream: stream,
          failedEvents: parts.failedEvents,
          clock: parts.clock,
        });
        const odd = { 'event-id': Buffer.from([0xff]), 'ingested-at': Buffer.from('-') };
        const records = items.map(({ value, headers }, index) => {
          const own = writeHeaders({ eventId: `e-${index}`, ingestedAt: NOW, messageId: ids[index] });
          const settles = writeHeaders({ messageId: ids[index] });
          return record(index, value, {
            headers: headers === 'all' ? own : headers === 'odd' ? { ...odd, ...settles } : settles,
          });
        });
        await consume({ topic: TYPE, partition: 0, records });
        await stream.close();
        const indexesOf = (kind: string) => items.flatMap((item, index) => (item.kind === kind ? [index] : []));
        expect(firstCells(parts, objectPrefix(TYPE))).toEqual(
          indexesOf('good').map((index) => (items[index]!.headers === 'all' ? `e-${index}` : `${TYPE}:0:${index}`)),
        );
        expect(firstCells(parts, failedEventsPrefix()).sort()).toEqual(
          indexesOf('poison')
            .map((index) => `${TYPE}/0/${index}`)
            .sort(),
        );
        expect(accountOf(parts, TYPE)).toMatchObject({
          accepted: items.length,
          delivered: indexesOf('good').length,
          failed: indexesOf('poison').length,
          inFlight: 0,
        });
        parts.ledger.close();
      }),
      { numRuns: 25 },
    );
  });
});

describe('consuming for partitions by event time', () => {
  const HOUR = 3_600_000;
  const at = { type: 'long', logicalType: 'timestamp-millis' };
  const fields = [{ name: 'at', type: ['null', at], default: null }];
  const timed = codecLookup([historyOfFields(TYPE, [fields], { eventTime: 'at' })])(TYPE)!;
  const valueAt = (instant: number | undefined): Buffer => {
    const encoded = timed.encode(bodyOf({ at: instant === undefined ? null : new Date(instant).toISOString() }));
    if (!encoded.ok) throw new Error('the example is wrong');
    return encoded.value;
  };
  const folder = (instant: number) => new Date(instant).toISOString().slice(0, 13);

  it('puts rows of one hour into a record, and the transformation says which: each row lies where it belongs', async () => {
    const past = fc.integer({ min: NOW - 5 * HOUR, max: NOW + 5 * HOUR });
    const anywhen = fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 0) });
    const event = fc.record({
      time: fc.option(fc.oneof({ weight: 4, arbitrary: past }, anywhen), { nil: undefined }),
      // Of the edge, or of somebody whose clock is off by anything.
      ingestedAt: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: NOW - 2 * HOUR, max: NOW }) }, anywhen),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
        const { consume, put, failed } = open({ codecOf: () => timed, partitionBy: () => 'event-time' });
        await consume(
          ...events.map(({ time, ingestedAt }, index) => {
            const headers = writeHeaders({ eventId: `e-${index}`, ingestedAt: Math.max(0, ingestedAt) });
            return record(index, valueAt(time), { headers });
          }),
        );
        expect(failed).toEqual([]);
        const { records } = createTransformation(
          timed,
          'event-time',
        )({
          invocationId: 'i',
          deliveryStreamArn: 'arn',
          region: 'local',
          records: put.map(({ data }, index) => ({
            recordId: `${index}`,
            approximateArrivalTimestamp: NOW + 1_000,
            data: Buffer.from(data).toString('base64'),
          })),
        });
        const found = records.flatMap(({ result, data, metadata }) => {
          expect(result).toBe('Ok');
          const { dt, hour } = metadata!.partitionKeys;
          const lines = Buffer.from(data, 'base64').toString().split('\n').slice(0, -1);
          return lines.map((line) => [line.split(',')[0]!, `${dt}T${hour}`] as const);
        });
        const isShown = (instant: number, arrival: number) =>
          instant >= Date.UTC(2024, 0) && instant <= arrival + 24 * HOUR;
        const expected = events.map(({ time, ingestedAt }, index) => {
          const arrival = isShown(ingestedAt, NOW) ? ingestedAt : NOW;
          const isTimed = time !== undefined && isShown(time, Math.min(arrival, NOW));
          return [`e-${index}`, folder(isTimed ? time : arrival)] as const;
        });
        expect(found).toHaveLength(expected.length);
        expect(new Map(found)).toEqual(new Map(expected));
        // No more records than hours: what is small goes together.
        expect(records).toHaveLength(new Set(expected.map(([, hour]) => hour)).size);
      }),
      { numRuns: 100 },
    );
  });

  it('packs by arrival where nobody says otherwise, whatever the hours', async () => {
    const { consume, put } = open({ codecOf: () => timed });
    await consume(record(1, valueAt(NOW)), record(2, valueAt(NOW - 100 * HOUR)));
    expect(put).toHaveLength(1);
  });
});
