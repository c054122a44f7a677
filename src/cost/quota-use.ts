import { type Assumed, MB } from './assumptions.ts';
import { BROKERS, type Flow } from './flow.ts';
import { QUOTAS, type QuotaId } from './quota-list.ts';

/** What one quota of a pipeline is used by. */
export interface QuotaUse {
  /** In the quota's unit, of the one that is used most. */
  readonly used: number;
  /** Which event type that is; null where all of them share it. */
  readonly eventType: string | null;
}

type Measure = (flows: readonly Flow[], clusters: number, assumed: Assumed) => QuotaUse;

const VERSIONS_OF_A_TYPE = 10;
/** Seconds of a query, and of the hour that a day's queries come in. */
const QUERY_SECONDS = 30;
const BUSY_SECONDS = 3600;
/** Requests of a second that come at once, as a share. */
const BURST_SHARE = 0.1;
/** base64 */
const ENCODED = 4 / 3;
/** Resources of the parent stack that are not event types. */
const SHARED_RESOURCES = 100;

/** How much of each quota is used. What an event type has of its own is measured where it is used most. */
const MEASURES: Readonly<Record<QuotaId, Measure>> = {
  'apiGateway.requests': sum(({ requests }) => requests),
  'apiGateway.burst': sum(({ requests }) => requests * BURST_SHARE),
  'apiGateway.payload': most(({ load, requests }) =>
    requests === 0 ? 0 : (load.rate / requests) * (load.eventBytes / MB),
  ),
  'apiGateway.resources': (flows) => shared(1 + 2 * flows.length),
  'lambda.concurrency': sum(
    ({ accept, produce, consume, transform }) =>
      accept.concurrency + produce.concurrency + consume.concurrency + transform.concurrency,
  ),
  'lambda.acceptPayload': most(({ load, accept }) =>
    accept.invocations === 0 ? 0 : (load.rate / accept.invocations) * (load.eventBytes / MB),
  ),
  // What a batch holds is in flight while it is worked on, and what the pollers have gathered for the next ones.
  'sqs.inFlight': mostBy(
    ({ load, produce }, assumed) =>
      load.rate * produce.seconds + Math.min(load.rate, assumed.sqsPollers * produce.batch),
  ),
  'sqs.message': mostBy(({ load }, assumed) => (load.eventBytes + assumed.messageFixedBytes) / MB),
  'sqs.concurrency': most(({ produce }) => produce.concurrency),
  'msk.in': perCluster(({ kafkaBytesIn }) => kafkaBytesIn / MB),
  'msk.out': perCluster(({ kafkaBytesOut }) => kafkaBytesOut / MB),
  'msk.partitions': perCluster(({ load }) => load.partitions),
  // Lambda's pollers ask once for each batch that they hand over.
  'msk.requests': perCluster(({ kafkaRequests, consume }) => kafkaRequests + consume.invocations),
  'msk.connections': perCluster(({ produce, load }) =>
    load.rate === 0 ? 0 : Math.max(1, produce.concurrency) * BROKERS + load.partitions,
  ),
  'msk.partitionIn': most(({ kafkaBytesIn, load }) => kafkaBytesIn / load.partitions / MB),
  'msk.partitionOut': most(({ kafkaBytesOut, load }) => kafkaBytesOut / load.partitions / MB),
  'consume.partitions': most(({ consume, load }) => consume.concurrency / load.partitions),
  'firehose.bytes': most(({ firehoseBytes }) => firehoseBytes / MB),
  'firehose.records': most(({ firehoseRecords }) => firehoseRecords),
  'firehose.requests': most(({ firehosePuts }) => firehosePuts),
  'firehose.streams': (flows) => shared(flows.length),
  'firehose.transform': most(({ transform, firehoseBytes, load }) =>
    load.rate === 0 ? 0 : (transform.batch * (firehoseBytes / load.rate) * ENCODED) / MB,
  ),
  's3.puts': most(({ objects }) => objects),
  'glue.versions': (flows) => shared(flows.length * VERSIONS_OF_A_TYPE),
  'athena.queries': (flows, _, { queriesPerDay }) =>
    shared((flows.length * queriesPerDay * QUERY_SECONDS) / BUSY_SECONDS),
  'cloudwatch.alarms': (flows, _, { alarmsPerType, sharedAlarms }) =>
    shared(flows.length * alarmsPerType + sharedAlarms),
  'cloudwatch.logs': (flows, _, { logBytesPerRequest, logBytesPerInvocation }) => {
    const bytes = ({ requests, accept, produce, consume, transform }: Flow): number =>
      requests * logBytesPerRequest +
      (accept.invocations + produce.invocations + consume.invocations + transform.invocations) * logBytesPerInvocation;
    return shared(flows.reduce((total, flow) => total + bytes(flow), 0) / MB);
  },
  'cloudformation.resources': (flows) => shared(flows.length + SHARED_RESOURCES),
};

/** How much of a quota is used by flows that share `clusters` Kafka clusters evenly. */
export function useOf(id: QuotaId, flows: readonly Flow[], clusters: number, assumed: Assumed): QuotaUse {
  return MEASURES[id](flows, clusters, assumed);
}

/** MSK Serverless clusters that flows need at least. */
export function clustersFor(flows: readonly Flow[]): number {
  const total = (of: (flow: Flow) => number): number => flows.reduce((all, flow) => all + of(flow), 0);
  return Math.max(
    1,
    Math.ceil(total(({ kafkaBytesIn }) => kafkaBytesIn) / MB / QUOTAS['msk.in'].value),
    Math.ceil(total(({ kafkaBytesOut }) => kafkaBytesOut) / MB / QUOTAS['msk.out'].value),
    Math.ceil(total(({ load }) => load.partitions) / QUOTAS['msk.partitions'].value),
  );
}

function shared(used: number): QuotaUse {
  return { used, eventType: null };
}

function sum(of: (flow: Flow) => number): Measure {
  return (flows) => shared(flows.reduce((total, flow) => total + of(flow), 0));
}

function perCluster(of: (flow: Flow) => number): Measure {
  return (flows, clusters) => shared(flows.reduce((total, flow) => total + of(flow), 0) / clusters);
}

function most(of: (flow: Flow) => number): Measure {
  return mostBy((flow) => of(flow));
}

function mostBy(of: (flow: Flow, assumed: Assumed) => number): Measure {
  return (flows, _, assumed) =>
    flows.reduce<QuotaUse>(
      (worst, flow) => {
        const used = of(flow, assumed);
        return worst.eventType === null || used > worst.used ? { used, eventType: flow.load.eventType } : worst;
      },
      { used: 0, eventType: null },
    );
}
