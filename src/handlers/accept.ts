import { randomUUID } from 'node:crypto';
import type { ProxyAnswer, ProxyEvent } from '../adapters/aws/lambda-events.ts';
import { createMetrics, type Metrics } from '../adapters/aws/metrics.ts';
import { createSqsQueue } from '../adapters/aws/sqs-queue.ts';
import { asSluiceError } from '../errors.ts';
import { type Accept, createAccept } from '../stages/accept.ts';
import { batchAnswer, batchFormat, JSON_TYPE, statedVersion } from '../stages/http-form.ts';
import { PROBLEM_TYPE, type Problem, problemOfError } from '../stages/problem.ts';
import { type Environment, queueUrl, typeEnvironment } from './environment.ts';
import { openEventType } from './event-type.ts';
import { described, log as functionLog, type Log } from './log.ts';
import { once } from './once.ts';
import { functionPiiKey } from './pii-key.ts';
import { headerOf, parameterOf } from './proxy-event.ts';

/** Most bytes of an answer: Lambda takes 6 MB of JSON in which this is a text. */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

export interface AcceptParts {
  readonly eventType: string;
  readonly accept: Pick<Accept, 'batch'>;
  readonly metrics: Metrics;
  /** Called before each request is handled. */
  begin(requestId: string): Promise<void>;
}

/** Answers `POST /events/<type>/batch`, as every host of the edge does. */
export function createAcceptHandler(
  open: () => Promise<AcceptParts>,
  log: Log = functionLog,
): (event: ProxyEvent) => Promise<ProxyAnswer> {
  const opened = once(open);
  return async (event) => {
    try {
      const { eventType, accept, metrics, begin } = await opened();
      const format = batchFormat(headerOf(event, 'content-type'));
      const version = statedVersion(headerOf(event, 'schema-version'), parameterOf(event, 'schema-version'));
      const traceparent = headerOf(event, 'traceparent');
      await begin(event.requestContext.requestId);
      const acceptances = await accept.batch(eventType, bodyOf(event), format, { version, traceparent });
      metrics.count('Accepted', acceptances.filter(({ ok }) => ok).length);
      metrics.flush();
      for (const maxFaults of [Number.POSITIVE_INFINITY, 1]) {
        const body = JSON.stringify(batchAnswer(acceptances, maxFaults));
        if (Buffer.byteLength(body) <= MAX_ANSWER_BYTES) return answer(200, JSON_TYPE, body);
      }
      return answer(200, JSON_TYPE, JSON.stringify(batchAnswer(acceptances, 0)));
    } catch (thrown) {
      const error = asSluiceError(thrown);
      if (error.blame !== 'caller') log(described(error));
      return problemAnswer(problemOfError(error));
    }
  };
}

export const handler = createAcceptHandler(() => openAccept(process.env));

async function openAccept(env: Environment): Promise<AcceptParts> {
  const environment = typeEnvironment(env);
  const url = queueUrl(env);
  const type = await openEventType(environment, { piiKey: await functionPiiKey(env), env });
  const clock = { now: Date.now };
  // An execution environment answers one request at a time.
  let requestId = '';
  const queue = createSqsQueue({ queueUrl: url, requestId: () => requestId });
  const { codecOf, learn } = type;
  return {
    eventType: type.eventType,
    accept: createAccept({ codecOf, learn, queue, clock, newEventId: randomUUID }),
    metrics: createMetrics({ ...environment, clock }),
    async begin(id) {
      requestId = id;
      await type.refresh();
    },
  };
}

function bodyOf({ body, isBase64Encoded }: ProxyEvent): Buffer {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

function problemAnswer(problem: Problem): ProxyAnswer {
  const { statusCode, headers, body } = answer(problem.status, PROBLEM_TYPE, JSON.stringify(problem));
  const again = problem.status === 503 ? { 'retry-after': '1' } : {};
  return { statusCode, headers: { ...headers, ...again }, body, isBase64Encoded: false };
}

function answer(statusCode: number, type: string, body: string): ProxyAnswer {
  return { statusCode, headers: { 'content-type': `${type}; charset=utf-8` }, body, isBase64Encoded: false };
}
