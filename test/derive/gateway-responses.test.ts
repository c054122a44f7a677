import { describe, expect, it } from 'vitest';
import { deriveGatewayResponses } from '../../src/derive/gateway-responses.ts';

const codeOf = (auth: 'api-key' | 'iam', kind: string): string =>
  JSON.parse(deriveGatewayResponses(auth).find(({ type }) => type === kind)!.body).code;

describe("API Gateway's own answers", () => {
  it.each([
    ['BAD_REQUEST_BODY', 'SLUICE_MODEL'],
    ['UNSUPPORTED_MEDIA_TYPE', 'SLUICE_CONTENT_TYPE'],
    ['REQUEST_TOO_LARGE', 'SLUICE_BODY_TOO_LARGE'],
    ['THROTTLED', 'SLUICE_RATE'],
    ['QUOTA_EXCEEDED', 'SLUICE_RATE'],
    ['INVALID_API_KEY', 'SLUICE_ACCESS'],
    ['ACCESS_DENIED', 'SLUICE_ACCESS'],
    ['WAF_FILTERED', 'SLUICE_ACCESS'],
    ['RESOURCE_NOT_FOUND', 'SLUICE_ROUTE_UNKNOWN'],
    ['INTEGRATION_TIMEOUT', 'SLUICE_TAKEN_IN_PART'],
    ['INTEGRATION_FAILURE', 'SLUICE_TAKEN_IN_PART'],
    ['DEFAULT_4XX', 'SLUICE_REQUEST'],
    ['DEFAULT_5XX', 'SLUICE_INTERNAL'],
  ])('%s is %s, however senders prove who they are', (kind, code) => {
    expect([codeOf('api-key', kind), codeOf('iam', kind)]).toEqual([code, code]);
  });

  it('a token is missing where a path is not there, or for IAM a signature', () => {
    expect(codeOf('api-key', 'MISSING_AUTHENTICATION_TOKEN')).toBe('SLUICE_ROUTE_UNKNOWN');
    expect(codeOf('iam', 'MISSING_AUTHENTICATION_TOKEN')).toBe('SLUICE_ACCESS');
  });

  it('have the status of their problem', () => {
    for (const { status, body } of deriveGatewayResponses('iam')) expect(JSON.parse(body).status).toBe(status);
  });
});
