import { PARTITION_BY, type PartitionBy } from '../src/derive/partition.ts';
import { SluiceError } from '../src/errors.ts';

const NAME = 'partition-by';

/** What an app's context says of partitions. */
export interface PartitionContext {
  /** Of the event types that it does not name. */
  readonly all: PartitionBy | undefined;
  readonly byType: ReadonlyMap<string, PartitionBy>;
}

/**
 * Reads `partition-by` and `partition-by:<event type>` from an app's context.
 *
 * @throws SluiceError SLUICE_USAGE for another value, and for an event type that there is none of: it would be partitioned
 *   otherwise than somebody believes.
 */
export function partitionContext(
  context: Readonly<Record<string, unknown>>,
  eventTypes: readonly string[],
): PartitionContext {
  const byType = new Map<string, PartitionBy>();
  for (const name of Object.keys(context)) {
    if (!name.startsWith(`${NAME}:`)) continue;
    const eventType = name.slice(NAME.length + 1);
    if (!eventTypes.includes(eventType)) {
      throw new SluiceError(
        'SLUICE_USAGE',
        `the context ${name} names no event type; there are ${eventTypes.join(', ') || 'none'}`,
      );
    }
    byType.set(eventType, partitionByOf(name, context[name]));
  }
  return { all: context[NAME] === undefined ? undefined : partitionByOf(NAME, context[NAME]), byType };
}

function partitionByOf(name: string, value: unknown): PartitionBy {
  const known = PARTITION_BY.find((one) => one === value);
  if (known !== undefined) return known;
  throw new SluiceError('SLUICE_USAGE', `the context ${name} must be ${PARTITION_BY.join(' or ')}`);
}
