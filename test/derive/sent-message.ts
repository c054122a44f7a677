import type { SqsRecord } from '../../src/adapters/aws/lambda-events.ts';

/**
 * A message as Lambda hands it over, from the form by which it was sent.
 *
 * Source: SQS API Reference, SendMessage in the query protocol.
 *
 * @returns undefined for a message without a body, which SQS refuses.
 */
export function sentMessage(form: string): SqsRecord | undefined {
  const members = new URLSearchParams(form);
  if (members.get('Action') !== 'SendMessage') throw new Error(`no SendMessage: ${form.slice(0, 80)}`);
  const messageAttributes: Record<string, { stringValue: string }> = {};
  for (let number = 1; members.has(`MessageAttribute.${number}.Name`); number += 1) {
    const member = (name: string): string => members.get(`MessageAttribute.${number}.${name}`) ?? '';
    if (member('Value.DataType') !== 'String') throw new Error('an attribute that is no text');
    // SQS refuses an attribute without a value.
    if (member('Value.StringValue') === '') throw new Error(`${member('Name')} is empty`);
    messageAttributes[member('Name')] = { stringValue: member('Value.StringValue') };
  }
  const known = 2 + (members.has('MessageBody') ? 1 : 0) + 3 * Object.keys(messageAttributes).length;
  if ([...members].length !== known) throw new Error(`SQS knows no such members: ${[...members.keys()].join(' ')}`);
  const body = members.get('MessageBody');
  const attributes = { SentTimestamp: '1700000000000', ApproximateReceiveCount: '1' };
  return body === null ? undefined : { messageId: 'message', body, attributes, messageAttributes };
}
