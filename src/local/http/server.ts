import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { deriveOpenApi } from '../../derive/openapi.ts';
import { asSluiceError, SluiceError } from '../../errors.ts';
import type { Registry } from '../../ports/registry.ts';
import type { SchemaHistory } from '../../schema/history.ts';
import { type Accept, MAX_BATCH_BYTES, MAX_EVENT_BYTES } from '../../stages/accept.ts';
import {
  batchAnswer,
  batchFormat,
  JSON_TYPE,
  NDJSON_TYPE,
  requireType,
  statedVersion,
} from '../../stages/http-form.ts';
import { PROBLEM_TYPE, type Problem, problemOfError, problemOfFaults } from '../../stages/problem.ts';
import { registryApi } from './registry-api.ts';

/** Milliseconds that a request may take to arrive. */
export const REQUEST_TIMEOUT_MS = 30_000;

export interface HttpOptions {
  readonly accept: Accept;
  /** Every event type as it is now. */
  readonly histories: () => readonly SchemaHistory[];
  /** What is served to clients of Confluent Schema Registry, below `/registry`; nothing by default. */
  readonly registry?: Registry;
  /** Milliseconds that a request may take to arrive; REQUEST_TIMEOUT_MS by default. */
  readonly requestTimeoutMs?: number;
  /** Receives errors that are ours. */
  readonly log: (line: string) => void;
}

type EventRequest = FastifyRequest<{ Params: { type: string }; Body: Buffer | undefined }>;

/** The edge over HTTP: API Gateway's routes, answers and problems. It does not listen yet. */
export function createHttpServer({ accept, histories, registry, requestTimeoutMs, log }: HttpOptions): FastifyInstance {
  const timeout = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const problem = (reply: FastifyReply, of: Problem): FastifyReply => {
    if (of.status === 503) reply.header('retry-after', '1');
    return reply.code(of.status).type(PROBLEM_TYPE).send(of);
  };
  const server = Fastify({
    bodyLimit: MAX_BATCH_BYTES,
    requestTimeout: timeout,
    http: {
      // Node takes the longer of the two for the whole request, whatever each of them is called.
      headersTimeout: timeout,
      // Node looks for late requests this often.
      connectionsCheckingInterval: Math.min(timeout, 5_000),
    },
    // Fastify's own answers to a broken request know nothing of problems.
    clientErrorHandler(error, socket) {
      if (socket.writable) socket.end(rawProblem(problemOfError(connectionError(error.code, timeout))));
      else socket.destroy();
    },
    frameworkErrors: (thrown, _request, reply) => problem(reply, problemOfError(errorOf(thrown))),
    logger: false as unknown as FastifyBaseLogger,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  });

  // The codec reads bytes; Fastify's parser would only get in between.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  server.setErrorHandler((thrown, _request, reply) => {
    const error = errorOf(thrown);
    if (error.blame !== 'caller') log(`http: ${error.code}: ${error.message}`);
    return problem(reply, problemOfError(error));
  });
  server.setNotFoundHandler((request, reply) => {
    const error = new SluiceError('SLUICE_ROUTE_UNKNOWN', `${request.method} is not served here; see /openapi.json`);
    return problem(reply, problemOfError(error));
  });

  server.post('/events/:type', { bodyLimit: MAX_EVENT_BYTES }, async (request: EventRequest, reply) => {
    requireType(request.headers['content-type'], [JSON_TYPE]);
    const acceptance = await accept.event(request.params.type, request.body ?? Buffer.alloc(0), {
      eventId: headerOf(request, 'event-id'),
      version: versionOf(request),
      traceparent: headerOf(request, 'traceparent'),
    });
    if (!acceptance.ok) return problem(reply, problemOfFaults(acceptance.faults));
    return reply.code(202).type(JSON_TYPE).send(`{"event_id":"${acceptance.eventId}"}`);
  });

  server.post('/events/:type/batch', async (request: EventRequest) => {
    const format = batchFormat(request.headers['content-type']);
    const context = { version: versionOf(request), traceparent: headerOf(request, 'traceparent') };
    return batchAnswer(await accept.batch(request.params.type, request.body ?? Buffer.alloc(0), format, context));
  });

  server.get('/schemas', async () => ({
    event_types: histories().map(({ eventType, newest, digest, versions }) => ({
      event_type: eventType,
      version: newest.version,
      contract: digest,
      versions: versions.map(({ version, ids, definition }) => ({ version, ids, schema: definition })),
    })),
  }));
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/openapi.json', async () => deriveOpenApi(histories()));
  if (registry !== undefined) server.register(registryApi, { prefix: '/registry', registry, log });

  return server;
}

function versionOf(request: FastifyRequest): number | undefined {
  const { 'schema-version': parameter } = request.query as Record<string, unknown>;
  return statedVersion(headerOf(request, 'schema-version'), parameter);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** What Fastify throws of its own, in our codes. */
function errorOf(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const { code, message } = thrown as { code?: string; message: string };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new SluiceError(
        'SLUICE_BODY_TOO_LARGE',
        `send at most ${MAX_EVENT_BYTES} bytes, or a batch of ${MAX_BATCH_BYTES}`,
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return new SluiceError('SLUICE_BODY_INCOMPLETE', 'the body ended early');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new SluiceError('SLUICE_CONTENT_TYPE', `send ${JSON_TYPE} or ${NDJSON_TYPE}`);
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new SluiceError('SLUICE_ROUTE_UNKNOWN', message);
    default:
      return asSluiceError(thrown);
  }
}

/** What Node says of a request that it could not read to its end, in our codes. */
function connectionError(code: string | undefined, timeoutMs: number): SluiceError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new SluiceError('SLUICE_BODY_INCOMPLETE', `send the whole request within ${timeoutMs} ms`);
    case 'HPE_INVALID_EOF_STATE':
      return new SluiceError('SLUICE_BODY_INCOMPLETE', 'the request ended early');
    default:
      return new SluiceError('SLUICE_REQUEST', 'send a well-formed HTTP/1.1 request, with 16 KiB of headers at most');
  }
}

/** An HTTP/1.1 answer for a socket whose request could not be read. */
function rawProblem(problem: Problem): string {
  const body = JSON.stringify(problem);
  return (
    `HTTP/1.1 ${problem.status} ${problem.status === 408 ? 'Request Timeout' : 'Bad Request'}\r\n` +
    `content-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  );
}
