import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Assumed, assume } from '../cost/assumptions.ts';
import type { Route, TypeLoad } from '../cost/flow.ts';
import { DEFAULT_PRICES, type PriceList, parsePriceList } from '../cost/price-list.ts';
import { SluiceError } from '../errors.ts';
import type { CommonOptions } from './options.ts';
import { readSome } from './schema/read-histories.ts';

/** What `cost` and `capacity` are asked about. */
export interface WorkloadOptions extends CommonOptions {
  readonly rate?: number;
  readonly eventSize: number;
  readonly type: readonly string[];
  readonly types?: number;
  readonly route: Route;
  readonly assume: readonly string[];
}

const DEFAULT_RATE = 100;

/** Adds the options that describe a load. */
export function withWorkloadOptions(command: Command): Command {
  return command
    .option(
      '--rate <events/s>',
      `events a second of all types together, which share it evenly (default: ${DEFAULT_RATE})`,
      positive,
    )
    .addOption(
      new Option('--event-size <bytes>', "bytes of one event's JSON").argParser(positive).default(1000, '1000'),
    )
    .option('--type <name[=rate]>', 'only this event type of the schemas, and its own rate; may be repeated', also, [])
    .option('--types <n>', 'this many event types that are alike, instead of those of the schemas', whole)
    .addOption(new Option('--route <route>', 'how events come in').choices(['single', 'batch']).default('single'))
    .option('--assume <name=number>', 'another value of an assumption, as they are printed; may be repeated', also, []);
}

/**
 * The load of every event type that the options name.
 *
 * @throws SluiceError SLUICE_USAGE, SLUICE_EVENT_TYPE_UNKNOWN, SLUICE_SCHEMA_INVALID.
 */
export async function loadsOf(options: WorkloadOptions): Promise<{ loads: readonly TypeLoad[]; assumed: Assumed }> {
  const assumed = assume(options.assume);
  const named = options.type.map(parseType);
  if (options.types !== undefined) {
    if (named.length > 0) throw usage('--types and --type exclude one another: leave out one of them');
    const count = options.types;
    const rate = (options.rate ?? DEFAULT_RATE) / count;
    const digits = String(count).length;
    const loads = Array.from({ length: count }, (_, index): TypeLoad => {
      const eventType = count === 1 ? 'event' : `event.${String(index + 1).padStart(digits, '0')}`;
      return { eventType, rate, eventBytes: options.eventSize, partitions: assumed.partitions };
    });
    return { loads, assumed };
  }
  const twice = named.find(({ name }, index) => named.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw usage(`--type ${twice.name} is given twice: give each event type once`);
  const histories =
    named.length === 0
      ? await readSome(options.schemas)
      : await Promise.all(named.map(async ({ name }) => (await readSome(options.schemas, name))[0]!));
  const spoken = named.reduce((sum, { rate }) => sum + (rate ?? 0), 0);
  const silent = histories.length - named.filter(({ rate }) => rate !== undefined).length;
  const left = (options.rate ?? (silent === 0 ? spoken : DEFAULT_RATE + spoken)) - spoken;
  if (left < 0 || (silent === 0 && left > 0)) {
    throw usage(`--rate ${options.rate} is not what the rates of --type add up to, ${spoken}: leave out --rate`);
  }
  if (silent > 0 && left === 0) throw usage('--rate leaves nothing to the event types that have no rate: raise it');
  const loads = histories.map(({ eventType, newest }, index): TypeLoad => {
    const rate = named[index]?.rate ?? left / silent;
    return { eventType, rate, eventBytes: options.eventSize, partitions: newest.settings.partitions };
  });
  return { loads, assumed };
}

/** A load as a document has it. */
export function loadDocument({ eventType, rate, eventBytes, partitions }: TypeLoad): object {
  return { event_type: eventType, rate, event_bytes: eventBytes, partitions };
}

/** The price file that is given, or AWS's public prices. @throws SluiceError SLUICE_USAGE. */
export async function readPrices(file: string | undefined): Promise<PriceList> {
  if (file === undefined) return DEFAULT_PRICES;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw usage(
      `--prices: ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}); give a file like prices.json`,
    );
  }
  return parsePriceList(text, file);
}

function parseType(text: string): { readonly name: string; readonly rate: number | undefined } {
  const [name, rate] = text.split('=', 2) as [string, string | undefined];
  if (rate === undefined) return { name, rate: undefined };
  const number = Number(rate);
  if (rate.trim() === '' || !(number > 0 && Number.isFinite(number))) {
    throw usage(`--type "${text}": the rate must be a number above 0, such as ${name}=50`);
  }
  return { name, rate: number };
}

/** A number above 0, for an option. */
export function positive(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && number <= 1e12) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** Most event types that a pipeline could have: each is a nested stack of one parent. */
const MOST_TYPES = 500;

function whole(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MOST_TYPES) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_TYPES}.`);
}

function also(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function usage(message: string): SluiceError {
  return new SluiceError('SLUICE_USAGE', message);
}
