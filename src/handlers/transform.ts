import { createMetrics, type Metrics } from '../adapters/aws/metrics.ts';
import type { Codec } from '../codec/codec.ts';
import type { PartitionBy } from '../derive/partition.ts';
import type { Clock } from '../ports/clock.ts';
import type { FailedEvents } from '../ports/failed-events.ts';
import type { TransformationEvent, TransformationOutput } from '../ports/transformation.ts';
import { rejectedRows } from '../stages/rejected-rows.ts';
import { createTransformation } from '../stages/transform.ts';
import { countedFailedEvents } from './counted.ts';
import { bucketName, type Environment, partitioning, typeEnvironment } from './environment.ts';
import { openEventType } from './event-type.ts';
import { failedEventsIn } from './failed-events.ts';
import { once } from './once.ts';

export interface TransformParts {
  readonly eventType: string;
  /** The codec as it is now. */
  codec(): Codec;
  /** Asks the registry for a version. */
  learn(version: `v${number}`): Promise<void>;
  readonly failedEvents: FailedEvents;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** By arrival where nobody says otherwise. */
  readonly partitionBy?: PartitionBy;
  /** Called before each event is handled. */
  begin(): Promise<void>;
}

/** Makes CSV of a Firehose stream's rows. Rows that are none are kept as failed events before Firehose is answered. */
export function createTransformHandler(
  open: () => Promise<TransformParts>,
): (event: TransformationEvent) => Promise<{ readonly records: readonly TransformationOutput[] }> {
  const opened = once(open);
  return async (event) => {
    const { eventType, codec, learn, failedEvents, clock, metrics, partitionBy, begin } = await opened();
    await begin();
    // Whoever wrote the rows may be ahead of this function, and a column that is not known here would be left out.
    const latest = latestVersion(event);
    if (latest > codec().history.newest.version) await learn(`v${latest}`);
    const result = createTransformation(codec(), partitionBy)(event);
    const rejected = rejectedRows(event, result, eventType, clock.now());
    if (rejected.length > 0) await failedEvents.put(rejected);
    metrics.flush();
    return { records: result.records };
  };
}

export const handler = createTransformHandler(() => openTransform(process.env));

async function openTransform(env: Environment): Promise<TransformParts> {
  const environment = typeEnvironment(env);
  const bucket = bucketName(env);
  const partitionBy = partitioning(env);
  const type = await openEventType(environment, { piiKey: 'none', env });
  const clock = { now: Date.now };
  const metrics = createMetrics({ ...environment, clock });
  return {
    eventType: type.eventType,
    codec: () => type.codecOf(type.eventType)!,
    learn: (version) => type.learn(type.eventType, version),
    failedEvents: countedFailedEvents(failedEventsIn(bucket), metrics),
    clock,
    metrics,
    partitionBy,
    begin: type.refresh,
  };
}

/** Within a text of JSON, the quotes around the name would be escaped. */
const SCHEMA_VERSION = /"_schema_version":(\d{1,9})[,}]/g;

/** The highest version that a row says it was written with; 0 where none says one. */
function latestVersion({ records }: TransformationEvent): number {
  let latest = 0;
  for (const { data } of records) {
    const text = Buffer.from(data, 'base64').toString('latin1');
    for (const [, version] of text.matchAll(SCHEMA_VERSION)) latest = Math.max(latest, Number(version));
  }
  return latest;
}
