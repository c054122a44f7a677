import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UNKNOWN_TYPES } from '../../../infra/api/unknown-types.ts';
import { MAX_EVENT_BYTES } from '../../../src/derive/edge-limits.ts';
import { deriveGatewayResponses } from '../../../src/derive/gateway-responses.ts';
import { deriveMappingTemplates } from '../../../src/derive/mapping-template.ts';
import { sentMessage } from '../../derive/sent-message.ts';
import { useEdge } from '../../local/http/edge.ts';
import { startVelocity, type Velocity } from '../../oracles/velocity.ts';
import { historyOfFields } from '../../support/histories.ts';

// The same bad requests to the laptop's HTTP server and to what API Gateway is given. What API Gateway makes of a request
// before a template sees it is what its developer guide says: the kinds of its own answers are named in the table.

const history = historyOfFields('a.plain', [[{ name: 'count', type: 'int' }]]);
const templates = deriveMappingTemplates(history);
const edge = useEdge([history]);

let velocity: Velocity;
beforeAll(async () => {
  velocity = await startVelocity('2.4');
}, 120_000);
afterAll(() => velocity?.close());

interface Sent {
  readonly body: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly code: string;
}

async function laptop({ body, path = '/events/a.plain', headers = {}, query = {} }: Sent): Promise<Answer> {
  const parameters = new URLSearchParams(query);
  const answer = await edge().post(`${path}${parameters.size === 0 ? '' : `?${parameters}`}`, body, headers);
  return told(answer.status, await answer.text());
}

function told(httpStatus: number, text: string): Answer {
  const { status, type, title, code } = JSON.parse(text) as Answer;
  expect(status).toBe(httpStatus);
  return { status, type, title, code };
}

/** API Gateway's own answer of a kind. */
function answered(kind: string): Answer {
  const { status, body } = deriveGatewayResponses('api-key').find(({ type }) => type === kind)!;
  return told(status, body);
}

/** What the templates make of a request that API Gateway lets through, and of what SQS says of it. */
async function integrated({ body, headers = {}, query = {} }: Sent, sqsCode = 'MissingParameter'): Promise<Answer> {
  const context = { requestId: 'request-1' };
  const { text: form } = await velocity.evaluate(templates.request, { body, headers, query, context });
  if (sqsCode === 'MissingParameter') expect(sentMessage(form)).toBeUndefined();
  const refusal = JSON.stringify({ Error: { Type: 'Sender', Code: sqsCode }, RequestId: 'r' });
  const { status, text } = await velocity.evaluate(templates.refused, { body: refusal, headers, query, context });
  return told(status!, text);
}

const good = '{"count":1}';
/** One byte over the limit, with fewer characters than it has. */
const wide = `{"count":"${'é'.repeat((MAX_EVENT_BYTES - 10) / 2)}"}`;

describe('the same request is refused for the same reason', () => {
  it.each<[string, Sent, (sent: Sent) => Promise<Answer> | Answer]>([
    ['an event id that is none', { body: good, headers: { 'event-id': 'a b' } }, integrated],
    ['a version that is none', { body: good, headers: { 'schema-version': 'two' } }, integrated],
    ['a version in the query that is none', { body: good, query: { 'schema-version': '0' } }, integrated],
    ['two versions', { body: good, headers: { 'schema-version': '1' }, query: { 'schema-version': '2' } }, integrated],
    [
      'an event id and a version that are none',
      { body: good, headers: { 'event-id': '', 'schema-version': '' } },
      integrated,
    ],
    ['a body of too many characters', { body: `{"count":"${'x'.repeat(MAX_EVENT_BYTES)}"}` }, (of) => integrated(of)],
    ['a body of too many bytes', { body: wide }, (of) => integrated(of, 'InvalidParameterValue')],
    [
      'another content type',
      { body: good, headers: { 'content-type': 'text/plain' } },
      () => answered('UNSUPPORTED_MEDIA_TYPE'),
    ],
    ['a body over ten megabytes', { body: 'x'.repeat(10 * 1024 * 1024) }, () => answered('REQUEST_TOO_LARGE')],
    ['a path that is not there', { body: good, path: '/other' }, () => answered('MISSING_AUTHENTICATION_TOKEN')],
    [
      'an event type that is not there',
      { body: good, path: '/events/no.such' },
      () => {
        const [{ statusCode, responseTemplates }] = UNKNOWN_TYPES.integrationResponses as [
          (typeof UNKNOWN_TYPES.integrationResponses)[number],
        ];
        return told(Number(statusCode), responseTemplates['application/json']!);
      },
    ],
  ])('%s', async (_what, sent, cloud) => {
    expect(await cloud(sent)).toEqual(await laptop(sent));
  });
});

it('what a body lacks is a 400 on both, which only the laptop can say more of', async () => {
  const cloud = answered('BAD_REQUEST_BODY');
  expect(cloud).toMatchObject({ status: 400, code: 'SLUICE_MODEL' });
  for (const body of ['{}', '{"count":"x"}', '{"count":1,"other":2}', '{', '[]']) {
    expect((await laptop({ body })).status).toBe(cloud.status);
  }
});
