import { describe, expect, it } from 'vitest';
import { fetchedBatches } from '../../../src/adapters/aws/kafka-records.ts';
import type { KafkaEvent, KafkaRecord } from '../../../src/adapters/aws/lambda-events.ts';
import { fixture } from '../../handlers/fixtures/fixture.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const textOf = (bytes: Uint8Array | null | undefined): string | undefined =>
  bytes === null || bytes === undefined ? undefined : Buffer.from(bytes).toString();

/** The one record of an event that holds it. */
function only(record: Partial<KafkaRecord>) {
  const whole: KafkaRecord = { topic: 't', partition: 0, offset: 5, timestamp: 17, ...record };
  const [batch] = fetchedBatches({ records: { 't-0': [whole] } });
  return batch!.batch.records[0]!;
}

describe('records of a Kafka event', () => {
  it('are a batch for each partition, under the name that the event has for it', () => {
    const batches = fetchedBatches(fixture<KafkaEvent>('msk'));
    expect(batches.map(({ name, batch: { topic, partition } }) => [name, topic, partition])).toEqual([
      ['shop.order-0', 'shop.order', 0],
      ['shop.order-1', 'shop.order', 1],
    ]);
    expect(batches.map(({ batch }) => batch.records.map(({ offset }) => offset))).toEqual([
      [41n, 42n, 43n],
      [7n, 8n],
    ]);
  });

  it('have the name of a topic that ends as a partition does', () => {
    const record: KafkaRecord = { topic: 'a-1', partition: 2, offset: 0, timestamp: 0 };
    const [batch] = fetchedBatches({ records: { 'a-1-2': [record], 'empty-0': [] } });
    expect(batch).toMatchObject({ name: 'a-1-2', batch: { topic: 'a-1', partition: 2 } });
  });

  it('have no key and no value where these are absent or null, and empty ones where they are empty', () => {
    expect(only({})).toMatchObject({ key: null, value: null, headers: {} });
    expect(only({ key: null, value: null, headers: null })).toMatchObject({ key: null, value: null, headers: {} });
    expect(only({ key: '', value: '' })).toMatchObject({ key: Buffer.alloc(0), value: Buffer.alloc(0) });
    expect(textOf(only({ value: base64('é') }).value)).toBe('é');
  });

  it('have headers of bytes, signed or not, the last of a name', () => {
    const { headers } = only({
      headers: [{ a: [-61, -87] }, { b: [195, 169] }, { c: [49] }, { c: [50] }, { d: null }, { '': [] }],
    });
    expect(Object.entries(headers).map(([name, bytes]) => [name, textOf(bytes)])).toEqual([
      ['a', 'é'],
      ['b', 'é'],
      ['c', '2'],
      ['', ''],
    ]);
  });

  it('may have a header of any name', () => {
    const { headers } = only({ headers: [JSON.parse('{"__proto__": [65]}')] });
    expect(Object.entries(headers).map(([name, bytes]) => [name, textOf(bytes)])).toEqual([['__proto__', 'A']]);
  });
});
