import { type Assumed, assume } from './assumptions.ts';
import { type Flow, flowOf, type Route, type TypeLoad } from './flow.ts';
import { costOf, DEFAULT_PRICES, type PriceId, type PriceList } from './price-list.ts';
import { clustersFor } from './quota-use.ts';
import { SECONDS, STAGES, type Stage, sharedUsage, type Usage, usageOf } from './usage.ts';

/** What a pipeline has to carry, and what it is paid by. */
export interface Workload {
  readonly types: readonly TypeLoad[];
  readonly route: Route;
  readonly daysKept: number;
  readonly assumed: Assumed;
  readonly prices: PriceList;
}

/** One line: what is used, and what it costs a month in the price list's currency. */
export interface BillLine extends Usage {
  readonly cost: number;
}

/** A sum of lines, by month. */
export interface BillSum {
  /** What is paid for without any event, too. */
  readonly idle: number;
  readonly total: number;
  /** What a million events cost beside that; null where there are none. */
  readonly perMillion: number | null;
}

export interface Bill {
  readonly flows: readonly Flow[];
  readonly eventsPerMonth: number;
  readonly clusters: number;
  readonly lines: readonly BillLine[];
  readonly total: BillSum;
  /** Every stage that costs anything. */
  readonly stages: readonly (BillSum & { readonly stage: Stage })[];
  /** Every event type, and what all of them share under null. */
  readonly types: readonly (BillSum & { readonly eventType: string | null })[];
}

/** A workload with what is assumed where nothing is said. */
export function workload(types: readonly TypeLoad[], own: Partial<Omit<Workload, 'types'>> = {}): Workload {
  return { types, route: 'single', daysKept: 365, assumed: assume(), prices: DEFAULT_PRICES, ...own };
}

/**
 * What a workload costs in a month of 730 hours, line by line. Where prices get less with the quantity, the whole
 * account's quantity counts, and each line bears its share.
 */
export function billFor({ types, route, daysKept, assumed, prices }: Workload): Bill {
  const flows = types.map((load) => flowOf(load, route, assumed));
  const clusters = clustersFor(flows);
  const usages = [
    ...flows.flatMap((flow) => usageOf(flow, daysKept, assumed)),
    ...sharedUsage(clusters, assumed),
  ].filter(({ quantity }) => quantity > 0);
  const lines = priced(usages, prices);
  const eventsPerMonth = types.reduce((sum, { rate }) => sum + rate, 0) * SECONDS;
  const eventsOf = new Map<string | null, number>(types.map(({ eventType, rate }) => [eventType, rate * SECONDS]));
  const sum = (some: readonly BillLine[], events: number): BillSum => {
    const idle = some.reduce((total, line) => total + (line.idle ? line.cost : 0), 0);
    const total = some.reduce((total, { cost }) => total + cost, 0);
    return { idle, total, perMillion: events === 0 ? null : ((total - idle) / events) * 1e6 };
  };
  return {
    flows,
    eventsPerMonth,
    clusters,
    lines,
    total: sum(lines, eventsPerMonth),
    stages: STAGES.map((stage) => {
      const some = lines.filter((line) => line.stage === stage);
      return { stage, lines: some.length, ...sum(some, eventsPerMonth) };
    })
      .filter((stage) => stage.lines > 0)
      .map(({ lines: _, ...stage }) => stage),
    types: [...eventsOf.keys(), null].map((eventType) => {
      const some = lines.filter((line) => line.eventType === eventType);
      return { eventType, ...sum(some, eventsOf.get(eventType) ?? 0) };
    }),
  };
}

/** Prices usages: each thing's quantity together, then a share for each line. */
export function priced(usages: readonly Usage[], { prices }: PriceList): BillLine[] {
  const quantities = new Map<PriceId, number>();
  for (const { price, quantity } of usages) quantities.set(price, (quantities.get(price) ?? 0) + quantity);
  const each = new Map([...quantities].map(([price, quantity]) => [price, costOf(prices[price], quantity) / quantity]));
  return usages.map((usage) => ({ ...usage, cost: usage.quantity * each.get(usage.price)! }));
}
