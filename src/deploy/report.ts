import { SluiceError } from '../errors.ts';
import { type Action, type Change, changesBetween } from './changes.ts';
import { type Risk, risksOf } from './risk.ts';
import type { StackTree } from './template.ts';

/** What is shared by all event types, as people call it on the command line. */
export const SHARED = 'shared';

/** What a deployment does to one event type, or to what all of them share. */
export interface TypeReport {
  /** The event type, or `shared`. */
  readonly eventType: string;
  readonly counts: Readonly<Record<Action, number>>;
  readonly changes: readonly Change[];
  readonly risks: readonly Risk[];
  /** Whether somebody has said that its risks are theirs. */
  readonly allowed: boolean;
}

export interface DeployReport {
  readonly types: readonly TypeReport[];
  /** Whether nothing is at risk that nobody has allowed. */
  readonly ok: boolean;
}

/** One pair of stacks: what is deployed and what is to be. */
export interface StackPair {
  readonly before: StackTree | undefined;
  readonly after: StackTree | undefined;
}

/**
 * What a deployment does, by event type.
 *
 * @param allowed event types, and `shared`, whose data may be lost.
 * @throws SluiceError SLUICE_USAGE where one of `allowed` is not among those that change: a permission that stands about
 *   would hide the next loss.
 */
export function deployReport(pairs: readonly StackPair[], allowed: readonly string[] = []): DeployReport {
  const byType = new Map<string, Change[]>();
  for (const { before, after } of pairs) {
    for (const change of changesBetween(before, after)) {
      const name = change.eventType ?? SHARED;
      byType.set(name, [...(byType.get(name) ?? []), change]);
    }
  }
  const types = [...byType]
    .sort(([a], [b]) => Number(b === SHARED) - Number(a === SHARED) || (a < b ? -1 : 1))
    .map(([eventType, changes]): TypeReport => {
      const counts = { created: 0, changed: 0, replaced: 0, removed: 0 };
      for (const { action } of changes) counts[action] += 1;
      return { eventType, counts, changes, risks: changes.flatMap(risksOf), allowed: allowed.includes(eventType) };
    });
  for (const name of allowed) {
    if (types.some(({ eventType, risks }) => eventType === name && risks.length > 0)) continue;
    const risky = types.filter(({ risks }) => risks.length > 0).map(({ eventType }) => eventType);
    const those = risky.length === 0 ? 'nothing is' : `only ${risky.join(', ')}`;
    throw new SluiceError(
      'SLUICE_USAGE',
      `--allow-data-loss ${name}: nothing of "${name}" is at risk (${those}); leave it out`,
    );
  }
  return { types, ok: types.every(({ risks, allowed: isAllowed }) => risks.length === 0 || isAllowed) };
}
