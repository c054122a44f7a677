import type { FailedEvent } from '../ports/failed-events.ts';
import type { TransformationEvent, TransformationResult } from '../ports/transformation.ts';

/** The rows that a transformation rejected, as failed events: their lines as they came. */
export function rejectedRows(
  { records, deliveryStreamArn }: TransformationEvent,
  { rejected }: TransformationResult,
  eventType: string,
  failedAt: number,
): FailedEvent[] {
  const stream = deliveryStreamArn.slice(deliveryStreamArn.lastIndexOf('/') + 1);
  const lines = new Map<string, string[]>();
  const linesOf = (recordId: string): string[] => {
    const known = lines.get(recordId);
    if (known !== undefined) return known;
    const { data } = records.find((record) => record.recordId === recordId)!;
    const split = Buffer.from(data, 'base64').toString('utf8').split('\n');
    lines.set(recordId, split);
    return split;
  };
  return rejected.map(({ recordId, line, code, reason }) => ({
    id: `stream/${stream}/${recordId}/${line}`,
    stage: 'transform',
    code,
    path: '$',
    reason,
    eventType,
    version: null,
    payload: Buffer.from(linesOf(recordId)[line] ?? ''),
    failedAt,
  }));
}
