import type { Account } from '../adapters/local/ledger.ts';

/** An account as `--json` shows it. */
export interface AccountDocument {
  readonly accepted: number;
  readonly delivered: number;
  readonly failed: number;
  readonly in_flight: number;
}

/** The accounts of all event types that are known or ever were; a type without events has zeros. */
export function accountsByType(
  eventTypes: readonly string[],
  accounts: readonly Account[],
): Map<string, AccountDocument> {
  const zero = { accepted: 0, delivered: 0, failed: 0, in_flight: 0 };
  const byType = new Map<string, AccountDocument>(eventTypes.map((eventType) => [eventType, zero]));
  for (const { eventType, accepted, delivered, failed, inFlight } of accounts) {
    byType.set(eventType, { accepted, delivered, failed, in_flight: inFlight });
  }
  return byType;
}

/** The law of the ledger: what was accepted is delivered, failed or on its way, and nothing else. */
export function isConserved({ accepted, delivered, failed, in_flight }: AccountDocument): boolean {
  return accepted === delivered + failed + in_flight;
}
