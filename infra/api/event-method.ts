import type { aws_apigateway as apigateway } from 'aws-cdk-lib';
import { FORM_TYPE, type MappingTemplates } from '../../src/derive/mapping-template.ts';
import { PROBLEM_TYPE } from '../../src/derive/problem.ts';

/** A method, without where it is. */
export type MethodProps = Omit<apigateway.CfnMethodProps, 'restApiId' | 'resourceId'>;

/** How senders prove who they are. */
export type Auth = 'api-key' | 'iam';

export const JSON_TYPE = 'application/json';

/** Milliseconds that API Gateway waits for an integration: the most there is. */
const TIMEOUT_MS = 29_000;

/** What says who may call a method. */
export function authProps(auth: Auth): Pick<MethodProps, 'authorizationType' | 'apiKeyRequired'> {
  return auth === 'iam'
    ? { authorizationType: 'AWS_IAM', apiKeyRequired: false }
    : { authorizationType: 'NONE', apiKeyRequired: true };
}

/** An integration's answer that is a problem. */
export function problemResponse(statusCode: string, template: string, selectionPattern?: string) {
  return {
    statusCode,
    ...(selectionPattern === undefined ? {} : { selectionPattern }),
    responseParameters: {
      'method.response.header.Content-Type': `'${PROBLEM_TYPE}'`,
      ...(statusCode === '503' ? { 'method.response.header.Retry-After': "'1'" } : {}),
    },
    responseTemplates: { [JSON_TYPE]: template },
  };
}

/** The answer that a method may give with a status. */
export function methodResponse(statusCode: string) {
  const headers = statusCode === '503' ? ['Content-Type', 'Retry-After'] : ['Content-Type'];
  return {
    statusCode,
    responseParameters: Object.fromEntries(headers.map((name) => [`method.response.header.${name}`, true])),
  };
}

export interface EventMethodParts {
  readonly auth: Auth;
  readonly templates: MappingTemplates;
  readonly modelName: string;
  readonly validatorId: string;
  /** URI of the integration with the queue. */
  readonly queueUri: string;
  /** ARN of the role that sends. */
  readonly roleArn: string;
}

/** `POST /events/<type>`: straight into the queue. */
export function eventMethod(parts: EventMethodParts): MethodProps {
  const { auth, templates, modelName, validatorId, queueUri, roleArn } = parts;
  return {
    ...authProps(auth),
    httpMethod: 'POST',
    requestValidatorId: validatorId,
    requestModels: { [JSON_TYPE]: modelName },
    requestParameters: {
      'method.request.header.Event-Id': false,
      'method.request.header.Schema-Version': false,
      'method.request.header.traceparent': false,
      'method.request.querystring.schema-version': false,
    },
    integration: {
      type: 'AWS',
      integrationHttpMethod: 'POST',
      uri: queueUri,
      credentials: roleArn,
      timeoutInMillis: TIMEOUT_MS,
      // A body of another type would not be validated.
      passthroughBehavior: 'NEVER',
      requestParameters: { 'integration.request.header.Content-Type': `'${FORM_TYPE}'` },
      requestTemplates: { [JSON_TYPE]: templates.request },
      integrationResponses: [
        {
          statusCode: '202',
          selectionPattern: '2\\d{2}',
          responseParameters: { 'method.response.header.Content-Type': `'${JSON_TYPE}'` },
          responseTemplates: { [JSON_TYPE]: templates.accepted },
        },
        // The template sets the status that it means; 500 if it could not.
        problemResponse('500', templates.refused, '4\\d{2}'),
        problemResponse('503', templates.unsure, '5\\d{2}'),
        // The one without a pattern is for all the rest, which must never look like success. A status may be there once.
        problemResponse('502', templates.unexpected),
      ],
    },
    methodResponses: ['202', '400', '413', '500', '502', '503'].map(methodResponse),
  };
}

export interface BatchMethodParts {
  readonly auth: Auth;
  /** URI of the integration with the function. */
  readonly functionUri: string;
}

/** `POST /events/<type>/batch`: by the function, which answers for each event. */
export function batchMethod({ auth, functionUri }: BatchMethodParts): MethodProps {
  return {
    ...authProps(auth),
    httpMethod: 'POST',
    integration: {
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: functionUri,
      timeoutInMillis: TIMEOUT_MS,
    },
  };
}
