import { SluiceError } from '../errors.ts';
import DEFAULTS from './prices.json' with { type: 'json' };

/** What is paid for, by name. Whoever gives a price file of their own names the same ones. */
export type PriceId = keyof (typeof DEFAULTS)['prices'];

/** The price of one thing: what a unit costs, which may get less with their number. */
export interface Price {
  /** What is counted, for people to read. */
  readonly unit: string;
  /** How many units a tier's price is for: 1,000,000 where AWS says "per million". */
  readonly per: number;
  /** In order. `upTo`: units a month, counted from the first; null in the last. */
  readonly tiers: readonly { readonly upTo: number | null; readonly price: number }[];
  /** Where it is from. */
  readonly source: string;
  /** When somebody last looked, `yyyy-MM-dd`. */
  readonly checked: string;
  /** `seen`: in AWS's own text or a dated copy of it; `general`: common knowledge, to be looked up before it decides. */
  readonly confidence: string;
  readonly note?: string;
}

export interface PriceList {
  readonly region: string;
  readonly currency: string;
  readonly prices: Readonly<Record<PriceId, Price>>;
}

/** AWS's public prices in us-east-1. */
export const DEFAULT_PRICES: PriceList = DEFAULTS;

/**
 * Reads a price file: the same shape as `prices.json`, with as many of its prices as one wants to have otherwise.
 *
 * @param place where the text is from, for messages.
 * @throws SluiceError SLUICE_USAGE, naming the price and what is wrong with it.
 */
export function parsePriceList(text: string, place: string): PriceList {
  const refuse = (what: string): never => {
    throw new SluiceError('SLUICE_USAGE', `--prices: ${place}: ${what}`);
  };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    return refuse(`it is no JSON (${(cause as Error).message})`);
  }
  const { region, currency, prices } = asObject(document) ?? refuse('it must be an object, as prices.json is');
  const own = asObject(prices ?? {}) ?? refuse('"prices" must be an object of prices by name');
  const merged: Record<string, Price> = { ...DEFAULT_PRICES.prices };
  for (const [name, price] of Object.entries(own)) {
    if (!(name in merged)) refuse(`"${name}" is no price; there are ${Object.keys(merged).join(', ')}`);
    merged[name] = checkedPrice({ ...merged[name]!, ...asObject(price) }, (what) => refuse(`"${name}": ${what}`));
  }
  return {
    region: typeof region === 'string' ? region : DEFAULT_PRICES.region,
    currency: typeof currency === 'string' ? currency : DEFAULT_PRICES.currency,
    prices: merged as Record<PriceId, Price>,
  };
}

function checkedPrice(price: Price, refuse: (what: string) => never): Price {
  if (!isAmount(price.per) || price.per === 0) refuse('"per" must be a number above 0');
  if (!Array.isArray(price.tiers) || price.tiers.length === 0) {
    refuse('"tiers" must be a list such as [{ "upTo": null, "price": 0.5 }]');
  }
  let floor = 0;
  for (const [index, tier] of price.tiers.entries()) {
    const { upTo, price: amount } = tier ?? {};
    if (!isAmount(amount)) refuse('the "price" of a tier must be a number of at least 0');
    const isLast = index === price.tiers.length - 1;
    if (isLast !== (upTo === null)) refuse('"upTo" must be null in the last tier, and in no other');
    if (upTo !== null && (!isAmount(upTo) || upTo <= floor)) refuse('"upTo" must rise from tier to tier');
    floor = upTo ?? floor;
  }
  return price;
}

/**
 * What a month's quantity costs: each tier's units at that tier's price.
 *
 * @param quantity units a month; parts of a unit cost their part.
 */
export function costOf({ per, tiers }: Pick<Price, 'per' | 'tiers'>, quantity: number): number {
  let cost = 0;
  let floor = 0;
  for (const { upTo, price } of tiers) {
    const ceiling = upTo ?? Number.POSITIVE_INFINITY;
    if (quantity <= floor) break;
    cost += ((Math.min(quantity, ceiling) - floor) / per) * price;
    floor = ceiling;
  }
  return cost;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
