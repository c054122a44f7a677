import { Command } from 'commander';
import { checkCommand } from './check.ts';
import { diffCommand } from './diff.ts';
import { docsCommand } from './docs.ts';
import { driftCommand } from './drift.ts';
import { newTypeCommand } from './new.ts';
import { newVersionCommand } from './new-version.ts';
import { publishCommand } from './publish.ts';
import { pullCommand } from './pull.ts';
import { typesCommand } from './types.ts';

/** `sluice schema`: what is done with schemas before they are used. */
export function schemaCommand(): Command {
  // The commands take the options that all commands share; taken here as well, they would never reach them.
  return new Command('schema')
    .description(
      'infer, check, compare, add and publish versions of schemas; write what people and programs need of them',
    )
    .helpCommand(false)
    .addCommand(newTypeCommand())
    .addCommand(checkCommand())
    .addCommand(diffCommand())
    .addCommand(newVersionCommand())
    .addCommand(publishCommand())
    .addCommand(pullCommand())
    .addCommand(driftCommand())
    .addCommand(docsCommand())
    .addCommand(typesCommand());
}
