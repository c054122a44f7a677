import { FirehoseClient } from '@aws-sdk/client-firehose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFirehoseStream } from '../../../src/adapters/aws/firehose.ts';
import type { DeliveryRecord } from '../../../src/ports/delivery-stream.ts';
import { type Answer, type Call, startService } from './service.ts';

const recordOf = (text: string): DeliveryRecord => ({ data: Buffer.from(text), entries: [] });
const textsOf = ({ body }: Call): string[] =>
  body.Records.map(({ Data }: { Data: string }) => Buffer.from(Data, 'base64').toString());

/** The stream over Firehose as `refuses` makes it: which records it refuses at which call. */
async function open(
  refuses: (text: string, call: number) => boolean,
  answer?: (call: Call) => Answer,
  timeoutMs = 45_000,
) {
  const { calls, settings } = await startService((call, index) => {
    if (answer !== undefined) return answer(call);
    const responses = textsOf(call).map((text) =>
      refuses(text, index)
        ? { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' }
        : { RecordId: `record-${text}` },
    );
    const failed = responses.filter((response) => 'ErrorCode' in response).length;
    return { body: { FailedPutCount: failed, Encrypted: false, RequestResponses: responses } };
  });
  const client = new FirehoseClient(settings);
  onTestFinished(() => client.destroy());
  const stream = createFirehoseStream({ streamName: 'sluice-test', client, timeoutMs, pause: async () => {} });
  return { calls, put: (...records: DeliveryRecord[]) => stream.put('shop.order', records) };
}

describe('a Firehose stream', () => {
  it('takes records as they are, in one call where they fit', async () => {
    const { calls, put } = await open(() => false);
    await put(recordOf('{"a":"é"}\n'), recordOf('{}\n{}\n'));
    expect(calls.map(({ target }) => target)).toEqual(['Firehose_20150804.PutRecordBatch']);
    expect(calls[0]!.body.DeliveryStreamName).toBe('sluice-test');
    expect(textsOf(calls[0]!)).toEqual(['{"a":"é"}\n', '{}\n{}\n']);
  });

  it('puts only the refused records again, by their places', async () => {
    const { calls, put } = await open(
      (text, call) => (call === 0 && 'bd'.includes(text)) || (call === 1 && text === 'd'),
    );
    await put(...['a', 'b', 'c', 'd', 'e'].map(recordOf));
    expect(calls.map(textsOf)).toEqual([['a', 'b', 'c', 'd', 'e'], ['b', 'd'], ['d']]);
  });

  it('takes at most 500 records and 4 MiB a call', async () => {
    const { calls, put } = await open(() => false);
    await put(...Array.from({ length: 1_001 }, () => recordOf('x')));
    expect(calls.map((call) => textsOf(call).length)).toEqual([500, 500, 1]);
    calls.length = 0;
    await put(...Array.from({ length: 5 }, () => recordOf('x'.repeat(1_000 * 1024))));
    expect(calls.map((call) => textsOf(call).length)).toEqual([4, 1]);
  });

  it('gives up after a while: whoever calls puts all of them again', async () => {
    const { calls, put } = await open((text) => text === 'b');
    await expect(put(recordOf('a'), recordOf('b'))).rejects.toMatchObject({
      code: 'SLUICE_STORAGE',
      retryable: true,
      message: expect.stringMatching(
        /sluice-test: 1 of 2 records were refused 6 times \(ServiceUnavailableException\)/,
      ),
    });
    expect(calls).toHaveLength(6);
  });

  it('does not go on for longer than whoever waits for it', async () => {
    const { put } = await open(() => true, undefined, 0);
    await expect(put(recordOf('a'))).rejects.toMatchObject({
      code: 'SLUICE_STORAGE',
      message: 'Firehose stream sluice-test: not all was taken within 0 ms',
    });
  });

  it('says what keeps it from being called, without the text of the error', async () => {
    const { put } = await open(
      () => false,
      () => ({ status: 400, body: { __type: 'ResourceNotFoundException', message: 'Authorization=secret' } }),
    );
    const error = await put(recordOf('a')).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'SLUICE_STORAGE' });
    expect(error.message).toBe('Firehose stream sluice-test: ResourceNotFoundException, 400');
  });
});
