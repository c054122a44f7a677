import { expect, test } from 'vitest';
import { eventTypeOf, parseTemplate, referencesIn } from '../../src/deploy/template.ts';

test('a template is its resources, without metadata and without the note of the CDK', () => {
  const text = JSON.stringify({
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Metadata: { 'aws:cdk:path': 'x' }, DeletionPolicy: 'Retain' },
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2' } },
    },
  });
  expect(parseTemplate(text)).toEqual({
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: {}, DeletionPolicy: 'Retain', UpdateReplacePolicy: undefined },
    },
  });
});

test.for(['', 'Resources:\n  Queue:', '[]', '{}', '{"Resources":{"Queue":{}}}', '{"Resources":[]}'])(
  '"%s" is no template',
  (text) => {
    expect(parseTemplate(text)).toBeUndefined();
  },
);

test('a stack is for the event type that its contract names', () => {
  const contract = { Type: 'Custom::SluiceContract', Properties: { EventType: 'shop.order' } };
  expect(eventTypeOf(parseTemplate(JSON.stringify({ Resources: { Contract: contract } }))!)).toBe('shop.order');
  expect(eventTypeOf({ Resources: {} })).toBeUndefined();
});

test('what a value refers to is found in every function', () => {
  const value = {
    a: { Ref: 'One' },
    b: [{ 'Fn::GetAtt': ['Two', 'Arn'] }, { 'Fn::GetAtt': 'Three.Arn' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders.
    c: { 'Fn::Join': ['', ['x', { 'Fn::Sub': '${Four}/${Five.Arn}/${!Literal}' }]] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders.
    d: { 'Fn::Sub': ['${Six}', { Local: { Ref: 'Seven' } }] },
    e: 'Eight',
  };
  expect([...referencesIn(value)].sort()).toEqual(['Five', 'Four', 'One', 'Seven', 'Six', 'Three', 'Two']);
});
