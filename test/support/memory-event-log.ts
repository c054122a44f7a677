import { SluiceError } from '../../src/errors.ts';
import type { AppendResult, EventLog, FetchedBatch, LogRecord } from '../../src/ports/event-log.ts';

/** The part of an event log that tests of single stages need: what is appended can be looked at and fetched. */
export interface MemoryEventLog extends Pick<EventLog, 'append'> {
  /** Everything appended, in order. */
  readonly records: readonly LogRecord[];
  /** While true, every append fails as it does when no broker answers. */
  away: boolean;
  /** All records of each partition as one batch, as a new consumer group fetches them. */
  batches(): FetchedBatch[];
}

const PARTITIONS = 3;

/** @param maxValueBytes values beyond it are refused one by one, as a topic refuses records that are too large. */
export function memoryEventLog({ maxValueBytes = Number.POSITIVE_INFINITY } = {}): MemoryEventLog {
  const records: LogRecord[] = [];
  const stored: { readonly record: LogRecord; readonly partition: number }[] = [];
  const log = {
    records,
    away: false,
    async append(appended: readonly LogRecord[]): Promise<AppendResult[]> {
      if (log.away) throw new SluiceError('SLUICE_LOG_UNAVAILABLE', 'no broker answers');
      return appended.map((record) => {
        if ((record.value?.length ?? 0) > maxValueBytes) {
          return { ok: false, code: 'SLUICE_RECORD_TOO_LARGE', reason: 'the topic refuses it' };
        }
        // Records of one key share a partition; which one does not matter.
        const partition = Buffer.from(record.key ?? []).reduce((sum, byte) => sum + byte, 0) % PARTITIONS;
        records.push(record);
        stored.push({ record, partition });
        return { ok: true, partition };
      });
    },
    batches() {
      const groups = Map.groupBy(stored, ({ record, partition }) => `${record.topic}/${partition}`);
      return [...groups.values()].map((group) => ({
        topic: group[0]!.record.topic,
        partition: group[0]!.partition,
        records: group.map(({ record: { topic: _, ...record } }, index) => ({ ...record, offset: BigInt(index) })),
      }));
    },
  };
  return log;
}
