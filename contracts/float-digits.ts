import { Float32 } from './arbitraries/back.ts';
import type { Failure } from './property.ts';

/** As many digits tell every 32-bit float from every other (IEEE 754: 1 + ceil(24 log10 2), rounded up). */
const FLOAT_DIGITS = 9;

/**
 * The first float that is told with more digits than it has: 0.1 as 0.10000000149011612 is the same float, and another
 * number for whoever reads it as a double. For what has no other difference.
 *
 * @param actual parsed JSON.
 */
export function longFloatOf(actual: unknown, back: unknown, path = '$'): Failure | undefined {
  if (back instanceof Float32) {
    const number = actual as number;
    if (Number(number.toPrecision(FLOAT_DIGITS)) === number || !Number.isFinite(number)) return undefined;
    return { field: path, details: `a float came as ${number}, with more than ${FLOAT_DIGITS} digits` };
  }
  if (typeof back !== 'object' || back === null) return undefined;
  for (const [key, value] of Object.entries(back)) {
    const at = Array.isArray(back) ? `${path}[${key}]` : `${path}.${key}`;
    const failure = longFloatOf((actual as Record<string, unknown>)[key], value, at);
    if (failure !== undefined) return failure;
  }
  return undefined;
}
