/**
 * The pipeline as a CDK app: every event type of a folder of schemas. Run by `cdk`, see cdk.json.
 *
 * Context: `stage` (dev by default; what differs between stages is in stages.ts), `schemas` (folder; `schemas`), `waf`
 * (true), `alarm-email`, `monthly-budget` (USD), `pii-key-secret-arn`, `partition-by` (arrival, event-time) and
 * `partition-by:<event type>`.
 */
import { App, CfnOutput, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { EventType, Pipeline, readSchemas } from './index.ts';
import { limitsOf, limitsReport } from './limits.ts';
import { NagRules } from './nag.ts';
import { partitionContext } from './partition-by.ts';
import { stageSettings } from './stages.ts';

const app = new App();
const context = (name: string): string | undefined => app.node.tryGetContext(name) as string | undefined;
const stage = context('stage') ?? 'dev';
const settings = stageSettings(stage);
const stack = new Stack(app, `sluice-${stage}`, {
  description: `Sluice, stage ${stage}`,
  terminationProtection: settings.removalPolicy === RemovalPolicy.RETAIN,
});
Tags.of(app).add('sluice:stage', stage);

const histories = await readSchemas(context('schemas') ?? 'schemas');
const eventTypes = histories.map(({ eventType }) => eventType);
const partitions = partitionContext(app.node.getAllContext() as Record<string, unknown>, eventTypes);
const [alarmEmail, budget, piiKeySecretArn] = ['alarm-email', 'monthly-budget', 'pii-key-secret-arn'].map(context);
const pipeline = new Pipeline(stack, 'Pipeline', {
  stage,
  ...settings,
  waf: context('waf') === 'true',
  alarmEmail,
  monthlyBudget: budget === undefined ? undefined : Number(budget),
  piiKeySecretArn,
  partitionBy: partitions.all,
});
for (const history of histories) {
  new EventType(pipeline, history.eventType, { history, partitionBy: partitions.byType.get(history.eventType) });
}

new CfnOutput(stack, 'Url', { value: pipeline.url, description: 'Events are posted to events/<event type> below it' });
new CfnOutput(stack, 'Bucket', { value: pipeline.bucketName, description: 'Events, delivered and failed' });

Validations.of(app).addPlugins(new NagRules(app, { verbose: true }));
const uses = limitsOf(app.synth().directory);
process.stderr.write(limitsReport(uses));
if (uses.some(({ used, allowed }) => used > allowed)) process.exitCode = 1;
