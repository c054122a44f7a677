import type { Command } from 'commander';
import { createKafkaEventLog } from '../adapters/kafka/event-log.ts';
import { createFailedEvents } from '../adapters/local/failed-events.ts';
import { openObjectStore } from '../adapters/local/object-store.ts';
import { isRedacted } from '../codec/redact.ts';
import { failedEventsPrefix, topicName } from '../derive/names.ts';
import { partitionFolder } from '../derive/partition.ts';
import { literal } from '../derive/sql-text.ts';
import { SluiceError } from '../errors.ts';
import { dataFolder, readRunning } from '../local/data-folder.ts';
import type { Sql } from '../local/sql/sql.ts';
import type { FailedEvent } from '../ports/failed-events.ts';
import { failedRows } from '../stages/failed-rows.ts';
import { writeHeaders } from '../stages/headers.ts';
import { type CommonOptions, newCommand } from './options.ts';
import { showProgress } from './progress.ts';
import { withSql } from './query.ts';
import { print, printJson, renderTable } from './terminal.ts';

/** Failed events that are sent again together. */
const CHUNK = 500;
/** Tries of an event that the edge could not take for now. */
const TRIES = 6;

interface RecoverOptions extends CommonOptions {
  readonly type?: string;
  readonly stage?: string;
  readonly code?: string;
}

/** `sluice failed recover`: failed events once more, now that what they failed by is mended. */
export function recoverCommand(): Command {
  return newCommand('recover', 'send failed events again, once what they failed by is put right', [
    'sluice failed recover --type seismic.earthquake --code SLUICE_VERSION_REFUSED',
    'sluice failed recover seismic.earthquake/0/17 message/1f0c2a7b-42',
    'sluice failed recover --stage produce --json',
  ])
    .argument('[ids...]', 'as "failed list" prints them; all that the options leave where none is named')
    .option('--type <type>', 'of one event type only')
    .option('--stage <stage>', 'of one stage only: queue, produce or consume')
    .option('--code <code>', 'of one error code only')
    .action(recover);
}

/** What became of one of them. */
interface Outcome {
  readonly id: string;
  readonly result: 'sent again' | 'refused' | 'not possible';
  readonly reason: string;
}

async function recover(ids: readonly string[], options: RecoverOptions): Promise<void> {
  const outcomes = await withSql(options, async (sql) => sendAgain(await waiting(sql, ids, options), sql, options));
  const left = outcomes.filter(({ result }) => result !== 'sent again');
  if (options.json) printJson({ found: outcomes.length, sent_again: outcomes.length - left.length, left });
  else {
    print(`${outcomes.length} found, ${outcomes.length - left.length} sent again, ${left.length} left as they were`);
    if (left.length > 0) print(renderTable(['Result', 'Failed event', 'Reason'], left.map(rowOf)));
  }
  process.exitCode = left.length > 0 ? 1 : 0;
}

function rowOf({ result, id, reason }: Outcome): string[] {
  return [result, id, reason];
}

/**
 * The ids of the failed events that nobody has sent again yet, the oldest first.
 *
 * @throws SluiceError SLUICE_USAGE where one of `ids` is none of them.
 */
async function waiting(sql: Sql, ids: readonly string[], { type, stage, code }: RecoverOptions): Promise<string[]> {
  const conditions = Object.entries({ event_type: type, stage, code })
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `${column} = ${literal(value!)}`);
  if (ids.length > 0) conditions.push(`id IN (${ids.map(literal).join(', ')})`);
  const { rows } = await sql.query(
    `SELECT id FROM failed_events WHERE ${['recovered_at IS NULL', ...conditions].join(' AND ')} ORDER BY failed_at, id`,
  );
  const found = rows.map(({ id }) => id as string);
  const unknown = ids.find((id) => !found.includes(id));
  if (unknown === undefined) return found;
  const hint = '"sluice failed list" shows those that wait';
  throw new SluiceError('SLUICE_USAGE', `no failed event that waits is called ${unknown}; ${hint}`);
}

/** Failed events whole, payloads included, in the order of their ids. */
async function eventsOf(sql: Sql, ids: readonly string[]): Promise<FailedEvent[]> {
  const { rows } = await sql.query(
    `SELECT *, epoch_ms(failed_at) AS failed_ms FROM failed_events WHERE id IN (${ids.map(literal).join(', ')})`,
  );
  const byId = new Map(rows.map((row) => [row.id as string, row]));
  return ids.map((id) => {
    const row = byId.get(id)!;
    return {
      id,
      stage: row.stage as FailedEvent['stage'],
      code: row.code as FailedEvent['code'],
      path: row.path as string,
      reason: row.reason as string,
      eventType: row.event_type as string,
      version: row.version as number | null,
      eventId: (row.event_id as string | null) ?? undefined,
      payload: Buffer.from(row.payload as string, row.payload_encoding as 'utf8' | 'base64'),
      failedAt: Number(row.failed_ms),
    };
  });
}

/**
 * Sends events again the way that they came, under the ids that they had, so that one which is sent twice is one row.
 * Each is marked only after it is durable on its new way.
 *
 * @throws SluiceError SLUICE_NOT_RUNNING, SLUICE_LOG_UNAVAILABLE: what was marked until then is sent again.
 */
async function sendAgain(ids: readonly string[], sql: Sql, { data, json }: RecoverOptions): Promise<Outcome[]> {
  const folder = dataFolder(data);
  const running = await readRunning(folder);
  if (running === undefined) {
    throw new SluiceError('SLUICE_NOT_RUNNING', `nothing runs on ${data}; start it with "sluice up"`);
  }
  if (ids.length === 0) return [];
  const kept = createFailedEvents({
    objectStore: await openObjectStore(folder.objects),
    // They were settled when they failed; on their new way they are accepted anew.
    ledger: { settle() {} },
    rowsOf: failedRows,
    folderOf: (failedAt) => failedEventsPrefix() + partitionFolder(failedAt),
  });
  const eventLog = createKafkaEventLog({ cluster: running.brokers.split(',') });
  const progress = showProgress([{ name: 'failed events', total: ids.length }], json === true);
  const outcomes: Outcome[] = [];
  try {
    for (let at = 0; at < ids.length; at += CHUNK) {
      const chunk = await eventsOf(sql, ids.slice(at, at + CHUNK));
      const results = new Map<string, Outcome>();
      for (const outcome of await appendRecords(eventLog, chunk)) results.set(outcome.id, outcome);
      for (const event of chunk) {
        if (!results.has(event.id)) results.set(event.id, await postBody(running.url, event));
      }
      const done = chunk.filter(({ id }) => results.get(id)!.result === 'sent again');
      await kept.put(done.map((event) => ({ ...event, recoveredAt: Date.now() })));
      outcomes.push(...chunk.map(({ id }) => results.get(id)!));
      progress.advance('failed events', chunk.length);
    }
  } finally {
    progress.end();
    await eventLog.close();
  }
  return outcomes;
}

/** What the consume stage gave up goes back into its topic as it was. */
async function appendRecords(
  eventLog: Pick<ReturnType<typeof createKafkaEventLog>, 'append'>,
  events: readonly FailedEvent[],
): Promise<Outcome[]> {
  const [lost, records] = [[] as Outcome[], [] as FailedEvent[]];
  for (const event of events) {
    if (event.stage !== 'consume') continue;
    if (event.code === 'SLUICE_TOMBSTONE') lost.push(impossible(event, 'a tombstone has no event'));
    else records.push(event);
  }
  if (records.length === 0) return lost;
  const results = await eventLog.append(
    records.map(({ id, eventType, eventId, payload }) => ({
      topic: topicName(eventType),
      key: null,
      value: payload,
      // One that had no id is called by the place where it was found, whichever it has now.
      headers: writeHeaders({ eventId: eventId ?? id.replaceAll('/', ':') }),
      timestamp: Date.now(),
    })),
  );
  return [
    ...lost,
    ...results.map((result, index): Outcome => {
      const { id } = records[index]!;
      return result.ok ? { id, result: 'sent again', reason: '' } : { id, result: 'refused', reason: result.reason };
    }),
  ];
}

/** A body that was accepted and could not be produced is accepted anew. */
async function postBody(url: string, event: FailedEvent): Promise<Outcome> {
  const { id, stage, eventType, eventId, payload } = event;
  if (stage === 'transform') return impossible(event, 'a row that could not be transformed is no event any more');
  if (isRedacted(payload)) return impossible(event, 'its personal data was not kept; its sender has to send it again');
  const headers = { 'content-type': 'application/json', ...(eventId === undefined ? {} : { 'event-id': eventId }) };
  for (let attempt = 1; ; attempt += 1) {
    const target = `${url}/events/${encodeURIComponent(eventType)}`;
    const response = await fetch(target, { method: 'POST', headers, body: new Uint8Array(payload) }).catch((cause) => {
      throw new SluiceError('SLUICE_NOT_RUNNING', `${url} does not answer`, { cause });
    });
    if (response.ok) return { id, result: 'sent again', reason: '' };
    const { code = '', detail = '' } = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    if (response.status === 503 && attempt < TRIES) {
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
      continue;
    }
    return { id, result: 'refused', reason: `${code}: ${detail}` };
  }
}

function impossible({ id }: FailedEvent, reason: string): Outcome {
  return { id, result: 'not possible', reason };
}
