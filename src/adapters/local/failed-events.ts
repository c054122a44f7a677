import type { FailedEvents } from '../../ports/failed-events.ts';
import { createFailedEventObjects, type FailedEventObjectsOptions } from '../objects/failed-events.ts';
import type { Ledger } from './ledger.ts';

export interface FailedEventsOptions extends FailedEventObjectsOptions {
  readonly ledger: Pick<Ledger, 'settle'>;
}

/** Keeps failed events as objects of their table, and settles their acceptances. */
export function createFailedEvents({ ledger, ...options }: FailedEventsOptions): FailedEvents {
  const objects = createFailedEventObjects(options);
  return {
    async put(events) {
      await objects.put(events);
      ledger.settle(
        events.map(({ messageId }) => messageId).filter((id) => id !== undefined),
        'failed',
      );
    },
  };
}
