import { createHash } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSqsQueue } from '../../../src/adapters/aws/sqs-queue.ts';
import { messageOf } from '../../support/messages.ts';
import { type Answer, type Call, startService } from './service.ts';

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

const taken = ({ Id, MessageBody }: Entry) => ({
  Id,
  MessageId: `message-${MessageBody}`,
  MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
});
const refused = ({ Id }: Entry, SenderFault = false) => ({ Id, SenderFault, Code: 'ServiceUnavailable', Message: 'x' });
const entriesOf = ({ body }: Call): Entry[] => body.Entries;
const bodiesOf = (call: Call): string[] => entriesOf(call).map(({ MessageBody }) => MessageBody);

/** A queue over SQS as `answer` makes it. */
async function open(answer: (call: Call, index: number) => Answer, timeoutMs = 20_000) {
  const { calls, settings, endpoint } = await startService(answer);
  const client = new SQSClient(settings);
  onTestFinished(() => client.destroy());
  const pauses: number[] = [];
  const queue = createSqsQueue({
    queueUrl: `${endpoint}/000000000000/orders`,
    requestId: () => 'request-1',
    client,
    timeoutMs,
    pause: async (tries) => {
      pauses.push(tries);
    },
  });
  return { calls, pauses, send: queue.send };
}

const all = (call: Call): Answer => ({ body: { Successful: entriesOf(call).map(taken), Failed: [] } });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => messageOf('a.b', `e-${index}`, index));

describe('a queue in SQS', () => {
  it('takes ten messages a call, and names each of them in their order', async () => {
    const { calls, send } = await open(all);
    const ids = await send(numbers(25));
    expect(ids).toEqual(Array.from({ length: 25 }, (_, index) => `message-${index}`));
    expect(calls.map((call) => bodiesOf(call).length).sort()).toEqual([10, 10, 5].sort());
    expect(calls[0]!.target).toBe('AmazonSQS.SendMessageBatch');
  });

  it('takes no more bytes a call than SQS does, attributes counted', async () => {
    const { calls, send } = await open(all);
    const large = (index: number) => messageOf('a.b', `e-${index}`, `"${'x'.repeat(400_000)}${index}"`);
    expect(await send([0, 1, 2, 3, 4].map(large))).toHaveLength(5);
    expect(calls.map((call) => bodiesOf(call).length).sort()).toEqual([1, 2, 2]);
  });

  it('refuses a message that grows beyond what SQS takes, before anything is sent', async () => {
    const { calls, send } = await open(all);
    const growing = messageOf('a.b', 'e', JSON.stringify('\uFFFF'.repeat(200_000)));
    const refusal = { code: 'SLUICE_BODY_TOO_LARGE', faults: [{ advice: expect.stringContaining('event 1') }] };
    await expect(send([messageOf('a.b', 'small'), growing])).rejects.toMatchObject(refusal);
    expect(calls).toEqual([]);
  });

  it('sends only those again that were refused for now', async () => {
    const { calls, pauses, send } = await open((call, index) => {
      const entries = entriesOf(call);
      const left = index < 2 ? entries.slice(1).filter((_, at) => at % 2 === 0) : [];
      return {
        body: {
          Successful: entries.filter((entry) => !left.includes(entry)).map(taken),
          Failed: left.map((e) => refused(e)),
        },
      };
    });
    expect(await send(numbers(6))).toEqual([0, 1, 2, 3, 4, 5].map((number) => `message-${number}`));
    expect(calls.map(bodiesOf)).toEqual([['0', '1', '2', '3', '4', '5'], ['1', '3', '5'], ['3']]);
    expect(pauses).toEqual([1, 2]);
  });

  it('gives up after a while, and says that some were taken', async () => {
    const { calls, send } = await open((call) => {
      const [first, ...others] = entriesOf(call);
      const takes = first!.MessageBody === '0' ? [first!] : [];
      const left = takes.length > 0 ? others : entriesOf(call);
      return { body: { Successful: takes.map(taken), Failed: left.map((entry) => refused(entry)) } };
    });
    await expect(send(numbers(3))).rejects.toMatchObject({
      code: 'SLUICE_TAKEN_IN_PART',
      retryable: true,
      message: 'SQS took 1 of 3 messages: 2 messages were refused, the first one by ServiceUnavailable',
    });
    expect(calls).toHaveLength(5);
  });

  it('gives up at once where SQS says that the sender is at fault; then nothing was taken', async () => {
    const { calls, send } = await open((call) => ({
      body: { Successful: [], Failed: entriesOf(call).map((entry) => refused(entry, true)) },
    }));
    await expect(send(numbers(2))).rejects.toMatchObject({ code: 'SLUICE_STORAGE' });
    expect(calls).toHaveLength(1);
  });

  it('does not go on for longer than whoever waits for it', async () => {
    const { send } = await open((call) => ({ body: { Failed: entriesOf(call).map((entry) => refused(entry)) } }), 0);
    await expect(send(numbers(1))).rejects.toMatchObject({ message: expect.stringContaining('within 0 ms') });
  });

  it('sends no more once a call has failed, and leaves it open what that one did, unless it was refused as a whole', async () => {
    const cut = await open(() => undefined);
    await expect(cut.send(numbers(3))).rejects.toMatchObject({
      code: 'SLUICE_TAKEN_IN_PART',
      message: expect.stringContaining('SQS took 0 or more of 3 messages'),
    });
    const denied = await open(() => ({ status: 403, body: { __type: 'AccessDenied', message: 'Signature=secret' } }));
    const error = await denied.send(numbers(500)).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'SLUICE_STORAGE',
      message: expect.stringMatching(/0 of 500.*AccessDenied, 403/),
    });
    expect(error.message).not.toContain('secret');
    // Those that were under way when the first of them was answered.
    expect(denied.calls.length).toBeLessThanOrEqual(16);
  });
});
