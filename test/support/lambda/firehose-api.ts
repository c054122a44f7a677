import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MAX_DELIVERY_RECORD_BYTES } from '../../../src/ports/delivery-stream.ts';
import type { FirehoseStream } from './firehose-stream.ts';

/** Amazon Data Firehose's API on this machine, for as much of it as `PutRecordBatch`. */
export interface FirehoseApi {
  readonly origin: string;
  /** By name. */
  readonly streams: Map<string, FirehoseStream>;
  /** True for a record, by its place in the request, that is answered as throttled; none by default. */
  throttles: (index: number) => boolean;
  stop(): Promise<void>;
}

/** Limits of one call. Source: Amazon Data Firehose API Reference, "PutRecordBatch". */
const MOST = { records: 500, bytes: 4 * 1024 * 1024 };

/** Serves delivery streams on a free port of the loopback interface. */
export async function startFirehoseApi(): Promise<FirehoseApi> {
  const streams = new Map<string, FirehoseStream>();
  const server = createServer((from, to) => void serve(from, to).catch(() => to.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api: FirehoseApi = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams,
    throttles: () => false,
    async stop() {
      await Promise.all([...streams.values()].map((stream) => stream.stop()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  const putRecordBatch = (input: { DeliveryStreamName?: string; Records?: { Data?: string }[] }): object => {
    const stream = streams.get(input.DeliveryStreamName ?? '');
    if (stream === undefined) {
      return refusal('ResourceNotFoundException', `no stream ${input.DeliveryStreamName}`);
    }
    const records = (input.Records ?? []).map(({ Data = '' }) => Buffer.from(Data, 'base64'));
    if (records.length === 0 || records.length > MOST.records) {
      return refusal('ValidationException', `${records.length} records; a call has 1 to ${MOST.records}`);
    }
    if (records.some(({ length }) => length === 0 || length > MAX_DELIVERY_RECORD_BYTES)) {
      return refusal('ValidationException', `a record has 1 to ${MAX_DELIVERY_RECORD_BYTES} bytes`);
    }
    if (records.reduce((sum, { length }) => sum + length, 0) > MOST.bytes) {
      return refusal('InvalidArgumentException', `more than ${MOST.bytes} bytes`);
    }
    const isTaken = records.map((_, index) => !api.throttles(index));
    const ids = stream.take(records.filter((_, index) => isTaken[index]));
    return {
      FailedPutCount: isTaken.filter((taken) => !taken).length,
      Encrypted: false,
      RequestResponses: isTaken.map((taken) =>
        taken ? { RecordId: ids.shift() } : { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' },
      ),
    };
  };

  const serve = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of from) parts.push(part as Buffer);
    const isKnown = from.headers['x-amz-target'] === 'Firehose_20150804.PutRecordBatch';
    const answer = isKnown
      ? putRecordBatch(JSON.parse(Buffer.concat(parts).toString()))
      : refusal('UnknownOperationException', String(from.headers['x-amz-target']));
    to.writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    to.end(JSON.stringify(answer));
  };
  return api;
}

function refusal(name: string, message: string): object {
  return { __type: name, message };
}
