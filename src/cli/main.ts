import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { SluiceError } from '../errors.ts';
import { capacityCommand } from './capacity.ts';
import { contractsCommand } from './contracts.ts';
import { costCommand } from './cost.ts';
import { deployCommand } from './deploy.ts';
import { deriveCommand } from './derive.ts';
import { failedCommand } from './failed.ts';
import { queryCommand } from './query.ts';
import { schemaCommand } from './schema/schema.ts';
import { sendCommand } from './send.ts';
import { statusCommand } from './status.ts';
import { reportError } from './terminal.ts';
import { traceCommand } from './trace.ts';
import { upCommand } from './up.ts';

const EXIT_CODES = `
Exit codes: 0 all is well, 1 it ran and found something wrong, 2 it could not run,
130 it was interrupted before it was done.
Run "sluice COMMAND --help" for what a command takes, with examples.`;

/**
 * The command line. Ends the process with 0 (good), 1 (ran, and found something wrong), 2 (could not run) or 130
 * (interrupted).
 *
 * @param argv as `process.argv`.
 */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', onOutputError);
  // What cannot be told is no reason to end.
  process.stderr.on('error', () => {});
  const program = new Command('sluice')
    .description('Events in over HTTP, typed rows out in SQL: one Avro schema per event type drives everything.')
    .version(manifest.version)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    // Errors are reported below, alike for all of them.
    .configureOutput({ outputError: () => {} });
  for (const command of [
    upCommand,
    sendCommand,
    queryCommand,
    statusCommand,
    failedCommand,
    traceCommand,
    deriveCommand,
    schemaCommand,
    contractsCommand,
    costCommand,
    capacityCommand,
    deployCommand,
  ]) {
    program.addCommand(inheritSettings(command(), program));
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // Help and version are no errors.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    process.exitCode = 2;
    reportError(error instanceof CommanderError ? usageError(error) : error, wantsJson(argv));
  }
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (argument, index) =>
      /^(--json|--format=json)$/.test(argument) || (argument === '--format' && argv[index + 1] === 'json'),
  );
}

function inheritSettings(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritSettings(child, command);
  return command;
}

function usageError({ code, message }: CommanderError): SluiceError {
  const said = code === 'commander.help' ? 'a command is missing' : message.replace(/^error: /, '');
  return new SluiceError('SLUICE_USAGE', `${said}; --help shows how it is called`);
}

/** Nobody has to read on (`sluice query ... | head`); what a command has begun it ends all the same. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.exitCode = 2;
  reportError(new SluiceError('SLUICE_STORAGE', `standard output cannot be written: ${error.message}`), false);
}
