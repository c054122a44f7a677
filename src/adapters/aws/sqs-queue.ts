import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { SluiceError } from '../../errors.ts';
import type { Queue } from '../../ports/queue.ts';
import { backOff } from './back-off.ts';
import { CLIENT_SETTINGS, reasonOf, statusOf } from './client-settings.ts';
import { entryBytes, MAX_SQS_BYTES, sqsEntry } from './queue-message.ts';

/** Most messages of one call. */
const MAX_ENTRIES = 10;
/** Calls at the same time: a batch of 10,000 events takes 1,000 of them, and its sender waits. */
const CALLS = 16;
/** Times that a message is sent which SQS refuses for now. */
const TRIES = 5;

/** Milliseconds after which no more is sent: API Gateway waits 29 s for an answer. */
const TIMEOUT_MS = 20_000;

export interface SqsQueueOptions {
  readonly queueUrl: string;
  /** The id of the request that is being answered. */
  readonly requestId: () => string;
  /** By default, one that the SDK's own environment variables set up. */
  readonly client?: SQSClient;
  /** Milliseconds that one `send` may take; 20,000 by default. */
  readonly timeoutMs?: number;
  /** Waits before another try. */
  readonly pause?: (tries: number) => Promise<void>;
}

/** Entries of one call. */
interface Batch {
  readonly entries: SendMessageBatchRequestEntry[];
  bytes: number;
}

/** What became of the messages of one `send` so far. */
interface Progress {
  /** The id of each message that was taken, at its index. */
  readonly ids: string[];
  /** Whether a call ended without an answer, or one that leaves it open: what it sent may have been taken. */
  isUnsure: boolean;
  /** Why no more is sent. */
  failure?: { readonly reason: string; readonly cause?: unknown };
}

/**
 * The sending side of a queue in SQS; Lambda's event source mapping is the receiving side. A message's acceptance is
 * SQS's own: `acceptedAt` becomes the time at which SQS took it.
 *
 * `send` throws SLUICE_STORAGE where SQS took none of the messages, and SLUICE_TAKEN_IN_PART where it took some, or did
 * not say: SQS takes ten at a time, and what it took cannot be taken back. SLUICE_BODY_TOO_LARGE, before anything is
 * sent, where a message does not fit once it is written as SQS carries it.
 */
export function createSqsQueue(options: SqsQueueOptions): Pick<Queue, 'send'> {
  const { queueUrl, requestId, client = new SQSClient(CLIENT_SETTINGS) } = options;
  const { timeoutMs = TIMEOUT_MS, pause = backOff } = options;

  /** Sends entries once. @returns those that are to be sent again. */
  const sendOnce = async (
    entries: readonly SendMessageBatchRequestEntry[],
    progress: Progress,
    isLastTry: boolean,
    end: AbortSignal,
  ): Promise<SendMessageBatchRequestEntry[]> => {
    try {
      const input = { QueueUrl: queueUrl, Entries: [...entries] };
      const answer = await client.send(new SendMessageBatchCommand(input), { abortSignal: end });
      const { Successful: taken = [], Failed: refused = [] } = answer;
      for (const { Id, MessageId } of taken) progress.ids[Number(Id)] = MessageId!;
      const left = entries.filter(({ Id }) => progress.ids[Number(Id)] === undefined);
      if (left.length > 0 && (isLastTry || refused.some(({ SenderFault }) => SenderFault))) {
        const reason = `${left.length} messages were refused, the first one by ${refused[0]?.Code}`;
        progress.failure ??= { reason };
      }
      return left;
    } catch (cause) {
      progress.isUnsure ||= (statusOf(cause) ?? 500) >= 500;
      const reason = end.aborted ? `not all was sent within ${timeoutMs} ms` : reasonOf(cause);
      progress.failure ??= { reason, cause };
      return [];
    }
  };

  const sendBatch = async ({ entries }: Batch, progress: Progress, end: AbortSignal): Promise<void> => {
    let left = entries;
    for (let tries = 1; left.length > 0 && progress.failure === undefined; tries += 1) {
      if (tries > 1) await pause(tries - 1);
      left = await sendOnce(left, progress, tries === TRIES, end);
    }
  };

  return {
    async send(messages) {
      const id = requestId();
      const end = AbortSignal.timeout(timeoutMs);
      const progress: Progress = { ids: [], isUnsure: false };
      const batches = pack(messages.map((message, index) => sqsEntry(message, id, String(index))));
      const waiting = batches.values();
      const work = async (): Promise<void> => {
        for (const batch of waiting) if (progress.failure === undefined) await sendBatch(batch, progress, end);
      };
      await Promise.all(Array.from({ length: Math.min(CALLS, batches.length) }, work));
      if (progress.failure !== undefined) throw failed(progress, messages.length);
      return progress.ids;
    },
  };
}

function failed({ ids, isUnsure, failure }: Progress, messages: number): SluiceError {
  const taken = ids.filter((id) => id !== undefined).length;
  const code = taken > 0 || isUnsure ? 'SLUICE_TAKEN_IN_PART' : 'SLUICE_STORAGE';
  const what = `SQS took ${taken}${isUnsure ? ' or more' : ''} of ${messages} messages`;
  return new SluiceError(code, `${what}: ${failure!.reason}`, { cause: failure!.cause });
}

/** @throws SluiceError SLUICE_BODY_TOO_LARGE */
function pack(entries: readonly SendMessageBatchRequestEntry[]): Batch[] {
  const batches: Batch[] = [];
  for (const entry of entries) {
    const bytes = entryBytes(entry);
    if (bytes > MAX_SQS_BYTES) {
      const advice = `event ${entry.Id} takes ${bytes} bytes in the queue; ${MAX_SQS_BYTES} fit`;
      const rule = 'the body must be within the size limit';
      const only = { code: 'SLUICE_BODY_TOO_LARGE', path: '$', rule, advice } as const;
      throw new SluiceError(only.code, advice, { faults: [only] });
    }
    const last = batches.at(-1);
    if (last !== undefined && last.entries.length < MAX_ENTRIES && last.bytes + bytes <= MAX_SQS_BYTES) {
      last.entries.push(entry);
      last.bytes += bytes;
    } else batches.push({ entries: [entry], bytes });
  }
  return batches;
}
