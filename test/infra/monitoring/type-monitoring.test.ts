import { readFile } from 'node:fs/promises';
import { App, Stack, aws_sns as sns } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { TypeMonitoring } from '../../../infra/monitoring/index.ts';
import type { PartitionBy } from '../../../src/derive/partition.ts';

const FUNCTIONS = { accept: 'a', produce: 'p', consume: 'c', transform: 't' };

function synthesised(partitionBy: PartitionBy = 'arrival', eventType = 'shop.order'): Template {
  const stack = new Stack(new App(), 'Test');
  const alarmTopic = new sns.Topic(stack, 'Topic') as sns.ITopic;
  const names = { queueName: 'q', deadLetterQueueName: 'd', deliveryStreamName: 's', functionNames: FUNCTIONS };
  const api = { apiName: 'api', apiStage: 'test' };
  new TypeMonitoring(stack, 'Monitoring', { eventType, stage: 'test', ...names, ...api, partitionBy, alarmTopic });
  return Template.fromStack(stack);
}

test('each alarm tells somebody, and names a section of the runbook that there is; none is missing', async () => {
  const alarms = Object.values(synthesised('event-time').findResources('AWS::CloudWatch::Alarm'));
  const sections = alarms.map(({ Properties }) => /#(\S+)$/.exec(Properties.AlarmDescription)![1]!);
  const perFunction = Object.keys(FUNCTIONS).flatMap(() => ['function-errors', 'function-throttles']);
  const queues = [
    'dead-letters',
    'queue-age',
    'kafka-lag',
    'delivery-age',
    'delivery-throttles',
    'delivery-partitions',
  ];
  const others = ['failed-events', 'api-errors', 'api-refusals', 'missing-events'];
  expect(sections.sort()).toEqual([...perFunction, ...queues, ...others].sort());
  const runbook = await readFile(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
  for (const section of sections) expect(runbook).toContain(`\n## ${section}\n`);
  const headings = [...runbook.matchAll(/^## (\S+)$/gm)].map(([, section]) => section!);
  expect(new Set(headings)).toEqual(new Set(sections));
  for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
});

test('events are missing where more were accepted in a day than delivered, failed and still on their way', () => {
  const alarms = Object.values(synthesised().findResources('AWS::CloudWatch::Alarm'));
  const { Properties } = alarms.find(({ Properties }) => Properties.AlarmDescription.endsWith('#missing-events'))!;
  expect(Properties).toMatchObject({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
  const [{ Expression: expression }, ...metrics] = Properties.Metrics;
  expect(expression).toMatch(/^FILL\(sent, 0\)(?: - FILL\(\w+, 0\)){6}$/);
  const used = metrics.map((metric: { Id: string; MetricStat: { Metric: { MetricName: string }; Period: number } }) => [
    metric.Id,
    metric.MetricStat.Metric.MetricName,
    metric.MetricStat.Period,
  ]);
  expect(used.sort()).toEqual([
    ['dead', 'ApproximateNumberOfMessagesVisible', 86_400],
    ['delivered', 'Delivered', 86_400],
    ['failed', 'Failed', 86_400],
    ['lag', 'OffsetLag', 86_400],
    ['sent', 'NumberOfMessagesSent', 86_400],
    ['underWay', 'ApproximateNumberOfMessagesNotVisible', 86_400],
    ['waiting', 'ApproximateNumberOfMessagesVisible', 86_400],
  ]);
});

test('partitions are counted where there may be too many of them: by event time', () => {
  const countsIn = (template: Template) =>
    template.findResources('AWS::CloudWatch::Alarm', { Properties: { MetricName: 'PartitionCountExceeded' } });
  expect(Object.values(countsIn(synthesised('event-time')))).toHaveLength(1);
  expect(countsIn(synthesised())).toEqual({});
});

test('the dashboard is that of the event type', () => {
  synthesised().hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'sluice-test-shop-order' });
});
