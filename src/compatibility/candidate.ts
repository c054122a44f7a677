import type { SchemaVersion } from '../schema/history.ts';
import { type Compatibility, MODES, reaches } from './mode.ts';
import type { Spot } from './rule.ts';
import { WIRE_RULES } from './wire.ts';

/** What keeps a schema from being the next version, on the wire. */
export interface WireFault extends Spot {
  readonly rule: string;
  /** The earlier version that it was judged beside. */
  readonly against: number;
}

/**
 * Judges what may become the next version by the rules of the wire: what every registry judges, and nothing beyond it.
 *
 * @param earlier ascending; `candidate` is numbered as the one after the last of them.
 * @param asked what the event type asks for. As in the check, less than the default counts with a reason only.
 */
export function wireFaults(
  earlier: readonly SchemaVersion[],
  candidate: SchemaVersion,
  { mode, reason }: Compatibility,
): WireFault[] {
  const backward = reason === undefined ? 'all' : MODES[mode].backward;
  return earlier.flatMap((before) => {
    const distance = candidate.version - before.version;
    return WIRE_RULES.flatMap((rule) => {
      if (rule.severity !== 'error') return [];
      const isAsked =
        (rule.over === 'pair' && reaches(backward, distance)) ||
        (rule.over === 'forward pair' && reaches(MODES[mode].forward, distance));
      if (!isAsked || (rule.over !== 'pair' && rule.over !== 'forward pair')) return [];
      return Array.from(rule.find(before, candidate), (spot) => ({ ...spot, rule: rule.id, against: before.version }));
    });
  });
}
