import { Command, Option } from 'commander';
import { SluiceError } from '../errors.ts';
import { type DataFolder, dataFolder, readRunning } from '../local/data-folder.ts';

/** What every command takes. */
export interface CommonOptions {
  readonly schemas: string;
  readonly data: string;
  readonly json?: true;
}

/** A command with the options that all of them share. `examples` are shown below its help. */
export function newCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--schemas <dir>', 'folder of schemas: <event type>/v<N>.avsc').default('schemas'))
    .addOption(new Option('--data <dir>', 'folder of everything the pipeline keeps').default('.sluice'))
    .option('--json', 'print one JSON document instead of text')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}

/**
 * Where events are sent: the given address, or that of the pipeline that runs on the data folder.
 *
 * @throws SluiceError SLUICE_NOT_RUNNING
 */
export async function targetUrl(url: string | undefined, data: string): Promise<string> {
  if (url !== undefined) return url.replace(/\/+$/, '');
  const running = await readRunning(dataFolder(data));
  if (running !== undefined) return running.url;
  throw new SluiceError('SLUICE_NOT_RUNNING', `nothing runs on ${data}; start it with "sluice up", or give --url`);
}

/** Kafka addresses from the environment, where it names any. */
export function brokersFromEnvironment(): string[] | undefined {
  const brokers = (process.env.SLUICE_KAFKA_BROKERS ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return brokers.length === 0 ? undefined : brokers;
}

/** Kafka addresses of the pipeline on a data folder: the environment's, or those of the one that runs. */
export async function knownBrokers(folder: DataFolder): Promise<string[] | undefined> {
  return brokersFromEnvironment() ?? (await readRunning(folder))?.brokers.split(',');
}

/** Reads an option that may be repeated: one value more. */
export function also(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
