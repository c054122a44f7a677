import { SluiceError } from '../errors.ts';
import { isEventType } from '../schema/history.ts';

/** The properties of the custom resource `Custom::SluiceContract`: what one event type needs beside its stack. */
export interface ContractProperties {
  readonly eventType: string;
  readonly topic: {
    readonly name: string;
    readonly partitions: number;
    readonly config: Readonly<Record<string, string>>;
  };
  /** Glue registry. */
  readonly registryName: string;
  /** Schemas of the versions 1, 2, 3 ... */
  readonly definitions: readonly unknown[];
  /** Whether topic and schemas are deleted with the resource. */
  readonly isDeletedWithStack: boolean;
}

/**
 * Reads them as CloudFormation hands them over, where every number is a text.
 *
 * @throws SluiceError SLUICE_CONFIGURATION, naming the property.
 */
export function contractProperties(properties: Readonly<Record<string, unknown>>): ContractProperties {
  const { EventType, Topic, RegistryName, Versions, RemovalPolicy = 'retain' } = properties;
  if (typeof EventType !== 'string' || !isEventType(EventType)) throw wrong('EventType', 'an event type');
  if (typeof RegistryName !== 'string' || RegistryName === '')
    throw wrong('RegistryName', 'the name of a Glue registry');
  if (RemovalPolicy !== 'retain' && RemovalPolicy !== 'delete') throw wrong('RemovalPolicy', '"retain" or "delete"');
  if (!Array.isArray(Versions) || Versions.length === 0) throw wrong('Versions', 'a list of schemas, oldest first');
  return {
    eventType: EventType,
    topic: topicOf(Topic),
    registryName: RegistryName,
    definitions: Versions.map(definitionOf),
    isDeletedWithStack: RemovalPolicy === 'delete',
  };
}

function topicOf(topic: unknown): ContractProperties['topic'] {
  const { name, partitions, config = {} } = (topic ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name === '') throw wrong('Topic.name', 'the name of a topic');
  const number = Number(partitions);
  if (!Number.isSafeInteger(number) || number < 1) throw wrong('Topic.partitions', 'a number of at least 1');
  if (typeof config !== 'object' || config === null) throw wrong('Topic.config', 'settings by their names');
  const settings = Object.entries(config).map(([key, value]) => [key, String(value)]);
  return { name, partitions: number, config: Object.fromEntries(settings) };
}

function definitionOf(text: unknown, index: number): unknown {
  try {
    return JSON.parse(text as string);
  } catch {
    throw wrong(`Versions[${index}]`, 'the JSON text of an Avro schema');
  }
}

function wrong(property: string, what: string): SluiceError {
  return new SluiceError('SLUICE_CONFIGURATION', `the property ${property} of the custom resource must be ${what}`);
}
