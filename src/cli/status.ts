import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { openLedger } from '../adapters/local/ledger.ts';
import { dataFolder, readRunning } from '../local/data-folder.ts';
import { readEventTypes } from '../local/event-types.ts';
import { accountsByType, isConserved } from './accounts.ts';
import { type CommonOptions, newCommand } from './options.ts';
import { paint, print, printJson, renderTable } from './terminal.ts';

/** `sluice status`: the durable accounts, whether the pipeline runs or not. */
export function statusCommand(): Command {
  return newCommand('status', 'show where every accepted event is; exit 1 where one is missing', [
    'sluice status',
    'sluice status --json | jq .types',
  ]).action(async (options: CommonOptions) => {
    const folder = dataFolder(options.data);
    const eventTypes = (await readEventTypes(options.schemas)).map(({ eventType }) => eventType);
    const types = accountsByType(eventTypes, readAccounts(folder.ledgerFile));
    const conserved = [...types.values()].every(isConserved);
    const running = await readRunning(folder);
    if (options.json) {
      printJson({ running: running ?? null, types: Object.fromEntries(types), conserved });
    } else {
      print(running === undefined ? 'not running' : `running at ${running.url} (process ${running.pid})`);
      print(
        renderTable(
          ['event type', 'accepted', 'delivered', 'failed', 'in flight', 'conserved'],
          [...types].map(([eventType, account]) => [
            eventType,
            account.accepted,
            account.delivered,
            account.failed,
            account.in_flight,
            isConserved(account) ? 'yes' : paint('red', 'NO', process.stdout),
          ]),
        ),
      );
    }
    if (!conserved) process.exitCode = 1;
  });
}

function readAccounts(file: string) {
  if (!existsSync(file)) return [];
  const ledger = openLedger(file);
  try {
    return ledger.accounts();
  } finally {
    ledger.close();
  }
}
