import { type App, Validations } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { deriveGatewayResponses } from '../../../src/derive/gateway-responses.ts';
import { PROBLEM_TYPE } from '../../../src/stages/problem.ts';
import { historyOfFields } from '../../support/histories.ts';
import { apiTemplates, onlyOf, resourcesOf } from './two-types.ts';

const a = historyOfFields('a.plain', [[{ name: 'count', type: 'int' }]]);
const b = historyOfFields('b.named', [[{ name: 'id', type: 'string' }]], { eventId: 'id' });
const { parent, types } = apiTemplates([a, b]);

describe('the deployment', () => {
  const idOf = (of: typeof parent) => resourcesOf(of, 'AWS::ApiGateway::Deployment')[0]![0];

  it('waits for the stacks of all event types, for all answers and for its own methods', () => {
    const waitsFor = resourcesOf(parent, 'AWS::ApiGateway::Deployment')[0]![1].DependsOn;
    for (const type of ['AWS::CloudFormation::Stack', 'AWS::ApiGateway::GatewayResponse', 'AWS::ApiGateway::Method']) {
      const ids = resourcesOf(parent, type).map(([id]) => id);
      expect(ids.length).toBeGreaterThan(1);
      expect(waitsFor).toEqual(expect.arrayContaining(ids));
    }
  });

  it('is another one where its contents are others, and the same one where they are not', () => {
    const changed = historyOfFields('b.named', [[{ name: 'id', type: 'string', doc: 'Another' }]], { eventId: 'id' });
    const first = idOf(parent);
    expect(idOf(apiTemplates([b, a], { waf: true }).parent)).toBe(first);
    for (const other of [[a], [a, changed], [b], []]) expect(idOf(apiTemplates(other).parent)).not.toBe(first);
    expect(idOf(apiTemplates([a, b], { auth: 'iam' }).parent)).not.toBe(first);
  });

  it('is what the stage shows', () => {
    parent.hasResourceProperties('AWS::ApiGateway::Stage', { DeploymentId: { Ref: idOf(parent) }, StageName: 'dev' });
  });
});

it('an event type changes nothing in the stack of another', () => {
  const alone = apiTemplates([a]);
  expect(alone.types['a.plain']!.toJSON()).toEqual(types['a.plain']!.toJSON());
  expect(JSON.stringify(alone.types['a.plain'])).toBe(JSON.stringify(types['a.plain']));
  expect(apiTemplates([b]).types['b.named']!.toJSON()).toEqual(types['b.named']!.toJSON());
});

it('120 event types fit into an API, and their routes into its stack', () => {
  const many = Array.from({ length: 120 }, (_, index) =>
    historyOfFields(`many.type-${index}`, [[{ name: 'count', type: 'int' }]]),
  );
  const templates = apiTemplates(many);
  const all = [templates.parent, ...Object.values(templates.types)];
  const resources = all.flatMap((template) => resourcesOf(template, 'AWS::ApiGateway::Resource'));
  // Each has two; the rest is `/events` and the routes of types that are not there.
  expect(resources).toHaveLength(243);
  expect(Object.keys(templates.parent.toJSON().Resources).length).toBeLessThan(200);
  for (const template of Object.values(templates.types)) {
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(20);
    expect(Object.keys(template.toJSON().Parameters).length).toBeLessThan(20);
  }
});

describe('what API Gateway answers by itself', () => {
  it.each(['api-key', 'iam'] as const)('is a problem of its status, whole JSON, for senders with %s', (auth) => {
    const answers = resourcesOf<Record<string, unknown>>(
      apiTemplates([a], { auth }).parent,
      'AWS::ApiGateway::GatewayResponse',
    );
    expect(answers).toHaveLength(deriveGatewayResponses(auth).length);
    for (const [, { Properties: answer }] of answers) {
      const [template, ...rest] = Object.values(answer.ResponseTemplates as Record<string, string>);
      expect(rest).toEqual([]);
      // Nothing is put in, and so nothing can break it.
      expect(template).not.toMatch(/[$#]/);
      const problem = JSON.parse(template!);
      expect(problem).toMatchObject({ type: `urn:sluice:error:${problem.code}`, status: Number(answer.StatusCode) });
      expect(answer.ResponseParameters).toMatchObject({ 'gatewayresponse.header.Content-Type': `'${PROBLEM_TYPE}'` });
    }
  });

  it('is there for every kind of answer that CDK knows', async () => {
    const { aws_apigateway: apigateway } = await import('aws-cdk-lib');
    const known = Object.values(apigateway.ResponseType).flatMap((type) =>
      type instanceof apigateway.ResponseType ? [type.responseType] : [],
    );
    expect(known.length).toBeGreaterThan(15);
    expect(deriveGatewayResponses('iam').map(({ type }) => type)).toEqual(expect.arrayContaining(known));
  });
});

describe('the stage', () => {
  it('traces, logs errors without bodies, and limits every route', () => {
    parent.hasResourceProperties('AWS::ApiGateway::Stage', {
      TracingEnabled: true,
      MethodSettings: [
        Match.objectLike({
          ResourcePath: '/*',
          HttpMethod: '*',
          LoggingLevel: 'ERROR',
          DataTraceEnabled: false,
          ThrottlingRateLimit: 5_000,
          ThrottlingBurstLimit: 2_500,
        }),
      ],
    });
  });

  it('limits the routes of an event type that has limits of its own', () => {
    const limits = { rateLimit: 10, burstLimit: 20 };
    const { parent: limited } = apiTemplates([a, b], { throttles: { 'b.named': limits } });
    const stage = onlyOf<{ MethodSettings: object[] }>(limited, 'AWS::ApiGateway::Stage');
    expect(stage.MethodSettings.slice(1)).toEqual(
      ['/~1events~1b.named', '/~1events~1b.named~1batch'].map((path) =>
        expect.objectContaining({
          ResourcePath: path,
          HttpMethod: 'POST',
          ThrottlingRateLimit: 10,
          ThrottlingBurstLimit: 20,
        }),
      ),
    );
  });

  it('logs each request as JSON, without its body, its key, or values that its refusal quotes', () => {
    const stage = onlyOf<{ AccessLogSetting: { Format: string } }>(parent, 'AWS::ApiGateway::Stage');
    const fields = Object.values(JSON.parse(stage.AccessLogSetting.Format)) as string[];
    for (const field of fields) {
      expect(field).toMatch(/^\$context\.[A-Za-z.]+$/);
      expect(field).not.toMatch(/apiKey$|validationErrorString|error\.message|body|header/i);
    }
  });

  it('keeps its logs for a while, under the key', () => {
    const groups = resourcesOf(parent, 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(2);
    parent.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30, KmsKeyId: Match.anyValue() });
  });
});

describe('senders', () => {
  const methodsOf = (templates: ReturnType<typeof apiTemplates>) =>
    [templates.parent, ...Object.values(templates.types)].flatMap((of) => resourcesOf(of, 'AWS::ApiGateway::Method'));

  it('have keys, in a plan for this stage', () => {
    const methods = methodsOf({ parent, types, messages: [] });
    expect(methods).toHaveLength(6);
    for (const [, { Properties: method }] of methods) {
      expect(method).toMatchObject({ ApiKeyRequired: true, AuthorizationType: 'NONE', HttpMethod: 'POST' });
    }
    parent.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      ApiStages: [{ Stage: { Ref: Match.stringLikeRegexp('Stage') } }],
      Throttle: { RateLimit: 5_000, BurstLimit: 2_500 },
    });
    parent.resourceCountIs('AWS::ApiGateway::UsagePlanKey', 1);
  });

  it('or sign by IAM', () => {
    const templates = apiTemplates([a, b], { auth: 'iam' });
    for (const [, { Properties: method }] of methodsOf(templates)) {
      expect(method).toMatchObject({ ApiKeyRequired: false, AuthorizationType: 'AWS_IAM' });
    }
    templates.parent.resourceCountIs('AWS::ApiGateway::ApiKey', 0);
  });
});

it('the firewall stands before the stage, and only counts what it finds in bodies', () => {
  parent.resourceCountIs('AWS::WAFv2::WebACL', 0);
  const { parent: guarded } = apiTemplates([a], { waf: true });
  guarded.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  guarded.hasResourceProperties('AWS::WAFv2::WebACL', {
    Scope: 'REGIONAL',
    Rules: Match.arrayWith([
      Match.objectLike({
        Name: 'AWSManagedRulesCommonRuleSet',
        Statement: {
          ManagedRuleGroupStatement: Match.objectLike({
            RuleActionOverrides: Match.arrayWith([{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }]),
          }),
        },
      }),
    ]),
  });
});

it.each([
  ['api-key', false],
  ['api-key', true],
  ['iam', true],
] as const)("keeps cdk-nag's rules for APIs, with %s and a firewall: %s", (auth, waf) => {
  const checked = (app: App) => Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  let report = '';
  try {
    apiTemplates([a, b], { auth, waf, before: checked });
  } catch (error) {
    report = String(error);
  }
  // A finding is a paragraph. The function and the key are the test's own, as plain as they can be.
  const findings = report
    .split(/\n\s*\n/)
    .filter((text) => / (ERROR|WARNING) /.test(text) && !/\/(Accept|Key)\//.test(text));
  expect(findings).toEqual([]);
  // It has looked.
  expect(report).toContain('/Accept/');
});
