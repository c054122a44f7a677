import { Command, CommanderError } from 'commander';
import { deriveCommand } from './derive.ts';
import { failedCommand } from './failed.ts';
import { queryCommand } from './query.ts';
import { sendCommand } from './send.ts';
import { statusCommand } from './status.ts';
import { reportError } from './terminal.ts';
import { traceCommand } from './trace.ts';
import { upCommand } from './up.ts';

const EXIT_CODES = `
Exit codes: 0 all is well, 1 it ran and found something wrong, 2 it could not run.
Run "sluice COMMAND --help" for what a command takes, with examples.`;

/**
 * The command line. Ends the process with 0 (good), 1 (ran, and found something wrong) or 2 (could not run).
 *
 * @param argv as `process.argv`.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('sluice')
    .description('Events in over HTTP, typed rows out in SQL: one Avro schema per event type drives everything.')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  for (const command of [
    upCommand,
    sendCommand,
    queryCommand,
    statusCommand,
    failedCommand,
    traceCommand,
    deriveCommand,
  ]) {
    program.addCommand(inheritExit(command()));
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are no errors; commander has said what there is to say.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    reportError(error, argv.includes('--json'));
    process.exitCode = 2;
  }
}

function inheritExit(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) inheritExit(child);
  return command;
}
