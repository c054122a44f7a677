import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { invocations } from '../../../src/adapters/local/invoke-transformation.ts';
import type { TransformationEvent, TransformationOutput } from '../../../src/ports/transformation.ts';
import { MOTO_REGION } from '../moto.ts';
import { ACCOUNT, type LambdaFunction } from './lambda-host.ts';

export interface FirehoseStreamOptions {
  readonly name: string;
  readonly s3: Pick<S3Client, 'send'>;
  readonly bucket: string;
  /** Of objects, with expressions that are filled in: see `filledIn`. */
  readonly prefix: string;
  /** Of what could not be transformed or delivered, with its own expressions. */
  readonly errorPrefix: string;
  /** Whether the transformation says partition keys of each record. */
  readonly isDynamic: boolean;
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
/** Partitions that are collected for at a time, where they are dynamic; the rest goes to the errors. */
const MOST_PARTITIONS = 500;
/** How often a failed invocation is made again before its records become an error object. */
const RETRIES = 3;
/** Milliseconds before something that failed is tried again. */
const AGAIN_MS = 200;

/**
 * Buffers, transforms and delivers as Amazon Data Firehose does. It keeps what it has taken in memory: the service's own
 * durability is not what is tried here, and a test's end is the end of it.
 * Source: Amazon Data Firehose Developer Guide, "Transform source data", "Understand data delivery" and "Dynamic
 * partitioning".
 *
 * @throws RangeError where the prefix has partition keys and the stream has none, or the other way round.
 */
export function startFirehoseStream(options: FirehoseStreamOptions): FirehoseStream {
  const { name, s3, bucket, prefix, errorPrefix, isDynamic, transform, flushMs, flushBytes } = options;
  if (prefix.includes('!{partitionKeyFromLambda:') !== isDynamic) {
    throw new RangeError('Dynamic Partitioning Namespaces are part of a prefix when Dynamic Partitioning is enabled');
  }
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
    // By the folder that each is of: without partition keys there is one.
    const objects = new Map<string, Buffer[]>();
    const failed = new Map<ErrorType, Buffered[]>();
    const fail = (type: ErrorType, record: Buffered) => failed.set(type, [...(failed.get(type) ?? []), record]);
    const { arrivedAt } = records[0]!;
    for (const batch of invocations(records, INVOCATION_BYTES)) {
      const outputs = await invoke(batch);
      for (const record of batch) {
        const output = outputs?.find(({ recordId }) => recordId === record.recordId);
        if (output?.result === 'Dropped') continue;
        if (output?.result !== 'Ok') {
          fail('processing-failed', record);
          continue;
        }
        const folder = filledIn(prefix, { arrivedAt, partitionKeys: output.metadata?.partitionKeys });
        if (folder === undefined) fail('partitioning-failed', record);
        else if (objects.size >= MOST_PARTITIONS && !objects.has(folder)) fail('activePartitionExceeded', record);
        else objects.set(folder, [...(objects.get(folder) ?? []), Buffer.from(output.data, 'base64')]);
      }
    }
    for (const [folder, parts] of objects) {
      await put(`${folder}${name}-1-${randomUUID()}.csv.gz`, gzipSync(Buffer.concat(parts)));
    }
    for (const [type, lost] of failed) {
      const lines = lost.map(({ data }) => JSON.stringify({ rawData: data.toString('base64') })).join('\n');
      await put(`${filledIn(errorPrefix, { arrivedAt, errorType: type })}${randomUUID()}`, Buffer.from(lines));
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

/**
 * Kinds of errors, as they are called in the folders of their records. How those without partition keys are called, the
 * guide does not say.
 */
type ErrorType = 'processing-failed' | 'partitioning-failed' | 'activePartitionExceeded';

/**
 * A prefix with its expressions filled in: `timestamp` with the arrival of the oldest record, in UTC,
 * `partitionKeyFromLambda` with what the transformation says of the record, `firehose:error-output-type`.
 *
 * @returns undefined where the transformation does not say such a key.
 */
function filledIn(
  prefix: string,
  from: {
    readonly arrivedAt: number;
    readonly partitionKeys?: Readonly<Record<string, string>> | undefined;
    readonly errorType?: ErrorType;
  },
): string | undefined {
  const arrived = new Date(from.arrivedAt).toISOString();
  let isWhole = true;
  const filled = prefix.replace(/!\{([^:}]*):([^}]*)\}/g, (expression, namespace: string, value: string) => {
    if (namespace === 'timestamp' && value === 'yyyy-MM-dd') return arrived.slice(0, 10);
    if (namespace === 'timestamp' && value === 'HH') return arrived.slice(11, 13);
    if (namespace === 'firehose' && value === 'error-output-type' && from.errorType !== undefined)
      return from.errorType;
    if (namespace !== 'partitionKeyFromLambda')
      throw new RangeError(`${expression} is no expression that is known here`);
    const key = from.partitionKeys?.[value];
    isWhole &&= key !== undefined && key !== '';
    return key ?? '';
  });
  return isWhole ? filled : undefined;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
