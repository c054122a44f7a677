/** How far back a mode looks: to no earlier version, to the one before, or to all of them. */
export type Reach = 'none' | 'latest' | 'all';

/** Confluent's modes, as the reach of their two halves: new readers of old data, and old readers of new data. */
export const MODES = {
  NONE: { backward: 'none', forward: 'none' },
  BACKWARD: { backward: 'latest', forward: 'none' },
  BACKWARD_TRANSITIVE: { backward: 'all', forward: 'none' },
  FORWARD: { backward: 'none', forward: 'latest' },
  FORWARD_TRANSITIVE: { backward: 'none', forward: 'all' },
  FULL: { backward: 'latest', forward: 'latest' },
  FULL_TRANSITIVE: { backward: 'all', forward: 'all' },
} as const satisfies Record<string, { backward: Reach; forward: Reach }>;

export type Mode = keyof typeof MODES;

/** Replay reads every old version again, so every old version must be readable. */
export const DEFAULT_MODE: Mode = 'BACKWARD_TRANSITIVE';

/** What a version's schema asks for. */
export interface Compatibility {
  readonly mode: Mode;
  /** Why it asks for less than the default; what is asked without a reason is not granted. */
  readonly reason: string | undefined;
  /** What is wrong with the setting, where something is. */
  readonly fault: string | undefined;
}

/**
 * The compatibility that a schema's `sluice` property asks for. FORWARD and FULL add to the default; what any mode asks
 * less of old data than the default counts with a reason only.
 */
export function compatibilityOf(definition: Readonly<Record<string, unknown>>): Compatibility {
  const { compatibility: mode = DEFAULT_MODE, compatibilityReason } = (definition.sluice ?? {}) as Record<
    string,
    unknown
  >;
  const reason =
    typeof compatibilityReason === 'string' && compatibilityReason.trim() !== '' ? compatibilityReason : undefined;
  if (typeof mode !== 'string' || !Object.hasOwn(MODES, mode)) {
    const fault = `sluice.compatibility is ${JSON.stringify(mode)}, and may be ${Object.keys(MODES).join(', ')}`;
    return { mode: DEFAULT_MODE, reason: undefined, fault };
  }
  const asksForLessOnly = MODES[mode as Mode].forward === 'none' && mode !== DEFAULT_MODE;
  const fault =
    asksForLessOnly && reason === undefined
      ? `sluice.compatibility ${mode} is less than ${DEFAULT_MODE} and has no sluice.compatibilityReason`
      : undefined;
  return { mode: mode as Mode, reason, fault };
}

/** True where a mode speaks about the version `distance` before the one that is judged. */
export function reaches(reach: Reach, distance: number): boolean {
  return reach === 'all' || (reach === 'latest' && distance === 1);
}
