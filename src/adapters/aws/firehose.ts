import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { SluiceError } from '../../errors.ts';
import type { DeliveryRecord, DeliveryStream } from '../../ports/delivery-stream.ts';
import { backOff } from './back-off.ts';
import { CLIENT_SETTINGS, reasonOf } from './client-settings.ts';

/** Most records and bytes of one call. Source: Firehose API Reference, PutRecordBatch. */
const MAX_RECORDS = 500;
const MAX_BYTES = 4 * 1024 * 1024;
/** Times that a record is put which Firehose refuses for now. */
const TRIES = 6;

/** Milliseconds that one `put` may take, so that whoever calls still learns of it. */
const TIMEOUT_MS = 45_000;

export interface FirehoseOptions {
  readonly streamName: string;
  /** By default, one that the SDK's own environment variables set up. */
  readonly client?: FirehoseClient;
  /** Milliseconds that one `put` may take; 45,000 by default. */
  readonly timeoutMs?: number;
  /** Waits before another try. */
  readonly pause?: (tries: number) => Promise<void>;
}

/**
 * A Firehose delivery stream, which carries one event type. Of a call that is refused in part only the refused records
 * are put again, a bounded number of times.
 */
export function createFirehoseStream(options: FirehoseOptions): DeliveryStream {
  const { streamName, client = new FirehoseClient(CLIENT_SETTINGS), pause = backOff } = options;
  const { timeoutMs = TIMEOUT_MS } = options;

  /** @returns the records that were refused, and the first one's code. */
  const putOnce = async (records: readonly DeliveryRecord[], end: AbortSignal) => {
    const input = { DeliveryStreamName: streamName, Records: records.map(({ data }) => ({ Data: data })) };
    try {
      const answer = await client.send(new PutRecordBatchCommand(input), { abortSignal: end });
      if (!answer.FailedPutCount) return { refused: [], code: undefined };
      const answers = answer.RequestResponses ?? [];
      // An answer stands where its record stood.
      const refused = records.filter((_, index) => answers[index]?.ErrorCode !== undefined || !answers[index]);
      return { refused, code: answers.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode };
    } catch (cause) {
      const why = end.aborted ? `not all was taken within ${timeoutMs} ms` : reasonOf(cause);
      throw new SluiceError('SLUICE_STORAGE', `Firehose stream ${streamName}: ${why}`, { cause });
    }
  };

  return {
    async put(_eventType, records) {
      const end = AbortSignal.timeout(timeoutMs);
      for (const chunk of chunks(records)) {
        let left: readonly DeliveryRecord[] = chunk;
        for (let tries = 1; left.length > 0; tries += 1) {
          const { refused, code } = await putOnce(left, end);
          left = refused;
          if (left.length === 0) break;
          if (tries === TRIES) {
            const what = `${left.length} of ${chunk.length} records were refused ${TRIES} times (${code})`;
            throw new SluiceError('SLUICE_STORAGE', `Firehose stream ${streamName}: ${what}`);
          }
          await pause(tries);
        }
      }
    },
  };
}

function* chunks(records: readonly DeliveryRecord[]): Generator<DeliveryRecord[]> {
  let chunk: DeliveryRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (chunk.length === MAX_RECORDS || (chunk.length > 0 && bytes + record.data.length > MAX_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += record.data.length;
  }
  if (chunk.length > 0) yield chunk;
}
