import { DeleteMessageBatchCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Fault } from './fault-plan.ts';

/**
 * SQS as it takes a part of a batch: entries that `refuses` names by their places are refused as by a fault of its own, and
 * all others really get through.
 */
export function refuseInPart(sqs: SQSClient, refuses: (index: number) => boolean): Fault {
  return async ({ action }, body) => {
    const input = JSON.parse(body);
    const entries: { readonly Id: string }[] = input.Entries;
    const Entries = entries.filter((_, index) => !refuses(index));
    const Failed = entries
      .filter((_, index) => refuses(index))
      .map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' }));
    if (Failed.length === 0) throw new Error(`a batch of ${entries.length} is refused in no part`);
    if (Entries.length === 0) return { status: 200, body: { Successful: [], Failed } };
    const taken =
      action === 'sqs:SendMessage'
        ? await sqs.send(new SendMessageBatchCommand({ ...input, Entries }))
        : await sqs.send(new DeleteMessageBatchCommand({ ...input, Entries }));
    return { status: 200, body: { Successful: taken.Successful, Failed: [...Failed, ...(taken.Failed ?? [])] } };
  };
}
