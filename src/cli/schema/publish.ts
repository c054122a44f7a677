import { type Command, Option } from 'commander';
import { publishedAlready } from '../../adapters/registry/publishing.ts';
import { checkSchemas, type Report } from '../../compatibility/check.ts';
import type { SchemaFiles } from '../../compatibility/rule.ts';
import { asSluiceError, type SluiceError } from '../../errors.ts';
import type { Registry } from '../../ports/registry.ts';
import type { SchemaIds } from '../../schema/history.ts';
import { untilInterrupted } from '../interrupt.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { paint, print, printable, printJson, tell, warn } from '../terminal.ts';
import { readSchemas } from './read-schemas.ts';
import { openNamedRegistry, type RegisteredType, readRegistered, registryOption } from './registry-option.ts';
import { FORMATS, type Format, hasErrors, printReport, reportJson, reportOn } from './report.ts';

interface PublishOptions extends CommonOptions {
  readonly to?: string;
  readonly dryRun?: true;
  readonly format: Format;
}

/** What became of one version. */
interface Outcome {
  readonly eventType: string;
  readonly version: number;
  readonly outcome: 'published' | 'present' | 'missing' | 'refused';
  readonly ids: SchemaIds;
  /** Why it was refused. */
  readonly error: SluiceError | undefined;
}

/** `sluice schema publish`: what only the folder has, into a registry. */
export function publishCommand(): Command {
  return newCommand('publish', 'bring versions that only the folder has to a registry, once they pass the check', [
    'sluice schema publish --to http://localhost:8081',
    'sluice schema publish seismic.earthquake --to "glue://events?region=eu-central-1"',
    'sluice schema publish --to http://localhost:8081 --dry-run',
    'SLUICE_REGISTRY=http://localhost:8081 sluice schema publish --json',
  ])
    .argument('[type]', 'event type; all of the folder where none is named')
    .addOption(registryOption('--to'))
    .option('--dry-run', 'check and compare, and publish nothing')
    .addOption(new Option('--format <format>', 'how to print what the check finds').choices(FORMATS).default('text'))
    .action((type: string | undefined, options: PublishOptions) =>
      untilInterrupted(isJson(options), (interrupted) => publish(type, options, interrupted)),
    );
}

async function publish(type: string | undefined, options: PublishOptions, interrupted: AbortSignal): Promise<void> {
  const { registry, address } = await openNamedRegistry(options.to, '--to');
  const current = await readSchemas(options.schemas);
  const chosen = current.filter(({ eventType }) => type === undefined || eventType === type);
  const registered = await readRegistered(
    registry,
    chosen.map(({ eventType }) => eventType),
  );
  const report = reportOn(type, checkSchemas(current, registered), options.schemas);
  const failed = new Set(report.findings.filter(({ severity }) => severity === 'error').map((f) => f.eventType));
  if (!isJson(options)) printFindings(report, failed, options);

  const tellOutcome = isJson(options) ? () => {} : outcomePrinter(options.format);
  const outcomes: Outcome[] = [];
  let stopped: unknown;
  try {
    for (const files of chosen.filter(({ eventType }) => !failed.has(eventType))) {
      const there = registered.find(({ eventType }) => eventType === files.eventType)!;
      for await (const outcome of publishType(registry, files, there, options.dryRun === true, interrupted)) {
        outcomes.push(outcome);
        tellOutcome(outcome);
      }
    }
  } catch (error) {
    // What was published before is published.
    stopped = error;
  }
  if (isJson(options)) {
    printJson({
      registry: address,
      versions: outcomes.map(outcomeJson),
      ...reportJson(report),
      ...(stopped === undefined ? {} : { error: errorJson(asSluiceError(stopped)) }),
    });
  } else if (options.format === 'text') print(`\n${summary(outcomes, failed.size, address)}`);
  process.exitCode = hasErrors(report) || outcomes.some(({ outcome }) => outcome === 'refused') ? 1 : 0;
  if (stopped === undefined) return;
  if (!isJson(options)) throw stopped;
  // The one document has the error already.
  process.exitCode = stopped === interrupted.reason ? 130 : 2;
}

/** Goes through the versions of an event type in order, until one is refused: those after it may rest on it. */
async function* publishType(
  registry: Registry,
  { eventType, versions }: SchemaFiles,
  registered: RegisteredType,
  isDryRun: boolean,
  interrupted: AbortSignal,
): AsyncGenerator<Outcome> {
  const there = [...registered.versions];
  for (const file of versions) {
    if ('unreadable' in file) return;
    const { version, definition } = file;
    const common = { eventType, version, error: undefined };
    try {
      // What is there needs no request.
      const known = publishedAlready(eventType, there, version, definition);
      if (known !== undefined) {
        yield { ...common, ids: known.ids, outcome: 'present' };
        continue;
      }
      interrupted.throwIfAborted();
      const published = isDryRun ? undefined : await registry.publish(eventType, version, definition);
      const ids = published?.ids ?? {};
      there.push({ version, ids, source: '', definition });
      yield {
        ...common,
        ids,
        outcome: published === undefined ? 'missing' : published.isNew ? 'published' : 'present',
      };
    } catch (thrown) {
      const error = asSluiceError(thrown);
      if (error.blame !== 'schema') throw error;
      yield { ...common, ids: {}, outcome: 'refused', error };
      return;
    }
  }
}

function isJson({ json, format }: PublishOptions): boolean {
  return json === true || format === 'json';
}

/** To people, only what keeps an event type from being published; to machines everything. */
function printFindings(report: Report, failed: ReadonlySet<string>, { format, schemas }: PublishOptions): void {
  if (format !== 'text') return printReport(report, format, schemas);
  if (failed.size === 0) return;
  const judged = report.judged.filter(({ eventType }) => failed.has(eventType));
  const findings = report.findings.filter(({ eventType }) => failed.has(eventType));
  printReport({ judged, findings }, format, schemas);
  print('');
}

/** Where another program reads the findings on standard output, what goes on is told beside it. */
function outcomePrinter(format: Format): (outcome: Outcome) => void {
  return (outcome) => {
    const line = outcomeLine(outcome);
    if (format === 'text') print(outcome.outcome === 'refused' ? paint('red', line, process.stdout) : line);
    else if (outcome.outcome === 'refused') warn(line);
    else tell(line);
  };
}

function outcomeLine({ eventType, version, outcome, ids, error }: Outcome): string {
  const id = [ids.confluent, ids.glue].filter((known) => known !== undefined).join(', ');
  switch (outcome) {
    case 'published':
      return `${eventType}: published v${version} (id ${id})`;
    case 'present':
      return `${eventType}: v${version} is already there (id ${id})`;
    case 'missing':
      return `${eventType}: would publish v${version}`;
    case 'refused':
      return `${eventType}: v${version} is refused: ${error!.code}: ${printable(error!.message)}`;
  }
}

function summary(outcomes: readonly Outcome[], failed: number, address: string): string {
  const count = (wanted: Outcome['outcome']) => outcomes.filter(({ outcome }) => outcome === wanted).length;
  const [published, present, missing, refused] = [
    count('published'),
    count('present'),
    count('missing'),
    count('refused'),
  ];
  const parts = [
    missing > 0 ? `${missing} would be published` : `${published} published`,
    `${present} already there`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(failed > 0 ? [`${failed} ${failed === 1 ? 'event type' : 'event types'} held back by the check`] : []),
  ];
  return paint(refused + failed > 0 ? 'red' : 'green', `${parts.join(', ')}: ${address}`, process.stdout);
}

function outcomeJson({ eventType, version, outcome, ids, error }: Outcome): object {
  return { event_type: eventType, version, outcome, ids, error: error === undefined ? null : errorJson(error) };
}

function errorJson({ code, message, faults }: SluiceError): object {
  return { code, message, faults };
}
