import { type Command, InvalidArgumentError, Option } from 'commander';
import { FRAMINGS, type Framing } from '../codec/framing.ts';
import { viewName } from '../derive/names.ts';
import type { SluiceError } from '../errors.ts';
import type { Runtime } from '../local/runtime.ts';
import { onInterrupt } from './interrupt.ts';
import { runOnce, samplesFor } from './once.ts';
import { also, brokersFromEnvironment, type CommonOptions, newCommand } from './options.ts';
import { paint, print, reportError, tell, warn } from './terminal.ts';

const DEFAULT_PORT = 8080;

interface UpOptions extends CommonOptions {
  readonly registry?: string;
  readonly framing?: Framing;
  readonly compress?: true;
  readonly port?: number;
  readonly byEventTime: readonly string[];
  readonly once?: true;
}

/** `sluice up`: the whole pipeline on this machine, until Ctrl-C. */
export function upCommand(): Command {
  return newCommand('up', 'bring the pipeline up on this machine: Kafka, the stages, HTTP', [
    'sluice up',
    'sluice up --port 0 --json',
    'sluice up --once                      # send the sample events, show what became of them, and end',
    'sluice up --schemas ./my-schemas --data ./my-data',
    'sluice up --registry http://localhost:8081',
    'sluice up --registry "glue://events?region=eu-central-1" --compress',
    'sluice up --by-event-time seismic.earthquake',
    'SLUICE_KAFKA_BROKERS=localhost:9092 sluice up',
  ])
    .option('--port <n>', `port on the loopback interface, 0 for any free one (default: ${DEFAULT_PORT})`, portNumber)
    .option('--registry <address>', 'have the schemas from a registry: http(s)://..., or glue://<name>?region=..')
    .addOption(
      new Option('--framing <framing>', 'frame records so; by default as the registry does, else "confluent"').choices(
        FRAMINGS,
      ),
    )
    .option('--compress', 'compress records (zlib), in the framing "glue"')
    .option(
      '--by-event-time <type>',
      'an event type whose rows lie by event time, not by arrival; may be repeated',
      also,
      [],
    )
    .option('--once', 'send the sample events, wait until they are delivered, and end; exit 1 where one is missing')
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const interrupted = onInterrupt();
  let runtime: Runtime | undefined;
  try {
    const samples = options.once && (await samplesFor(options));
    // Loaded here: most of what a command takes to start would be this, and the other commands do without.
    const { startRuntime } = await import('../local/runtime.ts');
    runtime = await startRuntime({
      schemasDir: options.schemas,
      registry: options.registry,
      framing: options.framing,
      compression: options.compress ? 'zlib' : 'none',
      dataDir: options.data,
      byEventTime: options.byEventTime,
      port: options.port ?? (options.once ? 0 : DEFAULT_PORT),
      brokers: brokersFromEnvironment(),
      onProgress: options.json ? () => {} : tell,
      log: warn,
      signal: interrupted,
    });
    if (samples === undefined) await serve(runtime, options, interrupted);
    else await Promise.race([runOnce(runtime, samples, options, interrupted), rejected(runtime.crashed)]);
  } catch (error) {
    if (!interrupted.aborted) throw error;
    reportError(interrupted.reason, options.json === true);
    process.exitCode = 130;
  } finally {
    await runtime?.stop();
    // A socket that a client library still holds must not keep the process.
    setTimeout(() => process.exit(), 500).unref();
  }
}

/** Says that it is ready, and waits for the end. */
async function serve(runtime: Runtime, options: UpOptions, interrupted: AbortSignal): Promise<void> {
  const { url, brokers, pid } = runtime;
  if (options.json) print(JSON.stringify({ url, brokers, pid }));
  else for (const line of welcome(runtime, options)) print(line);
  const ended = Promise.withResolvers<undefined>();
  interrupted.addEventListener('abort', () => ended.resolve(undefined));
  if (interrupted.aborted) ended.resolve(undefined);
  const crash = await Promise.race([runtime.crashed, ended.promise]);
  if (crash !== undefined) {
    // Standard output has had its one document.
    reportError(crash, false);
    process.exitCode = 2;
  } else if (!options.json) tell('stopping; what was accepted goes on at the next start');
}

async function rejected(error: Promise<SluiceError>): Promise<never> {
  throw await error;
}

function welcome({ url, brokers, histories }: Runtime, { data, schemas }: UpOptions): string[] {
  const [first] = histories;
  const type = first?.eventType ?? '';
  const flags = `${schemas === 'schemas' ? '' : ` --schemas ${schemas}`}${data === '.sluice' ? '' : ` --data ${data}`}`;
  return [
    '',
    paint('bold', `Sluice is up at ${url}`, process.stdout),
    `  event types   ${histories.map(({ eventType, newest }) => `${eventType} v${newest.version}`).join(', ')}`,
    `  Kafka         ${brokers}`,
    '',
    'Send',
    `  curl -i ${url}/events/${type} -H 'content-type: application/json' -d @event.json`,
    `  npx sluice send ${type} events.ndjson${flags}`,
    'Ask',
    `  npx sluice query "SELECT count(*) FROM ${viewName(type)}"${flags}`,
    `  npx sluice status${flags}`,
    '',
    'Ctrl-C ends it.',
  ];
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
}
