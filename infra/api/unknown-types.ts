import { aws_apigateway as apigateway } from 'aws-cdk-lib';
import { problemOf } from '../../src/derive/problem.ts';
import { problemText } from '../../src/derive/template-text.ts';
import { acknowledgeAuth } from './acknowledge-auth.ts';
import { type Auth, JSON_TYPE, methodResponse, problemResponse } from './event-method.ts';

const PROBLEM = problemOf('SLUICE_EVENT_TYPE_UNKNOWN', 'ask whoever runs the pipeline which event types it has');

/** What the routes answer. A body of any other type is refused as it is for types that are there. */
export const UNKNOWN_TYPES = {
  passthroughBehavior: apigateway.PassthroughBehavior.NEVER,
  requestTemplates: { [JSON_TYPE]: '{"statusCode":404}', 'application/x-ndjson': '{"statusCode":404}' },
  integrationResponses: [problemResponse('404', problemText(PROBLEM))],
};

/**
 * Adds `POST /events/{type}` and its batches for types that are not there, which API Gateway would refuse as if a signature
 * were missing. A type that is there has a path of its own, which goes before.
 *
 * @returns what a deployment must wait for.
 */
export function unknownTypes(events: apigateway.IResource, auth: Auth): apigateway.Method[] {
  const type = events.addResource('{type}');
  return [type, type.addResource('batch')].map((resource) => {
    const method = resource.addMethod('POST', new apigateway.MockIntegration(UNKNOWN_TYPES), {
      authorizationType: auth === 'iam' ? apigateway.AuthorizationType.IAM : apigateway.AuthorizationType.NONE,
      apiKeyRequired: auth === 'api-key',
      methodResponses: [methodResponse('404')],
    });
    acknowledgeAuth(method, auth);
    return method;
  });
}
