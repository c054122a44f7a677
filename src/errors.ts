/**
 * Every way Sluice can say no: a stable code, whose fault it is, and whether trying again may help.
 *
 * Retriability is data, not control flow: a stage reads `retryable` and either returns the item to its source or
 * keeps it as a failed event. `rule` is the sentence a caller is shown; a fault adds the path and the way out.
 */
export const ERRORS = {
  // What the caller sent, before any schema is looked at.
  SLUICE_REQUEST: { blame: 'caller', retryable: false, rule: 'a request must be well-formed HTTP' },
  SLUICE_ROUTE_UNKNOWN: { blame: 'caller', retryable: false, rule: 'the path and method must be one that is served' },
  SLUICE_ACCESS: { blame: 'caller', retryable: false, rule: 'a sender must be one that may send' },
  SLUICE_EVENT_TYPE_UNKNOWN: { blame: 'caller', retryable: false, rule: 'the event type must have a schema' },
  SLUICE_CONTENT_TYPE: { blame: 'caller', retryable: false, rule: 'the content type must be one the route takes' },
  SLUICE_EVENT_ID: { blame: 'caller', retryable: false, rule: 'an event id is 1 to 128 of A-Z a-z 0-9 . _ : ~ -' },
  SLUICE_BODY_EMPTY: { blame: 'caller', retryable: false, rule: 'the body must not be empty' },
  SLUICE_BODY_TOO_LARGE: { blame: 'caller', retryable: false, rule: 'the body must be within the size limit' },
  SLUICE_BODY_INCOMPLETE: { blame: 'caller', retryable: false, rule: 'the whole body must arrive in time' },
  SLUICE_BODY_ENCODING: { blame: 'caller', retryable: false, rule: 'the body must be UTF-8 without a byte-order mark' },
  SLUICE_JSON_SYNTAX: { blame: 'caller', retryable: false, rule: 'the body must be JSON (RFC 8259)' },
  SLUICE_JSON_DUPLICATE_KEY: { blame: 'caller', retryable: false, rule: 'a key may appear once in an object' },
  SLUICE_JSON_TOO_DEEP: { blame: 'caller', retryable: false, rule: 'JSON may nest 64 levels deep' },
  // What the caller sent, seen with the schema.
  SLUICE_FIELD_MISSING: { blame: 'caller', retryable: false, rule: 'a field without a default must be present' },
  SLUICE_FIELD_UNKNOWN: { blame: 'caller', retryable: false, rule: 'a field must be declared in the schema' },
  SLUICE_TYPE: { blame: 'caller', retryable: false, rule: 'a value must have the type its schema declares' },
  SLUICE_RANGE: { blame: 'caller', retryable: false, rule: 'a value must be within the limits of its type' },
  SLUICE_PRECISION: { blame: 'caller', retryable: false, rule: 'a number must be carried without losing digits' },
  SLUICE_FORMAT: { blame: 'caller', retryable: false, rule: 'a text must have the form its logical type prescribes' },
  SLUICE_LENGTH: { blame: 'caller', retryable: false, rule: 'a fixed value must have exactly the declared size' },
  SLUICE_ENUM_SYMBOL: { blame: 'caller', retryable: false, rule: 'an enum value must be one of its symbols' },
  SLUICE_UNION_BRANCH: { blame: 'caller', retryable: false, rule: 'a value must match one branch of its union' },
  SLUICE_TEXT: { blame: 'caller', retryable: false, rule: 'text must be well-formed Unicode' },
  SLUICE_CONSTRAINT: { blame: 'caller', retryable: false, rule: "a value must obey its field's own constraints" },
  SLUICE_VERSION_UNKNOWN: { blame: 'caller', retryable: false, rule: 'a stated version must be one of the event type' },
  SLUICE_MODEL: { blame: 'caller', retryable: false, rule: 'a body must match the request model of its event type' },
  // What was found in the log or the delivery stream.
  SLUICE_TOMBSTONE: {
    blame: 'caller',
    retryable: false,
    rule: 'a record must have a value; tombstones delete nothing',
  },
  SLUICE_AVRO_FRAMING: { blame: 'caller', retryable: false, rule: 'a record value must be in registry framing' },
  SLUICE_AVRO_DATA: {
    blame: 'caller',
    retryable: false,
    rule: 'a record value must be Avro data of its writer schema',
  },
  SLUICE_SCHEMA_ID_UNKNOWN: { blame: 'schema', retryable: false, rule: 'a writer schema id must be in the registry' },
  SLUICE_SCHEMA_RESOLUTION: { blame: 'schema', retryable: false, rule: 'a writer schema must resolve to the reader' },
  SLUICE_VERSION_REFUSED: { blame: 'schema', retryable: false, rule: 'a version must keep the rules of its history' },
  SLUICE_RECORD_TOO_LARGE: { blame: 'caller', retryable: false, rule: 'a record must fit into the topic' },
  SLUICE_ROW_TOO_LARGE: { blame: 'caller', retryable: false, rule: 'a row must fit into one delivery record' },
  SLUICE_ROW_MALFORMED: { blame: 'us', retryable: false, rule: 'a delivery record must hold JSON rows of its table' },
  SLUICE_RECEIVES_EXHAUSTED: {
    blame: 'us',
    retryable: false,
    rule: 'a message may be received a limited number of times',
  },
  // What is wrong with a schema.
  SLUICE_SCHEMA_INVALID: {
    blame: 'schema',
    retryable: false,
    rule: 'a schema must be valid Avro and follow the conventions',
  },
  SLUICE_SCHEMA_PUBLISHED: { blame: 'schema', retryable: false, rule: 'a published version never changes' },
  SLUICE_REGISTRY_REFUSED: { blame: 'schema', retryable: false, rule: "a version must pass the registry's own check" },
  // What is wrong on our side, now.
  SLUICE_REGISTRY_UNAVAILABLE: { blame: 'us', retryable: true, rule: 'the schema registry must answer' },
  SLUICE_QUEUE_FULL: { blame: 'us', retryable: true, rule: 'the queue holds a limited number of messages' },
  SLUICE_LOG_UNAVAILABLE: { blame: 'us', retryable: true, rule: 'the Kafka cluster must answer' },
  SLUICE_STORAGE: { blame: 'us', retryable: true, rule: 'storage must take writes' },
  SLUICE_TAKEN_IN_PART: { blame: 'us', retryable: true, rule: 'a batch must be taken as a whole' },
  SLUICE_RATE: { blame: 'us', retryable: true, rule: 'requests are taken at a limited rate' },
  SLUICE_STOPPING: { blame: 'us', retryable: true, rule: 'a stopping process takes no new work' },
  SLUICE_INTERNAL: { blame: 'us', retryable: true, rule: 'this should not have happened' },
  // What keeps a command from running.
  SLUICE_JAVA_MISSING: { blame: 'us', retryable: false, rule: 'the local Kafka broker needs Java 17 or newer' },
  SLUICE_MAVEN_MISSING: { blame: 'us', retryable: false, rule: 'fetching the local Kafka broker needs Maven' },
  SLUICE_BROKER_START: { blame: 'us', retryable: true, rule: 'the local Kafka broker must start' },
  SLUICE_ALREADY_RUNNING: { blame: 'us', retryable: false, rule: 'a data folder is used by one process at a time' },
  SLUICE_PII_KEY: { blame: 'us', retryable: false, rule: 'hashing personal data needs a key' },
  SLUICE_PORT_IN_USE: { blame: 'caller', retryable: false, rule: 'the port must be free' },
  SLUICE_NOT_RUNNING: { blame: 'us', retryable: true, rule: 'this command needs a running pipeline' },
  SLUICE_SAMPLES_MISSING: { blame: 'us', retryable: false, rule: 'sample events need the development packages' },
  SLUICE_USAGE: { blame: 'caller', retryable: false, rule: 'a command must be called as its help shows' },
  SLUICE_CONFIGURATION: { blame: 'us', retryable: false, rule: 'a function must be given what it needs to run' },
  SLUICE_STACKS_UNREADABLE: { blame: 'us', retryable: true, rule: 'what is deployed must be readable to compare with' },
  SLUICE_CDK: { blame: 'us', retryable: false, rule: 'deploying needs the AWS CDK, which must run to its end' },
  SLUICE_QUERY: { blame: 'caller', retryable: false, rule: 'a query must be valid SQL over the tables' },
} as const satisfies Record<string, { blame: Blame; retryable: boolean; rule: string }>;

/** Whose fault an error is: the sender of the data, the author of the schema, or Sluice and its surroundings. */
export type Blame = 'caller' | 'schema' | 'us';

/** A stable, documented error code. */
export type ErrorCode = keyof typeof ERRORS;

/** One thing wrong at one place of a body. */
export interface Fault {
  readonly code: ErrorCode;
  /** JSONPath of the offending value, `$` for the whole body: `$.location.depth`, `$.tags[3]`, `$['odd key']`. */
  readonly path: string;
  /** The rule that was broken, with its limits. */
  readonly rule: string;
  /** What the sender can do about it. */
  readonly advice: string;
}

/** Faults that one refusal reports at most: a body of a million bad items would else get an answer many times its size. */
export const MAX_FAULTS = 100;

/** An error with a code. `cause` carries what led to it; `faults` are given where a body was at fault. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; faults?: readonly Fault[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
  }

  get blame(): Blame {
    return ERRORS[this.code].blame;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** Any thrown value as a `SluiceError`; what has no code becomes `SLUICE_INTERNAL` (or `fallback`). */
export function asSluiceError(error: unknown, fallback: ErrorCode = 'SLUICE_INTERNAL'): SluiceError {
  if (error instanceof SluiceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SluiceError(fallback, message, { cause: error });
}
