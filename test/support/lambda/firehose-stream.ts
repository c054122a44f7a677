import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { invocations } from '../../../src/adapters/local/invoke-transformation.ts';
import { partitionFolder } from '../../../src/derive/partition.ts';
import type { TransformationEvent, TransformationOutput } from '../../../src/ports/transformation.ts';
import { MOTO_REGION } from '../moto.ts';
import { ACCOUNT, type LambdaFunction } from './lambda-host.ts';

export interface FirehoseStreamOptions {
  readonly name: string;
  readonly s3: S3Client;
  readonly bucket: string;
  /** Of objects; the folder of the hour of arrival follows. */
  readonly prefix: string;
  /** Of what could not be transformed; the kind of error follows. */
  readonly errorPrefix: string;
  readonly transform: Pick<LambdaFunction, 'invoke'>;
  /** Buffer hints: an object is written when either is reached. */
  readonly flushMs: number;
  readonly flushBytes: number;
}

/** One delivery stream with a transformation, GZIP and a bucket behind it. */
export interface FirehoseStream {
  readonly arn: string;
  /** Takes records: from now on they are Firehose's. @returns their ids. */
  take(records: readonly Buffer[]): string[];
  /** Records that are in no object yet. */
  inFlight(): number;
  /** Invocations and objects that failed and were tried again, a line each. */
  readonly troubles: readonly string[];
  /** Delivers no more; resolves when nothing is under way. */
  stop(): Promise<void>;
}

interface Buffered {
  readonly recordId: string;
  readonly data: Buffer;
  readonly arrivedAt: number;
}

/** Bytes of one invocation, before base64: the buffer hint of the processor. */
const INVOCATION_BYTES = 1024 * 1024;
/** How often a failed invocation is made again before its records become an error object. */
const RETRIES = 3;
/** Milliseconds before something that failed is tried again. */
const AGAIN_MS = 200;

/**
 * Buffers, transforms and delivers as Amazon Data Firehose does. It keeps what it has taken in memory: the service's own
 * durability is not what is tried here, and a test's end is the end of it.
 * Source: Amazon Data Firehose Developer Guide, "Transform source data" and "Understand data delivery".
 */
export function startFirehoseStream(options: FirehoseStreamOptions): FirehoseStream {
  const { name, s3, bucket, prefix, errorPrefix, transform, flushMs, flushBytes } = options;
  const arn = `arn:aws:firehose:${MOTO_REGION}:${ACCOUNT}:deliverystream/${name}`;
  const troubles: string[] = [];
  let buffer: Buffered[] = [];
  let bytes = 0;
  let delivering = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();
  let isStopping = false;

  const put = async (key: string, body: Buffer): Promise<void> => {
    while (!isStopping) {
      try {
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
        return;
      } catch (error) {
        troubles.push(`${key}: ${(error as Error).message}`);
        await pause(AGAIN_MS);
      }
    }
  };
  const invoke = async (records: readonly Buffered[]): Promise<readonly TransformationOutput[] | undefined> => {
    const event: TransformationEvent = {
      invocationId: randomUUID(),
      deliveryStreamArn: arn,
      region: MOTO_REGION,
      records: records.map(({ recordId, data, arrivedAt }) => ({
        recordId,
        approximateArrivalTimestamp: arrivedAt,
        data: data.toString('base64'),
      })),
    };
    for (let tries = 0; tries <= RETRIES && !isStopping; tries += 1) {
      try {
        const { records: outputs } = (await transform.invoke(event)) as { records: TransformationOutput[] };
        const ids = new Set(outputs.map(({ recordId }) => recordId));
        if (outputs.length !== records.length || !records.every(({ recordId }) => ids.has(recordId))) {
          throw new Error('the transformation does not answer for each record once');
        }
        return outputs;
      } catch (error) {
        troubles.push((error as Error).message);
        await pause(AGAIN_MS);
      }
    }
    return undefined;
  };
  const deliver = async (records: readonly Buffered[]): Promise<void> => {
    const objects: Buffer[] = [];
    const failed: Buffered[] = [];
    for (const batch of invocations(records, INVOCATION_BYTES)) {
      const outputs = await invoke(batch);
      for (const record of batch) {
        const output = outputs?.find(({ recordId }) => recordId === record.recordId);
        if (output?.result === 'Ok') objects.push(Buffer.from(output.data, 'base64'));
        else if (output?.result !== 'Dropped') failed.push(record);
      }
    }
    const folder = partitionFolder(records[0]!.arrivedAt);
    if (objects.length > 0) {
      const object = `${name}-1-${randomUUID()}.csv.gz`;
      await put(prefix + folder + object, gzipSync(Buffer.concat(objects)));
    }
    if (failed.length > 0) {
      const lines = failed.map(({ data }) => JSON.stringify({ rawData: data.toString('base64') })).join('\n');
      await put(`${errorPrefix}processing-failed/${folder}${randomUUID()}`, Buffer.from(lines));
    }
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const records = buffer;
    buffer = [];
    bytes = 0;
    delivering += records.length;
    flushing = flushing
      .then(() => deliver(records))
      .then(() => {
        // What an end cut short was not delivered.
        if (!isStopping) delivering -= records.length;
      });
  };

  return {
    arn,
    troubles,
    take(records) {
      if (records.length === 0) return [];
      const taken = records.map((data) => ({ recordId: randomUUID(), data, arrivedAt: Date.now() }));
      buffer.push(...taken);
      bytes += taken.reduce((sum, { data }) => sum + data.length, 0);
      if (bytes >= flushBytes) flush();
      else timer ??= setTimeout(flush, flushMs);
      return taken.map(({ recordId }) => recordId);
    },
    inFlight: () => buffer.length + delivering,
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await flushing;
    },
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
