import { GB, KB, MB } from './assumptions.ts';
import { type Bill, billFor, priced, type Workload } from './bill.ts';
import type { Flow } from './flow.ts';
import type { PriceId, PriceList } from './price-list.ts';
import { HOURS, retainedGb, SECONDS } from './usage.ts';

/** Another way to do one part, beside the one that the bill is for. */
export interface Alternative {
  readonly what: string;
  /** Of that part alone, a month. */
  readonly cost: number;
  /** What it takes, or why not. */
  readonly note: string;
}

/** Alternatives for one part; the first is what the bill has. */
export interface Choice {
  readonly part: string;
  readonly ways: readonly Alternative[];
}

/** A kind of broker that one runs by the hour. */
interface Broker {
  readonly name: string;
  /** MB a second that producers may write to one, with what it does for its replicas. */
  readonly mbIn: number;
  /** Partitions that one may hold, replicas counted. */
  readonly partitions: number;
}

/**
 * Sources: partitions by broker, "Best practices for Standard brokers" in the Amazon MSK Developer Guide. Throughput:
 * m7g.large as that guide recommends for an Express broker of the size (15.6 MB/s); t3.small is burstable and for
 * development, its figure is a guess.
 */
const M7G_LARGE: Broker = { name: 'm7g.large', mbIn: 15.6, partitions: 1_000 };
const T3_SMALL: Broker = { name: 't3.small', mbIn: 2, partitions: 300 };
const REPLICAS = 3;
/** One in each zone. */
const LEAST_BROKERS = 3;
/** Disks are never to be full. */
const STORAGE_ROOM = 1.25;
/** "Quota for MSK Standard brokers": KRaft, adjustable. */
const MOST_BROKERS = 60;
/** Brokers of t3.small that anybody would want. */
const MOST_T3 = 6;

/** What else there is for a workload, with what it costs. */
export function alternativesTo(workload: Workload, bill: Bill): Choice[] {
  return [
    kafka(workload, bill),
    delivery(workload, bill),
    route(workload),
    requests(workload, bill),
    network(workload, bill),
  ];
}

function kafka({ assumed, prices }: Workload, { flows, lines, clusters }: Bill): Choice {
  const bytesIn = total(flows, ({ kafkaBytesIn }) => kafkaBytesIn);
  const partitions = total(flows, ({ load }) => load.partitions);
  const storedGb = total(flows, (flow) => retainedGb(flow, assumed)) * REPLICAS * STORAGE_ROOM;
  const brokersOf = ({ mbIn, partitions: held }: Broker): number =>
    Math.max(LEAST_BROKERS, Math.ceil(bytesIn / MB / mbIn), Math.ceil((partitions * REPLICAS) / held));
  const stored = `${storedGb < 10 ? storedGb.toFixed(1) : Math.round(storedGb).toLocaleString('en-US')} GB of disk`;
  const m7g = brokersOf(M7G_LARGE);
  const t3 = brokersOf(T3_SMALL);
  const replicatedGb = (bytesIn * (REPLICAS - 1) * SECONDS) / GB;
  return {
    part: 'Kafka',
    ways: [
      {
        what: 'MSK Serverless',
        cost: costOfLines(lines.filter(({ stage }) => stage === 'MSK')),
        note: `${clusters} cluster${clusters === 1 ? '' : 's'}, ${partitions} partitions`,
      },
      {
        what: 'MSK provisioned, kafka.m7g.large',
        cost: costOf(prices, { 'mskProvisioned.m7gLargeHours': m7g * HOURS, 'mskProvisioned.gbMonths': storedGb }),
        note: `${m7g} brokers, ${stored}${m7g > MOST_BROKERS ? `; more than the ${MOST_BROKERS} of one cluster` : ''}`,
      },
      {
        what: 'MSK provisioned, kafka.t3.small',
        cost: costOf(prices, { 'mskProvisioned.t3SmallHours': t3 * HOURS, 'mskProvisioned.gbMonths': storedGb }),
        note: `${t3} brokers, ${stored}; ${t3 > MOST_T3 ? 'too much for burstable ones' : 'for development'}`,
      },
      {
        what: 'self-managed on EC2, m7g.large',
        cost: costOf(prices, {
          'ec2.m7gLargeHours': m7g * HOURS,
          'ebs.gp3GbMonths': storedGb,
          // Replication is paid for at both ends; MSK's is free.
          'ec2.zoneGb': replicatedGb * 2,
        }),
        note: `${m7g} instances, ${stored}, replication between zones; nobody's time is in it`,
      },
    ],
  };
}

function delivery({ prices }: Workload, { flows, lines }: Bill): Choice {
  const priceOf = (bytes: number): number => costOf(prices, { 'firehose.gb': (bytes * SECONDS) / GB });
  const records = total(flows, ({ firehoseRecords }) => firehoseRecords);
  const rows = records === 0 ? 0 : total(flows, ({ load }) => load.rate) / records;
  return {
    part: 'Firehose',
    ways: [
      {
        what: 'rows packed into records',
        cost: costOfLines(lines.filter(({ stage }) => stage === 'Firehose')),
        note: `${rows.toFixed(1)} rows a record; a record is billed as a multiple of 5 KB`,
      },
      {
        what: 'every event a record',
        cost: priceOf(total(flows, ({ firehoseUnpackedBytes }) => firehoseUnpackedBytes)),
        note: 'each is rounded up by itself',
      },
      {
        what: 'no rounding at all',
        cost: priceOf(total(flows, ({ firehoseBytes }) => firehoseBytes)),
        note: 'the floor, which no packing can go below',
      },
    ],
  };
}

function route(workload: Workload): Choice {
  const doors = ['API Gateway', 'accept', 'SQS'];
  const way = (chosen: Workload['route'], what: string, note: string): Alternative => {
    const { lines } = billFor({ ...workload, route: chosen });
    return { what, cost: costOfLines(lines.filter(({ stage }) => doors.includes(stage))), note };
  };
  const single = way('single', 'one event a request', 'API Gateway, then SQS');
  const many = `${workload.assumed.eventsPerRequest} events a request`;
  const batch = way('batch', many, 'API Gateway, the function that answers for every item, then SQS in tens');
  return { part: 'the way in', ways: workload.route === 'single' ? [single, batch] : [batch, single] };
}

function requests({ prices }: Workload, { flows, lines }: Bill): Choice {
  const counted = ({ load, requests: made }: Flow): number =>
    made === 0 ? 0 : made * Math.ceil((load.eventBytes * load.rate) / made / (512 * KB)) * SECONDS;
  return {
    part: 'requests',
    ways: [
      {
        what: 'REST API',
        cost: costOfLines(lines.filter(({ price }) => price === 'apiGateway.requests')),
        note: 'checks bodies by the models, and writes to SQS itself',
      },
      {
        what: 'HTTP API',
        cost: costOf(prices, { 'httpApi.requests': total(flows, counted) }),
        note: 'has no models: a function would have to check every body',
      },
    ],
  };
}

function network({ assumed, prices }: Workload, { flows, lines }: Bill): Choice {
  const sentGb = (total(flows, ({ polledBytes }) => polledBytes) * SECONDS) / GB;
  return {
    part: 'private network',
    ways: [
      {
        what: `${assumed.endpoints} endpoints in ${assumed.zones} zones`,
        cost: costOfLines(lines.filter(({ stage }) => stage === 'VPC')),
        note: 'traffic stays in the network of AWS',
      },
      {
        what: `a NAT gateway in each of ${assumed.zones} zones`,
        cost: costOf(prices, { 'nat.hours': assumed.zones * HOURS, 'nat.gb': sentGb }),
        note: 'and the way to the whole internet is open',
      },
    ],
  };
}

function costOf(prices: PriceList, quantities: Partial<Record<PriceId, number>>): number {
  const usages = (Object.entries(quantities) as [PriceId, number][])
    .filter(([, quantity]) => quantity > 0)
    .map(([price, quantity]) => ({ stage: 'other', price, quantity, idle: false, eventType: null }) as const);
  return costOfLines(priced(usages, prices));
}

function costOfLines(lines: readonly { readonly cost: number }[]): number {
  return lines.reduce((sum, { cost }) => sum + cost, 0);
}

function total(flows: readonly Flow[], of: (flow: Flow) => number): number {
  return flows.reduce((sum, flow) => sum + of(flow), 0);
}
