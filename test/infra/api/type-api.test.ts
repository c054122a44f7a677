import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { deriveMappingTemplates } from '../../../src/derive/mapping-template.ts';
import { deriveModel } from '../../../src/derive/model.ts';
import { PROBLEM_TYPE } from '../../../src/stages/problem.ts';
import { ZOO_SUBJECTS } from '../../support/contract-subjects.ts';
import { historyOfFields } from '../../support/histories.ts';
import { HISTORIES } from '../../support/schemas.ts';
import { apiTemplates, onlyOf, resourcesOf } from './two-types.ts';

const history = historyOfFields('a.plain', [[{ name: 'count', type: 'int' }]]);
const type = apiTemplates([history]).types['a.plain']!;

interface Integration {
  readonly Type: string;
  readonly PassthroughBehavior?: string;
  readonly RequestTemplates?: Readonly<Record<string, string>>;
  readonly IntegrationResponses: readonly {
    readonly StatusCode: string;
    readonly SelectionPattern?: string;
    readonly ResponseTemplates: Readonly<Record<string, string>>;
    readonly ResponseParameters: Readonly<Record<string, string>>;
  }[];
}

interface Method {
  readonly MethodResponses?: readonly { readonly StatusCode: string; readonly ResponseParameters: object }[];
}

interface Model {
  readonly Name: string;
  readonly Schema: unknown;
}

const integrationOf = (kind: string): Integration => {
  const methods = resourcesOf<{ Integration: Integration }>(type, 'AWS::ApiGateway::Method');
  return methods.map(([, { Properties }]) => Properties.Integration).find(({ Type }) => Type === kind)!;
};

describe('the route of single events', () => {
  const integration = integrationOf('AWS');

  it('checks bodies by the model of its type, and takes no other content type', () => {
    type.hasResourceProperties('AWS::ApiGateway::Method', {
      RequestModels: { 'application/json': { Ref: Match.stringLikeRegexp('Model') } },
      RequestValidatorId: Match.anyValue(),
      Integration: { PassthroughBehavior: 'NEVER', IntegrationHttpMethod: 'POST' },
    });
    expect(integration.RequestTemplates).toEqual({ 'application/json': deriveMappingTemplates(history).request });
  });

  it('sends to its own queue, as a form, by a role that may do nothing else', () => {
    type.hasResourceProperties('AWS::ApiGateway::Method', {
      Integration: {
        Type: 'AWS',
        RequestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
        Uri: {
          'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^:sqs:path/'), '/sluice-dev-a.plain'])],
        },
      },
    });
    type.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' } }],
      },
      Policies: [
        {
          PolicyDocument: {
            Statement: [
              {
                Action: 'sqs:SendMessage',
                Effect: 'Allow',
                Resource: 'arn:aws:sqs:eu-central-1:111111111111:sluice-dev-a.plain',
              },
              { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: Match.not('*') },
            ],
          },
        },
      ],
    });
  });

  it.each([
    [200, '202'],
    [299, '202'],
    [400, '500'],
    [403, '500'],
    [413, '500'],
    [500, '503'],
    [503, '503'],
    [301, '502'],
    [100, '502'],
  ])('SQS answering %i is a %s before its template', (status, expected) => {
    const responses = integration.IntegrationResponses;
    const matching = responses.filter(
      ({ SelectionPattern: pattern }) => pattern !== undefined && new RegExp(`^${pattern}$`).test(String(status)),
    );
    expect(matching.length).toBeLessThan(2);
    const chosen = matching[0] ?? responses.find(({ SelectionPattern: pattern }) => pattern === undefined)!;
    expect(chosen.StatusCode).toBe(expected);
    expect(chosen.ResponseParameters['method.response.header.Content-Type']).toBe(
      expected === '202' ? "'application/json'" : `'${PROBLEM_TYPE}'`,
    );
  });

  it('declares every status and header that it answers with', () => {
    const methods = resourcesOf<Method>(type, 'AWS::ApiGateway::Method');
    const method = methods.map(([, { Properties }]) => Properties).find(({ MethodResponses: of }) => of !== undefined)!;
    const declared = new Map(method.MethodResponses!.map((of) => [of.StatusCode, Object.keys(of.ResponseParameters)]));
    for (const { StatusCode, ResponseParameters } of integration.IntegrationResponses) {
      expect(declared.get(StatusCode)).toEqual(expect.arrayContaining(Object.keys(ResponseParameters)));
    }
  });
});

it('the route of batches is served by the function, which only this route of this stage may call', () => {
  expect(integrationOf('AWS_PROXY')).toMatchObject({ IntegrationHttpMethod: 'POST', TimeoutInMillis: 29_000 });
  type.resourceCountIs('AWS::Lambda::Permission', 1);
  type.hasResourceProperties('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: { 'Fn::Join': ['', Match.arrayWith(['/dev/POST/events/a.plain/batch'])] },
  });
});

it('the model is deployed to the letter, whatever is in it, under a name of letters and digits', {
  timeout: 60_000,
}, () => {
  const histories = [...HISTORIES, ...ZOO_SUBJECTS.map(({ history: of }) => of)];
  const { types, messages } = apiTemplates(histories);
  expect(messages).toEqual([]);
  for (const of of histories) {
    const model = onlyOf<Model>(types[of.eventType]!, 'AWS::ApiGateway::Model');
    expect(model.Schema).toEqual(JSON.parse(JSON.stringify(deriveModel(of))));
    expect(model.Name).toMatch(/^[A-Za-z0-9]+$/);
  }
});

it('a model that is too large is deployed as a smaller one, with a warning', () => {
  const doc = 'd'.repeat(500_000);
  const described = historyOfFields('a.described', [[{ name: 'count', type: 'int', doc }]]);
  const fields = Array.from({ length: 6_000 }, (_, index) => ({
    name: `a_rather_long_name_of_a_field_${index}`,
    type: { type: 'string', logicalType: 'uuid' },
  }));
  const wide = historyOfFields('a.wide', [fields]);
  const { types, messages } = apiTemplates([described, wide]);
  const modelOf = (eventType: string): unknown => onlyOf<Model>(types[eventType]!, 'AWS::ApiGateway::Model').Schema;
  expect(modelOf('a.described')).toMatchObject({ properties: { count: { type: 'integer' } } });
  expect(modelOf('a.wide')).toEqual(expect.objectContaining({ type: 'object' }));
  expect(modelOf('a.wide')).not.toHaveProperty('properties');
  expect(messages).toEqual([
    expect.stringMatching(/^a\.described: .* without the descriptions/),
    expect.stringMatching(/^a\.wide: .* takes any JSON object/),
  ]);
});
