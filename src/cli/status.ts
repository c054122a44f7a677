import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { createKafkaClient } from '../adapters/kafka/client.ts';
import { readLag } from '../adapters/kafka/lag.ts';
import { type Account, openLedger } from '../adapters/local/ledger.ts';
import { topicName } from '../derive/names.ts';
import { asSluiceError } from '../errors.ts';
import { consumerGroup } from '../local/consumer-group.ts';
import { dataFolder, type Running, readRunning } from '../local/data-folder.ts';
import { readEventTypes } from '../local/event-types.ts';
import { sourceOf } from '../local/schema-source.ts';
import { accountsByType, isConserved } from './accounts.ts';
import { type CommonOptions, newCommand } from './options.ts';
import { paint, print, printJson, renderTable, warn } from './terminal.ts';

/** `sluice status`: the durable accounts, whether the pipeline runs or not. */
export function statusCommand(): Command {
  return newCommand('status', 'show where every accepted event is; exit 1 where one is missing', [
    'sluice status',
    'sluice status --json | jq .types',
  ]).action(async (options: CommonOptions) => {
    const folder = dataFolder(options.data);
    const eventTypes = (await readEventTypes(await sourceOf(folder, options.schemas))).map(
      ({ eventType }) => eventType,
    );
    const { ledgerId, accounts } = readLedger(folder.ledgerFile);
    const types = accountsByType(eventTypes, accounts);
    const conserved = [...types.values()].every(isConserved);
    const running = await readRunning(folder);
    const lags = await readLags(running, ledgerId, eventTypes);
    if (options.json) {
      const withLags = [...types].map(([eventType, account]) => [
        eventType,
        { ...account, lag: lags.get(eventType) ?? null },
      ]);
      printJson({ running: running ?? null, types: Object.fromEntries(withLags), conserved });
    } else {
      print(running === undefined ? 'not running' : `running at ${running.url} (process ${running.pid})`);
      print(
        renderTable(
          ['event type', 'accepted', 'delivered', 'failed', 'in flight', 'conserved', 'lag'],
          [...types].map(([eventType, account]) => [
            eventType,
            account.accepted,
            account.delivered,
            account.failed,
            account.in_flight,
            isConserved(account) ? 'yes' : paint('red', 'NO', process.stdout),
            lags.get(eventType) ?? null,
          ]),
        ),
      );
    }
    if (!conserved) process.exitCode = 1;
  });
}

function readLedger(file: string): { ledgerId: string | undefined; accounts: Account[] } {
  if (!existsSync(file)) return { ledgerId: undefined, accounts: [] };
  const ledger = openLedger(file);
  try {
    return { ledgerId: ledger.id, accounts: ledger.accounts() };
  } finally {
    ledger.close();
  }
}

/** Records in the topics that are not consumed yet, by event type; none where nothing runs or Kafka does not answer. */
async function readLags(
  running: Running | undefined,
  ledgerId: string | undefined,
  eventTypes: readonly string[],
): Promise<Map<string, number>> {
  if (running === undefined || ledgerId === undefined) return new Map();
  const kafka = createKafkaClient({ brokers: running.brokers.split(','), retry: { retries: 1 } });
  try {
    const lags = await readLag(kafka, consumerGroup(ledgerId), eventTypes.map(topicName));
    return new Map([...lags].map(([topic, { lag }]) => [topic, Number(lag)]));
  } catch (error) {
    warn(`the lag is not known: ${asSluiceError(error).message}`);
    return new Map();
  }
}
