import { fault } from '../codec/json-body.ts';
import { SluiceError } from '../errors.ts';
import type { Acceptance } from './accept.ts';
import { problemOfFaults } from './problem.ts';

/** What requests and answers of the edge look like, whichever host serves them. */

export const JSON_TYPE = 'application/json';
export const NDJSON_TYPE = 'application/x-ndjson';

/**
 * A request's media type, parameters left out.
 *
 * @param header `Content-Type` as it came.
 * @param types those that the route takes.
 * @throws SluiceError SLUICE_CONTENT_TYPE
 */
export function requireType(header: string | undefined, types: readonly string[]): string {
  const [type = ''] = (header ?? '').split(';', 1);
  const plain = type.trim().toLowerCase();
  if (types.includes(plain)) return plain;
  throw new SluiceError('SLUICE_CONTENT_TYPE', `send ${types.join(' or ')}, not "${plain}"`);
}

/**
 * The format of a batch by its `Content-Type`.
 *
 * @throws SluiceError SLUICE_CONTENT_TYPE
 */
export function batchFormat(header: string | undefined): 'array' | 'lines' {
  return requireType(header, [JSON_TYPE, NDJSON_TYPE]) === JSON_TYPE ? 'array' : 'lines';
}

/**
 * The schema version that a writer states.
 *
 * @param header `Schema-Version`
 * @param parameter `schema-version` of the query; a list where it came more than once.
 * @throws SluiceError SLUICE_VERSION_UNKNOWN when it is no number, or the two differ.
 */
export function statedVersion(header: string | undefined, parameter: unknown): number | undefined {
  const stated = [header, parameter].filter((text) => text !== undefined);
  if (stated.length === 0) return undefined;
  const [version] = stated;
  if (stated.every((text) => text === version) && typeof version === 'string' && /^[1-9]\d{0,8}$/.test(version)) {
    return Number(version);
  }
  const only = fault('SLUICE_VERSION_UNKNOWN', '$', 'state one version, such as "Schema-Version: 2", or none');
  throw new SluiceError(only.code, only.rule, { faults: [only] });
}

/** The answer to a batch: one item for each of its events, in their order. */
export interface BatchAnswer {
  readonly accepted: number;
  readonly refused: number;
  readonly items: readonly object[];
}

/** @param maxFaults most faults that an item shows; all by default. */
export function batchAnswer(
  acceptances: readonly Acceptance[],
  maxFaults: number = Number.POSITIVE_INFINITY,
): BatchAnswer {
  const items = acceptances.map((acceptance, index) => {
    if (acceptance.ok) return { index, status: 202, event_id: acceptance.eventId };
    const { status, code, faults } = problemOfFaults(acceptance.faults);
    return { index, status, code, faults: faults.slice(0, maxFaults) };
  });
  const accepted = acceptances.filter(({ ok }) => ok).length;
  return { accepted, refused: items.length - accepted, items };
}
