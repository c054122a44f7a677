import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/adapters/aws/metrics.ts';
import { manualClock } from '../../support/manual-clock.ts';

function open() {
  const lines: string[] = [];
  const clock = manualClock();
  const write = (line: string): void => {
    lines.push(line);
  };
  return { lines, clock, metrics: createMetrics({ eventType: 'shop.order', stage: 'prod', clock, write }) };
}

describe('metrics', () => {
  it('are one line of the embedded metric format, by event type and stage', () => {
    const { lines, clock, metrics } = open();
    metrics.count('Accepted', 2);
    metrics.count('Accepted', 1);
    metrics.count('Failed', 4);
    metrics.latencies([30, 10]);
    metrics.flush();
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: clock.now(),
          CloudWatchMetrics: [
            {
              Namespace: 'Sluice',
              Dimensions: [['EventType', 'Stage']],
              Metrics: [
                { Name: 'Accepted', Unit: 'Count' },
                { Name: 'Failed', Unit: 'Count' },
                { Name: 'LatencyMs', Unit: 'Milliseconds' },
              ],
            },
          ],
        },
        EventType: 'shop.order',
        Stage: 'prod',
        Accepted: 3,
        Failed: 4,
        LatencyMs: [10, 30],
      },
    ]);
    expect(lines[0]).not.toContain('\n');
  });

  it('are counted anew after each line, and none is written where nothing was counted', () => {
    const { lines, metrics } = open();
    metrics.flush();
    metrics.count('Retried', 0);
    metrics.latencies([]);
    metrics.flush();
    expect(lines).toEqual([]);
    metrics.count('Produced', 1);
    metrics.flush();
    metrics.flush();
    metrics.count('Produced', 2);
    metrics.flush();
    expect(lines.map((line) => JSON.parse(line).Produced)).toEqual([1, 2]);
  });

  it('hold at most a hundred latencies, at whose percentiles are those of all, to one part in a hundred', () => {
    const latencies = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 101, maxLength: 2_000 });
    fc.assert(
      fc.property(latencies, (all) => {
        const { lines, metrics } = open();
        metrics.latencies(all);
        metrics.flush();
        const { LatencyMs: held } = JSON.parse(lines[0]!) as { LatencyMs: number[] };
        expect(held).toHaveLength(100);
        for (const [index, value] of held.entries()) {
          const below = all.filter((one) => one < value).length / all.length;
          const notAbove = all.filter((one) => one <= value).length / all.length;
          expect(below).toBeLessThanOrEqual((index + 1) / 100);
          expect(notAbove).toBeGreaterThanOrEqual(index / 100);
        }
      }),
      { numRuns: 50 },
    );
  });
});
