import { type Command, InvalidArgumentError } from 'commander';
import { alternativesTo } from '../cost/alternatives.ts';
import { ASSUMPTIONS, type AssumptionId } from '../cost/assumptions.ts';
import { type Bill, type BillSum, billFor, type Workload } from '../cost/bill.ts';
import { newCommand } from './options.ts';
import { paint, print, printJson, renderTable } from './terminal.ts';
import { loadDocument, loadsOf, readPrices, type WorkloadOptions, withWorkloadOptions } from './workload-options.ts';

interface CostOptions extends WorkloadOptions {
  readonly daysKept: number;
  readonly prices?: string;
}

/** `sluice cost`: what a load costs on AWS in a month, and what else there would be. */
export function costCommand(): Command {
  const command = newCommand('cost', 'what a load costs on AWS in a month, by stage and by event type', [
    'sluice cost',
    'sluice cost --rate 500 --event-size 800',
    'sluice cost --type aviation.flight=200 --type seismic.earthquake=1',
    'sluice cost --types 1 --rate 10000 --route batch --days-kept 30',
    'sluice cost --prices my-prices.json --assume endpoints=3 --json',
  ]);
  return withWorkloadOptions(command)
    .option('--days-kept <days>', 'how long objects are kept; a full store is paid for (default: 365)', days)
    .option('--prices <file>', 'prices of your own: JSON in the shape of src/cost/prices.json, as many as you like')
    .action(cost);
}

async function cost(options: CostOptions): Promise<void> {
  const { loads, assumed } = await loadsOf(options);
  const prices = await readPrices(options.prices);
  const { daysKept = DEFAULT_DAYS, route } = options;
  const workload: Workload = { types: loads, route, daysKept, assumed, prices };
  const bill = billFor(workload);
  if (options.json) printJson(documentOf(workload, bill));
  else for (const block of textOf(workload, bill)) print(block);
}

/** The whole calculation as one document. Money is in the price list's currency, not rounded. */
function documentOf(workload: Workload, bill: Bill): object {
  const { types, route, daysKept, assumed, prices } = workload;
  return {
    region: prices.region,
    currency: prices.currency,
    workload: { types: types.map(loadDocument), route, days_kept: daysKept },
    events_per_month: bill.eventsPerMonth,
    total: sumOf(bill.total),
    stages: bill.stages.map(({ stage, ...sum }) => ({ stage, ...sumOf(sum) })),
    types: bill.types.map(({ eventType, ...sum }) => ({ event_type: eventType, ...sumOf(sum) })),
    lines: bill.lines.map(({ stage, price, quantity, idle, eventType, cost }) => {
      return { stage, price, unit: prices.prices[price].unit, quantity, idle, event_type: eventType, cost };
    }),
    alternatives: alternativesTo(workload, bill),
    assumptions: Object.entries(ASSUMPTIONS).map(([name, { unit, what }]) => {
      return { name, value: assumed[name as AssumptionId], unit, what };
    }),
  };
}

function sumOf({ total, idle, perMillion }: BillSum): object {
  return { per_month: total, idle_per_month: idle, per_million_events: perMillion };
}

function textOf(workload: Workload, bill: Bill): string[] {
  const { types, route, daysKept, assumed, prices } = workload;
  const rate = types.reduce((sum, load) => sum + load.rate, 0);
  const sums = (sum: BillSum): string[] => [
    money(sum.total),
    money(sum.idle),
    sum.perMillion === null ? '' : money(sum.perMillion),
  ];
  const head = [`${prices.currency} a month`, 'of it idle', 'a million events'];
  const title = (text: string): string => paint('bold', `\n${text}`, process.stdout);
  const size = [...new Set(types.map(({ eventBytes }) => eventBytes))].join(', ');
  return [
    `${amount(rate)} events/s of ${size} bytes (${amount(bill.eventsPerMonth / 1e6)} million a month), ` +
      `${route} route, objects kept ${amount(daysKept)} days, ${prices.region}`,
    title('By stage'),
    renderTable(
      ['stage', ...head],
      [...bill.stages.map(({ stage, ...sum }) => [stage, ...sums(sum)]), ['all', ...sums(bill.total)]],
    ),
    title('By event type'),
    renderTable(
      ['event type', ...head],
      bill.types.map(({ eventType, ...sum }) => [eventType ?? 'shared by all', ...sums(sum)]),
    ),
    title('What it would cost otherwise'),
    renderTable(
      ['part', 'way', `${prices.currency} a month`, 'note'],
      alternativesTo(workload, bill).flatMap(({ part, ways }) =>
        ways.map(({ what, cost, note }, index) => [index === 0 ? part : '', what, money(cost), note]),
      ),
    ),
    title('What is assumed (--assume NAME=NUMBER)'),
    renderTable(
      ['name', 'value', 'unit', 'what'],
      Object.entries(ASSUMPTIONS).map(([name, { unit, what }]) => {
        return [name, String(assumed[name as AssumptionId]), unit, what];
      }),
    ),
    `\nPrices: ${notesOn(workload, bill)}`,
    'Not in it: tax, support, free tiers, discounts, failed events, replays, flow logs, and the time of people.',
  ];
}

/** How old the prices are, and which of those that count are not sure. */
function notesOn({ prices }: Workload, { lines }: Bill): string {
  const used = [...new Set(lines.map(({ price }) => price))].map((price) => prices.prices[price]);
  const checked = used.map((price) => price.checked).sort()[0];
  const unsure = used.filter(({ confidence }) => confidence !== 'seen').length;
  const rest = `${unsure} of the ${used.length} that are used are common knowledge: look them up before they decide`;
  return `src/cost/prices.json, or those of --prices; the oldest that is used is of ${checked}; ${rest}.`;
}

function money(value: number): string {
  return value.toFixed(2);
}

function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

const DEFAULT_DAYS = 365;

function days(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 36_500) return number;
  throw new InvalidArgumentError('It must be a number of days from 0 to 36500.');
}
