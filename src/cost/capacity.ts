import { type Assumed, MB } from './assumptions.ts';
import { type Flow, flowOf, type Route, type TypeLoad } from './flow.ts';
import { QUOTAS, type Quota, type QuotaId } from './quota-list.ts';
import { clustersFor, useOf } from './quota-use.ts';

/** One quota beside a load. */
export interface QuotaState {
  readonly id: QuotaId;
  readonly quota: Quota;
  readonly used: number;
  /** `used` as a share of the quota; above 1, it does not go. */
  readonly utilisation: number;
  /** The event type that uses it most; null where all of them share it. */
  readonly eventType: string | null;
  /** Events a second of the whole pipeline at which it is used up; null where more events need no more of it. */
  readonly saturatesAt: number | null;
  /** The value to ask for, with room to spare; null where the quota does, or no more can be had. */
  readonly raiseTo: number | null;
}

export interface Capacity {
  /** Events a second. */
  readonly rate: number;
  readonly clusters: number;
  /** Those that are used up first come first. */
  readonly quotas: readonly QuotaState[];
  /** The one that is used up first, of those that more events use more of. */
  readonly first: QuotaState | undefined;
}

export interface CapacityOptions {
  readonly route: Route;
  readonly assumed: Assumed;
  /** Kafka clusters that share the load evenly; one by default. */
  readonly clusters?: number;
}

/** Above this share of a quota, more of it is to be asked for; and that much of it is to be used afterwards. */
const BUSY = 0.8;
const COMFORTABLE = 0.6;
/** How many times the load is looked at, and how close to the point where a quota is used up. */
const MOST = 1e9;
const STEPS = 100;

/**
 * How much of every quota a load uses, and at which rate each is used up when all event types grow alike.
 *
 * @param types at least one, of a rate above 0.
 */
export function capacityOf(types: readonly TypeLoad[], options: CapacityOptions): Capacity {
  const { route, assumed, clusters = 1 } = options;
  const rate = types.reduce((sum, load) => sum + load.rate, 0);
  const grown = (times: number): Flow[] =>
    types.map((load) => flowOf({ ...load, rate: load.rate * times }, route, assumed));
  const flows = grown(1);
  const states = (Object.entries(QUOTAS) as [QuotaId, Quota][]).map(([id, quota]): QuotaState => {
    const share = (some: readonly Flow[]): number => useOf(id, some, clusters, assumed).used / quota.value;
    const { used, eventType } = useOf(id, flows, clusters, assumed);
    const utilisation = used / quota.value;
    const times = usedUpAt((many) => share(grown(many)));
    return {
      id,
      quota,
      used,
      utilisation,
      eventType,
      saturatesAt: times === null ? null : times * rate,
      raiseTo: quota.adjustable === 'request' && utilisation > BUSY ? rounded(used / COMFORTABLE) : null,
    };
  });
  const quotas = states.sort(
    (a, b) =>
      (a.saturatesAt ?? Number.MAX_VALUE) - (b.saturatesAt ?? Number.MAX_VALUE) || b.utilisation - a.utilisation,
  );
  return { rate, clusters, quotas, first: quotas.find(({ saturatesAt }) => saturatesAt !== null) };
}

/**
 * How many times the load may be there until a share is 1. Batches grow with the rate, so that it may rise in steps or
 * more slowly than the load; it is looked for by halving.
 */
function usedUpAt(share: (times: number) => number): number | null {
  if (share(MOST) <= 1) return null;
  let low = -9;
  let high = Math.log10(MOST);
  // What does not grow is not used up by events.
  if (share(10 ** low) === share(10 ** high)) return null;
  if (share(10 ** low) > 1) return null;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (share(10 ** middle) > 1) high = middle;
    else low = middle;
  }
  return 10 ** low;
}

/** Up to the next number that people would write: two digits, then zeros. */
function rounded(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

/** What a rate takes where every quota that can be had is had: how the load has to be divided. */
export interface Partitioning {
  /** Partitions of each event type's topic, and of all together. */
  readonly partitionsPerType: number;
  readonly partitions: number;
  readonly clusters: number;
  /** Firehose streams of each event type at the quota's default, and of all together. */
  readonly streamsPerType: number;
  readonly streams: number;
  /** Executions of all functions at a time. */
  readonly executions: number;
  readonly requests: number;
  /** Accounts or regions with API Gateway's default throttle. */
  readonly doors: number;
  /**
   * The largest share of an event type's events that may have one key: they all go into one partition, whatever the
   * number of partitions.
   */
  readonly keyShare: number;
  /** Events a second that one key may have: what can be written into one partition, and what one execution consumes. */
  readonly keyRate: number;
}

/** Events a second that fill every batch. */
const FLOOD = 1e9;

/** Room that is left in what cannot be raised. */
const ROOM = 0.6;

/** How a load has to be divided, every type of which has the given rate and size. */
export function partitioningFor(types: readonly TypeLoad[], { route, assumed }: CapacityOptions): Partitioning {
  const limit = (id: QuotaId): number => QUOTAS[id].value;
  const needed = (load: TypeLoad): number => {
    const flow = flowOf(load, route, assumed);
    const inMb = useOf('msk.partitionIn', [flow], 1, assumed).used * load.partitions;
    const outMb = useOf('msk.partitionOut', [flow], 1, assumed).used * load.partitions;
    return Math.max(
      1,
      Math.ceil(inMb / (limit('msk.partitionIn') * ROOM)),
      Math.ceil(outMb / (limit('msk.partitionOut') * ROOM)),
      Math.ceil(flow.consume.concurrency / ROOM),
    );
  };
  const divided = types.map((load) => ({ ...load, partitions: Math.max(load.partitions, needed(load)) }));
  const flows = divided.map((load) => flowOf(load, route, assumed));
  const most = (of: (flow: Flow) => number): number => Math.max(...flows.map(of));
  const total = (of: (flow: Flow) => number): number => flows.reduce((sum, flow) => sum + of(flow), 0);
  const streamsOf = (flow: Flow): number =>
    Math.max(
      1,
      ...(['firehose.bytes', 'firehose.records', 'firehose.requests'] as const).map((id) =>
        Math.ceil(useOf(id, [flow], 1, assumed).used / (limit(id) * ROOM)),
      ),
    );
  const busiest = flows.reduce((a, b) => (b.load.rate > a.load.rate ? b : a));
  // A partition's batches are taken one after the other; where more waits than is taken, every batch is full.
  const { batch, seconds } = flowOf({ ...busiest.load, rate: FLOOD }, route, assumed).consume;
  const written = (limit('msk.partitionIn') * MB * busiest.load.rate) / busiest.kafkaBytesIn;
  const keyRate = Math.min(written, batch / seconds);
  const requests = total((flow) => flow.requests);
  return {
    partitionsPerType: most(({ load }) => load.partitions),
    partitions: total(({ load }) => load.partitions),
    clusters: Math.max(
      clustersFor(flows),
      Math.ceil(total(({ kafkaBytesIn }) => kafkaBytesIn) / MB / (limit('msk.in') * ROOM)),
      Math.ceil(useOf('msk.requests', flows, 1, assumed).used / (limit('msk.requests') * ROOM)),
      Math.ceil(useOf('msk.connections', flows, 1, assumed).used / (limit('msk.connections') * ROOM)),
    ),
    streamsPerType: most(streamsOf),
    streams: total(streamsOf),
    executions: Math.ceil(useOf('lambda.concurrency', flows, 1, assumed).used),
    requests,
    doors: Math.max(1, Math.ceil(requests / limit('apiGateway.requests'))),
    keyShare: Math.min(1, keyRate / busiest.load.rate),
    keyRate,
  };
}
