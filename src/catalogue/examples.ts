/** `examples.json` of an event type, which stands beside its versions. */
export interface Examples {
  readonly valid: readonly ValidExample[];
  readonly invalid: readonly InvalidExample[];
}

export interface ValidExample {
  readonly name: string;
  /** The first version that takes the body. */
  readonly since: number;
  /** JSON text, with its numbers as they were written. */
  readonly body: string;
}

export interface InvalidExample {
  readonly name: string;
  readonly body: string;
  readonly faults: readonly { readonly code: string; readonly path: string }[];
}

/**
 * Reads examples.
 *
 * @throws Error that says what is not as it should be.
 */
export function parseExamples(text: string): Examples {
  const { valid = [], invalid = [] } = asObject(parseKeepingNumbers(text), 'the document');
  return {
    valid: asList(valid, 'valid').map((item, index) => {
      const { name, since = 1, body } = asObject(item, `valid[${index}]`);
      return { name: asText(name, `valid[${index}].name`), since: asNumber(since), body: pretty(body) };
    }),
    invalid: asList(invalid, 'invalid').map((item, index) => {
      const { name, body, faults = [] } = asObject(item, `invalid[${index}]`);
      return {
        name: asText(name, `invalid[${index}].name`),
        body: pretty(body),
        faults: asList(faults, `invalid[${index}].faults`).map((fault) => {
          const { code, path } = asObject(fault, `a fault of invalid[${index}]`);
          return { code: asText(code, 'code'), path: asText(path, 'path') };
        }),
      };
    }),
  };
}

type Json = Readonly<Record<string, unknown>>;

/** ES2026 (stage 4): the source of a number, and a way to write it as it was. TypeScript does not know them yet. */
const json = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
};

/** An example may be about digits that a number of JavaScript does not hold. */
function parseKeepingNumbers(text: string): unknown {
  return json.parse(text, (_key, value, { source }) => (typeof value === 'number' ? json.rawJSON(source!) : value));
}

function pretty(body: unknown): string {
  return JSON.stringify(body, null, 2) ?? 'null';
}

function asObject(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !json.isRawJSON(value))
    return value as Json;
  throw new Error(`${what} must be an object`);
}

function asList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${what} must be an array`);
}

function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${what} must be a text`);
}

function asNumber(value: unknown): number {
  return Number((value as { readonly rawJSON?: string }).rawJSON ?? value);
}
