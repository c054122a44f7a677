import type { Clock } from '../../ports/clock.ts';

/** What is counted. Alarms and dashboards know the same names. */
export type Counter = 'Accepted' | 'Produced' | 'Delivered' | 'Failed' | 'Retried';

export interface Metrics {
  count(name: Counter, number: number): void;
  /** Milliseconds from the edge to the delivery stream, one for each row. */
  latencies(milliseconds: readonly number[]): void;
  /** Writes what was counted since the last time, one line; none where nothing was. */
  flush(): void;
}

export interface MetricsOptions {
  readonly eventType: string;
  readonly stage: string;
  readonly clock: Clock;
  /** Takes a line, without its end. Standard output by default, where CloudWatch reads it. */
  readonly write?: (line: string) => void;
}

/** Most values of one metric in one line. Source: CloudWatch User Guide, "embedded metric format specification". */
const MAX_VALUES = 100;

/**
 * Metrics as lines of CloudWatch's embedded metric format, in the namespace `Sluice`, by event type and stage: no
 * request is waited for.
 *
 * Of more latencies than a line holds, it holds a hundred, evenly spread over the sorted ones, so that percentiles stay
 * what they are.
 */
export function createMetrics({ eventType, stage, clock, write = toStandardOutput }: MetricsOptions): Metrics {
  const counts = new Map<Counter, number>();
  let latencies: number[] = [];
  return {
    count(name, number) {
      if (number > 0) counts.set(name, (counts.get(name) ?? 0) + number);
    },
    latencies(milliseconds) {
      latencies = latencies.concat(milliseconds);
    },
    flush() {
      if (counts.size === 0 && latencies.length === 0) return;
      const metrics = [...counts.keys()].map((name) => ({ Name: name as string, Unit: 'Count' }));
      if (latencies.length > 0) metrics.push({ Name: 'LatencyMs', Unit: 'Milliseconds' });
      const line = {
        _aws: {
          Timestamp: clock.now(),
          CloudWatchMetrics: [{ Namespace: 'Sluice', Dimensions: [['EventType', 'Stage']], Metrics: metrics }],
        },
        EventType: eventType,
        Stage: stage,
        ...Object.fromEntries(counts),
        ...(latencies.length > 0 ? { LatencyMs: spread(latencies) } : {}),
      };
      counts.clear();
      latencies = [];
      write(JSON.stringify(line));
    },
  };
}

/** At most `MAX_VALUES` of them: the middle of each of as many equal parts of the sorted values. */
function spread(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length <= MAX_VALUES) return sorted;
  return Array.from(
    { length: MAX_VALUES },
    (_, index) => sorted[Math.floor(((index + 0.5) * sorted.length) / MAX_VALUES)]!,
  );
}

/** Not by `console`, whose lines Lambda wraps where its log format is JSON. */
function toStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}
