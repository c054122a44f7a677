import type { Command } from 'commander';
import { ASSUMPTIONS, type AssumptionId } from '../cost/assumptions.ts';
import { type Capacity, capacityOf, type Partitioning, partitioningFor, type QuotaState } from '../cost/capacity.ts';
import { newCommand } from './options.ts';
import { paint, print, printJson, renderTable } from './terminal.ts';
import { loadDocument, loadsOf, positive, type WorkloadOptions, withWorkloadOptions } from './workload-options.ts';

interface CapacityOptions extends WorkloadOptions {
  readonly clusters?: number;
}

/** `sluice capacity`: which quota of AWS a load meets first. Exits with 1 where the load does not go. */
export function capacityCommand(): Command {
  const command = newCommand('capacity', 'which quota of AWS a load meets first, at which rate, and what to raise', [
    'sluice capacity',
    'sluice capacity --rate 5000 --event-size 2000',
    'sluice capacity --type aviation.flight=9000 --route batch',
    'sluice capacity --types 20 --rate 1000000 --route batch --json',
  ]);
  return withWorkloadOptions(command)
    .option('--clusters <n>', 'Kafka clusters that share the load evenly (default: 1)', positive)
    .action(capacity);
}

async function capacity(options: CapacityOptions): Promise<void> {
  const { loads, assumed } = await loadsOf(options);
  const { route, clusters = 1 } = options;
  const state = capacityOf(loads, { route, assumed, clusters });
  const plan = partitioningFor(loads, { route, assumed });
  if (options.json) {
    printJson({
      rate: state.rate,
      route,
      types: loads.map(loadDocument),
      clusters,
      first: state.first === undefined ? null : quotaDocument(state.first),
      quotas: state.quotas.map(quotaDocument),
      partitioning: planDocument(plan),
      assumptions: Object.keys(ASSUMPTIONS).map((name) => ({ name, value: assumed[name as AssumptionId] })),
    });
  } else for (const block of textOf(state, plan, options)) print(block);
  process.exitCode = state.quotas.some(({ utilisation }) => utilisation > 1) ? 1 : 0;
}

function planDocument(plan: Partitioning): object {
  return {
    partitions_per_type: plan.partitionsPerType,
    partitions: plan.partitions,
    clusters: plan.clusters,
    streams_per_type: plan.streamsPerType,
    streams: plan.streams,
    executions: plan.executions,
    requests_per_s: plan.requests,
    default_throttles: plan.doors,
    key_events_per_s: plan.keyRate,
    key_share: plan.keyShare,
  };
}

function quotaDocument({ id, quota, used, utilisation, eventType, saturatesAt, raiseTo }: QuotaState): object {
  return {
    id,
    ...quota,
    used,
    utilisation,
    event_type: eventType,
    saturates_at_events_per_s: saturatesAt,
    raise_to: raiseTo,
  };
}

function textOf(state: Capacity, plan: Partitioning, { route, eventSize }: CapacityOptions): string[] {
  const { first, quotas, rate } = state;
  const title = (text: string): string => paint('bold', `\n${text}`, process.stdout);
  const blocks = [`${amount(rate)} events/s of ${amount(eventSize)} bytes, ${route} route`];
  if (first !== undefined) {
    const { quota, saturatesAt, eventType } = first;
    const whose = eventType === null ? '' : ` (${eventType})`;
    blocks.push(
      `First at its limit: ${quota.stage}${whose}, ${quota.name}: ${amount(quota.value)} ${quota.unit}, ` +
        `at ${amount(saturatesAt!)} events/s. The way out: ${quota.way}.`,
    );
  }
  blocks.push(
    title('Quotas'),
    renderTable(
      ['stage', 'quota', 'used', 'of', 'unit', 'used %', 'full at events/s', 'can be raised'],
      quotas.map(({ quota, used, utilisation, saturatesAt }) => [
        quota.stage,
        quota.name,
        short(used),
        short(quota.value),
        quota.unit,
        percent(utilisation).replace(' %', ''),
        saturatesAt === null ? '' : short(saturatesAt),
        ADJUSTABLE[quota.adjustable] ?? quota.adjustable,
      ]),
    ),
  );
  const tight = quotas.filter(({ utilisation }) => utilisation > 0.8);
  blocks.push(title('What to do'));
  if (tight.length === 0) blocks.push('Nothing: no quota is used by more than four fifths.');
  for (const { quota, utilisation, raiseTo, eventType } of tight) {
    const to = raiseTo === null ? '' : `to ${amount(raiseTo)} ${quota.unit}: `;
    const whose = eventType === null ? '' : ` (${eventType})`;
    blocks.push(`- ${quota.stage}${whose}, ${quota.name} is used by ${percent(utilisation)}: ${to}${quota.way}`);
  }
  blocks.push(
    title('How this load is divided'),
    `- ${plural(plan.partitionsPerType, 'partition')} for the busiest event type, ${amount(plan.partitions)} in all`,
    `- ${plural(plan.clusters, 'MSK Serverless cluster')}`,
    `- ${plural(plan.streamsPerType, 'Firehose stream')} for the busiest event type, ${amount(plan.streams)} in all, ` +
      'at the default quota; or one each, with the quota raised as much',
    `- ${plural(plan.executions, 'execution')} of functions at a time`,
    `- ${amount(plan.requests)} requests/s: ${amount(plan.doors)} times the default throttle of API Gateway`,
    `- Skew: all events of one key go into one partition, however many there are. No key may have more than ` +
      `${amount(plan.keyRate)} events/s, ${percent(plan.keyShare)} of the busiest event type`,
  );
  return blocks;
}

const ADJUSTABLE: Readonly<Record<string, string>> = { request: 'yes, ask', no: 'no', design: 'by the schema' };

function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });
}

function plural(count: number, noun: string): string {
  return `${amount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`;
}

/** Without separators, so that a table sees a number. */
function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
