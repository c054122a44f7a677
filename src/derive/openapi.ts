import type { SchemaHistory } from '../schema/history.ts';
import { componentSchemas, type OpenApiSchema } from './openapi-schema.ts';

/** An OpenAPI 3.0.3 document. Source: OpenAPI Specification 3.0.3. */
export interface OpenApiDocument {
  readonly openapi: '3.0.3';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Json>>;
  readonly components: Readonly<Record<'parameters' | 'responses' | 'schemas', Readonly<Record<string, Json>>>>;
}

export interface OpenApiOptions {
  /** Where the edge answers, such as `http://127.0.0.1:8080`. */
  readonly serverUrl?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Derives the description of the HTTP edge: one path for each event type and its batches, and what the edge says of itself. */
export function deriveOpenApi(histories: readonly SchemaHistory[], options: OpenApiOptions = {}): OpenApiDocument {
  return {
    openapi: '3.0.3',
    info: {
      title: 'Sluice',
      version: '1',
      description: 'Sends events into the pipeline. An answer of 202 means that the event is durable.',
    },
    ...(options.serverUrl === undefined ? {} : { servers: [{ url: options.serverUrl }] }),
    paths: Object.fromEntries([...histories.flatMap(eventPaths), ...SELF_PATHS]),
    components: {
      parameters: PARAMETERS,
      responses: RESPONSES,
      schemas: Object.assign(
        {},
        ...histories.map(({ eventType, newest }) => componentSchemas(eventType, newest.root)),
        SCHEMAS,
      ) as Record<string, Json>,
    },
  };
}

function eventPaths(history: SchemaHistory): [string, Json][] {
  const { eventType, newest, digest } = history;
  const common = { tags: [eventType], 'x-sluice-contract': digest, 'x-sluice-version': newest.version };
  const event = componentRef('schemas', eventType);
  return [
    [
      `/events/${eventType}`,
      {
        post: {
          ...common,
          operationId: `send:${eventType}`,
          summary: `Send one event of type ${eventType}`,
          ...(newest.root.doc === undefined ? {} : { description: newest.root.doc }),
          parameters: [componentRef('parameters', 'EventId'), componentRef('parameters', 'SchemaVersion')],
          requestBody: { required: true, content: { 'application/json': { schema: event } } },
          responses: { 202: componentRef('responses', 'Accepted'), ...REFUSALS },
        },
      },
    ],
    [
      `/events/${eventType}/batch`,
      {
        post: {
          ...common,
          operationId: `sendBatch:${eventType}`,
          summary: `Send many events of type ${eventType}`,
          description: 'Good events are taken although others are not; every event has an answer of its own.',
          parameters: [componentRef('parameters', 'SchemaVersion')],
          requestBody: {
            required: true,
            content: {
              // OpenAPI cannot describe what each line of a text holds.
              'application/x-ndjson': { schema: { type: 'string', description: `One ${eventType} on each line.` } },
              'application/json': { schema: { type: 'array', items: event, minItems: 1 } },
            },
          },
          responses: { 200: componentRef('responses', 'BatchAnswer'), ...REFUSALS },
        },
      },
    ],
  ];
}

function componentRef(kind: keyof OpenApiDocument['components'], name: string): Json {
  return { $ref: `#/components/${kind}/${name}` };
}

function answer(description: string, schema: OpenApiSchema, mediaType = 'application/json'): Json {
  return { description, content: { [mediaType]: { schema } } };
}

function problem(description: string): Json {
  return answer(description, componentRef('schemas', 'Problem'), 'application/problem+json');
}

function object(properties: Readonly<Record<string, OpenApiSchema>>): OpenApiSchema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

const TEXT: OpenApiSchema = { type: 'string' };
const COUNT: OpenApiSchema = { type: 'integer', minimum: 0 };
const EVENT_ID: OpenApiSchema = { type: 'string', pattern: '^[A-Za-z0-9._:~-]{1,128}$' };

const PARAMETERS: Readonly<Record<string, Json>> = {
  EventId: {
    name: 'Event-Id',
    in: 'header',
    description: 'Id of the event, for senders that may send again: the same id twice is one row.',
    schema: EVENT_ID,
  },
  SchemaVersion: {
    name: 'Schema-Version',
    in: 'header',
    description: 'The version that the body is written with; without it, the newest that takes the body.',
    schema: { type: 'integer', minimum: 1 },
  },
};

const RESPONSES: Readonly<Record<string, Json>> = {
  Accepted: answer('The event is durable and will be delivered.', componentRef('schemas', 'Accepted')),
  BatchAnswer: answer(
    'Each event was taken or refused; the taken ones are durable.',
    componentRef('schemas', 'BatchAnswer'),
  ),
  Malformed: problem('The body is not what the schema asks for; nothing was taken.'),
  Forbidden: problem('The sender may not send: there is no API key or signature, or not the right one.'),
  Unknown: problem('There is no such event type.'),
  Incomplete: problem('The body did not arrive in time.'),
  TooLarge: problem('The body is over the limit.'),
  WrongType: problem('The content type is not one that this path takes.'),
  TooMany: problem('There were too many requests of late; nothing was taken; try again later.'),
  Failed: problem('Something went wrong inside; nothing was taken.'),
  Unavailable: problem('Nothing was taken; try again later.'),
};

/** Of either edge: a laptop asks nobody who they are, nor counts how often they come. */
const REFUSALS: Readonly<Record<string, Json>> = {
  400: componentRef('responses', 'Malformed'),
  403: componentRef('responses', 'Forbidden'),
  404: componentRef('responses', 'Unknown'),
  408: componentRef('responses', 'Incomplete'),
  413: componentRef('responses', 'TooLarge'),
  415: componentRef('responses', 'WrongType'),
  429: componentRef('responses', 'TooMany'),
  500: componentRef('responses', 'Failed'),
  503: componentRef('responses', 'Unavailable'),
};

/** Event types begin with a small letter, so these names are free. */
const SCHEMAS: Readonly<Record<string, OpenApiSchema>> = {
  Accepted: {
    type: 'object',
    properties: { event_id: EVENT_ID },
    description: 'API Gateway leaves an id out that the event itself names, where it does not look for it there.',
  },
  BatchAnswer: object({
    accepted: COUNT,
    refused: COUNT,
    items: {
      type: 'array',
      description: 'One answer for each event, in the order they were sent.',
      items: { oneOf: [componentRef('schemas', 'AcceptedItem'), componentRef('schemas', 'RefusedItem')] },
    },
  }),
  AcceptedItem: object({ index: COUNT, status: { type: 'integer', enum: [202] }, event_id: EVENT_ID }),
  RefusedItem: object({
    index: COUNT,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: componentRef('schemas', 'ErrorCode'),
    faults: { type: 'array', items: componentRef('schemas', 'Fault') },
  }),
  Problem: {
    ...object({
      type: { type: 'string', format: 'uri-reference' },
      title: TEXT,
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: TEXT,
      code: componentRef('schemas', 'ErrorCode'),
      faults: { type: 'array', items: componentRef('schemas', 'Fault') },
    }),
    description: 'What is wrong and whose fault it is, as RFC 9457 asks.',
  },
  Fault: {
    ...object({
      code: componentRef('schemas', 'ErrorCode'),
      path: { type: 'string', description: 'JSONPath of the value at fault; $ for the whole body.' },
      rule: { type: 'string', description: 'The rule that was broken.' },
      advice: { type: 'string', description: 'What to do about it.' },
    }),
    description: 'One thing wrong at one place.',
  },
  ErrorCode: { type: 'string', pattern: '^SLUICE_[A-Z_]+$', description: 'Stable error code.' },
  EventType: object({
    event_type: TEXT,
    version: { type: 'integer', minimum: 1, description: 'The newest version, which bodies are checked against.' },
    contract: { type: 'string', description: 'Digest over all versions.' },
    versions: { type: 'array', description: 'Oldest first.', items: componentRef('schemas', 'SchemaVersion') },
  }),
  SchemaVersion: object({
    version: { type: 'integer', minimum: 1 },
    ids: {
      type: 'object',
      description: 'What the version is called in the framing of Kafka records.',
      properties: {
        confluent: {
          type: 'integer',
          format: 'int32',
          description: 'After 0x00, as Confluent Schema Registry frames.',
        },
        glue: { type: 'string', format: 'uuid', description: 'After 0x03, as AWS Glue Schema Registry frames.' },
      },
      additionalProperties: false,
    },
    schema: { type: 'object', description: 'The Avro schema.' },
  }),
};

const SELF_PATHS: readonly [string, Json][] = [
  [
    '/schemas',
    {
      get: {
        operationId: 'listSchemas',
        summary: 'The event types that are taken, with their schemas',
        responses: {
          200: answer(
            'Every event type, in lexicographic order.',
            object({ event_types: { type: 'array', items: componentRef('schemas', 'EventType') } }),
          ),
        },
      },
    },
  ],
  [
    '/healthz',
    {
      get: {
        operationId: 'health',
        summary: 'Whether events are taken now',
        responses: {
          200: answer('Events are taken.', object({ status: { type: 'string', enum: ['ok'] } })),
        },
      },
    },
  ],
  [
    '/openapi.json',
    {
      get: {
        operationId: 'openapi',
        summary: 'This document',
        responses: { 200: answer('An OpenAPI 3.0.3 document.', { type: 'object' }) },
      },
    },
  ],
];
