import type { ProxyEvent } from '../adapters/aws/lambda-events.ts';

/** Headers of which the first one counts; of all others a list is made. Source: Node's documentation, message.headers. */
const FIRST_COUNTS = new Set(['content-type']);

/** A header by its name in lower case, as Node's own HTTP server has it. */
export function headerOf({ headers, multiValueHeaders }: ProxyEvent, name: string): string | undefined {
  const values = memberOf(multiValueHeaders, name) ?? memberOf(headers, name);
  if (values === undefined || typeof values === 'string') return values;
  if (values.length === 0) return undefined;
  return FIRST_COUNTS.has(name) ? values[0] : values.join(', ');
}

/** A parameter of the query: a list where it came more than once. */
export function parameterOf(event: ProxyEvent, name: string): string | readonly string[] | undefined {
  const values = event.multiValueQueryStringParameters?.[name];
  if (values === undefined) return event.queryStringParameters?.[name];
  return values.length === 1 ? values[0] : values;
}

function memberOf<T>(members: Readonly<Record<string, T>> | null | undefined, wanted: string): T | undefined {
  return Object.entries(members ?? {}).find(([name]) => name.toLowerCase() === wanted)?.[1];
}
