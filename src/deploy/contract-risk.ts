import { canonicalJson } from '../schema/canonical-json.ts';
import type { Loss } from './table-risk.ts';
import { asList, asObject } from './template.ts';

/** Properties of `Custom::SluiceContract`. */
export interface ContractProperties {
  readonly EventType?: unknown;
  /** As `deriveTopic` gives it. */
  readonly Topic?: unknown;
  readonly RegistryName?: unknown;
  /** Texts of the definitions, oldest first. */
  readonly Versions?: unknown;
  /** `retain`, also by default, or `delete`. */
  readonly RemovalPolicy?: unknown;
}

/** What an event type's topic and schemas would lose. @param after undefined where the event type goes. */
export function contractRisks(before: ContractProperties, after: ContractProperties | undefined): Loss[] {
  const old = topicOf(before);
  if (after === undefined) {
    const isDeleted = before.RemovalPolicy === 'delete';
    return [
      {
        loss: isDeleted
          ? `the event type goes, and with it the topic "${old.name}" and its records`
          : `the event type goes: nobody reads the topic "${old.name}" any more; it is kept with its records`,
        way: 'keep its folder of schemas, or deploy when every event is delivered',
      },
    ];
  }
  const next = topicOf(after);
  const found: Loss[] = [];
  if (next.name !== old.name) {
    found.push({
      loss: `the topic is "${next.name}" and was "${old.name}", whose records nobody reads any more`,
      way: 'keep the name of the event type',
    });
  }
  if (next.partitions < old.partitions) {
    found.push({
      loss: `the topic has ${old.partitions} partitions and is to have ${next.partitions}; partitions only ever grow`,
      way: `leave "partitions" at ${old.partitions} or more`,
    });
  }
  if (next.retention < old.retention) {
    found.push({
      loss: `records are kept ${next.retention} ms instead of ${old.retention} ms: older ones are deleted`,
      way: 'keep retention.ms, or deploy when they are delivered',
    });
  }
  if (after.RegistryName !== before.RegistryName) {
    found.push({
      loss: 'the registry is another one: records in Kafka name schemas that it does not have',
      way: 'keep the registry, or publish the versions into the new one and let the topic run empty first',
    });
  }
  const [versions, newVersions] = [versionsOf(before), versionsOf(after)];
  for (const [index, version] of versions.entries()) {
    if (newVersions[index] === undefined) {
      found.push({ loss: `version ${index + 1} of the schema is gone`, way: PUBLISHED });
    } else if (newVersions[index] !== version) {
      found.push({ loss: `version ${index + 1} of the schema is changed: its records cannot be read`, way: PUBLISHED });
    }
  }
  return found;
}

const PUBLISHED = 'a published version never changes: restore its file, and make the change in a new version';

function topicOf({ Topic }: ContractProperties) {
  const topic = asObject(Topic);
  const retention = Number(asObject(topic?.config)?.['retention.ms'] ?? DEFAULT_RETENTION);
  return {
    name: String(topic?.name ?? ''),
    partitions: Number(topic?.partitions ?? 1),
    // Kafka's word for ever is -1.
    retention: retention === -1 ? Number.POSITIVE_INFINITY : retention,
  };
}

/** Milliseconds: seven days. Source: `retention.ms`, Apache Kafka documentation, "Topic Configs". */
const DEFAULT_RETENTION = 604_800_000;

/** Versions by what they say: white space and the order of members are nobody's concern. */
function versionsOf({ Versions }: ContractProperties): string[] {
  return asList(Versions).map((text) => {
    try {
      return canonicalJson(typeof text === 'string' ? JSON.parse(text) : text);
    } catch {
      return String(text);
    }
  });
}
