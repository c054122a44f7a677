import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { wireFaults } from '../../compatibility/candidate.ts';
import { readVersion } from '../../compatibility/files.ts';
import { type Compatibility, compatibilityOf, DEFAULT_MODE } from '../../compatibility/mode.ts';
import { asSluiceError } from '../../errors.ts';
import type { Registry } from '../../ports/registry.ts';
import type { SchemaVersion } from '../../schema/history.ts';
import { publishedText } from '../../schema/published-text.ts';
import { eventTypeOf, type Subject, type SubjectVersion, subjectsOf } from './subjects.ts';

export interface RegistryApiOptions {
  readonly registry: Registry;
  /** Receives errors that are ours. */
  readonly log: (line: string) => void;
}

const ANSWER_TYPE = 'application/vnd.schemaregistry.v1+json';
const REQUEST_TYPES = [ANSWER_TYPE, 'application/vnd.schemaregistry+json', 'application/json'];
/** Bytes of a request: the longest schema, quoted. */
const MAX_REQUEST_BYTES = 1024 * 1024;
const MAX_VERSION = 2 ** 31 - 1;

/** An answer that is an error, as Confluent Schema Registry numbers them. */
interface Refusal extends Error {
  readonly status: number;
  readonly errorCode: number;
}

function refusal(status: number, errorCode: number, message: string): Refusal {
  return Object.assign(new Error(message), { status, errorCode });
}

type SubjectRequest = FastifyRequest<{
  Params: { subject: string; version: string };
  Querystring: Readonly<Record<string, string | undefined>>;
  Body: Buffer | undefined;
}>;

type IdRequest = FastifyRequest<{ Params: { id: string } }>;

/** A schema that is sent. */
interface Sent {
  readonly definition: unknown;
  /** By which it is compared: layout is no difference. */
  readonly text: string;
}

/**
 * The schemas of a registry under the REST API of Confluent Schema Registry, as one whose mode is READONLY: its clients
 * read, look up and compare here. What they register is taken where it is there already; anything new comes by git.
 *
 * Source: Confluent documentation, "Schema Registry API Reference".
 */
export async function registryApi(server: FastifyInstance, { registry, log }: RegistryApiOptions): Promise<void> {
  const subjects = subjectsOf(registry);

  const subjectOf = async ({ params: { subject: name } }: SubjectRequest): Promise<Subject> => {
    const subject = await subjects.find(name);
    if (subject === undefined) throw refusal(404, 40401, `Subject '${name}' not found.`);
    return subject;
  };
  const versionOf = async (request: SubjectRequest): Promise<SubjectVersion> => {
    const wanted = numberOfVersion(request.params.version);
    const { versions } = await subjectOf(request);
    const version = wanted === 'latest' ? versions.at(-1) : versions.find(({ version }) => version === wanted);
    if (version === undefined) throw refusal(404, 40402, `Version ${wanted} not found.`);
    return version;
  };
  const withId = async ({ params: { id } }: IdRequest): Promise<SubjectVersion[]> => {
    const found = (await subjects.all()).flatMap(({ versions }) => versions.filter((one) => String(one.id) === id));
    if (found.length === 0) throw refusal(404, 40403, `Schema ${id} not found`);
    return found;
  };

  server.setErrorHandler((thrown, _request, reply) => {
    const { status, errorCode, message } = refusalOf(thrown);
    if (status >= 500) log(`registry: ${message}`);
    return answer(reply.code(status), { error_code: errorCode, message });
  });
  server.setNotFoundHandler((_request, reply) =>
    answer(reply.code(404), { error_code: 404, message: 'HTTP 404 Not Found' }),
  );
  const get = <T>(path: string, read: (request: T) => unknown): void => {
    server.get(path, async (request, reply) => answer(reply, await read(request as T)));
  };
  const post = (path: string, read: (request: SubjectRequest) => unknown): void => {
    server.post(path, { bodyLimit: MAX_REQUEST_BYTES }, async (request, reply) =>
      answer(reply, await read(request as SubjectRequest)),
    );
  };

  get('/', () => ({}));
  get('/schemas/types', () => ['AVRO']);
  get('/schemas/ids/:id', async (request: IdRequest) => ({
    schema: (await withId(request))[0]!.text,
  }));
  get('/schemas/ids/:id/schema', async (request: IdRequest) => asIs((await withId(request))[0]!.text));
  get('/schemas/ids/:id/subjects', async (request: IdRequest) => [
    ...new Set((await withId(request)).map(({ subject }) => subject)),
  ]);
  get('/schemas/ids/:id/versions', async (request: IdRequest) =>
    (await withId(request)).map(({ subject, version }) => ({ subject, version })),
  );

  get('/subjects', async ({ query: { subjectPrefix = '' } }: SubjectRequest) => {
    // `:*:` stands for every context, of which there is one here.
    const prefix = subjectPrefix === ':*:' ? '' : subjectPrefix;
    return (await subjects.all()).map(({ name }) => name).filter((name) => name.startsWith(prefix));
  });
  get('/subjects/:subject/versions', async (request: SubjectRequest) =>
    (await subjectOf(request)).versions.map(({ version }) => version),
  );
  get('/subjects/:subject/versions/:version', async (request: SubjectRequest) => described(await versionOf(request)));
  get('/subjects/:subject/versions/:version/schema', async (request: SubjectRequest) =>
    asIs((await versionOf(request)).text),
  );
  post('/subjects/:subject', async (request) => {
    const subject = await subjectOf(request);
    const sent = sentSchema(request);
    const known = withText(subject, sent);
    if (known !== undefined) return described(known);
    readCandidate(request, subject, sent);
    throw refusal(404, 40403, 'Schema not found');
  });
  post('/subjects/:subject/versions', async (request) => {
    const subject = await subjects.find(request.params.subject);
    const sent = sentSchema(request);
    const known = withText(subject, sent);
    if (known !== undefined) return { id: known.id };
    readCandidate(request, subject, sent);
    throw readOnly(request.params.subject, subject);
  });

  post('/compatibility/subjects/:subject/versions/:version', async (request) =>
    judged(request, await subjectOf(request), [await versionOf(request)]),
  );
  post('/compatibility/subjects/:subject/versions', async (request) => {
    const subject = await subjectOf(request);
    // As the pipeline does, it goes on without those that cannot be read.
    const readable = subject.versions.filter(({ read }) => !('message' in read));
    return judged(request, subject, readable);
  });

  get('/config', () => ({ compatibilityLevel: DEFAULT_MODE }));
  get('/config/:subject', async (request: SubjectRequest) => ({
    compatibilityLevel: modeOf(await subjectOf(request)),
  }));
  get('/mode', () => ({ mode: 'READONLY' }));
  get('/mode/:subject', async (request: SubjectRequest) => {
    await subjectOf(request);
    return { mode: 'READONLY' };
  });

  const changed = ['/config', '/config/:subject', '/mode', '/mode/:subject'];
  const deleted = ['/subjects/:subject', '/subjects/:subject/versions/:version'];
  for (const url of [...changed, ...deleted]) {
    const handler = async (request: FastifyRequest): Promise<never> => {
      throw readOnly((request as SubjectRequest).params.subject ?? 'This registry');
    };
    server.route({ method: changed.includes(url) ? ['PUT', 'DELETE'] : 'DELETE', url, handler });
  }
}

/** Sent as bytes: to the type of a text, Fastify would add its charset. */
function answer(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type(ANSWER_TYPE).send(body instanceof Buffer ? body : Buffer.from(JSON.stringify(body)));
}

/** A schema's own text in place of an answer that holds it. */
function asIs(text: string): Buffer {
  return Buffer.from(text);
}

/** The type of a schema is left out where it is Avro, as Confluent's server does. */
function described({ subject, id, version, text }: SubjectVersion): object {
  return { subject, id, version, schema: text };
}

function withText(subject: Subject | undefined, { text }: Sent): SubjectVersion | undefined {
  return subject?.versions.find((version) => publishedText(version.definition) === text);
}

function compatibilityAsked({ versions }: Subject): Compatibility {
  return compatibilityOf(versions.at(-1)!.definition as Readonly<Record<string, unknown>>);
}

function modeOf(subject: Subject): string {
  const { mode, fault } = compatibilityAsked(subject);
  return fault === undefined ? mode : DEFAULT_MODE;
}

/** Whether the schema that is sent can come after `earlier`, in the mode that the newest version asks for. */
function judged(request: SubjectRequest, subject: Subject, earlier: readonly SubjectVersion[]): object {
  const candidate = readCandidate(request, subject, sentSchema(request));
  const messages: string[] = [];
  const read: SchemaVersion[] = [];
  for (const version of earlier) {
    if ('message' in version.read) messages.push(`v${version.version} itself cannot be used: ${version.read.message}`);
    else read.push(version.read);
  }
  const next = { ...candidate, version: (read.at(-1)?.version ?? 0) + 1 };
  for (const { rule, path, message, against } of wireFaults(read, next, compatibilityAsked(subject))) {
    messages.push(`${rule}: ${path}: ${message} (beside v${against})`);
  }
  const verdict = { is_compatible: messages.length === 0 };
  return request.query.verbose === 'true' ? { ...verdict, messages } : verdict;
}

/** @throws Refusal 42202 */
function numberOfVersion(text: string): number | 'latest' {
  // -1 is what some clients say for it.
  if (text === 'latest' || text === '-1') return 'latest';
  const version = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (version >= 1 && version <= MAX_VERSION) return version;
  const allowed = 'Allowed values are between [1, 2^31-1] and the string "latest"';
  throw refusal(422, 42202, `The specified version '${text}' is not a valid version id. ${allowed}`);
}

/** @throws Refusal 400, 415, 42201 */
function sentSchema({ headers, body }: SubjectRequest): Sent {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (!REQUEST_TYPES.includes(type)) {
    throw refusal(415, 415, `HTTP 415 Unsupported Media Type: send ${ANSWER_TYPE} or application/json`);
  }
  const { schema, schemaType, references } = requestOf(body);
  if (typeof schema !== 'string') throw refusal(422, 42201, 'Empty schema: "schema" is the text of an Avro schema');
  if ((schemaType ?? 'AVRO') !== 'AVRO') throw refusal(422, 42201, `Schemas are AVRO here, and not ${schemaType}`);
  if (Array.isArray(references) && references.length > 0) {
    throw refusal(422, 42201, 'A schema defines all of its types here, and has no references');
  }
  try {
    const definition: unknown = JSON.parse(schema);
    return { definition, text: publishedText(definition) };
  } catch (error) {
    const why = error instanceof RangeError ? 'it nests too deep' : `it is not JSON: ${(error as Error).message}`;
    throw refusal(422, 42201, `Invalid schema: ${why}`);
  }
}

/** A schema as what could be the next version. @throws Refusal 42201 */
function readCandidate({ params }: SubjectRequest, subject: Subject | undefined, { definition }: Sent): SchemaVersion {
  const version = (subject?.versions.at(-1)?.version ?? 0) + 1;
  // Another subject's schema may be invalid, too; it only needs some name to be read under.
  const read = readVersion(eventTypeOf(params.subject) ?? 'any', { version, definition });
  if ('message' in read) throw refusal(422, 42201, `Invalid schema: ${read.path}: ${read.message}`);
  return read;
}

function requestOf(body: Buffer | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse((body ?? Buffer.alloc(0)).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw refusal(400, 400, 'HTTP 400 Bad Request: the body is a JSON object with the text of a schema in "schema"');
}

function readOnly(what: string, subject?: Subject): Refusal {
  const eventType = eventTypeOf(what);
  const next = (subject?.versions.at(-1)?.version ?? 0) + 1;
  const file = eventType === undefined ? '<event type>/v<N>.avsc' : `${eventType}/v${next}.avsc`;
  const way = `a new version is a new file in git (${file} in the schemas folder, after "sluice schema check")`;
  const other = '"sluice schema publish" takes it to a registry of its own';
  return refusal(422, 42205, `${what} is read-only here: ${way}; ${other}`);
}

function refusalOf(thrown: unknown): Refusal {
  const { status, errorCode, statusCode } = thrown as Partial<Refusal> & { statusCode?: number };
  if (status !== undefined && errorCode !== undefined) return thrown as Refusal;
  // What Fastify says of a request that it does not take.
  if (statusCode !== undefined && statusCode < 500) return refusal(statusCode, statusCode, (thrown as Error).message);
  const { code, message } = asSluiceError(thrown);
  return refusal(500, 50001, `${code}: ${message}`);
}
