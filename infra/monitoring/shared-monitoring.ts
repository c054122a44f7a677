import {
  aws_budgets as budgets,
  aws_cloudwatch as cloudwatch,
  aws_iam as iam,
  type aws_kms as kms,
  Stack,
  aws_sns as sns,
  aws_sns_subscriptions as subscriptions,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { alarmTopicName, overviewName } from '../names.ts';

export interface SharedMonitoringProps {
  readonly stage: string;
  readonly encryptionKey: kms.Key;
  /** Who is told, by e-mail; whoever subscribes to the topic by default. */
  readonly alarmEmail?: string | undefined;
  /** USD a month above which, and on the way to which, there is an alarm; none by default. */
  readonly monthlyBudget?: number | undefined;
}

/** Services that publish alarms. */
const PUBLISHERS = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];

/** Where alarms go, the budget, and a view over all event types that names none of them. */
export class SharedMonitoring extends Construct {
  readonly topic: sns.ITopic;

  constructor(
    scope: Construct,
    id: string,
    { stage, encryptionKey, alarmEmail, monthlyBudget }: SharedMonitoringProps,
  ) {
    super(scope, id);
    const { account } = Stack.of(this);
    const topic = new sns.Topic(this, 'Alarms', {
      topicName: alarmTopicName(stage),
      masterKey: encryptionKey,
      enforceSSL: true,
    });
    this.topic = topic as sns.ITopic;
    // A topic with a policy of its own lets nobody in by itself, and neither does its key.
    const principals = PUBLISHERS.map((service) => new iam.ServicePrincipal(service));
    const conditions = { StringEquals: { 'aws:SourceAccount': account } };
    topic.addToResourcePolicy(
      new iam.PolicyStatement({ principals, actions: ['sns:Publish'], resources: [topic.topicArn], conditions }),
    );
    encryptionKey.addToResourcePolicy(
      // In a key's policy, the key itself: it has no other name there.
      new iam.PolicyStatement({
        principals,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions,
      }),
    );
    if (alarmEmail !== undefined) topic.addSubscription(new subscriptions.EmailSubscription(alarmEmail));
    if (monthlyBudget !== undefined) this.budget(stage, monthlyBudget, topic.topicArn);
    this.overview(stage);
  }

  /** Told at 80 % of what was spent, and when the month is forecast to go beyond. */
  private budget(stage: string, amount: number, topicArn: string): void {
    const subscribers = [{ subscriptionType: 'SNS', address: topicArn }];
    const notice = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers,
    });
    new budgets.CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount, unit: 'USD' },
        // The form of AWS Budgets: "user:", the key, "$", the value.
        costFilters: { TagKeyValue: [`user:sluice:stage$${stage}`] },
      },
      notificationsWithSubscribers: [notice('ACTUAL', 80), notice('FORECASTED', 100)],
    });
  }

  private overview(stage: string): void {
    const search = (title: string, metric: string, statistic: string): cloudwatch.IWidget =>
      new cloudwatch.GraphWidget({
        title,
        width: 12,
        height: 6,
        left: [
          new cloudwatch.SearchExpression({
            expression: `SEARCH('{Sluice,EventType,Stage} MetricName="${metric}" Stage="${stage}"', '${statistic}')`,
            label: '',
          }),
        ],
      });
    new cloudwatch.Dashboard(this, 'Overview', {
      dashboardName: overviewName(stage),
      widgets: [
        [search('Events delivered', 'Delivered', 'Sum'), search('Events failed', 'Failed', 'Sum')],
        [search('Latency, p99 (ms)', 'LatencyMs', 'p99'), search('Events that came again', 'Retried', 'Sum')],
      ],
    });
  }
}
