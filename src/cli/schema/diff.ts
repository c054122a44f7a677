import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { openFolderRegistry } from '../../adapters/registry/folder.ts';
import { changesBetween } from '../../compatibility/changes.ts';
import { checkSchemas } from '../../compatibility/check.ts';
import { RULES } from '../../compatibility/rules.ts';
import { SluiceError } from '../../errors.ts';
import { registeredVersions } from '../../local/event-types.ts';
import { isEventType, schemaVersion } from '../../schema/history.ts';
import { type CommonOptions, newCommand } from '../options.ts';
import { print, printJson, renderTable } from '../terminal.ts';
import { blastRadius, findingJson, findingsTable, hasErrors } from './report.ts';

/** `sluice schema diff`: what changes from one schema to another, and what that breaks. */
export function diffCommand(): Command {
  return newCommand('diff', 'show what changes from one schema to another, and what that breaks', [
    'sluice schema diff seismic.earthquake@1 seismic.earthquake@2',
    'sluice schema diff seismic.earthquake@2 draft.avsc',
    'sluice schema diff before.avsc after.avsc --json',
  ])
    .argument('<a>', 'the earlier schema: TYPE@VERSION, or a file')
    .argument('<b>', 'the later one')
    .action(diff);
}

async function diff(a: string, b: string, options: CommonOptions): Promise<void> {
  const [earlier, later] = await Promise.all([a, b].map((name) => readSchema(name, options.schemas)));
  const eventType = later!.eventType ?? earlier!.eventType ?? 'schema';
  const definitions = [earlier!.definition, later!.definition];
  const [before, after] = definitions.map((definition, index) => schemaVersion(eventType, index + 1, definition));
  const changes = changesBetween(before!, after!);
  const files = { eventType, versions: definitions.map((definition, index) => ({ version: index + 1, definition })) };
  // Equal schemas are no finding here: that is what was asked.
  const rules = RULES.filter(({ over, surface }) => /pair|contracts/.test(over) && surface !== 'LINT');
  const { findings } = checkSchemas([files], [], rules);
  if (options.json) printJson({ changes, findings: findings.map(findingJson) });
  else if (changes.length === 0) print('no difference');
  else {
    const rows = changes.map(({ change, path, before: was, after: is }) => [change, path, was ?? '', is ?? '']);
    print(renderTable(['Change', 'Field', a, b], rows));
    if (findings.length > 0) print(`\n${findingsTable(findings, [])}`);
    for (const line of blastRadius(findings)) print(line);
  }
  process.exitCode = hasErrors({ findings }) ? 1 : 0;
}

/** @throws SluiceError SLUICE_EVENT_TYPE_UNKNOWN, SLUICE_SCHEMA_INVALID, or SLUICE_USAGE where there is none. */
async function readSchema(
  name: string,
  schemas: string,
): Promise<{ readonly eventType: string | undefined; readonly definition: unknown }> {
  const [, eventType, number] = /^([^@]+)@([1-9]\d*)$/.exec(name) ?? [];
  if (eventType !== undefined && isEventType(eventType)) {
    const versions = await registeredVersions(openFolderRegistry(schemas), eventType);
    const version = versions.find((candidate) => candidate.version === Number(number));
    if (version === undefined) {
      const known = versions.map((candidate) => candidate.version).join(', ');
      throw new SluiceError('SLUICE_USAGE', `${eventType} has the versions ${known}, and no ${number}`);
    }
    if ('unreadable' in version) throw new SluiceError('SLUICE_SCHEMA_INVALID', `${name}: ${version.unreadable}`);
    return { eventType, definition: version.definition };
  }
  const text = await readFile(name, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SluiceError(
      'SLUICE_USAGE',
      `${name} is neither TYPE@VERSION nor a file that can be read (${cause.code})`,
    );
  });
  try {
    return { eventType: undefined, definition: JSON.parse(text) as unknown };
  } catch (cause) {
    throw new SluiceError('SLUICE_SCHEMA_INVALID', `${name} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
