import type { Kafka } from 'kafkajs';
import { asSluiceError } from '../../errors.ts';
import { onceCoordinated } from './coordinator.ts';

/** Offsets of one topic, summed over its partitions. */
export interface TopicLag {
  /** Oldest offsets still kept. */
  readonly low: bigint;
  /** Offsets the next records will get (high watermarks). */
  readonly end: bigint;
  /** What the group has committed; a partition without a commit counts from its oldest record. */
  readonly committed: bigint;
  /** Records that are kept and not committed yet. */
  readonly lag: bigint;
}

/**
 * How far a consumer group is behind. A topic that does not exist has no entry.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the cluster does not answer.
 */
export async function readLag(kafka: Kafka, group: string, topics: readonly string[]): Promise<Map<string, TopicLag>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const known = new Set(await admin.listTopics());
    const present = topics.filter((topic) => known.has(topic));
    if (present.length === 0) return new Map();
    // Commits first: they only move forward, so a commit never seems to be ahead of the end.
    const commits = await onceCoordinated(() => admin.fetchOffsets({ groupId: group, topics: present }));
    const committedAt = new Map(
      commits.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)] as const),
      ),
    );
    const lags = await Promise.all(
      present.map(async (topic): Promise<[string, TopicLag]> => {
        const sum = { low: 0n, end: 0n, committed: 0n, lag: 0n };
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
          const [oldest, end] = [BigInt(low), BigInt(high)];
          const commit = committedAt.get(`${topic}/${partition}`) ?? -1n;
          // Retention may have overtaken the commit; what is gone cannot be waited for.
          const from = commit > oldest ? commit : oldest;
          sum.low += oldest;
          sum.end += end;
          sum.committed += from;
          sum.lag += end > from ? end - from : 0n;
        }
        return [topic, sum];
      }),
    );
    return new Map(lags);
  } catch (error) {
    throw asSluiceError(error, 'SLUICE_LOG_UNAVAILABLE');
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
