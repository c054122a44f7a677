import type { Admin, Kafka } from 'kafkajs';
import { asSluiceError, SluiceError } from '../../errors.ts';

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings as the broker names them, such as `max.message.bytes` or `retention.ms`. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface EnsuredTopic {
  readonly name: string;
  /** Whether this call created the topic. */
  readonly created: boolean;
  /** Partitions the topic has now. */
  readonly partitions: number;
  /** Partitions that were asked for. A difference is reported, and repaired only by who asks to grow: it moves keys. */
  readonly wanted: number;
}

export interface EnsureOptions {
  /** Whether topics that have fewer partitions than asked for get more. None ever gets fewer. */
  readonly mayGrow?: boolean;
}

/** How long leaders of new partitions are waited for, in milliseconds. */
const LEADER_TIMEOUT_MS = 15_000;

/**
 * Creates the topics that do not exist, with the cluster's default replication, and waits until every partition has
 * a leader. Existing topics are left as they are, unless they may grow; their settings are not changed.
 * @returns one entry a spec, in the same order.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the cluster does not answer or refuses.
 */
export async function ensureTopics(
  kafka: Kafka,
  specs: readonly TopicSpec[],
  { mayGrow = false }: EnsureOptions = {},
): Promise<EnsuredTopic[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = specs.filter(({ name }) => !existing.has(name));
    const created = new Set<string>();
    for (const spec of missing) {
      // One request a topic, because kafkajs answers for a whole request: `false` is "somebody else was faster".
      const fresh = await admin.createTopics({
        waitForLeaders: false,
        topics: [
          {
            topic: spec.name,
            numPartitions: spec.partitions,
            replicationFactor: -1,
            configEntries: Object.entries(spec.config ?? {}).map(([name, value]) => ({ name, value })),
          },
        ],
      });
      if (fresh) created.add(spec.name);
    }
    const names = specs.map(({ name }) => name);
    let counts = await partitionCounts(admin, names, created);
    const small = mayGrow ? specs.filter(({ name, partitions }) => (counts.get(name) ?? 0) < partitions) : [];
    if (small.length > 0) {
      const topicPartitions = small.map(({ name, partitions }) => ({ topic: name, count: partitions }));
      await admin.createPartitions({ topicPartitions });
      counts = await grownCounts(admin, specs, created);
    }
    return specs.map(({ name, partitions: wanted }) => ({
      name,
      created: created.has(name),
      partitions: counts.get(name) ?? 0,
      wanted,
    }));
  } catch (error) {
    throw asSluiceError(error, 'SLUICE_LOG_UNAVAILABLE');
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Partitions per topic, once none has fewer than asked for: the node that is asked may not have heard of new ones. */
async function grownCounts(
  admin: Admin,
  specs: readonly TopicSpec[],
  created: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const deadline = Date.now() + LEADER_TIMEOUT_MS;
  for (;;) {
    const counts = await partitionCounts(
      admin,
      specs.map(({ name }) => name),
      created,
    );
    if (specs.every(({ name, partitions }) => (counts.get(name) ?? 0) >= partitions)) return counts;
    if (Date.now() > deadline) throw new SluiceError('SLUICE_LOG_UNAVAILABLE', 'Topics did not grow in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Deletes a topic with all of its records. One that does not exist is ignored.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the cluster does not answer or refuses.
 */
export async function deleteTopic(kafka: Kafka, name: string): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const existing = await admin.listTopics();
    if (existing.includes(name)) await admin.deleteTopics({ topics: [name] });
  } catch (error) {
    throw asSluiceError(error, 'SLUICE_LOG_UNAVAILABLE');
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Partitions per topic, once all of them have a leader, and those of topics just created answer for themselves. */
async function partitionCounts(
  admin: Admin,
  names: readonly string[],
  created: ReadonlySet<string>,
): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const deadline = Date.now() + LEADER_TIMEOUT_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [...new Set(names)] });
      for (const { name, partitions } of topics) {
        if (partitions.length === 0 || partitions.some(({ leader }) => leader < 0)) {
          throw new Error(`topic ${name} has a partition without a leader`);
        }
      }
      // A leader is named before it knows that it is one.
      for (const name of created) await admin.fetchTopicOffsets(name);
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    } catch (cause) {
      // Right after a creation the topic may still be unknown to the node that is asked.
      if (Date.now() > deadline) {
        throw new SluiceError('SLUICE_LOG_UNAVAILABLE', 'Topics got no leaders in time', { cause });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
