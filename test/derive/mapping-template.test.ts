import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodiesOf, NoBody } from '../../contracts/arbitraries/bodies.ts';
import { KEY } from '../../contracts/arbitraries/key.ts';
import { receivedMessage, sqsEntry } from '../../src/adapters/aws/queue-message.ts';
import { compileCodec } from '../../src/codec/codec.ts';
import { isEventId } from '../../src/codec/event-id.ts';
import { fault } from '../../src/codec/json-body.ts';
import { MAX_EVENT_BYTES } from '../../src/derive/edge-limits.ts';
import { deriveMappingTemplates } from '../../src/derive/mapping-template.ts';
import { asSluiceError } from '../../src/errors.ts';
import { statedVersion } from '../../src/stages/http-form.ts';
import { type Problem, problemOfError, problemOfFaults } from '../../src/stages/problem.ts';
import { startVelocity, VELOCITIES, type Velocity } from '../oracles/velocity.ts';
import { generatedSubjects, REAL_SUBJECTS, ZOO_SUBJECTS } from '../support/contract-subjects.ts';
import { historyOfFields } from '../support/histories.ts';
import { sentMessage } from './sent-message.ts';

// Every template is evaluated by Apache Velocity, in both of its generations. What AWS may do otherwise, and cannot be
// tried here: which methods of Java's texts it allows (its own documentation uses `replaceAll`), and that an empty body
// is `{}` to a template, which is taken from what others saw.

const plain = historyOfFields('a.plain', [[{ name: 'count', type: 'int' }]]);
const named = historyOfFields('b.named', [[{ name: 'id', type: 'string' }]], { eventId: 'id' });
const templates = deriveMappingTemplates(plain);
const context = { requestId: '0b1e2c3d-0000-4000-8000-00000000000a' };

const subjects = [...REAL_SUBJECTS, ...ZOO_SUBJECTS, ...generatedSubjects(20_261_125, 20)];

const events = fc.constantFrom(...subjects).chain(({ history }) => {
  try {
    const { root, settings } = history.newest;
    return bodiesOf(root, settings).map(({ text }) => ({ history, text }));
  } catch (error) {
    if (error instanceof NoBody) return fc.constant({ history, text: '{}' });
    throw error;
  }
});

/** Any case in which a sender may spell a name. */
const spelt = (name: string) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase());
/** What Node takes for a header, and a little more: an intermediary may not look. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '$context.requestId',
    '#set($refusal = "")',
    '&MessageBody=x',
    '\'%+ "\\',
    '$!{input.body}',
    '',
    '#end',
  ),
);
const ids = fc.oneof(hostile, fc.stringMatching(/^[A-Za-z0-9._:~-]{1,128}$/));
const versions = fc.oneof(hostile, fc.constantFrom('1', '2', '01', '0', '999999999', '1000000000'));
const traces = fc.oneof(hostile, fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const requests = fc.record({
  id: maybe(fc.tuple(spelt('Event-Id'), ids)),
  version: maybe(fc.tuple(spelt('Schema-Version'), versions)),
  trace: maybe(fc.tuple(spelt('traceparent'), traces)),
  parameter: maybe(versions),
});

/** A text without halves of characters, which no encoding carries. */
const wellFormed = (text: string): string => text.toWellFormed();

describe.each(Object.keys(VELOCITIES) as (keyof typeof VELOCITIES)[])(
  'by Velocity %s',
  { timeout: 60_000 },
  (generation) => {
    let velocity: Velocity;
    beforeAll(async () => {
      velocity = await startVelocity(generation);
    }, 120_000);
    afterAll(() => velocity?.close());

    const evaluated = async (template: string, input: Parameters<Velocity['evaluate']>[1]) =>
      velocity.evaluate(template, { context, ...input });
    const sent = async (body: string, headers: Readonly<Record<string, string>> = {}, query = {}, of = templates) =>
      sentMessage((await evaluated(of.request, { body, headers, query })).text);

    it('sends every body as it came, the event type and the id of the request', async () => {
      await fc.assert(
        fc.asyncProperty(events, async ({ history, text }) => {
          const message = await sent(text, {}, {}, deriveMappingTemplates(history));
          expect(message).toMatchObject({
            body: text.replaceAll('\uFFFE', '\\ufffe').replaceAll('\uFFFF', '\\uffff'),
            messageAttributes: {
              'event-type': { stringValue: history.eventType },
              'request-id': { stringValue: context.requestId },
            },
          });
          expect(JSON.parse(message!.body)).toEqual(JSON.parse(text));
          expect(Object.keys(message!.messageAttributes)).toHaveLength(2);
        }),
        { numRuns: 400 },
      );
    });

    it.each([
      ['signs of forms', `{"v":"a&b=c;d%41+e 'f' \\"g\\" ?/#@"}`],
      ['signs of templates', '{"v":"$context.requestId $!{x} $!y #set($a = 1) #end ## #* *# #[[ ]]# \\\\$a \\\\#if"}'],
      ['what SQS refuses', '{"v":"\uFFFE\uFFFF","\uFFFF":"\\\\\uFFFE$1"}'],
      ['the ends of Unicode', '{"v":"\u0080\u07FF\u0800\uD7FF\uE000\uFFFD\u{10000}\u{10FFFF}\u2028\u0085"}'],
      ['line breaks', '\r\n{\n\t"v" : 1\r}\n'],
      [
        'digits that no double holds',
        '{"v":9223372036854775807,"w":-9223372036854775808,"x":0.10000000000000000555,"y":1E400}',
      ],
    ])('keeps %s', async (_what, text) => {
      const body = Buffer.from(text);
      const entry = sqsEntry({ eventType: 'a.plain', eventId: 'e', acceptedAt: 0, version: undefined, body }, 'r', '0');
      expect((await sent(text))?.body).toBe(entry.MessageBody);
    });

    it('sends what the headers say, and nothing where every host of the edge refuses it, for the same reason', async () => {
      await fc.assert(
        fc.asyncProperty(requests, async ({ id, version, trace, parameter }) => {
          const stated = [id, version, trace].filter((header) => header !== undefined);
          const headers = Object.fromEntries(stated.map(([name, value]) => [name, wellFormed(value)]));
          const query = parameter === undefined ? {} : { 'schema-version': wellFormed(parameter) };
          const of = (header: readonly [string, string] | undefined) => header && wellFormed(header[1]);
          const message = await sent('{"count":1}', headers, query);

          const problem = problemOfHeaders(of(id), of(version), query['schema-version']);
          const body = '{"Error":{"Code":"MissingParameter","Type":"Sender"},"RequestId":"r"}';
          if (problem !== undefined) {
            expect(message).toBeUndefined();
            // Whatever SQS says to that.
            for (const template of [templates.refused, templates.unsure]) {
              const answer = await evaluated(template, { body, headers, query });
              expect([answer.status, JSON.parse(answer.text)]).toEqual([problem.status, problem]);
            }
            return;
          }
          const received = receivedMessage(message!, 'other', isEventId);
          const { traceparent } = sqsEntry({ ...received, version: undefined, traceparent: of(trace) }, 'r', '0')
            .MessageAttributes as Record<string, { StringValue: string }>;
          expect(received).toMatchObject({
            eventType: 'a.plain',
            eventId: of(id) ?? context.requestId,
            isSpareId: id === undefined,
            version: statedVersion(of(version), query['schema-version']),
            traceparent: traceparent?.StringValue,
          });
          const answer = await evaluated(templates.accepted, { body: '{"SendMessageResponse":{}}', headers, query });
          expect(JSON.parse(answer.text)).toEqual({ event_id: received.eventId });
        }),
        { numRuns: 400 },
      );
    });

    it('answers with the id that the body names, as the codec finds it', async () => {
      const withIds = subjects.filter(({ history }) => history.newest.settings.eventId !== undefined);
      expect(withIds.length).toBeGreaterThan(2);
      const types = withIds.map(({ history }) => ({
        codec: compileCodec(history, { piiKey: KEY }),
        ...deriveMappingTemplates(history),
      }));
      const bodies = fc.constantFrom(...types).chain((type) => {
        const { root, settings } = type.codec.history.newest;
        return bodiesOf(root, settings).map(({ text }) => ({ ...type, text }));
      });
      await fc.assert(
        fc.asyncProperty(bodies, async ({ codec, request, accepted, text }) => {
          const encoded = codec.encode(Buffer.from(text));
          if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
          const { path } = await evaluated(request, { body: text });
          const answer = await evaluated(accepted, { body: '{}', path });
          expect(JSON.parse(answer.text)).toEqual({ event_id: encoded.eventId });
        }),
        { numRuns: 200 },
      );
    });

    it('answers without an id where only the body names it and it does not arrive, and with the header before all', async () => {
      const { accepted } = deriveMappingTemplates(named);
      expect(JSON.parse((await evaluated(accepted, { body: '' })).text)).toEqual({});
      const headers = { 'event-id': 'mine' };
      const both = await evaluated(accepted, { body: '', headers, path: { eventId: 'its-own' } });
      expect(JSON.parse(both.text)).toEqual({ event_id: 'mine' });
      const moved = historyOfFields('c.moved', [[{ name: 'id', type: 'string' }]], { eventId: 'id' }).versions;
      const disagreeing = { ...plain, versions: [...plain.versions, ...moved] };
      expect(JSON.parse((await evaluated(deriveMappingTemplates(disagreeing).accepted, { body: '' })).text)).toEqual(
        {},
      );
    });

    it('sends no body that is too long for any message, and says so', async () => {
      expect((await sent('x'.repeat(MAX_EVENT_BYTES)))?.body).toHaveLength(MAX_EVENT_BYTES);
      expect(await sent('x'.repeat(MAX_EVENT_BYTES + 1))).toBeUndefined();
    });

    it.each([
      ['MissingParameter', 413, 'SLUICE_BODY_TOO_LARGE'],
      ['InvalidParameterValue', 413, 'SLUICE_BODY_TOO_LARGE'],
      ['InvalidMessageContents', 400, 'SLUICE_TEXT'],
      ['RequestThrottled', 503, 'SLUICE_STORAGE'],
      ['ThrottlingException', 503, 'SLUICE_STORAGE'],
      ['KMS.ThrottlingException', 503, 'SLUICE_STORAGE'],
      ['OverLimit', 503, 'SLUICE_STORAGE'],
      ['AWS.SimpleQueueService.NonExistentQueue', 500, 'SLUICE_INTERNAL'],
      ['AccessDenied', 500, 'SLUICE_INTERNAL'],
      ['', 500, 'SLUICE_INTERNAL'],
    ])('turns SQS answering %s into a problem of status %i', async (code, status, expected) => {
      const message = `of SQS: "quoted" \\ ' $x #if(\n\u2028`;
      for (const body of [
        JSON.stringify({ Error: { Code: code, Message: message, Type: 'Sender' }, RequestId: 'r' }),
        `<?xml version="1.0"?><ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      ]) {
        const answer = await evaluated(templates.refused, { body });
        expect(answer.status).toBe(status);
        expect(JSON.parse(answer.text)).toMatchObject({ status, code: expected, type: `urn:sluice:error:${expected}` });
      }
    });

    it('never lets an answer of another kind look like success', async () => {
      const unsure = await evaluated(templates.unsure, { body: 'Service Unavailable' });
      expect(unsure.status).toBe(503);
      expect(JSON.parse(unsure.text)).toMatchObject({ status: 503, code: 'SLUICE_TAKEN_IN_PART' });
      const unexpected = await evaluated(templates.unexpected, { body: '' });
      expect(unexpected.status).toBe(500);
      expect(JSON.parse(unexpected.text)).toMatchObject({ status: 500, code: 'SLUICE_INTERNAL' });
    });
  },
);

/** What every host of the edge says of such headers, in the order in which it looks. */
function problemOfHeaders(id?: string, version?: string, parameter?: string): Problem | undefined {
  try {
    statedVersion(version, parameter);
  } catch (error) {
    return problemOfError(asSluiceError(error));
  }
  if (id === undefined || isEventId(id)) return undefined;
  return problemOfFaults([fault('SLUICE_EVENT_ID', '$', 'send such an Event-Id header, or none')]);
}
