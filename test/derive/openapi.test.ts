import SwaggerParser from '@apidevtools/swagger-parser';
import AjvDraft04 from 'ajv-draft-04';
import { describe, expect, it } from 'vitest';
import { compileCodec } from '../../src/codec/codec.ts';
import { deriveGatewayResponses } from '../../src/derive/gateway-responses.ts';
import { deriveOpenApi } from '../../src/derive/openapi.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { bodyOf, examplesOf, HISTORIES } from '../support/schemas.ts';
import { ALSO, EVERYTHING, FULL, WRONG } from './everything.ts';

type Document = Parameters<typeof SwaggerParser.validate>[0];

const DOCUMENT = deriveOpenApi([EVERYTHING, ...HISTORIES], { serverUrl: 'http://127.0.0.1:8080' });

/** True where a body is what a component schema describes. ajv knows OpenAPI's `nullable`. */
function describes(component: string): (body: unknown) => boolean {
  const ajv = new AjvDraft04.default({ strict: false, validateFormats: false });
  ajv.addSchema(DOCUMENT, 'openapi');
  const validate = ajv.compile({ $ref: `openapi#/components/schemas/${component}` });
  return (body) => validate(body) as boolean;
}

function isAccepted(history: SchemaHistory, body: unknown): boolean {
  return compileCodec(history).encode(bodyOf(body)).ok;
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.0.3 by an independent validator', async () => {
    await expect(SwaggerParser.validate(structuredClone(DOCUMENT) as unknown as Document)).resolves.toBeDefined();
    expect(DOCUMENT.openapi).toBe('3.0.3');
  });

  it('is found wrong by that validator when one reference is', async () => {
    const broken = structuredClone(DOCUMENT) as { components: { responses: Record<string, unknown> } };
    delete broken.components.responses.Accepted;
    await expect(SwaggerParser.validate(broken as unknown as Document)).rejects.toThrow(/Accepted/);
  });

  it('has a path for one event and for a batch of each type, and those of the edge itself', () => {
    expect(Object.keys(deriveOpenApi([EVERYTHING]).paths)).toEqual([
      '/events/test.every-thing',
      '/events/test.every-thing/batch',
      '/schemas',
      '/healthz',
      '/openapi.json',
    ]);
  });

  it('names the contract it was derived from', () => {
    expect(DOCUMENT.paths['/events/test.every-thing']).toMatchObject({
      post: { 'x-sluice-contract': EVERYTHING.digest, 'x-sluice-version': 1 },
    });
  });

  it('says where the edge answers, if it is told', () => {
    expect(DOCUMENT.servers).toEqual([{ url: 'http://127.0.0.1:8080' }]);
    expect(deriveOpenApi([EVERYTHING])).not.toHaveProperty('servers');
  });

  it('has no keyword that OpenAPI 3.0 lacks, such as a list of types', () => {
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Array.isArray((value as { type?: unknown }).type)).toBe(false);
      expect(value).not.toHaveProperty('definitions');
      Object.values(value).forEach(visit);
    };
    visit(DOCUMENT);
  });

  it('is valid without any event type', async () => {
    await expect(SwaggerParser.validate(deriveOpenApi([]) as unknown as Document)).resolves.toBeDefined();
  });
});

describe("an event's schema in the document", () => {
  const isDescribed = describes('test.every-thing');

  it.each([{}, ...ALSO])('describes what the codec takes: %j', (change) => {
    const body = { ...FULL, ...change };
    expect(isAccepted(EVERYTHING, body)).toBe(true);
    expect(isDescribed(body)).toBe(true);
  });

  it.each(WRONG)('does not describe %j, which the codec refuses', (change) => {
    const body = { ...FULL, ...change };
    expect(isAccepted(EVERYTHING, body)).toBe(false);
    expect(isDescribed(body)).toBe(false);
  });

  it('asks for the fields that have no default, and for no other', () => {
    const { flag: _flag, ...without } = FULL;
    expect(isDescribed(without)).toBe(false);
    const { maybe: _maybe, plain: _plain, ...optional } = FULL;
    expect(isDescribed(optional)).toBe(true);
  });

  it.each(HISTORIES.map(({ eventType }) => eventType))('describes every valid example of %s', (eventType) => {
    const check = describes(eventType);
    for (const { name, body } of examplesOf(eventType).valid) expect([name, check(body)]).toEqual([name, true]);
  });
});

describe('the answers in the document', () => {
  it.each([
    [
      'EventType',
      {
        event_type: EVERYTHING.eventType,
        version: 1,
        contract: EVERYTHING.digest,
        versions: EVERYTHING.versions.map(({ version, ids, definition }) => ({ version, ids, schema: definition })),
      },
    ],
    [
      'BatchAnswer',
      {
        accepted: 1,
        refused: 1,
        items: [
          { index: 0, status: 202, event_id: 'a-1' },
          {
            index: 1,
            status: 400,
            code: 'SLUICE_TYPE',
            faults: [{ code: 'SLUICE_TYPE', path: '$.a', rule: 'a rule', advice: 'do this' }],
          },
        ],
      },
    ],
    [
      'Problem',
      {
        type: 'urn:sluice:error:SLUICE_BODY_EMPTY',
        title: 'the body must not be empty',
        status: 400,
        detail: '$: send one JSON object',
        code: 'SLUICE_BODY_EMPTY',
        faults: [],
      },
    ],
  ])('describe %s', (component, answer) => {
    expect(describes(component)(answer)).toBe(true);
    expect(describes(component)({})).toBe(false);
  });

  it('describe Accepted, with an id or without', () => {
    const check = describes('Accepted');
    expect([{ event_id: 'a-1' }, {}, { event_id: 'not one' }].map(check)).toEqual([true, true, false]);
  });

  it.each(['api-key', 'iam'] as const)('have every status that API Gateway gives with %s', (auth) => {
    const { post } = DOCUMENT.paths['/events/test.every-thing'] as { post: { responses: object } };
    const statuses = deriveGatewayResponses(auth).map(({ status }) => String(status));
    expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(statuses));
  });
});
