import { MAX_EVENT_BYTES } from './edge-limits.ts';
import { type Problem, problemOf, problemOfFault, problemOfOurs } from './problem.ts';
import { problemText } from './template-text.ts';

/** An answer that API Gateway gives by itself, before or instead of an integration. */
export interface GatewayResponse {
  /** As API Gateway calls it. */
  readonly type: string;
  readonly status: number;
  /** The whole body. Nothing is put into it: what API Gateway would, it does not escape. */
  readonly body: string;
}

/**
 * Derives API Gateway's own answers, as problems.
 *
 * @param auth by which senders prove who they are. Only for `iam` does a missing signature look like a path that is not
 *   there.
 * Source: API Gateway Developer Guide, "Gateway response types for API Gateway".
 */
export function deriveGatewayResponses(auth: 'api-key' | 'iam'): GatewayResponse[] {
  const route = problemOf('SLUICE_ROUTE_UNKNOWN', 'POST to /events/<type> or /events/<type>/batch');
  const access = problemOf('SLUICE_ACCESS', ACCESS[auth]);
  const rate = problemOf('SLUICE_RATE', 'nothing was taken; send the same request again later, and fewer at a time');
  const unsure = problemOfOurs('SLUICE_TAKEN_IN_PART');
  const internal = problemOfOurs('SLUICE_INTERNAL');
  const problems: Readonly<Record<string, Problem>> = {
    ACCESS_DENIED: access,
    API_CONFIGURATION_ERROR: internal,
    AUTHORIZER_CONFIGURATION_ERROR: internal,
    AUTHORIZER_FAILURE: internal,
    BAD_REQUEST_BODY: problemOfFault(
      'SLUICE_MODEL',
      'the batch route names every fault: send the same event there, between [ and ]',
    ),
    BAD_REQUEST_PARAMETERS: problemOf('SLUICE_REQUEST', 'send the parameters that the route asks for'),
    DEFAULT_4XX: problemOf('SLUICE_REQUEST', 'send a well-formed HTTP/1.1 request, as the route asks for it'),
    DEFAULT_5XX: internal,
    EXPIRED_TOKEN: access,
    INTEGRATION_FAILURE: unsure,
    INTEGRATION_TIMEOUT: unsure,
    INVALID_API_KEY: access,
    INVALID_SIGNATURE: access,
    MISSING_AUTHENTICATION_TOKEN: auth === 'iam' ? access : route,
    QUOTA_EXCEEDED: rate,
    REQUEST_TOO_LARGE: problemOf('SLUICE_BODY_TOO_LARGE', `send at most ${MAX_EVENT_BYTES} bytes, or a batch`),
    RESOURCE_NOT_FOUND: route,
    THROTTLED: rate,
    UNAUTHORIZED: access,
    UNSUPPORTED_MEDIA_TYPE: problemOf('SLUICE_CONTENT_TYPE', 'send application/json'),
    WAF_FILTERED: access,
  };
  return Object.entries(problems).map(([type, problem]) => ({
    type,
    status: problem.status,
    body: problemText(problem),
  }));
}

const ACCESS = {
  'api-key': 'send a key that may send, as x-api-key',
  iam: 'sign the request as one who may send, and to a path that is served',
} as const;
