import { readFile } from 'node:fs/promises';
import { App, Stack, aws_sns as sns } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { TypeMonitoring } from '../../../infra/monitoring/type-monitoring.ts';

const FUNCTIONS = { accept: 'a', produce: 'p', consume: 'c', transform: 't' };

test('each alarm tells somebody, and names a section of the runbook that there is; none is missing', async () => {
  const stack = new Stack(new App(), 'Test');
  const alarmTopic = new sns.Topic(stack, 'Topic') as sns.ITopic;
  const names = { queueName: 'q', deadLetterQueueName: 'd', deliveryStreamName: 's', functionNames: FUNCTIONS };
  new TypeMonitoring(stack, 'Monitoring', { eventType: 'shop.order', stage: 'test', ...names, alarmTopic });
  const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
  const metrics = alarms.map(({ Properties }) => `${Properties.Namespace} ${Properties.MetricName}`);
  const errors = Object.keys(FUNCTIONS).flatMap(() => ['AWS/Lambda Errors', 'AWS/Lambda Throttles']);
  const others = ['AWS/SQS ApproximateNumberOfMessagesVisible', 'AWS/SQS ApproximateAgeOfOldestMessage'];
  const rest = ['AWS/Lambda OffsetLag', 'AWS/Firehose DeliveryToS3.DataFreshness', 'Sluice Failed'];
  expect(metrics.sort()).toEqual([...errors, ...others, ...rest].sort());
  const runbook = await readFile(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
  for (const { Properties } of alarms) {
    expect(Properties.AlarmActions).toHaveLength(1);
    expect(runbook).toContain(`\n## ${/#(\S+)$/.exec(Properties.AlarmDescription)![1]}\n`);
  }
});
