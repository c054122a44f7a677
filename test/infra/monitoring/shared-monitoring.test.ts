import { App, aws_kms as kms, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { SharedMonitoring } from '../../../infra/monitoring/index.ts';

function synthesised(options: { alarmEmail?: string; monthlyBudget?: number } = {}): Template {
  const stack = new Stack(new App(), 'Test');
  new SharedMonitoring(stack, 'Monitoring', { stage: 'test', encryptionKey: new kms.Key(stack, 'Key'), ...options });
  return Template.fromStack(stack);
}

test('alarms may be published to an encrypted topic by CloudWatch and Budgets of this account, over TLS only', () => {
  const template = synthesised();
  template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
  const services = { Service: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'] };
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Match.objectLike({ Effect: 'Allow', Principal: services, Action: 'sns:Publish' }),
      ]),
    },
  });
  template.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith([
        Match.objectLike({ Principal: services, Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }),
      ]),
    },
  });
});

test('a budget and an address to write to are there where they are asked for', () => {
  const template = synthesised({ alarmEmail: 'on-call@example.org', monthlyBudget: 900 });
  template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'on-call@example.org' });
  template.hasResourceProperties('AWS::Budgets::Budget', {
    Budget: {
      BudgetLimit: { Amount: 900, Unit: 'USD' },
      CostFilters: { TagKeyValue: ['user:sluice:stage$test'] },
    },
  });
  expect(synthesised().findResources('AWS::Budgets::Budget')).toEqual({});
});
