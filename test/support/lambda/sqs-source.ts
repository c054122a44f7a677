import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { MOTO_REGION } from '../moto.ts';
import type { LambdaFunction } from './lambda-host.ts';

export interface SqsSourceOptions {
  /** Signs as the function does: Lambda polls by the function's own role. */
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly target: Pick<LambdaFunction, 'invoke'>;
  /** Messages of an invocation, 1 to 10,000. */
  readonly batchSize: number;
  /** Milliseconds for which a batch that is not full waits for more. */
  readonly windowMs: number;
}

/** Lambda's event source mapping for a queue, with partial batch responses (`ReportBatchItemFailures`). */
export interface EventSource {
  /** What went wrong and was left for the next try, a line each. */
  readonly troubles: readonly string[];
  /** Ends after the invocation under way. */
  stop(): Promise<void>;
}

/** SQS's limit for one receive or delete. */
const MOST = 10;

/**
 * Polls a queue and invokes a function with what is in it. Messages are deleted that the function did not name as failed;
 * all others become visible again in the queue's own time, those of an invocation that failed as a whole, too.
 * Source: AWS Lambda Developer Guide, "Handling errors for an SQS event source in Lambda".
 */
export async function startSqsSource(options: SqsSourceOptions): Promise<EventSource> {
  const { client, queueUrl: QueueUrl, target, batchSize, windowMs } = options;
  const troubles: string[] = [];
  let isStopping = false;
  const attributes = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const arn = attributes.Attributes?.QueueArn ?? '';

  const receive = async (): Promise<Message[]> => {
    const batch: Message[] = [];
    const end = Date.now() + windowMs;
    do {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(MOST, batchSize - batch.length),
          WaitTimeSeconds: batch.length === 0 ? 1 : 0,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      batch.push(...Messages);
      // A short answer does not mean an empty queue, but here it nearly always does.
      if (Messages.length === 0) break;
    } while (batch.length < batchSize && Date.now() < end);
    return batch;
  };
  const remove = async (messages: readonly Message[]): Promise<void> => {
    for (let first = 0; first < messages.length; first += MOST) {
      const Entries = messages
        .slice(first, first + MOST)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      for (const { Code } of Failed) troubles.push(`delete: ${Code}`);
    }
  };
  const run = async (): Promise<void> => {
    while (!isStopping) {
      try {
        const batch = await receive();
        if (batch.length === 0) continue;
        const answer = await target.invoke({ Records: batch.map((message) => recordOf(message, arn)) });
        const failed = failedOf(answer, new Set(batch.map(({ MessageId }) => MessageId!)));
        if (failed.size > 0) troubles.push(`${failed.size} of ${batch.length} messages failed`);
        await remove(batch.filter(({ MessageId }) => !failed.has(MessageId!)));
      } catch (error) {
        troubles.push((error as Error).message);
      }
    }
  };
  const running = run();
  return {
    troubles,
    async stop() {
      isStopping = true;
      await running;
    },
  };
}

/** Ids of the messages that go back; all of them where the answer names one that is none. */
function failedOf(answer: unknown, all: ReadonlySet<string>): ReadonlySet<string> {
  const failures = (answer as { batchItemFailures?: { itemIdentifier?: unknown }[] | null } | null)?.batchItemFailures;
  const named = (failures ?? []).map(({ itemIdentifier }) => itemIdentifier as string);
  return named.every((id) => all.has(id)) ? new Set(named) : all;
}

/** A record of Lambda's event. Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS". */
function recordOf(message: Message, arn: string): object {
  const { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {}, MD5OfBody } = message;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, value]) => [name, attributeOf(value)]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: arn,
    awsRegion: MOTO_REGION,
  };
}

function attributeOf({ DataType, StringValue, BinaryValue }: MessageAttributeValue): object {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
