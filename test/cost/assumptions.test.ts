import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { SAMPLES } from '../../samples/index.ts';
import { compileCodec, type FramedValue } from '../../src/codec/codec.ts';
import { ASSUMPTIONS, assume } from '../../src/cost/assumptions.ts';
import { historyOf } from '../support/schemas.ts';

/** Events of each sample that are looked at. */
const EVENTS = 1_500;

test('what is assumed of sizes is what the sample events have, within a fifth', () => {
  const sizes = { json: 0, avro: 0, rows: 0, csv: 0, gzip: 0, events: 0 };
  for (const sample of SAMPLES) {
    const codec = compileCodec(historyOf(sample.eventType), { piiKey: Buffer.alloc(32) });
    const values: FramedValue[] = [];
    for (const event of sample.events()) {
      const body = Buffer.from(JSON.stringify(event));
      const encoded = codec.encode(body);
      if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
      sizes.json += body.length;
      sizes.avro += encoded.value.length;
      const offset = BigInt(values.length);
      const ingestedAt = 1_700_000_000_000 + values.length * 37;
      values.push({
        value: encoded.value,
        eventId: encoded.eventId!,
        ingestedAt,
        partition: 0,
        offset,
        replayId: null,
      });
      if (values.length === EVENTS) break;
    }
    const { data: rows } = codec.toRows(values);
    const { data: csv } = codec.toCsv(rows);
    sizes.rows += rows.length;
    sizes.csv += csv.length;
    sizes.gzip += gzipSync(csv).length;
    sizes.events += values.length;
  }
  const { avroShare, rowFixedBytes, rowShare, csvFixedBytes, csvShare, gzipShare } = assume();
  const near = (assumed: number, measured: number) => expect(Math.abs(assumed / measured - 1)).toBeLessThan(0.2);
  near(avroShare * sizes.json, sizes.avro);
  near(rowFixedBytes * sizes.events + rowShare * sizes.json, sizes.rows);
  near(csvFixedBytes * sizes.events + csvShare * sizes.json, sizes.csv);
  near(gzipShare * sizes.csv, sizes.gzip);
});

test('an assumption can be replaced, and the others stay', () => {
  expect(assume(['endpoints=0', 'zones=2.5'])).toEqual({ ...assume(), endpoints: 0, zones: 2.5 });
  expect(assume().zones).toBe(ASSUMPTIONS.zones.value);
});

test.for<readonly [string, string]>([
  ['zones', 'must be NAME=NUMBER'],
  ['zones=', 'must be NAME=NUMBER'],
  ['zoness=3', 'nothing of that name is assumed; there are eventsPerRequest'],
  ['toString=3', 'nothing of that name is assumed'],
  ['zones=three', 'above 0'],
  ['zones=0', 'above 0'],
  ['endpoints=-1', 'of at least 0'],
  ['endpoints=Infinity', 'of at least 0'],
])('"%s" is refused: %s', ([text, named]) => {
  expect(() => assume([text])).toThrow(
    expect.objectContaining({ code: 'SLUICE_USAGE', message: expect.stringContaining(named) }),
  );
});
