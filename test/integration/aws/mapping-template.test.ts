import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receivedMessage } from '../../../src/adapters/aws/queue-message.ts';
import { isEventId } from '../../../src/codec/event-id.ts';
import { deriveMappingTemplates, FORM_TYPE } from '../../../src/derive/mapping-template.ts';
import { startVelocity, type Velocity } from '../../oracles/velocity.ts';
import { historyOfFields } from '../../support/histories.ts';
import { MOTO_CREDENTIALS, MOTO_REGION, type Moto, startMoto } from '../../support/moto.ts';

const templates = deriveMappingTemplates(historyOfFields('a.plain', [[{ name: 'count', type: 'int' }]]));
const context = { requestId: 'request-1' };

let moto: Moto;
let velocity: Velocity;
let sqs: SQSClient;
let queueUrl: string;
beforeAll(async () => {
  [moto, velocity] = await Promise.all([startMoto(), startVelocity('2.4')]);
  sqs = new SQSClient({ endpoint: moto.endpoint, region: MOTO_REGION, credentials: MOTO_CREDENTIALS });
  queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'a-plain' }))).QueueUrl!;
});
afterAll(async () => {
  sqs?.destroy();
  await Promise.all([velocity?.close(), moto?.stop()]);
});

/** Sends as API Gateway would: what the template writes, to the queue's address. */
async function send(body: string, headers: Readonly<Record<string, string>>) {
  const { text } = await velocity.evaluate(templates.request, { body, headers, context });
  const signature = `AWS4-HMAC-SHA256 Credential=any/20261125/${MOTO_REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(queueUrl, {
    method: 'POST',
    body: text,
    headers: { 'content-type': FORM_TYPE, authorization: signature },
  });
  return { status: answer.status, text: await answer.text() };
}

async function received() {
  const input = { QueueUrl: queueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
  const { Messages: messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
  return messages.map(({ MessageId, Body, Attributes, MessageAttributes = {} }) => {
    const messageAttributes = Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, { stringValue: StringValue }]),
    );
    const { SentTimestamp = '', ApproximateReceiveCount = '' } = Attributes ?? {};
    const attributes = { SentTimestamp, ApproximateReceiveCount };
    return receivedMessage({ messageId: MessageId!, body: Body!, attributes, messageAttributes }, 'other', isEventId);
  });
}

it('a queue takes what the template writes, and gives it back as it was sent', async () => {
  const body = `{"count": 9007199254740993, "text": "a&b=c %41+ 'd' é \u{1F600} \uFFFE $x #if"}\n`;
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const answer = await send(body, { 'EVENT-ID': 'mine', 'schema-version': '2', Traceparent: traceparent });
  expect(answer.status, answer.text).toBe(200);
  const [message, ...rest] = await received();
  expect(rest).toEqual([]);
  expect(message).toMatchObject({ eventType: 'a.plain', eventId: 'mine', isSpareId: false, version: 2, traceparent });
  expect(Buffer.from(message!.body).toString()).toBe(body.replace('\uFFFE', '\\ufffe'));
});

it('a queue takes nothing that the template refuses, whatever it says to that', async () => {
  const headers = { 'Event-Id': 'not one' };
  const answer = await send('{"count": 1}', headers);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(await received()).toEqual([]);
  const template = answer.status < 500 ? templates.refused : templates.unsure;
  const { status, text } = await velocity.evaluate(template, { body: answer.text, headers, context });
  expect(JSON.parse(text)).toMatchObject({ status, code: 'SLUICE_EVENT_ID' });
});
