import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  aws_kms as kms,
  aws_lambda as lambda,
  aws_logs as logs,
  NestedStack,
  Stack,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SharedApi, type SharedApiProps, type Throttle } from '../../../infra/api/shared-api.ts';
import { TypeApi } from '../../../infra/api/type-api.ts';
import type { SchemaHistory } from '../../../src/schema/history.ts';

export interface ApiOptions extends Partial<Pick<SharedApiProps, 'auth' | 'waf' | 'throttle'>> {
  /** Of some event types. */
  readonly throttles?: Readonly<Record<string, Throttle>>;
  /** Called before the app is synthesised. */
  readonly before?: (app: App) => void;
}

/** The templates of an API whose event types have a nested stack each, with a queue and a function of their own. */
export function apiTemplates(histories: readonly SchemaHistory[], options: ApiOptions = {}) {
  const outdir = mkdtempSync(join(tmpdir(), 'sluice-api-'));
  try {
    return templatesIn(outdir, histories, options);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function templatesIn(outdir: string, histories: readonly SchemaHistory[], options: ApiOptions) {
  const { auth = 'api-key', waf = false, throttle, throttles = {}, before } = options;
  const app = new App({ analyticsReporting: false, outdir });
  const stack = new Stack(app, 'Parent');
  const key = new kms.Key(stack, 'Key', { enableKeyRotation: true });
  const logRetention = logs.RetentionDays.ONE_MONTH;
  const common = { stage: 'dev', auth, waf, logRetention, encryptionKey: key };
  const shared = new SharedApi(stack, 'Api', { ...common, ...(throttle === undefined ? {} : { throttle }) });
  const nested = histories.map((history) => {
    const { eventType } = history;
    const of = new NestedStack(stack, eventType);
    const queue = sqs.Queue.fromQueueArn(of, 'Queue', `arn:aws:sqs:eu-central-1:111111111111:sluice-dev-${eventType}`);
    const accept = new lambda.Function(of, 'Accept', {
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
    });
    const own = throttles[eventType];
    const routes = { shared, history, queue, queueKey: key, accept, ...(own === undefined ? {} : { throttle: own }) };
    shared.addType(new TypeApi(of, 'Api', routes));
    return [eventType, of] as const;
  });
  before?.(app);
  const assembly = app.synth();
  const messages = assembly.getStackByName('Parent').messages.map(({ entry }) => String(entry.data));
  return {
    parent: Template.fromStack(stack),
    types: Object.fromEntries(nested.map(([eventType, of]) => [eventType, Template.fromStack(of)])),
    /** Warnings and errors. */
    messages,
  };
}

/** Resources of one CloudFormation type, with their logical ids. */
export function resourcesOf<Properties = unknown>(template: Template, type: string) {
  return Object.entries(template.findResources(type)) as [string, Resource<Properties>][];
}

interface Resource<Properties> {
  readonly Properties: Properties;
  readonly DependsOn?: readonly string[];
}

/** The properties of the only resource of a type. */
export function onlyOf<Properties>(template: Template, type: string): Properties {
  const [first, ...rest] = resourcesOf<Properties>(template, type);
  if (first === undefined || rest.length > 0) throw new Error(`not one ${type} alone`);
  return first[1].Properties;
}
