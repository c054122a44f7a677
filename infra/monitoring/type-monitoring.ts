import { aws_cloudwatch_actions as actions, aws_cloudwatch as cloudwatch, type aws_sns as sns } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { dashboardName } from '../names.ts';
import { typeAlarms } from './type-alarms.ts';
import { type TypeNames, typeMetrics } from './type-metrics.ts';

export interface TypeMonitoringProps extends TypeNames {
  /** Who is told. */
  readonly alarmTopic: sns.ITopic;
}

/** The alarms of one event type, each with the section of docs/runbook.md that says what to do, and its dashboard. */
export class TypeMonitoring extends Construct {
  constructor(scope: Construct, id: string, { alarmTopic, ...names }: TypeMonitoringProps) {
    super(scope, id);
    const { eventType, stage } = names;
    const alarms = typeAlarms(names).map(({ name, section, metric, threshold, periods }) => {
      const alarm = new cloudwatch.Alarm(this, name, {
        metric,
        threshold,
        evaluationPeriods: periods,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        // These metrics are absent where nothing happens, and nothing is wrong then.
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        alarmDescription: `${eventType} (${stage}): see docs/runbook.md#${section}`,
      });
      alarm.addAlarmAction(new actions.SnsAction(alarmTopic));
      return alarm;
    });
    const metrics = typeMetrics(names);
    const graph = (title: string, left: cloudwatch.IMetric[]): cloudwatch.IWidget =>
      new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 });
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: dashboardName(stage, eventType),
      widgets: [
        [new cloudwatch.AlarmStatusWidget({ title: `${eventType}: alarms`, alarms, width: 24, height: 4 })],
        [
          graph('Events', [metrics.sent, metrics.produced, metrics.delivered, metrics.failed]),
          graph('On their way', [metrics.waiting, metrics.underWay, metrics.lag, metrics.deadLetters]),
          graph('From the edge to the stream, p99 (ms)', [metrics.latency]),
        ],
        [
          graph('Age: queue, delivery (s)', [metrics.queueAge, metrics.deliveryAge]),
          graph('Requests, refusals, errors', [metrics.requests, metrics.refusals, metrics.apiErrors]),
          graph('Errors of functions', Object.values(metrics.errors)),
        ],
      ],
    });
  }
}
