import type { Metrics } from '../adapters/aws/metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { FailedEvents } from '../ports/failed-events.ts';

/** Ports that count what went through them. */

export function countedFailedEvents(failedEvents: FailedEvents, metrics: Metrics): FailedEvents {
  return {
    async put(events) {
      await failedEvents.put(events);
      metrics.count('Failed', events.length);
    },
  };
}

export function countedEventLog({ append }: Pick<EventLog, 'append'>, metrics: Metrics): Pick<EventLog, 'append'> {
  return {
    async append(records) {
      const results = await append(records);
      metrics.count('Produced', results.filter(({ ok }) => ok).length);
      return results;
    },
  };
}

/** Measures how long each row took from the edge, too. */
export function countedDeliveryStream(stream: DeliveryStream, metrics: Metrics, clock: Clock): DeliveryStream {
  return {
    async put(eventType, records) {
      await stream.put(eventType, records);
      const now = clock.now();
      const ingested = records.flatMap(({ entries }) => entries.map(({ ingestedAt }) => ingestedAt));
      metrics.count('Delivered', ingested.length);
      metrics.latencies(ingested.map((ingestedAt) => Math.max(0, now - ingestedAt)));
    },
  };
}
