import { gunzipSync } from 'node:zlib';
import type { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test, vi } from 'vitest';
import { OBJECT_FOLDERS } from '../../../infra/delivery/object-folders.ts';
import type { TransformationEvent, TransformationOutput } from '../../../src/ports/transformation.ts';
import { type FirehoseStreamOptions, startFirehoseStream } from './firehose-stream.ts';

/** What Firehose does with partition keys: what the end-to-end tests take for granted of it. */

type Keys = Readonly<Record<string, string>> | undefined;

/** A stream whose transformation gives each record back as it is, with the keys that it holds as JSON. */
async function delivered(
  keys: readonly Keys[],
  more: Partial<FirehoseStreamOptions> = {},
): Promise<Map<string, string>> {
  const objects = new Map<string, string>();
  const put = ({ input: { Key = '', Body } }: PutObjectCommand) => void objects.set(Key, textOf(Key, Body as Buffer));
  const stream = startFirehoseStream({
    name: 'orders',
    s3: { send: async (command: unknown) => put(command as PutObjectCommand) } as FirehoseStreamOptions['s3'],
    bucket: 'bucket',
    prefix: `events/shop.order/${OBJECT_FOLDERS['event-time']}`,
    errorPrefix: `delivery-errors/shop.order/!{firehose:error-output-type}/${OBJECT_FOLDERS.arrival}`,
    isDynamic: true,
    transform: {
      async invoke(event) {
        const records = (event as TransformationEvent).records.map(({ recordId, data }): TransformationOutput => {
          const partitionKeys = JSON.parse(Buffer.from(data, 'base64').toString()).keys as Keys;
          return { recordId, result: 'Ok', data, metadata: partitionKeys && { partitionKeys } };
        });
        return { records };
      },
    },
    flushMs: 1,
    flushBytes: 2 ** 30,
    ...more,
  });
  stream.take(keys.map((one, index) => Buffer.from(`${JSON.stringify({ index, keys: one })}\n`)));
  await vi.waitFor(() => expect(stream.inFlight()).toBe(0), 10_000);
  await stream.stop();
  expect(stream.troubles).toEqual([]);
  return objects;
}

function textOf(key: string, body: Buffer): string {
  return (key.endsWith('.gz') ? gunzipSync(body) : body).toString();
}

const folders = (objects: Map<string, string>) => [...objects.keys()].map((key) => key.slice(0, key.lastIndexOf('/')));

test('records go to the folder of their keys, those of one folder into one object', async () => {
  const objects = await delivered([
    { dt: '2026-11-17', hour: '08' },
    { dt: '2026-11-24', hour: '00' },
    { dt: '2026-11-17', hour: '08' },
  ]);
  expect(folders(objects)).toEqual([
    'events/shop.order/dt=2026-11-17/hour=08',
    'events/shop.order/dt=2026-11-24/hour=00',
  ]);
  const [first = ''] = objects.values();
  expect(first.match(/"index":\d/g)).toEqual(['"index":0', '"index":2']);
});

test('records without one of the keys go to the errors, as they came', async () => {
  const objects = await delivered([undefined, { dt: '2026-11-17' }, { dt: '2026-11-17', hour: '' }]);
  expect(folders(objects)).toEqual([
    expect.stringMatching(/^delivery-errors\/shop\.order\/partitioning-failed\/dt=\d{4}-\d\d-\d\d\/hour=\d\d$/),
  ]);
  const [text = ''] = objects.values();
  const kept = text.split('\n').map((line) => Buffer.from(JSON.parse(line).rawData, 'base64').toString());
  expect(kept.map((row) => JSON.parse(row).index)).toEqual([0, 1, 2]);
});

test('records of more partitions than there may be at once go to the errors', async () => {
  const keys = Array.from({ length: 502 }, (_, index) => ({ dt: `day-${index}`, hour: '00' }));
  const objects = await delivered([...keys, keys[0]!]);
  const [errors, delivers] = [true, false].map((isError) =>
    [...objects].filter(([key]) => key.startsWith('delivery-errors/') === isError),
  );
  expect(delivers).toHaveLength(500);
  expect(delivers![0]![1].match(/"index":\d+/g)).toEqual(['"index":0', '"index":502']);
  expect(errors!.map(([key, text]) => [key.split('/')[2], text.split('\n').length])).toEqual([
    ['activePartitionExceeded', 2],
  ]);
});

test('a prefix has partition keys where the stream has dynamic partitions, and nowhere else', async () => {
  await expect(delivered([], { isDynamic: false })).rejects.toThrow(RangeError);
  await expect(delivered([], { prefix: `events/${OBJECT_FOLDERS.arrival}` })).rejects.toThrow(RangeError);
});
