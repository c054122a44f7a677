/**
 * The pipeline as a CDK app: every event type of a folder of schemas. Run by `cdk`, see cdk.json.
 *
 * Context: `stage` (dev by default; what differs between stages is in stages.ts), `schemas` (folder; `schemas`), `waf`
 * (true), `alarm-email`, `monthly-budget` (USD), `pii-key-secret-arn`.
 */
import { App, CfnOutput, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import { EventType, Pipeline, readSchemas } from './index.ts';
import { limitsOf, limitsReport } from './limits.ts';
import { NagRules } from './nag.ts';
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

const [alarmEmail, budget, piiKeySecretArn] = ['alarm-email', 'monthly-budget', 'pii-key-secret-arn'].map(context);
const pipeline = new Pipeline(stack, 'Pipeline', {
  stage,
  ...settings,
  waf: context('waf') === 'true',
  alarmEmail,
  monthlyBudget: budget === undefined ? undefined : Number(budget),
  piiKeySecretArn,
});
for (const history of await readSchemas(context('schemas') ?? 'schemas')) {
  new EventType(pipeline, history.eventType, { history });
}

new CfnOutput(stack, 'Url', { value: pipeline.url, description: 'Events are posted to events/<event type> below it' });
new CfnOutput(stack, 'Bucket', { value: pipeline.bucketName, description: 'Events, delivered and failed' });

Validations.of(app).addPlugins(new NagRules(app, { verbose: true }));
const uses = limitsOf(app.synth().directory);
process.stderr.write(limitsReport(uses));
if (uses.some(({ used, allowed }) => used > allowed)) process.exitCode = 1;
