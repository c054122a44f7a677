/**
 * A line of the access log, as JSON. Neither bodies nor keys are in it, nor why a body was refused: that message quotes
 * values of it. Source: API Gateway Developer Guide, "variables for access logging".
 */
export const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  refusal: '$context.error.responseType',
  integrationStatus: '$context.integration.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integration.latency',
  responseBytes: '$context.responseLength',
  apiKeyId: '$context.identity.apiKeyId',
  caller: '$context.identity.userArn',
  trace: '$context.xrayTraceId',
  firewall: '$context.wafResponseCode',
});
