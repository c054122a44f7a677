import { setTimeout as sleep } from 'node:timers/promises';
import type { CustomResourceAnswer, CustomResourceEvent } from '../adapters/aws/lambda-events.ts';
import type { KafkaClient } from '../adapters/kafka/client.ts';
import { deleteTopic, ensureTopics } from '../adapters/kafka/topics.ts';
import { openGlueRegistry } from '../adapters/registry/glue.ts';
import { deleteGlueSchema } from '../adapters/registry/glue-delete.ts';
import { checkSchemas } from '../compatibility/check.ts';
import { asSluiceError, SluiceError } from '../errors.ts';
import type { RegisteredVersion, Registry } from '../ports/registry.ts';
import { type Patience, patiently } from '../runtime/patiently.ts';
import { type ContractProperties, contractProperties } from './contract-properties.ts';
import { type Environment, kafkaEnvironment } from './environment.ts';
import { openKafka } from './kafka.ts';
import { described, log as functionLog, type Log } from './log.ts';
import { once } from './once.ts';

/** Milliseconds that a cluster and a registry get that do not answer yet: they may have been made a moment ago. */
const PATIENCE_MS = { most: 90_000, pause: 3_000 };
/** Findings that a reason names at most: CloudFormation shows little more. */
const MAX_FINDINGS = 5;

export interface ProvisionOptions {
  readonly log?: Log;
  /** Milliseconds that it tries for, and between two tries. */
  readonly patience?: { readonly most: number; readonly pause: number };
}

export interface ProvisionParts {
  readonly kafka: KafkaClient;
  registry(name: string): Registry;
  deleteSchema(registryName: string, eventType: string): Promise<void>;
}

/**
 * Brings the topic and the schema versions of an event type about: `onEvent` of the custom resource
 * `Custom::SluiceContract`. Doing it again changes nothing.
 *
 * Topics only ever get more partitions, and versions only follow those that are there. A rollback that takes a version
 * out of the stack leaves it in the registry, where it may have been used. Deleting the resource deletes neither, unless
 * it says so itself.
 */
export function createProvisionHandler(
  open: () => Promise<ProvisionParts>,
  { log = functionLog, patience = PATIENCE_MS }: ProvisionOptions = {},
): (event: CustomResourceEvent) => Promise<CustomResourceAnswer> {
  const opened = once(open);
  return async (event) => {
    const end = Date.now() + patience.most;
    const persistently: Patience = {
      mayTryAgain: ({ retryable, code }) =>
        retryable && code !== 'SLUICE_INTERNAL' && Date.now() + patience.pause <= end,
      pause: () => sleep(patience.pause),
      onFailure: (error) => log(`${described(error)}; again in ${patience.pause} ms`),
    };
    try {
      if (event.RequestType === 'Delete') return await patiently(() => remove(event, opened), persistently);
      const properties = contractProperties(event.ResourceProperties);
      const data = await patiently(async () => provide(properties, await opened()), persistently);
      return { PhysicalResourceId: physicalId(properties), Data: data };
    } catch (thrown) {
      const error = asSluiceError(thrown);
      log(described(error));
      // The message is all that CloudFormation shows.
      throw new Error(described(error), { cause: error });
    }
  };
}

export const handler = createProvisionHandler(() => openProvision(process.env));

async function openProvision(env: Environment): Promise<ProvisionParts> {
  const kafka = await openKafka(kafkaEnvironment(env));
  return {
    kafka,
    registry: (registryName) => openGlueRegistry({ registryName }),
    deleteSchema: (registryName, eventType) => deleteGlueSchema({ registryName }, eventType),
  };
}

/** Another topic or registry is another resource: CloudFormation then deletes the former one. */
function physicalId({ registryName, eventType, topic }: ContractProperties): string {
  return `${registryName}/${eventType}/${topic.name}`;
}

/** Nothing is made of a contract that breaks a rule. */
async function provide(
  { eventType, topic, registryName, definitions }: ContractProperties,
  { kafka, registry: registryOf }: ProvisionParts,
): Promise<Record<'TopicPartitions' | 'LatestVersion', string>> {
  const registry = registryOf(registryName);
  const versions = definitions.map((definition, index) => ({ version: index + 1, definition }));
  const there = await registry.versions(eventType);
  judge(eventType, versions, there);
  const [ensured] = await ensureTopics(kafka, [topic], { mayGrow: true });
  for (const { version, definition } of versions) await registry.publish(eventType, version, definition);
  const latest = Math.max(versions.length, there.at(-1)?.version ?? 0);
  return { TopicPartitions: String(ensured!.partitions), LatestVersion: String(latest) };
}

/** @throws SluiceError SLUICE_SCHEMA_INVALID, naming the rules that are broken. */
function judge(
  eventType: string,
  versions: readonly { readonly version: number; readonly definition: unknown }[],
  there: readonly RegisteredVersion[],
): void {
  // Those that a rollback left behind are not part of this stack.
  const published = there.filter(({ version }) => version <= versions.length);
  const { findings } = checkSchemas([{ eventType, versions }], [{ eventType, versions: published }]);
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const named = errors.slice(0, MAX_FINDINGS).map(({ rule, version, path, message, advice }) => {
    return `${rule}: v${version} ${path}: ${message}; ${advice}`;
  });
  const more = errors.length > MAX_FINDINGS ? `; and ${errors.length - MAX_FINDINGS} more` : '';
  throw new SluiceError('SLUICE_SCHEMA_INVALID', `${eventType}: ${named.join('. ')}${more}`);
}

async function remove(
  { PhysicalResourceId: id = '', ResourceProperties: properties }: CustomResourceEvent,
  opened: () => Promise<ProvisionParts>,
): Promise<CustomResourceAnswer> {
  // What was never brought about, since its properties were wrong, can be taken away all the same.
  if (properties.RemovalPolicy === 'delete') {
    const { topic, registryName, eventType } = contractProperties(properties);
    const { kafka, deleteSchema } = await opened();
    await deleteTopic(kafka, topic.name);
    await deleteSchema(registryName, eventType);
  }
  return { PhysicalResourceId: id };
}
