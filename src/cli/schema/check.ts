import { type Command, Option } from 'commander';
import { checkSchemas } from '../../compatibility/check.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { readPublished, readSchemas } from './read-schemas.ts';
import { FORMATS, type Format, hasErrors, printReport, reportOn } from './report.ts';

interface CheckOptions extends CommonOptions {
  readonly against?: string;
  readonly format: Format;
}

/** `sluice schema check`: whether the versions of a schema can follow one another, on every surface. */
export function checkCommand(): Command {
  return newCommand('check', 'judge every version of a schema, alone and beside all earlier ones', [
    'sluice schema check',
    'sluice schema check seismic.earthquake',
    'sluice schema check --against origin/main',
    'sluice schema check --against ../published/schemas --json',
    'sluice schema check seismic.earthquake --against http://localhost:8081',
    'sluice schema check --format junit > schemas.xml',
  ])
    .argument('[type]', 'event type; all of them where none is named')
    .option(
      '--against <dir|ref|address>',
      'hold the folder to what was published: another folder, a git revision of this one, or a registry',
    )
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('text'))
    .action(check);
}

async function check(type: string | undefined, options: CheckOptions): Promise<void> {
  const current = await readSchemas(options.schemas);
  const published = options.against === undefined ? [] : await readPublished(options.against, options.schemas);
  const report = reportOn(type, checkSchemas(current, published), options.schemas);
  printReport(report, options.json ? 'json' : options.format, options.schemas);
  process.exitCode = hasErrors(report) ? 1 : 0;
}
